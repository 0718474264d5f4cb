"""The fresh pairs of one confirmation: run, resumed where they were cut off, and judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from paribus.core.clauses import Gate
from paribus.core.confirm import Confirmation, confirmation
from paribus.core.errors import Exit, Problem
from paribus.core.experiment import Registration
from paribus.core.gate import answered
from paribus.core.guards import stand
from paribus.core.pairing import other_examples, paired
from paribus.core.promotion import ConfirmationEnd, ConfirmationStart, GateAnswer
from paribus.core.run import Purpose, Run, Status
from paribus.core.sample import Pair, Sample
from paribus.core.verdict import GuardFinding, Hold
from paribus.ledger.notebook import Notebook, Page
from paribus.reports.runs import last_words
from paribus.workflows.gate import kept, why_not
from paribus.workflows.judging import Judged
from paribus.workflows.measuring import Series, anchor, require_success
from paribus.workflows.project import Project, now
from paribus.workflows.runner import Runner
from paribus.workflows.subjects import Draw, Ground, baseline_subject, experiment_subject, series_of
from paribus.workflows.testing import in_turns
from paribus.workflows.wanted import Subject


@dataclass(frozen=True, slots=True)
class Candidacy:
    """What is to be confirmed.

    Attributes:
        page: of the experiment, with its registration.
        found: the experiment, judged again.
        ground: its baseline.
        gate: the locked evaluation set; None without one.
    """

    project: Project
    notebook: Notebook
    page: Page
    found: Judged
    ground: Ground
    gate: Gate | None

    @property
    def registration(self) -> Registration:
        """As the ledger has it."""
        assert self.page.registration is not None
        return self.page.registration


class FreshPairs:
    """Baseline and candidate, run with seeds that nobody chose the candidate by."""

    def __init__(self, candidacy: Candidacy, start: ConfirmationStart, runner: Runner) -> None:
        """
        Args:
            start: recorded before the first of these runs.
        """
        self._candidacy, self._start, self._runner = candidacy, start, runner
        found, ground, page = candidacy.found, candidacy.ground, candidacy.page
        self._baseline = self._series(
            baseline_subject(found.candidate, ground), candidacy.notebook.baseline(ground.key)
        )
        self._candidate = self._series(experiment_subject(found, page.id, ground), page)
        self._ended: dict[tuple[str | None, int], Run] = {}

    def run(self) -> None:
        """Brings every pair to an end, or as far as there is a point in it."""
        anchor(self._baseline, self._runner)
        self._candidate.trusted = self._baseline.trusted
        pairs = self._start.pairs
        wanted = in_turns([*self._baseline.missing(pairs), *self._candidate.missing(pairs)])
        runs = self._runner.carry_out(wanted, self._is_pointless_after)
        for run in runs:
            (self._candidate if run.intent.experiment else self._baseline).runs.append(run)
        self._require_decidable(runs)

    def judged(self) -> ConfirmationEnd:
        """What the pairs say: of the metric, of the guards, and last of the locked set."""
        plan, start = self._candidacy.registration.plan, self._start
        sample = self._sample()
        guards = stand(plan, sample)
        test = None if start.level is None else confirmation(plan, sample, start.level, start.pairs)
        if test is not None and not test.finished:
            raise Problem("unfinished", test.reasons[0], status=Exit.UNDECIDED, retryable=True)
        reasons = [*_broken(guards), *(test.reasons if test else self._single(sample))]
        confirmed = not _broken(guards) and (test.confirmed if test else sample.n > 0)
        gate = self._asked(sample) if confirmed and start.gate is not None else None
        if gate is not None:
            confirmed = gate.passed
            word = "holds" if gate.passed else "does not hold"
            reasons.insert(0, f"it {word} on the locked set ({gate.metric})")
        return self._end(confirmed, sample, test, tuple(reasons), guards, gate)

    def _series(self, subject: Subject, page: Page) -> Series:
        start, gate = self._start, self._candidacy.gate
        draw = Draw(Purpose.CONFIRM, start.series, start.key)
        series = series_of(replace(subject, gate=gate), self._candidacy.ground, page, draw)
        if gate is not None:
            told = kept(self._candidacy.project, [run.intent.id for run in series.runs])
            series.runs = [
                run
                for run in series.runs
                if run.intent.purpose is Purpose.CONTROL or run.intent.id in told
            ]
        # A confirmation that was cut off must not forget what failed in it.
        series.runs += [
            run
            for run in page.runs
            if run.status is Status.FAILED
            and (run.intent.purpose, run.intent.series) == (Purpose.CONFIRM, start.series)
            and run.intent.seeds == series.seeds_of(run.intent.index)
        ]
        return series

    def _is_pointless_after(self, run: Run) -> bool:
        """After a kill, an unanswered gate, or a failure of the candidate where the baseline ran."""
        self._ended[run.intent.experiment, run.intent.index] = run
        index, experiment = run.intent.index, self._candidacy.page.id
        before = self._baseline.counting().get(index)
        ours, theirs = self._ended.get((experiment, index)), self._ended.get((None, index), before)
        fails = ours is not None and ours.status is Status.FAILED
        unasked = why_not(self._candidacy.project, run.intent.id) is not None
        alone = fails and theirs is not None and theirs.succeeded
        return run.status is Status.KILLED or (run.succeeded and unasked) or alone

    def _require_decidable(self, runs: Sequence[Run]) -> None:
        for run in runs:
            cause = why_not(self._candidacy.project, run.intent.id)
            if run.succeeded and cause is not None:
                raise Problem(
                    "gate-failed",
                    f"the locked set could not be asked: {cause}; nothing is decided",
                    f"what it said   less {self._log(run)}",
                    "mend it and go on   run the same command; what ran is kept",
                    status=Exit.RUN_FAILED,
                )
        killed = next((run for run in runs if run.status is Status.KILLED), None)
        if killed is not None:
            raise Problem(
                "run-killed",
                f"a run of the confirmation was killed: {killed.cause}; it is recorded",
                *(f"the last that it said: {line}" for line in last_words(killed)[-1:]),
                "go on   run the same command; what succeeded is kept",
                status=Exit.RUN_FAILED,
                retryable=True,
            )
        require_success(self._baseline)
        other = other_examples(self._baseline.counting(), self._candidate.counting())
        if other:
            raise Problem(
                "not-comparable",
                f"the two sides were measured on different examples (fresh pair {other[0] + 1})",
                status=Exit.UNDECIDED,
            )

    def _log(self, run: Run) -> str:
        project = self._candidacy.project
        log = project.state / "logs" / f"{run.intent.id}.log"
        return log.relative_to(project.repository.top.resolve()).as_posix()

    def _sample(self) -> Sample:
        plan = self._candidacy.registration.plan
        guards = [guard.metric for guard in plan.guards]
        baseline, candidate = self._baseline.counting(), self._candidate.counting()
        return paired(baseline, candidate, plan.metric, guards)

    def _asked(self, sample: Sample) -> GateAnswer:
        """The locked set's answer over the pairs of the sample."""
        gate = self._candidacy.gate
        assert gate is not None
        baseline, candidate = self._baseline.counting(), self._candidate.counting()
        runs = [
            side[pair.index].intent.id for pair in sample.pairs for side in (baseline, candidate)
        ]
        told = kept(self._candidacy.project, runs)
        pairs = [
            Pair(
                pair.index,
                told[baseline[pair.index].intent.id],
                told[candidate[pair.index].intent.id],
            )
            for pair in sample.pairs
        ]
        locked = Sample(tuple(pairs), attempted=len(pairs))
        plan = self._candidacy.registration.plan
        return answered(plan, gate.metric, locked, self._start.level)

    def _single(self, sample: Sample) -> tuple[str, ...]:
        if not sample.n:
            return ("the candidate failed where the baseline ran",)
        return ("fresh seeds change nothing here, so the locked set alone was asked",)

    def _end(
        self,
        confirmed: bool,
        sample: Sample,
        test: Confirmation | None,
        reasons: tuple[str, ...],
        guards: tuple[GuardFinding, ...],
        gate: GateAnswer | None,
    ) -> ConfirmationEnd:
        baseline, candidate = self._baseline.counting(), self._candidate.counting()
        start = self._start
        return ConfirmationEnd(
            experiment=start.experiment,
            attempt=start.attempt,
            project=start.project,
            confirmed=confirmed,
            n=sample.n,
            pairs=start.pairs,
            estimate=fmean(sample.differences) if sample.n else None,
            low=test.low if test else None,
            high=test.high if test else None,
            baseline_mean=sample.baseline_mean,
            candidate_mean=sample.candidate_mean,
            p=test.p if test else None,
            level=start.level,
            reasons=reasons,
            guards=guards,
            gate=gate,
            runs=tuple(
                (baseline[pair.index].intent.id, candidate[pair.index].intent.id)
                for pair in sample.pairs
            ),
            given=now(),
        )


# Private functions


def _broken(guards: Sequence[GuardFinding]) -> list[str]:
    return [guard.reason for guard in guards if guard.hold is Hold.BROKEN]
