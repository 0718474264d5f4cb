"""What has happened since the baseline: what was tried, how it ended, and whether the search goes on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import stdev

from paribus.core.change import Kind
from paribus.core.experiment import Conclusion, Registration
from paribus.core.metrics import looked_up
from paribus.core.plan import Goal, Unit
from paribus.core.run import Purpose, Run, Status
from paribus.core.statistics.looks import level
from paribus.core.statistics.planning import pairs_needed, power
from paribus.core.statistics.stall import Stall, stall
from paribus.core.verdict import Outcome, Verdict

POWER = 0.8
"""Chance of showing the effect of interest from which a failure says something of the idea."""
POWER_WITH_FUTILITY = 0.93
"""What leaves that chance where a test may stop for futility."""

KINDS = (Kind.DATA, Kind.CODE, Kind.PARAM, Kind.PIPELINE)
"""Kinds of changes that an experiment may try."""


class State(StrEnum):
    """How an experiment stands, in the order in which they are told."""

    PROMOTED = "promoted"
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    NONINFERIOR = "noninferior"
    NOT_CONFIRMED = "not-confirmed"
    WORSE = "worse"
    NO_DIFFERENCE = "no-difference"
    UNDECIDED = "undecided"
    NOT_COMPARABLE = "not-comparable"
    FAILED = "failed"
    RUNNING = "running"
    INTERRUPTED = "interrupted"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class Tried:
    """An experiment against the baseline.

    Attributes:
        registration: what was fixed before its first run.
        state: how it stands.
        verdict: the last word; None before there is one.
        given: when that was, UTC, ISO 8601; empty with it.
        differences: candidate minus baseline of its pairs in their order, in the metric's units.
    """

    registration: Registration
    state: State
    verdict: Verdict | None = None
    given: str = ""
    differences: tuple[float, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether further pairs may still decide it."""
        undecided = self.state is State.UNDECIDED
        return undecided and self.verdict is not None and self.verdict.next_look is not None


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of all that was tried against one baseline.

    Attributes:
        counts: experiments in each state that occurs, in the order of `State`.
        row: experiments that ended without a promotion, since the last promotion.
        powered: those of the row that had 80 % power for their effect of interest.
        stall: what these show.
        since_fresh: non-promotions, of any power, against the baseline's present seeds.
        untried: kinds of changes of which there was no experiment.
    """

    counts: Mapping[State, int]
    row: int
    powered: int
    stall: Stall
    since_fresh: int
    untried: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """What an undecided experiment still needs.

    Attributes:
        pairs: complete so far.
        cap: at most so many.
        next_look: pairs at which it may be decided next.
        known: whether its spread tells how many pairs detect the effect of interest.
        detecting: so many do, with 80 % power; None for more than 1000, or where it is not known.
        target: the first look that has so many, or the cap; the next look where it is not known.
    """

    pairs: int
    cap: int
    next_look: int
    known: bool
    detecting: int | None
    target: int

    def runs(self, baseline: int) -> int:
        """Runs up to the target, when the baseline has been run with so many seeds already."""
        return self.target - self.pairs + max(0, self.target - max(self.pairs, baseline))


def progress(tried: Sequence[Tried], generation: int = 0) -> Progress:
    """Sums up what was tried against one baseline.

    Args:
        generation: how often the baseline's seeds have been drawn anew.
    """
    counts = Counter(one.state for one in tried)
    last = max((one.given for one in tried if one.state is State.PROMOTED), default="")
    row = [one for one in tried if _ended_in_vain(one) and one.given > last]
    powered = sum(map(had_power, row))
    kinds = {kind for one in tried for kind in kinds_of(one.registration)}
    return Progress(
        counts={state: counts[state] for state in State if counts[state]},
        row=len(row),
        powered=powered,
        stall=stall(powered),
        since_fresh=sum(one.registration.generation == generation for one in row),
        untried=tuple(kind for kind in KINDS if kind not in kinds),
    )


def state_of(
    verdict: Verdict | None, runs: Sequence[Run], *, running: bool, stands: State | None = None
) -> State:
    """How an experiment stands.

    Args:
        verdict: the last one; None before there is any.
        runs: every run of the experiment, those too that never ended.
        running: whether a process works on it.
        stands: promoted, confirmed or not confirmed; None where no confirmation has ended.
    """
    if stands is State.PROMOTED:
        return stands
    if running:
        return State.RUNNING
    if stands is not None:
        return stands
    if _failed(runs):
        return State.FAILED
    if verdict is None:
        return State.INTERRUPTED if runs else State.PLANNED
    return State.NONINFERIOR if verdict.label == "noninferior" else _STATES[verdict.outcome]


def differences_of(
    conclusion: Conclusion, baseline: Iterable[Run], candidate: Iterable[Run]
) -> tuple[float, ...]:
    """Candidate minus baseline for each pair of a conclusion, as far as its runs are known."""
    values = {run.intent.id: looked_up(run.metrics, conclusion.verdict.metric)
              for run in (*baseline, *candidate)}  # fmt: skip
    found = ((values.get(old), values.get(new)) for old, new in conclusion.pairs)
    return tuple(
        float(new) - float(old)
        for old, new in found
        if isinstance(old, int | float) and isinstance(new, int | float)
    )


def power_of(tried: Tried) -> float | None:
    """The chance with which an experiment's test, at its own spread, would have shown its effect.

    The power of all its pairs at the level of one look. It is the test as registered that counts: an
    experiment that was stopped early for futility had its chance, too.

    None where that cannot be told: fewer than two pairs, no effect, or examples that repeat instead
    of seeds.
    """
    plan = tried.registration.plan
    used = tried.differences[: tried.verdict.n] if tried.verdict else ()
    if len(used) < 2 or not _shows_noise(tried):
        return None
    return power(plan.effect, stdev(used), plan.looks[-1], level(plan.looks))


def had_power(tried: Tried) -> bool:
    """Whether a test had a power of at least 80 % for its effect.

    Where it may stop for futility, that costs 12 points of power at one standard deviation of a run
    (0.94 becomes 0.82 in `tests/core/test_chains.py`); so much more is asked of its pairs.
    """
    asked = POWER_WITH_FUTILITY if tried.registration.plan.goal is Goal.IMPROVE else POWER
    return (power_of(tried) or 0.0) >= asked


def needs(tried: Tried) -> Needs | None:
    """What an experiment needs to be decided; None where no further pair can decide it."""
    plan, verdict = tried.registration.plan, tried.verdict
    if not tried.is_open or verdict is None or verdict.next_look is None:
        return None
    known, detecting = _shows_noise(tried), None
    wanted: float = verdict.next_look
    if known:
        detecting = pairs_needed(stdev(tried.differences), plan.effect, level(plan.looks))
        wanted = math.inf if detecting is None else detecting
    ahead = [look for look in plan.looks if look >= verdict.next_look]
    target = next((look for look in ahead if look >= wanted), plan.looks[-1])
    pairs = max(len(tried.differences), verdict.n)
    return Needs(pairs, plan.looks[-1], verdict.next_look, known, detecting, target)


def kinds_of(registration: Registration) -> set[Kind]:
    """The kinds of an experiment's changes, those within a group too."""
    parts = [part for change in registration.changes for part in (change, *change.get("parts", ()))]
    return {Kind(part["kind"]) for part in parts if part["kind"] in set(Kind)}


def spent(runs: Iterable[Run]) -> tuple[int, float]:
    """How many runs ended, whatever they were for and however they ended, and their hours."""
    seconds = [run.seconds for run in runs]
    return len(seconds), sum(seconds) / 3600


# Private functions


_STATES = {
    Outcome.IMPROVED: State.UNCONFIRMED,
    Outcome.WORSE: State.WORSE,
    Outcome.NO_DIFFERENCE: State.NO_DIFFERENCE,
    Outcome.UNDECIDED: State.UNDECIDED,
    Outcome.NOT_COMPARABLE: State.NOT_COMPARABLE,
}


def _ended_in_vain(tried: Tried) -> bool:
    """Whether its answer is in, and is no promotion. A failure answers nothing."""
    answered = tried.state in (State.WORSE, State.NO_DIFFERENCE, State.NOT_CONFIRMED)
    return answered or (tried.state is State.UNDECIDED and not tried.is_open)


def _shows_noise(tried: Tried) -> bool:
    """Whether its pairs tell what an effect would need."""
    plan = tried.registration.plan
    return len(tried.differences) > 1 and plan.effect > 0 and plan.unit is Unit.SEED


def _failed(runs: Sequence[Run]) -> bool:
    """Whether a pair's run failed, or was ended from outside, and was not made up for.

    What was cancelled or interrupted goes on when somebody asks for it.
    """
    ours = [run for run in runs if run.intent.purpose is Purpose.MEASURE]
    made = {(run.intent.series, run.intent.index) for run in ours if run.succeeded}
    return any(
        run.status in (Status.FAILED, Status.KILLED, Status.TIMED_OUT)
        and (run.intent.series, run.intent.index) not in made
        for run in ours
    )
