"""Whether more data should help: a learning curve, and what doubling the data would gain.

The curve is metric(n) = a + b (n / N)^-c, N being the largest size: the power law with an offset,
`POW3`, whose limits the Learning Curve Database describes (LCDB 1.1, arXiv 2505.15657: about one
real curve in seven is ill-behaved). For a given c it is linear in a and b, so that these are solved
for and only c is searched (variable projection: Golub and Pereyra, SIAM J. Numer. Anal. 1973), on a
grid and then between its points: no start to choose, no fit that fails, hundreds of resamples at
once. b may have either sign, or else a flat curve would seem to gain.

Rough by nature. The interval resamples whole seeds, their spread widened by sqrt(k / (k - 1)) for k
seeds; in simulation with 5 seeds a nominal 90 % held the gain in 80 to 87 % even where the curve was
right, and a flat curve "should help" in 10 % at an effect of 0. An evaluation set that all runs
share has its own luck, which no seed shows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

# Not scipy.stats, which takes twice as long to import.
from scipy.special import fdtri

from paribus.core.statistics.looks import t_quantile

_FEWEST = 6
_RESAMPLES = 200
_EXPONENTS = np.geomspace(0.01, 5, 250)
_THIRDS = 40  # of a grid cell: to the last digit that squares can tell
_ERROR = 0.05
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """A fitted curve metric(n) = a + b (n / N)^-c, in the metric's units, N the largest size.

    Attributes:
        sizes: training-set sizes, increasing.
        means: mean of the metric over the seeds at each.
        a: the metric with endless data, as far as the curve tells.
        b: how far the metric at N is from there.
        c: the exponent, from .01 to 5.
        predicted: the metric at 2 N.
        gain: how much better that is than the curve at N; positive is better.
        low: lower end of the gain's 90 % interval.
        high: its upper end.
        ill_behaved: a larger size is worse than a smaller one beyond noise, or the power law misses
            the means beyond noise. The prediction is then not to be trusted.
    """

    sizes: tuple[int, ...]
    means: tuple[float, ...]
    a: float
    b: float
    c: float
    predicted: float
    gain: float
    low: float
    high: float
    ill_behaved: bool

    def at(self, size: float) -> float:
        """The metric that the curve has at a size above 0.

        Raises:
            ValueError: the size is not above 0.
        """
        return self.a + self.b * math.exp(-self.c * math.log(size / self.sizes[-1]))

    def should_help(self, effect: float) -> bool:
        """Whether doubling the data should gain more than `effect`, in the metric's units.

        It asks the interval only: say nothing of the kind where the curve is `ill_behaved`.
        """
        return self.low > effect


def learning_curve(
    sizes: Sequence[int], values: Sequence[Sequence[float]], *, higher_is_better: bool
) -> LearningCurve:
    """Fit a curve and bound the gain of doubling the largest size. Deterministic.

    Args:
        sizes: at least 6 training-set sizes, increasing; best in equal ratios.
        values: shape (sizes, seeds): the metric at each size under each of at least 2 seeds, in the
            same order of seeds everywhere.
        higher_is_better: the metric's direction.

    Raises:
        ValueError: too few sizes or seeds, sizes that do not increase from above 0, rows of unequal
            length, or a value that is not finite or beyond 1e150.
    """
    table = _checked(sizes, values)
    x = np.asarray(sizes, dtype=np.float64) / sizes[-1]
    centre = float(table[0, 0])  # and not the mean, which rounding moves where all are equal
    scale = float(np.abs(table - centre).max()) or 1.0
    scaled = (table - centre) / scale
    a, b, c = _fit(x, np.vstack((scaled.mean(1), _resampled(scaled))))
    sign = 1.0 if higher_is_better else -1.0
    gains = sign * b * (2.0**-c - 1) * scale
    low, high = np.quantile(gains[1:], (0.05, 0.95))
    gain = float(gains[0])
    fitted = a[0] + b[0] * x ** -c[0]
    return LearningCurve(
        sizes=tuple(sizes),
        means=tuple(map(float, table.mean(1))),
        a=float(a[0]) * scale + centre,
        b=float(b[0]) * scale,
        c=float(c[0]),
        predicted=float(a[0] + b[0] * 2.0 ** -c[0]) * scale + centre,
        gain=gain,
        low=min(gain, float(low)),
        high=max(gain, float(high)),
        ill_behaved=_falls(sign * scaled) or _misfits(scaled, fitted),
    )


# Private functions


_Numbers = NDArray[np.float64]


def _checked(sizes: Sequence[int], values: Sequence[Sequence[float]]) -> _Numbers:
    if len(sizes) < _FEWEST:
        raise ValueError(f"{len(sizes)} sizes show no curve: at least {_FEWEST} are needed")
    if not sizes[0] > 0 or not all(small < large for small, large in pairwise(sizes)):
        raise ValueError("sizes increase, from above 0")
    if len(values) != len(sizes) or len({len(row) for row in values}) != 1:
        raise ValueError("each size needs one value for each seed")
    if len(values[0]) < 2:
        raise ValueError("one seed shows no noise: at least 2 are needed")
    table = np.asarray(values, dtype=np.float64)
    if not (np.abs(table) < 1e150).all():
        raise ValueError("a value that is not finite is a failed measurement")
    return table


def _resampled(table: _Numbers) -> _Numbers:
    """Means of resampled seeds, shape (resamples, sizes), with the spread that k seeds hide."""
    seeds = table.shape[1]
    chosen = np.random.default_rng(0).integers(seeds, size=(_RESAMPLES, seeds))
    means, wider = table.mean(1), math.sqrt(seeds / (seeds - 1))
    rows: _Numbers = means + wider * (table[:, chosen].mean(2).T - means)
    return rows


def _fit(x: _Numbers, rows: _Numbers) -> tuple[_Numbers, _Numbers, _Numbers]:
    """Least squares of a + b x^-c for each row of means: arrays a, b, c of its length."""
    curves = _centred(x, _EXPONENTS)
    best = ((rows @ curves.T) ** 2 / (curves**2).sum(1)).argmax(1)
    last = len(_EXPONENTS) - 1
    low, high = _EXPONENTS[np.maximum(best - 1, 0)], _EXPONENTS[np.minimum(best + 1, last)]
    for _ in range(_THIRDS):
        third = (high - low) / 3
        rising = _taken(x, rows, low + third) < _taken(x, rows, high - third)
        low, high = np.where(rising, low + third, low), np.where(rising, high, high - third)
    c: _Numbers = (low + high) / 2
    curves = _centred(x, c)
    b: _Numbers = (rows * curves).sum(1) / (curves**2).sum(1)
    return rows.mean(1) - b * (x ** -c[:, None]).mean(1), b, c


def _centred(x: _Numbers, c: _Numbers) -> _Numbers:
    """x^-c less its mean over x, a row for each c."""
    powers: _Numbers = x ** -c[:, None]
    powers -= powers.mean(1, keepdims=True)
    return powers


def _taken(x: _Numbers, rows: _Numbers, c: _Numbers) -> _Numbers:
    """What each row's own c takes away of its sum of squares: the fit is where that is most."""
    curves = _centred(x, c)
    taken: _Numbers = (rows * curves).sum(1) ** 2 / (curves**2).sum(1)
    return taken


def _noise(table: _Numbers) -> tuple[float, int]:
    """Mean square and degrees of freedom of what is neither size nor seed.

    A seed that is lucky at every size moves the curve, and not its shape.
    """
    sizes, seeds = table.shape
    rest = table - table.mean(1, keepdims=True) - table.mean(0) + table.mean()
    freedom = (sizes - 1) * (seeds - 1)
    return float((rest**2).sum()) / freedom, freedom


def _falls(better: _Numbers) -> bool:
    """Whether any size is worse than a smaller one, by t tests that together err in 5 %."""
    square, freedom = _noise(better)
    pairs = list(combinations(better.mean(1), 2))
    bound = t_quantile(1 - _ERROR / len(pairs), freedom) * math.sqrt(2 * square / better.shape[1])
    return bool(max(smaller - larger for smaller, larger in pairs) > bound + _ROUNDING)


def _misfits(table: _Numbers, fitted: _Numbers) -> bool:
    """The F test of a lack of fit, at 1 %, with the sizes less the curve's three parameters."""
    square, freedom = _noise(table)
    left, free = table.mean(1) - fitted, len(fitted) - 3
    lack = table.shape[1] * float((left**2).sum()) / free
    return bool(lack > square * float(fdtri(free, freedom, 0.99)) + _ROUNDING)
