"""The fresh pairs of one confirmation: run, resumed where they were cut off, and judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from paribus.core.clauses import Gate
from paribus.core.errors import Exit, Problem
from paribus.core.experiment import Registration
from paribus.core.gate import ByExamples, answered, answered_by_examples
from paribus.core.guards import blocks, stand
from paribus.core.pairing import other_examples, paired
from paribus.core.promotion import ConfirmationEnd, ConfirmationStart, GateAnswer
from paribus.core.run import Purpose, Run, Status
from paribus.core.sample import Pair, Sample
from paribus.core.statistics.confirm import Confirmation, confirmation, steadier
from paribus.core.verdict import GuardFinding, Hold
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.reports.runs import happened, last_words
from paribus.workflows.judging import Judged
from paribus.workflows.measuring import Series, require_success
from paribus.workflows.project import Project, now
from paribus.workflows.promotion.fresh_runs import FreshRuns
from paribus.workflows.promotion.gate import by_examples, kept, kept_examples, why_not
from paribus.workflows.runner import Runner
from paribus.workflows.subjects import Draw, Ground, baseline_subject, experiment_subject, series_of
from paribus.workflows.wanted import Subject

SINGLE = 1
"""Pairs where fresh seeds change nothing: one more would be the same one."""

RISING = ("accuracy", "auc", "f1")
"""Measures of which more is better, whatever the agreement says of its metric."""


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
            start: recorded before the first of these runs; with a level.
        """
        assert start.level is not None
        self._candidacy, self._start, self._runner = candidacy, start, runner
        self._level = start.level
        found, ground, page = candidacy.found, candidacy.ground, candidacy.page
        self._gate = candidacy.gate
        if self._gate is not None and start.pairs == SINGLE:
            self._gate = by_examples(self._gate)
        known = candidacy.notebook.baseline(ground.key)
        self._runs = FreshRuns(
            self._series(baseline_subject(found.candidate, ground), known),
            self._series(experiment_subject(found, page.id, ground), page),
            start.series,
            start.pairs,
            runner.session.id,
            None if self._gate is None else self._is_answered,
        )

    def run(self) -> None:
        """Brings every pair to an end, or as far as there is a point in it."""
        runs = self._runner.carry_out(self._runs.missing(), self._is_pointless_after)
        self._runs.add(runs)
        self._require_decidable(runs)

    def judged(self) -> ConfirmationEnd:
        """What the pairs say: of the metric, of the guards, and last of the locked set."""
        plan, start = self._candidacy.registration.plan, self._start
        sample = self._sample()
        guards = stand(plan, sample)
        alone = start.pairs == SINGLE
        test = None if alone else confirmation(plan, sample, self._level, start.pairs)
        if test is not None and not test.finished:
            raise Problem("unfinished", test.reasons[0], status=Exit.UNDECIDED, retryable=True)
        against = _against(guards)
        reasons = [*against, *(test.reasons if test else self._single(sample))]
        confirmed = not against and (test.confirmed if test else sample.n > 0)
        gate, p = None, test.p if test else None
        if confirmed and start.gate is not None:
            if alone:
                told = self._by_examples()
                gate, p = told.answer, told.p
            else:
                gate = self._asked(sample)
            confirmed = gate.passed
            word = "holds" if gate.passed else "does not hold"
            reasons.insert(0, f"it {word} on the locked set ({gate.metric})")
        return self._end(confirmed, sample, test, p, tuple(reasons), guards, gate)

    def _series(self, subject: Subject, page: Page) -> Series:
        """With all its runs of this confirmation, those that failed too: they must not be forgotten."""
        start = self._start
        draw = Draw(Purpose.CONFIRM, start.series, start.key)
        series = series_of(replace(subject, gate=self._gate), self._candidacy.ground, page, draw)
        series.trusted = {self._runner.session.id}
        series.runs += [
            run
            for run in page.runs
            if run.status is Status.FAILED
            and (run.intent.purpose, run.intent.series) == (Purpose.CONFIRM, start.series)
            and run.intent.seeds == series.seeds_of(run.intent.index)
        ]
        return series

    def _is_answered(self, run: str) -> bool:
        return bool(kept(self._candidacy.project, [run]))

    def _is_pointless_after(self, run: Run) -> bool:
        """After an end from outside, an unanswered gate, or a failure where the baseline ran."""
        self._runs.add([run])
        unasked = why_not(self._candidacy.project, run.intent.id) is not None
        return run.status.from_outside or (run.succeeded and unasked) or self._runs.fails_alone

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
        killed = next((run for run in runs if run.status.from_outside), None)
        if killed is not None:
            raise Problem(
                f"run-{killed.status.value}",
                f"a run of the confirmation {happened(killed)}: {killed.cause}; it is recorded",
                *(f"the last that it said: {line}" for line in last_words(killed)[-1:]),
                "go on   run the same command; what succeeded is kept",
                status=Exit.RUN_FAILED,
                retryable=True,
            )
        baseline = self._runs.baseline
        require_success(replace(baseline, trusted={run.intent.session for run in baseline.runs}))
        other = other_examples(*self._runs.sides())
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
        return paired(*self._runs.sides(), plan.metric, guards)

    def _asked(self, sample: Sample) -> GateAnswer:
        """The locked set's answer over the pairs of the sample."""
        assert self._gate is not None
        pairs = self._runs.asked()
        runs = [run.intent.id for pair in pairs.values() for run in pair]
        told = kept(self._candidacy.project, runs)
        used = [(pair.index, *pairs[pair.index]) for pair in sample.pairs]
        locked = [Pair(index, told[old.intent.id], told[new.intent.id]) for index, old, new in used]
        plan = self._candidacy.registration.plan
        asked = Sample(tuple(locked), attempted=len(locked))
        return answered(plan, self._gate.metric, asked, self._level)

    def _by_examples(self) -> ByExamples:
        """The locked set's answer over its examples, by the one pair that there is."""
        assert self._gate is not None
        plan = self._candidacy.registration.plan
        sides = self._runs.asked()[0]
        try:
            old, new = (kept_examples(self._candidacy.project, run.intent.id) for run in sides)
            if not plan.higher_is_better and old.measure in RISING:
                raise ValueError(
                    f"its predictions give {old.measure}, which is better when it is higher, and "
                    f"{plan.metric} when it is lower; a column `value` can hold each example's own"
                )
            return answered_by_examples(plan, self._gate.metric, old, new, self._level)
        except ValueError as error:
            raise Problem(
                "not-comparable",
                f"the locked set tells nothing: {error}",
                status=Exit.UNDECIDED,
            ) from error

    def _single(self, sample: Sample) -> tuple[str, ...]:
        if not sample.n:
            return ("the candidate failed where the baseline ran",)
        return ("fresh seeds change nothing here, so the locked set alone was asked",)

    def _end(
        self,
        confirmed: bool,
        sample: Sample,
        test: Confirmation | None,
        p: float | None,
        reasons: tuple[str, ...],
        guards: tuple[GuardFinding, ...],
        gate: GateAnswer | None,
    ) -> ConfirmationEnd:
        baseline, candidate = self._runs.sides()
        start = self._start
        note = steadier(sample)
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
            p=p,
            level=start.level,
            reasons=reasons,
            guards=guards,
            gate=gate,
            runs=tuple(
                (baseline[pair.index].intent.id, candidate[pair.index].intent.id)
                for pair in sample.pairs
            ),
            given=now(),
            notes=() if note is None else (note,),
        )


# Private functions


def _against(guards: Sequence[GuardFinding]) -> list[str]:
    """Guards that keep it from being confirmed: broken ones, then those that nothing shows to hold."""
    broken = [guard.reason for guard in guards if guard.hold is Hold.BROKEN]
    return broken + [guard.reason for guard in guards if blocks(guard)]
