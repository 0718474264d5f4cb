"""Which experiment of a batch goes on: the one whose next look is most likely to end it, per run.

Every experiment has the right to all its looks; only their order is chosen here, so that no error rate
depends on it. It matters when runs are short: what is soon clear is out of the way first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

# Not scipy.stats, which takes twice as long to import.
from scipy.special import stdtr

from paribus.core.plan import Goal, Plan
from paribus.core.sample import Sample
from paribus.core.statistics.looks import level, t_quantile


@dataclass(frozen=True, slots=True)
class Prospect:
    """What the next look of one experiment promises.

    Attributes:
        chance: probability that it is the last, from 0 to 1.
        runs: that it takes, not negative.
    """

    chance: float
    runs: int


def in_order(prospects: Sequence[Prospect]) -> tuple[int, ...]:
    """Places of the prospects, the highest chance per run first; equals stay in their order.

    A look for which all runs are there already comes before every other.
    """
    return tuple(sorted(range(len(prospects)), key=lambda at: -_merit(prospects[at])))


def chance_of_end(plan: Plan, sample: Sample, look: int) -> float:
    """Probability that a verdict at `look` pairs is final, given the pairs so far.

    With n pairs of mean gain m and standard deviation s, of which nothing else is known, the mean at
    look N is distributed as

        M = m + s * sqrt((N - n) / (n * N)) * T,    T Student's t with n - 1 degrees of freedom:

    the k = N - n new gains have a mean around m with variance s^2 / k + s^2 / n, of which M takes the
    share k / N (predictive power under a flat prior: Spiegelhalter, Freedman and Blackburn,
    Controlled Clinical Trials 1986). The verdict is final unless M falls where the decision table
    says "undecided": with s taken to stay, h = t(1 - c/2, N - 1) * s / sqrt(N) the half-width of the
    repeated interval and u = t(.9, N - 1) * s / sqrt(N), that is between -h and h; not below
    effect - u where futility may stop it; not within effect - h of zero; and for goal `noninferior`
    not above h - effect. Guards are left aside. It serves to put experiments in order, no more.

    Args:
        look: declared, beyond the sample's pairs.

    Raises:
        ValueError: fewer than two pairs, or no look beyond them.
    """
    n = sample.n
    if n < 2 or look <= n:
        raise ValueError(f"{n} pairs say nothing about a look at {look}")
    if look >= plan.looks[-1]:
        return 1.0
    c = level(plan.looks)
    sign = 1.0 if plan.higher_is_better else -1.0
    gains = [sign * difference for difference in sample.differences]
    mean, sd = fmean(gains), stdev(gains)
    scale = sd * math.sqrt((look - n) / (n * look))
    if sample.constant or not scale:
        return float(sample.identical or 2.0 ** (1 - look) <= c)

    def below(end: float) -> float:
        return float(stdtr(n - 1, (end - mean) / scale))

    undecided = sum(max(0.0, below(high) - below(low)) for low, high in _open(plan, sd, look, c))
    return min(1.0, max(0.0, 1.0 - undecided))


# Private functions


def _open(plan: Plan, sd: float, look: int, c: float) -> list[tuple[float, float]]:
    """Where a mean gain leaves everything open: one interval, or what is left of it around zero."""
    error = sd / math.sqrt(look)
    half = t_quantile(1 - c / 2, look - 1) * error
    low, high = -half, half
    if plan.goal is Goal.NONINFERIOR:
        high = min(high, half - plan.effect)
    if plan.goal is Goal.IMPROVE and look >= plan.futile_from:
        low = max(low, plan.effect - t_quantile(0.90, look - 1) * error)
    within = plan.effect - half
    if within <= 0:
        return [(low, high)] if low < high else []
    around = [(low, min(high, -within)), (max(low, within), high)]
    return [(start, end) for start, end in around if start < end]


def _merit(prospect: Prospect) -> float:
    return prospect.chance / prospect.runs if prospect.runs else math.inf
