"""Measures the baseline, and what of its earlier runs can still be counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import stdev

from paribus.core.errors import Exit, Problem
from paribus.core.pairing import controls_differing, measured, seeds_wired
from paribus.core.plan import Plan
from paribus.core.run import Purpose, Run, Status
from paribus.core.seeds import derived_seeds
from paribus.core.statistics.replay import replay
from paribus.core.verdict import Replay
from paribus.reports.runs import happened, last_words
from paribus.workflows.runner import Runner
from paribus.workflows.wanted import Subject, Wanted

NULL_CONTROLS = 3
"""Same-seed reruns of the baseline, caches off, with which every verdict is printed."""

RUNS_FOR_SPREAD = 5
"""Baseline runs from which a default effect may be taken (D0 of the verdict rules)."""


@dataclass(slots=True)
class Series:
    """The runs of one subject, and which of them count in this session.

    A run counts when it was made in this session, or in one whose numbers this session repeats: the
    drift between sessions dwarfs the drift within one.

    Attributes:
        subject: what is run.
        key: from which the seeds follow.
        seeds: names of the seed params.
        runs: every run, control runs too.
        trusted: ids of the sessions whose runs count.
        fixed: values that the seeds take pair by pair, where the team listed them.
        purpose: what its runs are for.
        name: of the series among those with this purpose; empty for the only one.
        forgiven: runs that failed and do not count, since they are made again, or were.
    """

    subject: Subject
    key: str
    seeds: tuple[str, ...]
    runs: list[Run]
    trusted: set[str] = field(default_factory=set)
    fixed: tuple[int, ...] = ()
    purpose: Purpose = Purpose.MEASURE
    name: str = ""
    forgiven: list[Run] = field(default_factory=list, kw_only=True)

    def forgive(self) -> None:
        """Counts no failure any more, so that those runs are made again: somebody mended the environment."""
        self.forgiven += [run for run in self.runs if run.status is Status.FAILED]
        self.runs = [run for run in self.runs if run.status is not Status.FAILED]

    def made_again(self) -> list[int]:
        """Pairs, from 0, that failed at first and succeeded when they were made again."""
        failed = {run.intent.index for run in self.forgiven if run.intent.purpose is self.purpose}
        return sorted(
            index for index, run in self.counting().items() if run.succeeded and index in failed
        )

    def counting(self) -> dict[int, Run]:
        """The run that counts for each pair."""
        trusted = (run for run in self.runs if run.intent.session in self.trusted)
        return measured(trusted, self.purpose, self.name)

    def succeeded(self) -> list[Run]:
        """The runs that count and gave numbers, in the order of the pairs."""
        return [run for _, run in sorted(self.counting().items()) if run.succeeded]

    @property
    def has_drifted(self) -> bool:
        """Whether there are runs of a session that this one does not repeat.

        DVC's run cache holds that session's results, too, and would hand them out as this one's.
        """
        return any(run.succeeded and run.intent.session not in self.trusted for run in self.runs)

    def wanted(self, index: int, purpose: Purpose | None = None) -> Wanted:
        """A run of pair `index`, for the series' own purpose or another."""
        seeds, why = self.seeds_of(index), purpose or self.purpose
        return Wanted(self.subject, index, seeds, why, self.name, self.has_drifted)

    def seeds_of(self, index: int) -> dict[str, int]:
        """The seeds of pair `index`."""
        if index < len(self.fixed):
            return dict.fromkeys(self.seeds, self.fixed[index])
        return derived_seeds(self.key, index, self.seeds)

    def missing(self, count: int) -> list[Wanted]:
        """Runs that the first `count` pairs still need; a failed one stays failed."""
        have = self.counting()
        settled = {Status.SUCCEEDED, Status.FAILED}
        return [
            self.wanted(index)
            for index in range(count)
            if index not in have or have[index].status not in settled
        ]

    def controls(self) -> list[Run]:
        """Same-seed reruns of the sessions that count."""
        return [
            run
            for run in self.runs
            if run.intent.purpose is Purpose.CONTROL
            and run.intent.series == self.name
            and run.intent.session in self.trusted
        ]


def anchor(baseline: Series, runner: Runner) -> None:
    """Finds out which earlier sessions' runs this session repeats; reruns one seed to see.

    Without earlier runs there is nothing to find out, and a metric that measures the machine is
    never taken from another session: there the sides run next to each other again.
    """
    runner.learn(baseline.subject.owner, baseline.runs)
    here = runner.session.id
    baseline.trusted.add(here)
    if baseline.subject.timed:
        return
    elsewhere = [run for run in baseline.runs if run.intent.session != here and run.succeeded]
    if not elsewhere:
        return
    if not any(run.intent.session == here and run.succeeded for run in baseline.runs):
        baseline.runs += runner.carry_out([baseline.wanted(0, Purpose.CONTROL)])
    baseline.trusted |= _repeated(baseline.runs, here)


def null_controls_missing(baseline: Series) -> list[Wanted]:
    """Control runs that are still to be made before a verdict."""
    made = sum(run.succeeded for run in baseline.controls())
    return [baseline.wanted(0, Purpose.CONTROL)] * max(0, NULL_CONTROLS - made)


def null_control(baseline: Series) -> tuple[int, int]:
    """(reruns that differ, reruns) of the same seed of the baseline."""
    return controls_differing(baseline.counting(), baseline.controls())


def replayed(plan: Plan, baseline: Series) -> Replay | None:
    """How often the plan's rule tells the baseline's runs from one another; None below ten runs."""
    values = [run.metrics[plan.metric] for run in baseline.succeeded()]
    return replay(plan, values) if seeds_wired(baseline.succeeded()) else None


def spread(runs: Sequence[Run], metric: str) -> float | None:
    """Standard deviation of the metric over runs; None for fewer than two."""
    values = [run.metrics[metric] for run in runs if metric in run.metrics]
    return stdev(values) if len(values) > 1 else None


def require_success(baseline: Series) -> None:
    """Raises `Problem` for a baseline that was ended from outside, or fails more often than not.

    Nothing can be compared with it, and looking for seeds with which it runs might never end.
    """
    killed = next((run for run in baseline.runs if run.status.from_outside), None)
    if killed is not None:
        raise Problem(
            f"run-{killed.status.value}",
            f"a run of the baseline {happened(killed)}: {killed.cause}; it is recorded",
            "try again   run the same command; what succeeded is kept",
            status=Exit.RUN_FAILED,
            retryable=True,
        )
    failed = [run for run in baseline.runs if run.status is Status.FAILED]
    ran = len(baseline.succeeded())
    if len(failed) > ran:
        seeds = f" with {len(failed)} of {len(failed) + ran} seeds" if ran else ""
        raise Problem(
            "baseline-failed",
            f"the baseline itself failed{seeds}: {failed[0].cause}",
            *(f"the last that it said: {line}" for line in last_words(failed[0])[-1:]),
            "mend it in a commit of its own, which is then the baseline",
            status=Exit.RUN_FAILED,
        )


def require_guards(plan: Plan, baseline: Series) -> None:
    """Raises `Problem` for a guard that the baseline's runs do not have: it would guard nothing."""
    run = next(iter(baseline.succeeded()), None)
    for guard in plan.guards if run else ():
        if run is not None and guard.metric not in run.metrics:
            there = ", ".join(sorted(run.metrics)[:8])
            raise Problem(
                "unknown-guard",
                f"no run of the baseline has the guard metric {guard.metric}",
                f"there are {there}",
                "correct `guards` in paribus.yaml, and commit it",
            )


def require_all(runs: Sequence[Run]) -> None:
    """Raises `Problem` where a run of these did not succeed."""
    for run in runs:
        if not run.succeeded:
            raise Problem(
                "run-failed",
                f"a run of the baseline {happened(run)}: {run.cause}; it is recorded",
                "mend it and try again   paribus baseline --measure",
                status=Exit.RUN_FAILED,
            )


def require_not_the_baseline(runs: Sequence[Run]) -> None:
    """Raises `Problem` where the first of these runs that did not succeed was the baseline's."""
    first = next((run for run in runs if not run.succeeded), None)
    if first is not None and first.intent.experiment is None:
        require_all([first])


# Private functions


def _repeated(runs: Sequence[Run], here: str) -> set[str]:
    """Sessions of which a run of this session repeats every number, at the same seed."""
    mine = [run for run in runs if run.intent.session == here and run.succeeded]
    return {
        other.intent.session
        for other in runs
        for run in mine
        if other.succeeded
        and other.intent.index == run.intent.index
        and other.metrics == run.metrics
    }
