"""The plan of a test, registered before its first run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LOOKS = (3, 5, 8, 12, 20)
"""Numbers of pairs after which a verdict may be given; the last is the cap."""


class Goal(StrEnum):
    """What an experiment is to show."""

    IMPROVE = "improve"
    TWO_SIDED = "two-sided"
    NONINFERIOR = "noninferior"


@dataclass(frozen=True, slots=True)
class Plan:
    """How an experiment will be judged; a change of it starts another test.

    Attributes:
        metric: name of the primary metric.
        higher_is_better: its direction.
        effect: the smallest difference that matters, in the metric's units, not negative.
        goal: what the experiment is to show.
        looks: rising numbers of pairs at which a verdict may be given; the last is the cap.

    Raises:
        ValueError: the effect is negative or no number, or the looks do not rise from 1 on.
    """

    metric: str
    higher_is_better: bool
    effect: float
    goal: Goal = Goal.IMPROVE
    looks: tuple[int, ...] = LOOKS

    def __post_init__(self) -> None:
        if not 0 <= self.effect < math.inf:
            raise ValueError(f"an effect of {self.effect} cannot be looked for")
        if not self.looks or self.looks[0] < 1 or list(self.looks) != sorted(set(self.looks)):
            raise ValueError(f"looks must rise from 1 on: {self.looks}")

    def as_json(self) -> dict[str, Any]:
        """Strict JSON, as the ledger keeps it."""
        return {
            "metric": self.metric,
            "direction": "higher" if self.higher_is_better else "lower",
            "effect": self.effect,
            "goal": self.goal.value,
            "looks": list(self.looks),
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Plan:
        """The plan that `as_json` wrote."""
        return cls(
            record["metric"],
            record["direction"] == "higher",
            record["effect"],
            Goal(record["goal"]),
            tuple(record["looks"]),
        )
