"""Two models, one run each, on the same examples: the difference in the population of examples.

It is about these two models. Whether a change is better for other seeds, too, takes more runs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

# Not scipy.stats, which takes twice as long to import.
from scipy.special import ndtr, ndtri

from paribus.core.examples.bootstrap import bootstrap
from paribus.core.examples.measures import Floats, Weighted, placements, weighted
from paribus.core.examples.model import Examples, same_set, units
from paribus.core.examples.proportion import mcnemar, paired_difference
from paribus.core.statistics.looks import Interval


@dataclass(frozen=True, slots=True)
class ExampleFinding:
    """What the examples say of new - old.

    Attributes:
        estimate, low, high: the difference and its interval, in the metric's units.
        p_two_sided: p-value of no difference.
        newly_right, newly_wrong: numbers of examples; None where no example is right or wrong.
        m: number of examples.
        method: in words, for a report.
    """

    estimate: float
    low: float
    high: float
    p_two_sided: float
    newly_right: int | None
    newly_wrong: int | None
    m: int
    method: str


def compare(old: Examples, new: Examples, level: float = 0.05) -> ExampleFinding:
    """The difference of two runs' metrics, with its interval at two-sided `level`.

    McNemar's exact test for proportions, DeLong's for `auc`, the paired bootstrap for the rest and
    wherever examples come in clusters.

    Raises:
        ValueError: they were not measured on the same examples in the same way, or all of them are
            in one cluster.
    """
    same_set((old, new))
    if old.clusters is None and old.binary and new.binary:
        found = _mcnemar(old, new, level)
    elif old.clusters is None and old.measure == "auc":
        found = _delong(old, new, level)
    else:
        found = _bootstrap(old, new, level)
    return _bounded(_sobered(found, _differing(old, new), level), old.bounded and new.bounded)


# Private functions


def _mcnemar(old: Examples, new: Examples, level: float) -> ExampleFinding:
    risen = int(np.count_nonzero(new.values > old.values))
    fallen = int(np.count_nonzero(new.values < old.values))
    interval = paired_difference(risen, fallen, old.size, level)
    difference = (risen - fallen) / old.size
    return _finding(old, new, difference, interval, mcnemar(risen, fallen), "exact McNemar")


def _delong(old: Examples, new: Examples, level: float) -> ExampleFinding:
    difference, error = delong(old, new)
    half = float(ndtri(1 - level / 2)) * error
    interval = Interval(difference - half, difference + half)
    p = 2 * float(ndtr(-abs(difference) / error)) if error else float(difference == 0)
    return _finding(old, new, difference, interval, p, "DeLong")


def delong(old: Examples, new: Examples) -> tuple[float, float]:
    """Difference of two areas under the ROC curve, new - old, and its standard error.

    DeLong, DeLong and Clarke-Pearson, Biometrics 1988. One positive or negative shows no spread:
    the error is infinite.
    """
    assert old.labels is not None
    assert new.labels is not None
    before, after = placements(old.values, old.labels), placements(new.values, new.labels)
    sides = [there - here for here, there in zip(before, after, strict=True)]
    difference = float(sides[0].mean())
    if min(map(len, sides)) < 2:
        return difference, math.inf
    return difference, math.sqrt(sum(float(side.var(ddof=1)) / len(side) for side in sides))


def _bootstrap(old: Examples, new: Examples, level: float) -> ExampleFinding:
    found = bootstrap(_difference(old, new), old.size, old.clusters)
    method = f"paired {'BCa' if found.corrected else 'percentile'} bootstrap"
    if old.clusters is not None:
        method += " of clusters"
    interval, p = found.interval(level), found.p_zero()
    return _finding(old, new, new.metric() - old.metric(), interval, p, method)


def _difference(old: Examples, new: Examples) -> Weighted:
    if old.additive:
        return weighted(new.values - old.values, None, old.measure)
    here = weighted(old.values, old.labels, old.measure)
    there = weighted(new.values, new.labels, new.measure)

    def measured(weights: Floats) -> Floats:
        return np.asarray(there(weights) - here(weights))

    return measured


def _finding(
    old: Examples, new: Examples, difference: float, interval: Interval, p: float, method: str
) -> ExampleFinding:
    before, after = old.right, new.right
    known = before is not None and after is not None
    return ExampleFinding(
        estimate=difference,
        low=interval.low,
        high=interval.high,
        p_two_sided=p,
        newly_right=int(np.count_nonzero(after > before)) if known else None,  # type: ignore[operator]
        newly_wrong=int(np.count_nonzero(after < before)) if known else None,  # type: ignore[operator]
        m=old.size,
        method=method,
    )


def _differing(old: Examples, new: Examples) -> int:
    """Independent units in which the runs differ; for `auc` those of the rarer label."""
    if old.measure == "auc":
        return units(old)
    differ = old.values != new.values
    if old.clusters is None:
        return int(np.count_nonzero(differ))
    return len(np.unique(old.clusters[differ]))


def _sobered(found: ExampleFinding, differing: int, level: float) -> ExampleFinding:
    """No surer than signs allow, and an interval that excludes 0 only if the test does.

    k units that all point one way do so by chance once in 2^(k - 1) (sign-flip test, Fisher 1935),
    however alike they are: with two or three, neither resampling nor a normal curve sees that.
    """
    p = min(1.0, max(found.p_two_sided, 2.0 ** (1 - differing)))
    if p <= level:
        return replace(found, p_two_sided=p)
    return replace(found, p_two_sided=p, low=min(found.low, 0.0), high=max(found.high, 0.0))


def _bounded(found: ExampleFinding, bounded: bool) -> ExampleFinding:
    if not bounded:
        return found
    return replace(found, low=max(-1.0, found.low), high=min(1.0, found.high))
