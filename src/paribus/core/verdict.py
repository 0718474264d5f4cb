"""A verdict: improved, worse, no difference, undecided, not comparable; always with its evidence.

What a verdict reports is candidate minus baseline in the metric's own units, never turned round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from paribus.core.plan import Plan


class Outcome(StrEnum):
    """What is known about a candidate."""

    IMPROVED = "improved"
    WORSE = "worse"
    NO_DIFFERENCE = "no-difference"
    UNDECIDED = "undecided"
    NOT_COMPARABLE = "not-comparable"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with its evidence. The first seven fields are an interface for scripts.

    Attributes:
        estimate: mean of candidate minus baseline; None without pairs.
        low, high: repeated confidence interval of it, valid over all looks together; None where
            there is none: before the first look, below 3 pairs, and while nothing varies.
        n: completed pairs that the verdict rests on: those up to the last look reached.
        reasons: in words, most important first.
        label: its kind: meaningful, equivalent, negligible, noninferior, futile, budget; or None.
        attempted: pairs started for these n.
        next_look: completed pairs at which another decision may be made; None when none can be.
        cap: completed pairs at most, None when there was no plan.
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

    def as_json(self) -> dict[str, Any]:
        """Plain values for strict JSON, in the order of the fields."""
        return asdict(self) | {"outcome": self.outcome.value, "reasons": list(self.reasons)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Verdict:
        """The verdict of `as_json`; keys that a later version added are ignored.

        Raises:
            KeyError, TypeError, ValueError: an interface field is missing, or no such outcome.
        """
        known = {
            field.name: document[field.name] for field in fields(cls) if field.name in document
        }
        known |= {"outcome": Outcome(document["outcome"]), "reasons": tuple(document["reasons"])}
        return cls(**known)


def is_final(verdict: Verdict) -> bool:
    """Whether no further look can change the verdict; an undecided one may be final, too."""
    return verdict.next_look is None


def not_comparable(plan: Plan | str, reason: str) -> Verdict:
    """The verdict for numbers that two rulers measured, given the plan or the metric's name."""
    metric = plan if isinstance(plan, str) else plan.metric
    cap = None if isinstance(plan, str) else plan.looks[-1]
    return Verdict(Outcome.NOT_COMPARABLE, metric, None, None, None, 0, (reason,), cap=cap)
