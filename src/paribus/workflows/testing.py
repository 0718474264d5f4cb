"""The test itself: pairs of runs until a look gives a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from paribus.core.decision import decide, trail
from paribus.core.experiment import Conclusion
from paribus.core.pairing import other_examples, paired, within_sessions
from paribus.core.plan import Plan, Unit
from paribus.core.run import Run, Status
from paribus.core.sample import Sample
from paribus.core.verdict import Verdict, is_final, not_comparable
from paribus.workflows.by_example import disagreement, example_pairs
from paribus.workflows.listening import RunListener
from paribus.workflows.measuring import (
    Series,
    null_control,
    null_controls_missing,
    replayed,
    require_guards,
    require_not_the_baseline,
    require_success,
)
from paribus.workflows.project import now
from paribus.workflows.runner import Runner
from paribus.workflows.wanted import Wanted


@dataclass(slots=True)
class Test:
    """Baseline and experiment, run pair by pair and looked at when it was agreed.

    Attributes:
        plan: as registered.
        baseline, candidate: the runs so far; they grow.
    """

    plan: Plan
    baseline: Series
    candidate: Series
    runner: Runner
    listener: RunListener

    def conclude(self, targets: Sequence[int]) -> Conclusion:
        """Runs to each number of pairs in turn, until a verdict stands or a run fails.

        Where examples are the unit, two pairs tell first whether anything else varies at all.
        """
        if self.plan.unit is Unit.EXAMPLE:
            targets = (min(2, targets[0]), *targets)
        for target in targets:
            whole = self._run_to(target)
            sample = self.sample()
            looks = trail(self.plan, sample)
            self.listener.looked(looks, null_control(self.baseline))
            ended = self._incomparable(sample) or sample.candidate_failures
            if not whole or ended or (looks and is_final(looks[-1])):
                break
        return self.conclusion()

    def _run_to(self, target: int) -> bool:
        """Brings so many pairs to an end; false when something failed on the way.

        Where the baseline fails with a seed, that pair is dropped and another is added.
        """
        controls = null_controls_missing(self.baseline)
        while wanted := [*self.wanted(target), *controls]:
            controls = []
            runs = self.runner.carry_out(wanted, stops)
            for run in runs:
                series = self.candidate if run.intent.experiment else self.baseline
                series.runs.append(run)
            if self.runner.stopped:
                require_not_the_baseline(runs)
                return False
            require_success(self.baseline)
            require_guards(self.plan, self.baseline)
            if any(map(stops, runs)):
                return False
        return True

    def wanted(self, target: int) -> list[Wanted]:
        """What is missing, pair by pair, so that both sides of a pair run close together."""
        dropped = {
            index for index, run in self.baseline.counting().items() if run.status is Status.FAILED
        }
        count = target + len(dropped)
        kept = self._kept()
        missing = [*self.baseline.missing(count), *self.candidate.missing(count)]
        # What one side may not take from the run cache, the other may not take either.
        drifted = self.baseline.has_drifted or self.candidate.has_drifted
        return in_turns(
            replace(wanted, fresh=wanted.fresh or drifted)
            for wanted in missing
            if wanted.index not in dropped and wanted.index not in kept
        )

    def _kept(self) -> dict[int, tuple[Run, Run]]:
        """Pairs that ended in one session, be it an earlier one."""
        sides = self.baseline.runs, self.candidate.runs
        return within_sessions(*sides, self.baseline.purpose, self.baseline.name)

    def _sides(self) -> tuple[dict[int, Run], dict[int, Run]]:
        """The run that counts on either side of each pair."""
        kept = self._kept()
        return (
            self.baseline.counting() | {index: pair[0] for index, pair in kept.items()},
            self.candidate.counting() | {index: pair[1] for index, pair in kept.items()},
        )

    def sample(self) -> Sample:
        """The pairs so far."""
        guards = [guard.metric for guard in self.plan.guards]
        baseline, candidate = self._sides()
        sample = paired(baseline, candidate, self.plan.metric, guards)
        sides = {pair.index: (baseline[pair.index], candidate[pair.index]) for pair in sample.pairs}
        if other_examples(baseline, candidate):
            return sample
        differ, made = null_control(self.baseline)
        packed = self.runner.examples
        return replace(sample, examples=example_pairs(sides, packed, repeats=made > differ == 0))

    def _verdict(self, sample: Sample, looks: Sequence[Verdict]) -> Verdict:
        why = self._incomparable(sample)
        if why is not None:
            return not_comparable(self.plan, why)
        return looks[-1] if looks and is_final(looks[-1]) else decide(self.plan, sample)

    def _made_again(self) -> list[str]:
        """Failures that somebody has had made again: nobody should take a verdict for better than it is."""
        told = []
        for series, side in ((self.baseline, "baseline"), (self.candidate, "candidate")):
            if pairs := [str(index + 1) for index in series.made_again()]:
                word = "pair" if len(pairs) == 1 else "pairs"
                told.append(
                    f"{word} {', '.join(pairs)} of the {side} failed at first, and ran when made again"
                )
        return told

    def _incomparable(self, sample: Sample) -> str | None:
        other = other_examples(*self._sides())
        if other:
            pairs = ", ".join(str(index + 1) for index in other[:5])
            return f"the two sides were measured on different examples (pair {pairs})"
        if self.plan.unit is Unit.EXAMPLE and sample.pairs:
            return disagreement(sample)
        return None

    def conclusion(self) -> Conclusion:
        """What the pairs so far come to."""
        sample, looks = self.sample(), trail(self.plan, self.sample())
        verdict = self._verdict(sample, looks)
        verdict = replace(verdict, reasons=(*verdict.reasons, *self._made_again()))
        baseline, candidate = self._sides()
        return Conclusion(
            verdict,
            looks,
            tuple(
                (baseline[pair.index].intent.id, candidate[pair.index].intent.id)
                for pair in sample.pairs
            ),
            null_control(self.baseline),
            now(),
            replayed(self.plan, self.baseline),
        )


def stops(run: Run) -> bool:
    """A candidate that fails by itself is never improved; an end from outside is a warning."""
    by_itself = run.status is Status.FAILED and run.intent.experiment is not None
    return by_itself or run.status.from_outside


def in_turns(wanted: Iterable[Wanted]) -> list[Wanted]:
    """Runs in the order baseline, candidate, candidate, baseline, and so on (ABBA).

    Both sides of a pair run close together, and a drift that goes on in one direction falls on both
    sides alike.
    """
    return sorted(
        wanted,
        key=lambda one: (one.index, (one.subject.experiment is not None) == (one.index % 2 == 0)),
    )
