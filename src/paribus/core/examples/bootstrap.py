"""The bootstrap over examples: percentile intervals, corrected (BCa) where examples are few.

Efron, JASA 1987; Efron and Tibshirani, An Introduction to the Bootstrap, 1993, ch. 14. The interval
is expanded as that of t is over the normal one (Hesterberg, The American Statistician 2015), because
resamples of few examples vary too little. Resampling is seeded: the same examples give the same
numbers. Clusters are drawn whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

# Not scipy.stats, which takes twice as long to import.
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from paribus.core.examples.measures import Floats, Ints, Weighted
from paribus.core.statistics.looks import Interval

FEW = range(8, 501)
"""With so many examples or clusters the interval is corrected for bias and skewness."""

_SEED = 20240607
_MOST_DRAWS, _LEAST_DRAWS = 9999, 1999
_ROUNDING = 1e-12  # relative to the largest number
_CELLS = 2**21  # weights held at once: 16 MiB


@dataclass(frozen=True, slots=True, eq=False)
class Bootstrap:
    """Where a statistic falls in resamples.

    Attributes:
        drawn: shape (B,): the statistic in each resample, sorted; resamples in which it is
            undefined are left out.
        total: how many examples or clusters were resampled.
        bias: z0, how many standard errors the resamples' median is off; 0 uncorrected.
        acceleration: a, how the standard error changes with the value; 0 uncorrected.
        corrected: whether there are few examples, so that bias and acceleration count.
    """

    drawn: Floats
    total: int
    bias: float = 0.0
    acceleration: float = 0.0
    corrected: bool = False

    @property
    def spread(self) -> bool:
        """Whether resamples differ by more than rounding."""
        ends = self.drawn[[0, -1]]
        return bool(ends[1] - ends[0] > _ROUNDING * np.abs(ends).max())

    def interval(self, level: float) -> Interval:
        """The interval at two-sided `level`, which ends at values that were drawn."""
        tail = float(stdtrit(self.total - 1, level / 2)) * self._expansion
        low = self._rank(_corrected(tail, self.bias, self.acceleration))
        high = self._rank(_corrected(tail, -self.bias, -self.acceleration))
        return Interval(float(self.drawn[low]), float(self.drawn[-1 - high]))

    def p_zero(self) -> float:
        """Two-sided p-value of 0: the smallest level at which the interval excludes it."""
        below = float(np.count_nonzero(self.drawn <= 0))
        above = float(np.count_nonzero(self.drawn >= 0))
        tails = (
            self._tail(below, self.bias, self.acceleration),
            self._tail(above, -self.bias, -self.acceleration),
        )
        return min(1.0, 2 * min(tails))

    @property
    def _expansion(self) -> float:
        return math.sqrt(self.total / (self.total - 1))

    def _rank(self, z: float) -> int:
        """Index, from the end that it is counted from, of a tail's end."""
        return max(0, int(float(ndtr(z)) * (len(self.drawn) + 1)) - 1)

    def _tail(self, count: float, bias: float, acceleration: float) -> float:
        """The level / 2 at which the interval ends where `count` resamples do: `interval` undone."""
        draws = len(self.drawn)
        offset = float(ndtri(min(count + 1, draws) / (draws + 1))) - bias
        tail = offset / (1 + acceleration * offset) - bias
        return float(stdtr(self.total - 1, tail / self._expansion))


def bootstrap(statistic: Weighted, size: int, clusters: Ints | None) -> Bootstrap:
    """Resample `size` examples, or their clusters, and see where the statistic falls.

    Args:
        statistic: of the examples' weights, shape (b, m) to (b,).
        size: the number m of examples.
        clusters: shape (m,), codes 0, 1, ...; None where each example is its own.

    Raises:
        ValueError: fewer than two of what is resampled.
    """
    total = size if clusters is None else int(clusters.max()) + 1
    if total < 2:
        raise ValueError("one example or cluster shows no spread")
    draws = _MOST_DRAWS if total * _MOST_DRAWS <= 2 * 10**7 else _LEAST_DRAWS
    parts = [statistic(weights) for weights in _weights(total, draws, size, clusters)]
    drawn = np.concatenate(parts)
    drawn = np.sort(drawn[~np.isnan(drawn)])
    plain = Bootstrap(_snapped(drawn, drawn), total)
    if total not in FEW or not plain.spread:
        return plain
    return _corrected_by(statistic, plain, size, clusters)


# Private functions


def _weights(total: int, draws: int, size: int, clusters: Ints | None) -> Iterator[Floats]:
    """How often each example is in each resample, some resamples at a time."""
    rng, step = np.random.default_rng(_SEED), max(1, _CELLS // size)
    for start in range(0, draws, step):
        rows = min(step, draws - start)
        chosen = rng.integers(0, total, (rows, total))
        chosen += np.arange(rows)[:, None] * total
        counts = np.bincount(chosen.ravel(), minlength=rows * total).reshape(rows, total)
        weights = counts.astype(np.float64)
        yield weights if clusters is None else weights[:, clusters]


def _snapped(numbers: Floats, scale: Floats) -> Floats:
    """What only rounding, of numbers such as those of `scale`, keeps from 0 is 0."""
    return np.where(np.abs(numbers) <= _ROUNDING * np.abs(scale).max(), 0.0, numbers)


def _corrected_by(
    statistic: Weighted, plain: Bootstrap, size: int, clusters: Ints | None
) -> Bootstrap:
    """With the bias that the resamples show, and the acceleration that the jackknife shows."""
    drawn, observed = plain.drawn, float(statistic(np.ones((1, size)))[0])
    offset = _snapped(drawn - observed, drawn)  # resamples equal to what was seen count half
    below = np.count_nonzero(offset < 0) + np.count_nonzero(offset <= 0)
    bias = float(ndtri(below / (2 * len(drawn))))
    without = statistic(_left_out(size, clusters))
    pulls = np.nanmean(without) - without[~np.isnan(without)]
    scale = float((pulls**2).sum()) ** 1.5
    # So far off, the correction would be larger than what it corrects.
    if abs(bias) > 1 or scale == 0:
        return plain
    acceleration = float((pulls**3).sum()) / (6 * scale)
    return replace(plain, bias=bias, acceleration=acceleration, corrected=True)


def _left_out(size: int, clusters: Ints | None) -> Floats:
    """Weights of the jackknife: all but one example or cluster, for each in turn."""
    if clusters is None:
        return 1.0 - np.eye(size)
    return (1.0 - np.eye(int(clusters.max()) + 1))[:, clusters]


def _corrected(z: float, bias: float, acceleration: float) -> float:
    """Efron's equation 14.10. From 8 examples on, with |a| below 1/6 and |z0| below 1, all is above 0."""
    return bias + (bias + z) / (1 - acceleration * (bias + z))
