"""What runs come to, taken together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from paribus.core.run import Run


@dataclass(frozen=True, slots=True)
class Measured:
    """Several runs as one.

    Attributes:
        metrics: the mean of each metric that all of them have.
        runs: how many they are.
        paired: candidate minus baseline, as the mean over the pairs, of each metric that both have.
        against: the baseline's runs of those pairs.
    """

    metrics: Mapping[str, float]
    runs: int
    paired: Mapping[str, float] = field(default_factory=dict)
    against: tuple[Run, ...] = ()
