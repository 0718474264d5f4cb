"""A candidate beside a baseline that a person declares: a paper's number, a predecessor's table.

No verdict follows from it. The two sides share neither seeds nor ruler nor machine, and nobody can
rerun the declared one, so a difference has more causes than the one change.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Declared:
    """A baseline's metric as somebody wrote it down.

    Attributes:
        value: the mean, or the only number there is, in the metric's own units.
        source: where it is written, for people.
        n: runs behind the value, None when unknown.
        sd: standard deviation of one run, None when unknown.

    Raises:
        ValueError: a number is not finite, n is below 1 or sd is negative.
    """

    metric: str
    value: float
    source: str
    n: int | None = None
    sd: float | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.value) or not math.isfinite(self.sd or 0.0):
            raise ValueError(f"the declared {self.metric} is not finite")
        if (self.n is not None and self.n < 1) or (self.sd is not None and self.sd < 0):
            raise ValueError(
                f"the declared {self.metric} needs n of at least 1 and sd of at least 0"
            )


@dataclass(frozen=True, slots=True)
class Standing:
    """How a candidate stands beside a declared baseline.

    Attributes:
        estimate: candidate mean minus declared value; None where no run has the metric.
        low, high: ends of its confidence interval; None where there is none.
    """

    declared: Declared
    estimate: float | None
    low: float | None
    high: float | None
