"""Runs the experiments of a batch: all to their first look, then those that are likely to end soonest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from paribus.core.plan import Unit
from paribus.core.run import Run
from paribus.core.sample import Sample
from paribus.core.statistics.allocation import Prospect, chance_of_end, in_order
from paribus.core.verdict import Outcome, is_final
from paribus.ledger.notebook import Notebook
from paribus.workflows.listening import BatchListener
from paribus.workflows.measuring import (
    null_controls_missing,
    require_not_the_baseline,
    require_success,
)
from paribus.workflows.run import targets
from paribus.workflows.runner import Runner
from paribus.workflows.testing import Test, stops
from paribus.workflows.wanted import Wanted

NEVER = -1


@dataclass(slots=True, eq=False)
class Trial:
    """An experiment under way.

    Attributes:
        id: of the experiment; `short` as it is shown.
        told: pairs of the verdict that the ledger has; `NEVER` without one.
        sample: its pairs at the last look.
        over: whether no further run can change its verdict.
        failed: whether a run of it failed, so that it is not run further.
    """

    id: str
    short: str
    test: Test
    told: int = NEVER
    sample: Sample | None = None
    over: bool = False
    failed: bool = False

    @property
    def pairs(self) -> int:
        """Completed ones."""
        old, new = self.test.baseline.counting(), self.test.candidate.counting()
        return sum(run.succeeded and at in old and old[at].succeeded for at, run in new.items())

    def own(self, target: int) -> list[Wanted]:
        """Its own runs that so many pairs still need."""
        return [one for one in self.test.wanted(target) if one.subject.experiment is not None]


Goals = Mapping[Trial, int]
"""Experiments that go on now, and to how many pairs."""


class Race:
    """The experiments of a batch, and the runs that are left to spend on them."""

    def __init__(
        self,
        notebook: Notebook,
        runner: Runner,
        listener: BatchListener,
        trials: Sequence[Trial],
        *,
        jobs: int = 1,
        pairs: int | None = None,
        runs: int | None = None,
    ) -> None:
        """
        Args:
            jobs: how many runs at once.
            pairs: at most so many for each experiment; None for the plan's cap.
            runs: at most so many runs of candidates now; None for no limit.
        """
        self.made = 0
        self._notebook = notebook
        self._runner = runner
        self._listener = listener
        self._trials = {trial.id: trial for trial in trials}
        self._baselines = list(
            {id(one.test.baseline): one.test.baseline for one in trials}.values()
        )
        self._jobs = jobs
        self._pairs = pairs
        self._limit = runs

    def run(self) -> int:
        """Goes on until every experiment is over, or nothing more may be run; records each verdict.

        Returns:
            How many runs of candidates were made.

        Raises:
            Problem: the baseline fails, or is killed.
        """
        for trial in self._trials.values():
            if trial.pairs:
                self._look(trial)  # an earlier call may have been cut off before it
        while not self._runner.stopped and (goals := self._affordable(self._goals())):
            self._advance(goals)
            for trial in goals:
                self._look(trial)
                self._listener.judged(trial.short, trial.test.conclusion().verdict)
        for trial in self._trials.values():
            self._tell(trial)
        return self.made

    # What goes on.

    def _goals(self) -> Goals:
        """First looks together; then the most promising, as many as there are jobs."""
        open_ = [trial for trial in self._trials.values() if not trial.over]
        steps = {trial: step for trial in open_ if (step := self._step(trial)) is not None}
        first = {
            trial: step for trial, step in steps.items() if trial.pairs < trial.test.plan.looks[0]
        }
        if first:
            return first
        waiting = list(steps)
        chosen: dict[Trial, int] = {}
        for at in in_order([_prospect(trial, steps[trial]) for trial in waiting]):
            chosen[waiting[at]] = steps[waiting[at]]
            if len(self._wanted(chosen)) >= self._jobs:
                break
        return chosen

    def _step(self, trial: Trial) -> int | None:
        """The next number of pairs at which something may be decided."""
        plan = trial.test.plan
        steps = targets(plan.looks, self._pairs)
        if plan.unit is Unit.EXAMPLE:
            steps = (min(2, steps[0]), *steps)  # they tell whether anything else varies at all
        return next((step for step in steps if step > trial.pairs), None)

    def _affordable(self, goals: Goals) -> Goals:
        """The goals as far as the runs go that are left, the first ones first."""
        if self._limit is None:
            return goals
        left, affordable = self._limit - self.made, {}
        for trial, goal in goals.items():
            within = goal - max(0, len(trial.own(goal)) - left)
            if within > trial.pairs:
                affordable[trial] = within
                left -= len(trial.own(within))
        return affordable

    # Running.

    def _advance(self, goals: Goals) -> None:
        """Brings experiments to so many pairs; one that fails stops alone.

        Where the baseline fails with a seed, that pair is dropped and another is added.
        """
        controls = [one for series in self._baselines for one in null_controls_missing(series)]
        while wanted := [*self._wanted(goals), *controls]:
            controls = []
            is_pointless = partial(self._is_pointless, list(goals))
            runs = self._runner.carry_out(wanted, _ends_all, is_pointless)
            for run in runs:
                self._enter(run)
            if self._runner.stopped:
                require_not_the_baseline(runs)
                return
            for series in self._baselines:
                require_success(series)
            goals = self._affordable({t: goal for t, goal in goals.items() if not t.failed})

    def _wanted(self, goals: Goals) -> list[Wanted]:
        """Runs of all of them, each once: pair by pair, forwards and backwards in turn.

        All sides of a pair run close together, and a drift that goes on in one direction falls on
        all of them alike (ABBA).
        """
        places: dict[tuple[str, int], tuple[int, Wanted]] = {}
        for place, (trial, goal) in enumerate(goals.items(), 1):
            for one in trial.test.wanted(goal):
                own = place if one.subject.experiment else 0
                key = (one.subject.experiment or one.series, one.index)
                places.setdefault(key, (own, one))
        ordered = sorted(
            places.values(), key=lambda each: (each[1].index, each[0] * (-1) ** each[1].index)
        )
        return [one for _, one in ordered]

    def _is_pointless(self, going: Sequence[Trial], run: Run, wanted: Wanted) -> bool:
        """Whether a run that ended makes one that has not started pointless."""
        self._note_failure(run)
        own = wanted.subject.experiment
        return self._trials[own].failed if own else all(trial.failed for trial in going)

    def _enter(self, run: Run) -> None:
        self._note_failure(run)
        if run.intent.experiment is not None:
            self.made += 1
            self._trials[run.intent.experiment].test.candidate.runs.append(run)
            return
        for series in self._baselines:
            if series.name == run.intent.series:
                series.runs.append(run)

    def _note_failure(self, run: Run) -> None:
        if run.intent.experiment is not None and stops(run):
            trial = self._trials[run.intent.experiment]
            trial.failed, trial.told = True, NEVER

    # Judging.

    def _look(self, trial: Trial) -> None:
        """Looks at its pairs, and records the verdict where it stands."""
        conclusion = trial.test.conclusion()
        trial.sample = trial.test.sample()
        settled = bool(conclusion.trail) and is_final(conclusion.trail[-1])
        incomparable = conclusion.verdict.outcome is Outcome.NOT_COMPARABLE
        trial.over = trial.failed or settled or incomparable
        if trial.over:
            self._tell(trial)

    def _tell(self, trial: Trial) -> None:
        """Records what its pairs come to, unless the ledger has it."""
        if trial.told != trial.pairs and trial.test.candidate.runs:
            self._notebook.conclude(trial.id, trial.test.conclusion())
            trial.told = trial.pairs


# Private functions


def _prospect(trial: Trial, goal: int) -> Prospect:
    """A number of pairs that is no look decides nothing."""
    runs, plan, sample = len(trial.own(goal)), trial.test.plan, trial.sample
    if sample is None or sample.n < 2:
        return Prospect(1.0, runs)
    return Prospect(chance_of_end(plan, sample, goal) if goal in plan.looks else 0.0, runs)


def _ends_all(run: Run) -> bool:
    """A run of the baseline that was ended from outside says that something is wrong; all need it."""
    return run.status.from_outside and run.intent.experiment is None
