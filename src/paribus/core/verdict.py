"""A verdict: improved, worse, no difference, undecided, not comparable; always with its evidence.

What a verdict reports is candidate minus baseline in the metric's own units, never turned round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from paribus.core.plan import Plan, Unit
from paribus.core.shapes import require, require_counts, require_numbers, require_texts


class Outcome(StrEnum):
    """What is known about a candidate."""

    IMPROVED = "improved"
    WORSE = "worse"
    NO_DIFFERENCE = "no-difference"
    UNDECIDED = "undecided"
    NOT_COMPARABLE = "not-comparable"


class Hold(StrEnum):
    """How a guard stands."""

    HOLDS = "holds"
    BROKEN = "broken"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class GuardFinding:
    """How a guard stands, with its evidence, in the metric's own units.

    Attributes:
        estimate: mean of candidate minus baseline; None without pairs.
        low, high: its repeated confidence interval; None where there is none.
        n: pairs that it rests on.
        margin: loss that is tolerated.
        reason: in words.
    """

    metric: str
    higher_is_better: bool
    hold: Hold
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    margin: float
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Plain values for strict JSON, in the order of the fields."""
        return {name: getattr(self, name) for name in _FINDING} | {"hold": self.hold.value}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> GuardFinding:
        """The finding that `as_json` told; raises as `Verdict.from_json`."""
        known = {name: document[name] for name in _FINDING}
        found = cls(**(known | {"hold": Hold(document["hold"])}))
        require((found.higher_is_better, bool))
        require_texts(found.metric, found.reason)
        require_counts(found.n)
        require_numbers(found.margin)
        require_numbers(found.estimate, found.low, found.high, optional=True)
        return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with its evidence. The first seven fields are an interface for scripts.

    Attributes:
        estimate: mean of candidate minus baseline; None without pairs.
        low, high: repeated confidence interval of it, valid over all looks together; None where
            there is none: before the first look, below 3 pairs, and while nothing varies.
        n: completed pairs that the verdict rests on: those up to the last look reached.
        reasons: in words, most important first.
        label: its kind: meaningful, equivalent, negligible, noninferior, futile, budget, guard; or None.
        attempted: pairs started for these n.
        next_look: completed pairs at which another decision may be made; None when none can be.
        cap: completed pairs at most, None when there was no plan.
        guards: how each guard stands.
        examples: evaluation examples that each run was measured on; None without predictions.
        population: interval of the difference for new examples of the same kind, seeds and examples
            both varying; None where it cannot be told.
        unit: whether seeds or examples are what repeats.
    """

    outcome: Outcome
    metric: str
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    reasons: tuple[str, ...]
    label: str | None = None
    baseline_mean: float | None = None
    candidate_mean: float | None = None
    attempted: int = 0
    better: int = 0
    equal: int = 0
    worse: int = 0
    candidate_failures: int = 0
    baseline_failures: int = 0
    next_look: int | None = None
    cap: int | None = None
    guards: tuple[GuardFinding, ...] = ()
    examples: int | None = None
    population: tuple[float, float] | None = None
    unit: Unit = Unit.SEED

    def as_json(self) -> dict[str, Any]:
        """Plain values for strict JSON, in the order of the fields."""
        return {name: getattr(self, name) for name in _VERDICT} | {
            "outcome": self.outcome.value,
            "reasons": list(self.reasons),
            "guards": [guard.as_json() for guard in self.guards],
            "population": None if self.population is None else list(self.population),
            "unit": self.unit.value,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Verdict:
        """The verdict of `as_json`; keys that a later version added are ignored.

        Raises:
            KeyError, TypeError, ValueError: an interface field is missing, there is no such outcome, or
                a field holds what it cannot.
        """
        known = {name: document[name] for name in _VERDICT if name in document}
        known |= {
            "outcome": Outcome(document["outcome"]),
            "reasons": tuple(document["reasons"]),
            "guards": tuple(map(GuardFinding.from_json, document.get("guards", ()))),
            "unit": Unit(document.get("unit", Unit.SEED)),
        }
        if document.get("population") is not None:
            low, high = document["population"]
            known["population"] = (low, high)
        verdict = cls(**known)
        _require_shape(verdict)
        return verdict


@dataclass(frozen=True, slots=True)
class Replay:
    """How often the rule found a difference where there is none.

    Attributes:
        replays: random splits of the runs into two sides.
        improved, worse: false alarms among them, at any look reached.
        runs: baseline runs that were used.
        pairs: pairs in each replay.
    """

    replays: int
    improved: int
    worse: int
    runs: int
    pairs: int

    @property
    def false_alarms(self) -> int:
        """Both kinds."""
        return self.improved + self.worse

    def as_json(self) -> dict[str, Any]:
        """Strict JSON."""
        return asdict(self) | {"false_alarms": self.false_alarms}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Replay:
        """The replay of `as_json`; raises `KeyError` where a number is missing."""
        return cls(**{field.name: document[field.name] for field in fields(cls)})


SETTLED = "to settle it, "
"""How a reason begins that says what would settle a verdict that no further pair can."""


def ways_out(verdict: Verdict) -> list[str]:
    """What would settle a verdict that no further pair can, in words."""
    ways = [reason for reason in verdict.reasons if reason.startswith(SETTLED)]
    return [reason.removeprefix(SETTLED) for reason in ways]


def is_final(verdict: Verdict) -> bool:
    """Whether no further look can change the verdict; an undecided one may be final, too."""
    return verdict.next_look is None


def not_comparable(plan: Plan | str, reason: str) -> Verdict:
    """The verdict for numbers that two rulers measured, given the plan or the metric's name."""
    metric = plan if isinstance(plan, str) else plan.metric
    cap = None if isinstance(plan, str) else plan.looks[-1]
    return Verdict(Outcome.NOT_COMPARABLE, metric, None, None, None, 0, (reason,), cap=cap)


# Private functions


def _require_shape(verdict: Verdict) -> None:
    v = verdict
    require_texts(v.metric, *v.reasons)
    require_texts(v.label, optional=True)
    require_counts(v.n, v.attempted, v.better, v.equal, v.worse)
    require_counts(v.candidate_failures, v.baseline_failures)
    require_counts(v.next_look, v.cap, v.examples, optional=True)
    require_numbers(v.estimate, v.low, v.high, v.baseline_mean, v.candidate_mean, optional=True)
    require_numbers(*(v.population or ()))


# Found out once, since a ledger has a hundred thousand of each.
_VERDICT = tuple(field.name for field in fields(Verdict))
_FINDING = tuple(field.name for field in fields(GuardFinding))
