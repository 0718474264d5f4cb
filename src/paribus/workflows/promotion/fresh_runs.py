"""The runs of one confirmation: its pairs, whatever session made them, and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from paribus.core.pairing import within_sessions
from paribus.core.run import Purpose, Run, Status
from paribus.workflows.measuring import Series
from paribus.workflows.testing import in_turns
from paribus.workflows.wanted import Wanted

Pairs = dict[int, tuple[Run, Run]]
Sides = tuple[dict[int, Run], dict[int, Run]]


@dataclass(slots=True)
class FreshRuns:
    """Both sides of a confirmation, run so far.

    A pair that ended within one session is kept for good, and a candidate's failure, too: whoever
    could be rid of them by starting in another session could draw until they like what comes.

    Attributes:
        baseline, candidate: the runs so far; they grow. Their `trusted` is this session alone.
        name: of the confirmation's series.
        pairs: how many it takes.
        session: of the runs that are still to be made.
        answered: whether the locked set said something of a run, by its id; None without such a set.
    """

    baseline: Series
    candidate: Series
    name: str
    pairs: int
    session: str
    answered: Callable[[str], bool] | None = None

    def add(self, runs: Iterable[Run]) -> None:
        """Takes up runs that ended, each once."""
        known = {run.intent.id for side in (self.baseline, self.candidate) for run in side.runs}
        for run in runs:
            if run.intent.id not in known:
                (self.candidate if run.intent.experiment else self.baseline).runs.append(run)

    def sides(self) -> Sides:
        """The runs of either side that count, by pair; a pair that is not complete is not there."""
        pairs = self._within(self.baseline.runs, self.candidate.runs)
        old = {index: pair[0] for index, pair in pairs.items()}
        new = {index: pair[1] for index, pair in pairs.items()}
        lost, ran = self._by_index(self.baseline, Status.FAILED), self._by_index(self.baseline)
        for index, failed in self._by_index(self.candidate, Status.FAILED).items():
            if index in lost:
                new.setdefault(index, failed)
                old.setdefault(index, lost[index])
            elif index in ran:
                new[index] = failed
                old.setdefault(index, ran[index])
        return old, new

    def asked(self) -> Pairs:
        """Pairs of which the locked set has answered for both sides.

        They are another pair's where the answers to the first were lost: they never left the machine.
        """
        return self._within(
            *(filter(self._told, side.runs) for side in (self.baseline, self.candidate))
        )

    @property
    def fails_alone(self) -> bool:
        """Whether the candidate failed where the baseline ran, so that nothing more can help it."""
        old, new = self.sides()
        return any(new[index].status is Status.FAILED and old[index].succeeded for index in new)

    def missing(self) -> list[Wanted]:
        """Runs of the pairs that are not complete: both sides, in this session, close together."""
        if self.fails_alone:
            return []
        found = [
            series.wanted(index)
            for index in self._incomplete()
            for series in (self.baseline, self.candidate)
            if not self._is_settled(series, index)
        ]
        # What one side may not take from the run cache, the other may not take either.
        drifted = self.baseline.has_drifted or self.candidate.has_drifted
        return in_turns(replace(wanted, fresh=wanted.fresh or drifted) for wanted in found)

    def _incomplete(self) -> list[int]:
        old, new = self.sides()
        asked = self.asked()
        return [
            index
            for index in range(self.pairs)
            if index not in old
            or (old[index].succeeded and new[index].succeeded and index not in asked)
        ]

    def _is_settled(self, series: Series, index: int) -> bool:
        """Whether a side needs no other run: it has one of this session, or the candidate failed."""
        of_pair = [run for run in series.runs if self._belongs(run) and run.intent.index == index]
        failed = [run for run in of_pair if run.status is Status.FAILED]
        if series is self.candidate and failed:
            return True
        here = [run for run in of_pair if run.intent.session == self.session]
        return any(run in failed or (run.succeeded and self._told(run)) for run in here)

    def _within(self, baseline: Iterable[Run], candidate: Iterable[Run]) -> Pairs:
        found = within_sessions(baseline, candidate, Purpose.CONFIRM, self.name)
        return {index: pair for index, pair in found.items() if index < self.pairs}

    def _by_index(self, series: Series, status: Status = Status.SUCCEEDED) -> dict[int, Run]:
        """The earliest run of each pair that ended so, in whatever session."""
        found: dict[int, Run] = {}
        for run in sorted(series.runs, key=lambda run: run.intent.started):
            if self._belongs(run) and run.status is status and run.intent.index < self.pairs:
                found.setdefault(run.intent.index, run)
        return found

    def _belongs(self, run: Run) -> bool:
        return (run.intent.purpose, run.intent.series) == (Purpose.CONFIRM, self.name)

    def _told(self, run: Run) -> bool:
        return self.answered is None or self.answered(run.intent.id)
