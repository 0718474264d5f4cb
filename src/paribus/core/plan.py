"""The plan of a test, registered before its first run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LOOKS = (3, 5, 8, 12, 20)
"""Numbers of pairs after which a verdict may be given; the last is the cap."""

FUTILE_FROM = 5
"""Pairs from which a single experiment may be stopped in futility."""


class Goal(StrEnum):
    """What an experiment is to show."""

    IMPROVE = "improve"
    TWO_SIDED = "two-sided"
    NONINFERIOR = "noninferior"


class Unit(StrEnum):
    """What repeats: the pairs from which a verdict is drawn."""

    SEED = "seed"
    EXAMPLE = "example"


@dataclass(frozen=True, slots=True)
class Guard:
    """A metric that an improvement must not break.

    Attributes:
        metric: its name.
        higher_is_better: its direction.
        margin: loss that is tolerated, in the metric's units, not negative; with 0 only a loss that
            is shown breaks it, with more a smaller loss must be shown for it to hold.

    Raises:
        ValueError: the margin is negative or no number.
    """

    metric: str
    higher_is_better: bool
    margin: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.margin < math.inf:
            raise ValueError(f"a margin of {self.margin} cannot be kept")

    def as_json(self) -> dict[str, Any]:
        """Strict JSON, as the ledger keeps it."""
        direction = "higher" if self.higher_is_better else "lower"
        return {"metric": self.metric, "direction": direction, "margin": self.margin}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Guard:
        """The guard that `as_json` wrote."""
        return cls(record["metric"], record["direction"] == "higher", record["margin"])


@dataclass(frozen=True, slots=True)
class Plan:
    """How an experiment will be judged; a change of it starts another test.

    Attributes:
        metric: name of the primary metric.
        higher_is_better: its direction.
        effect: the smallest difference that matters, in the metric's units, not negative.
        goal: what the experiment is to show.
        looks: rising numbers of pairs at which a verdict may be given; the last is the cap.
        guards: metrics that an improvement must not break.
        unit: whether seeds or examples are what repeats.
        futile_from: pairs from which an experiment may be stopped because its aim is out of reach.

    Raises:
        ValueError: the effect is negative or no number, or the looks do not rise from 1 on.
    """

    metric: str
    higher_is_better: bool
    effect: float
    goal: Goal = Goal.IMPROVE
    looks: tuple[int, ...] = LOOKS
    guards: tuple[Guard, ...] = ()
    unit: Unit = Unit.SEED
    futile_from: int = FUTILE_FROM

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
            "guards": [guard.as_json() for guard in self.guards],
            "unit": self.unit.value,
            "futile_from": self.futile_from,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Plan:
        """The plan that `as_json` wrote, now or when there were neither guards nor units."""
        return cls(
            record["metric"],
            record["direction"] == "higher",
            record["effect"],
            Goal(record["goal"]),
            tuple(record["looks"]),
            tuple(Guard.from_json(guard) for guard in record.get("guards", ())),
            Unit(record.get("unit", Unit.SEED)),
            record.get("futile_from", FUTILE_FROM),
        )
