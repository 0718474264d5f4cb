"""How much a metric may lose, and whether numbers show that it lost more."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from paribus.core.metrics import is_number
from paribus.core.numbers import decimals, number
from paribus.core.values import Value


class Pass(StrEnum):
    """What a gate says of one metric."""

    PASSES = "passes"
    FAILS = "fails"
    OPEN = "open"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A loss that is tolerated in a metric: the larger of both.

    Attributes:
        metric: its name.
        higher_is_better: its direction.
        absolute: in the metric's units, not negative.
        relative: as a share of the baseline's value, not negative.

    Raises:
        ValueError: one of them is negative or no number.
    """

    metric: str
    higher_is_better: bool
    absolute: float = 0.0
    relative: float = 0.0

    def __post_init__(self) -> None:
        for share in (self.absolute, self.relative):
            if not 0 <= share < math.inf:
                raise ValueError(f"a loss of {share} cannot be tolerated")

    def allowed(self, old: float) -> float:
        """The loss that is tolerated beside a baseline's value, in the metric's units."""
        return max(self.absolute, self.relative * abs(old))


@dataclass(frozen=True, slots=True)
class Gated:
    """What the gate says of one metric, with its evidence in the metric's own units.

    Attributes:
        old, new: the values; None where they are no finite numbers.
        low, high: of the difference new minus old; None where its noise is not known.
        n: pairs that it rests on; 0 for two committed numbers.
        verdict: what is said of it.
        reason: in words.
    """

    metric: str
    higher_is_better: bool
    old: float | None
    new: float | None
    low: float | None
    high: float | None
    n: int
    verdict: Pass
    reason: str

    @property
    def difference(self) -> float | None:
        """New minus old; None where there is none."""
        return None if self.old is None or self.new is None else self.new - self.old

    def as_json(self) -> dict[str, Any]:
        """Strict JSON, in the order of the fields."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return told | {"verdict": self.verdict.value, "difference": self.difference}


def gated(
    tolerance: Tolerance, old: Value, new: Value, half_width: float | None, n: int = 0
) -> Gated:
    """Whether a metric lost more than is tolerated.

    It fails where the whole interval of the loss is beyond what is tolerated, and passes where the loss
    itself is not. Between the two lies a loss that may be noise: that is open, and no pass. A metric
    that is not there, or no number, is no pass either.

    Args:
        old, new: the baseline's value and the candidate's, as files or runs have them.
        half_width: of the 95 % interval of the difference; None where the noise is not known, so that
            the numbers are taken as they are.
        n: pairs that both rest on; 0 for two committed numbers.
    """
    before, after = _finite(old), _finite(new)
    if before is None or after is None:
        verdict, reason = _absent(old, new)
        low, high = None, None
    else:
        verdict, reason = _held(tolerance, before, after, half_width)
        low, high = _ends(after - before, half_width)
    name, higher = tolerance.metric, tolerance.higher_is_better
    return Gated(name, higher, before, after, low, high, n, verdict, reason)


# Private functions


def _finite(value: Value) -> float | None:
    return float(value) if is_number(value) else None


def _absent(old: Value, new: Value) -> tuple[Pass, str]:
    if _finite(new) is None:
        gone = "there is none" if new is None else "it is no number"
        return Pass.MISSING, f"{gone}, and that is no pass"
    told = "the baseline has none" if old is None else "the baseline's is no number"
    return Pass.OPEN, f"{told}, so there is nothing to hold it against"


def _held(
    tolerance: Tolerance, before: float, after: float, half_width: float | None
) -> tuple[Pass, str]:
    loss = before - after if tolerance.higher_is_better else after - before
    noise, allowed = half_width or 0.0, tolerance.allowed(before)
    digits = decimals(noise or max(abs(loss), allowed))
    lost, most = number(max(loss, 0.0), digits), f"{allowed:.3g}"
    if loss <= allowed:
        told = f"a loss of {lost}; {most} is tolerated" if loss > 0 else "no loss"
        return Pass.PASSES, told
    if loss - noise > allowed:
        beyond = f"a loss of {lost} where {most} is tolerated" if allowed else f"a loss of {lost}"
        return Pass.FAILS, beyond
    within = number(noise, digits)
    if not allowed:
        return Pass.OPEN, f"a loss of {lost} +-{within} may be noise"
    return Pass.OPEN, f"a loss of {lost} +-{within} may lie within the {most} that is tolerated"


def _ends(difference: float, half_width: float | None) -> tuple[float | None, float | None]:
    if half_width is None:
        return None, None
    return difference - half_width, difference + half_width
