"""How far two runs of one seed may lie apart, by the reruns that there are.

The repeatability limit of ISO 5725-6 (4.1): two results under the same conditions differ by no more
than 1.96 sqrt(2) times the standard deviation of one of them, with a probability of 95 %. That
standard deviation is estimated here from a few reruns, so the normal quantile 1.96 gives way to
Student's, with as many degrees of freedom as the estimate has; and to keep the 95 % over several
metrics together, each is held to its share of the 5 % (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum, sqrt
from statistics import fmean

from scipy import stats

LEVEL = 0.05
"""How often a pipeline that is as noisy as its reruns is told as different, at most."""


def repeatability(groups: Sequence[Sequence[Mapping[str, float]]]) -> dict[str, float]:
    """The largest difference that noise explains, for each metric that moved between reruns.

    Args:
        groups: the metrics of each run, in groups of runs that should have given the same numbers;
            at least two to a group. The spread is pooled over groups.

    Returns:
        Limits by metric. One whose reruns were all equal is not among them: it is deterministic.
    """
    names = sorted({name for group in groups for metrics in group for name in metrics})
    spreads = {name: _pooled(_values(groups, name)) for name in names}
    noisy = {name: (sd, freedom) for name, (sd, freedom) in spreads.items() if sd > 0}
    return {
        name: float(stats.t.ppf(1 - LEVEL / 2 / len(noisy), freedom)) * sqrt(2) * sd
        for name, (sd, freedom) in noisy.items()
    }


# Private functions


def _values(groups: Sequence[Sequence[Mapping[str, float]]], name: str) -> list[list[float]]:
    found = ([metrics[name] for metrics in group if name in metrics] for group in groups)
    return [values for values in found if len(values) > 1]


def _pooled(groups: Sequence[Sequence[float]]) -> tuple[float, int]:
    """Standard deviation within groups, and its degrees of freedom."""
    freedom = sum(len(values) - 1 for values in groups)
    squares = fsum(
        (value - fmean(values)) ** 2
        for values in groups
        if min(values) != max(values)  # a mean is rounded: equal values must give exactly 0
        for value in values
    )
    return (sqrt(squares / freedom) if freedom else 0.0), freedom
