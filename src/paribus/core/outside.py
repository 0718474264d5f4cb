"""The interval between a candidate's runs and a declared baseline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, variance

from paribus.core.declared import Declared
from paribus.core.statistics.looks import t_quantile


def against(
    declared: Declared, values: Sequence[float], confidence: float = 0.95
) -> tuple[float, float | None, float | None]:
    """Candidate mean minus declared value, and the ends of its two-sided confidence interval.

    With n and sd declared: Welch's interval from summary statistics (Biometrika 1947). Otherwise a
    one-sample t interval that takes the declared value for exact, and so is too narrow.

    Args:
        values: the candidate's metric for each run, shape (runs,).

    Returns:
        (estimate, low, high) in the metric's own units. No interval, (estimate, None, None), when a
        side that has a spread has fewer than two runs, or when the spread is zero: an interval
        without width would claim to know the mean exactly.

    Raises:
        ValueError: no values, or one is not finite.
    """
    if not values or not all(map(math.isfinite, values)):
        raise ValueError("a comparison needs at least one value, all of them finite")
    estimate = fmean(values) - declared.value
    sides = _sides(declared, values)
    error = math.sqrt(sum(squared for squared, _ in sides))
    if any(df < 1 for _, df in sides) or error == 0:
        return estimate, None, None
    half = t_quantile((1 + confidence) / 2, _satterthwaite(sides)) * error
    return estimate, estimate - half, estimate + half


# Private functions

_Side = tuple[float, int]
"""A mean's squared standard error and its degrees of freedom."""


def _sides(declared: Declared, values: Sequence[float]) -> list[_Side]:
    n = len(values)
    sides = [(variance(values) / n if n > 1 else 0.0, n - 1)]
    if declared.n is not None and declared.sd is not None:
        sides.append((declared.sd**2 / declared.n, declared.n - 1))
    return sides


def _satterthwaite(sides: Sequence[_Side]) -> float:
    """Degrees of freedom of a sum of variances; for a single side its own."""
    total = sum(squared for squared, _ in sides)
    # Shares of the total, because squares of tiny variances would underflow to 0 / 0.
    return 1.0 / sum((squared / total) ** 2 / df for squared, df in sides)
