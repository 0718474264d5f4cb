"""What a locked evaluation set answers: whether it holds there too, and no more than that needs.

Whoever sees its numbers run by run begins to choose by them, and then it is locked no more (Blum and
Hardt, The Ladder, ICML 2015). So the answer is one bit, and a difference without its finer digits.
"""

from __future__ import annotations

import math
from statistics import fmean

from paribus.core.confirm import mean_interval, one_sided_p
from paribus.core.plan import Goal, Plan
from paribus.core.promotion import GateAnswer
from paribus.core.sample import Sample


def answered(plan: Plan, metric: str, sample: Sample, level: float | None) -> GateAnswer:
    """Whether the gain holds on the locked set: one-sided paired t test at the confirmation's level.

    Without a level there is one deterministic run a side, and no noise to hold the gain against: it
    must be the effect of interest or more (for goal `noninferior`, a loss smaller than that).

    Args:
        sample: of the locked set's metric, paired by seed.

    Raises:
        ValueError: no pairs, or fewer than 2 at a level.
    """
    if not sample.n:
        raise ValueError("no pair was measured on the locked set")
    sign = 1.0 if plan.higher_is_better else -1.0
    margin = plan.effect if plan.goal is Goal.NONINFERIOR else 0.0
    mean = fmean(sample.differences)
    if level is not None:
        passed = one_sided_p(sample, sign, margin) <= level
    elif margin:
        passed = sign * mean > -margin
    else:
        passed = sign * mean >= plan.effect and not sample.identical
    return GateAnswer(metric, passed, _rounded(mean, _noise(plan, sample)), sample.n)


# Private functions


def _noise(plan: Plan, sample: Sample) -> float:
    """Half of the 95 % interval; without one, what the team takes for the smallest difference."""
    interval = mean_interval(sample)
    return interval.half_width if interval and interval.half_width > 0 else plan.effect


def _rounded(value: float, noise: float) -> float:
    """To the first digit of the noise; to its own first digit where there is no noise to go by."""
    size = noise or abs(value)
    if size == 0:
        return 0.0
    return round(value, -math.floor(math.log10(size))) + 0.0
