"""Seeds x examples: whether a change is better for other seeds and on other examples, at once.

Many seeds on one small evaluation set look conclusive about that set and say little of any other.
Both are random effects here, as readers and cases are in radiology (the multi-reader multi-case
model: Dorfman, Berbaum and Metz, Invest Radiol 1992; Hillis, Stat Med 2007).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from paribus.core.examples.measures import Floats, Ints
from paribus.core.examples.model import Examples, same_set
from paribus.core.examples.single import by_example, clustered
from paribus.core.statistics.looks import Interval, t_quantile


@dataclass(frozen=True, slots=True)
class TwoWay:
    """A mean difference over seeds and examples.

    Attributes:
        estimate: new - old, in the metric's units.
        se: its standard error for new seeds and new examples.
        df: degrees of freedom of the standard error.
        seeds: their number n.
    """

    estimate: float
    se: float
    df: float
    seeds: int

    def interval(self, level: float) -> Interval | None:
        """estimate -+ t(1 - level / 2, df) * se.

        None where nothing varies, the difference is not 0 and seeds are too few: by chance n signs
        agree once in 2^(n - 1) (sign-flip test, Fisher 1935).
        """
        if self.se == 0 and self.estimate != 0 and 2.0 ** (1 - self.seeds) > level:
            return None
        half = t_quantile(1 - level / 2, self.df) * self.se
        return Interval(self.estimate - half, self.estimate + half)


def crossed(old: Sequence[Examples], new: Sequence[Examples]) -> TwoWay:
    """The difference over n seeds, old[i] and new[i] sharing one, on the same examples.

    What is no mean, such as `auc`, is analysed by its examples' contributions. The Multi-Bootstrap
    (Sellam 2022) serves it as well, but resampling 3 or 5 seeds has no t in it: three seeds that
    agree by chance, one time in four, would be a proof.

    Raises:
        ValueError: fewer than two seeds, not as many on both sides, or runs that were not measured
            on the same examples in the same way.
    """
    if len(old) != len(new):
        raise ValueError(f"{len(old)} old runs and {len(new)} new ones are no pairs")
    if not old:
        raise ValueError("no runs")
    same_set((*old, *new))
    pairs = zip(old, new, strict=True)
    differences = [by_example(there) - by_example(here) for here, there in pairs]
    return two_way(np.array(differences), old[0].clusters)


def two_way(differences: Floats, clusters: Ints | None = None) -> TwoWay:
    """The mean of paired differences by seed and example, shape (n, m), both random.

    With mean squares of seeds S, examples E and the rest R, SE^2 = max(S + E - R, S, E) / (n m),
    never below what either alone says, and Satterthwaite's degrees of freedom, of the numerator.
    Clusters take the examples' place where there are some: shape (m,), codes 0, 1, ...

    Raises:
        ValueError: fewer than two seeds, or fewer than two examples or clusters.
    """
    cells = clustered(differences, clusters)
    n, m = cells.shape
    if n < 2 or m < 2:
        raise ValueError(f"{n} seeds and {m} examples: at least 2 of each are needed")
    seeds, examples, rest = _mean_squares(cells)
    spread = max(seeds + examples - rest, seeds, examples)
    if spread <= n * m * (1e-12 * float(np.abs(cells).max())) ** 2:
        spread = 0.0  # rounding, not noise
    return TwoWay(
        estimate=float(differences.mean()),
        se=math.sqrt(spread / (n * m)),
        df=_degrees(spread, (seeds, examples, rest), n, m),
        seeds=n,
    )


# Private functions


def _mean_squares(cells: Floats) -> tuple[float, float, float]:
    n, m = cells.shape
    rows, columns = cells.mean(axis=1), cells.mean(axis=0)
    rest = cells - rows[:, None] - columns + cells.mean()
    return (
        m * float(rows.var(ddof=1)),
        n * float(columns.var(ddof=1)),
        float((rest**2).sum()) / ((n - 1) * (m - 1)),
    )


def _degrees(spread: float, squares: tuple[float, float, float], n: int, m: int) -> float:
    seeds, examples, rest = squares
    below = seeds**2 / (n - 1) + examples**2 / (m - 1) + rest**2 / ((n - 1) * (m - 1))
    # Without any spread there is no width to find either.
    return spread**2 / below if spread and below else float(min(n, m) - 1)
