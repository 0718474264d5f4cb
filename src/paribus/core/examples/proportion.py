"""Proportions: one of them, and the difference of two that were counted on the same examples."""

from __future__ import annotations

import math

# Not scipy.stats, which takes twice as long to import.
from scipy.special import bdtr, betaincinv, ndtri

from paribus.core.statistics.looks import Interval


def wilson(successes: float, total: float, level: float) -> Interval:
    """Score interval of a proportion at two-sided `level` (Wilson, JASA 1927), uncorrected."""
    z = float(ndtri(1 - level / 2))
    share = successes / total
    center = (share + z * z / (2 * total)) / (1 + z * z / total)
    spread = share * (1 - share) / total + z * z / (4 * total * total)
    half = z * math.sqrt(spread) / (1 + z * z / total)
    # At the ends the formula gives 0 and 1, up to rounding.
    low = 0.0 if successes == 0 else center - half
    return Interval(low, 1.0 if successes == total else center + half)


def mcnemar(risen: int, fallen: int) -> float:
    """Exact two-sided p-value: which of two went up is a fair coin among those that differ.

    McNemar's test (Psychometrika 1947) with the binomial distribution in place of chi-squared.
    """
    if risen == fallen:
        return 1.0
    return min(1.0, 2 * float(bdtr(float(min(risen, fallen)), risen + fallen, 0.5)))


def paired_difference(risen: int, fallen: int, total: int, level: float) -> Interval:
    """Interval of new proportion - old proportion, that excludes 0 only if `mcnemar` does.

    The hull of two: Agresti and Min's adjusted Wald (Stat Med 2005), which covers well and needs no
    discordant example, and the Clopper-Pearson interval of the share that rose among those that
    differ, which is McNemar's test turned round.
    """
    first = _adjusted_wald(risen, fallen, total, level)
    second = _conditional(risen, fallen, total, level)
    return Interval(min(first.low, second.low), max(first.high, second.high))


# Private functions


def _adjusted_wald(risen: int, fallen: int, total: int, level: float) -> Interval:
    """Half an example is added to each of the four cells."""
    up, down, size = risen + 0.5, fallen + 0.5, total + 2
    estimate = (up - down) / size
    half = float(ndtri(1 - level / 2)) * math.sqrt((up + down) / size - estimate**2)
    half /= math.sqrt(size)
    return Interval(max(-1.0, estimate - half), min(1.0, estimate + half))


def _conditional(risen: int, fallen: int, total: int, level: float) -> Interval:
    differing = risen + fallen
    # By symmetry the upper end is the lower one of those that fell: swapping the sides mirrors.
    return Interval(
        differing / total * (2 * _clopper_pearson(risen, fallen, level) - 1),
        differing / total * (1 - 2 * _clopper_pearson(fallen, risen, level)),
    )


def _clopper_pearson(successes: int, failures: int, level: float) -> float:
    """Exact lower bound of a proportion (Biometrika 1934)."""
    return float(betaincinv(successes, failures + 1, level / 2)) if successes else 0.0
