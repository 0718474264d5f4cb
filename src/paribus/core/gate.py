"""What a locked evaluation set answers: whether it holds there too, and no more than that needs.

Whoever sees its numbers run by run begins to choose by them, and then it is locked no more (Blum and
Hardt, The Ladder, ICML 2015). So the answer is one bit, and a difference without its finer digits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from paribus.core.plan import Goal, Plan
from paribus.core.promotion import GateAnswer
from paribus.core.sample import Sample
from paribus.core.statistics.confirm import mean_interval, one_sided_p

if TYPE_CHECKING:
    from paribus.core.examples.model import Examples


@dataclass(frozen=True, slots=True)
class ByExamples:
    """What the locked set's examples say of one run a side.

    Attributes:
        answer: as it is told.
        p: one-sided, for the record; None for goal `noninferior`, which an interval decides.
    """

    answer: GateAnswer
    p: float | None


def answered(plan: Plan, metric: str, sample: Sample, level: float) -> GateAnswer:
    """Whether the gain holds on the locked set: one-sided paired t test at the confirmation's level.

    Args:
        sample: of the locked set's metric, paired by seed.

    Raises:
        ValueError: fewer than 2 pairs.
    """
    passed = one_sided_p(sample, _sign(plan), _margin(plan)) <= level
    difference = _rounded(fmean(sample.differences), _noise(plan, sample))
    return GateAnswer(metric, passed, difference, sample.n)


def answered_by_examples(
    plan: Plan, metric: str, old: Examples, new: Examples, level: float
) -> ByExamples:
    """Whether the gain holds for new examples of the locked set's kind, by one run a side.

    Where fresh seeds change nothing the examples are all that varies. The p-value is half of the
    two-sided one of `examples.paired.compare`, on the side of the gain. For goal `noninferior` the
    two-sided interval at twice the level has to exclude a loss of the effect.

    Raises:
        ValueError: the runs were not measured on the same examples in the same way.
    """
    from paribus.core.examples.paired import compare  # noqa: PLC0415 (numpy, and rarely needed)

    told, usual = compare(old, new, 2 * level), compare(old, new)
    difference = _rounded(told.estimate, (usual.high - usual.low) / 2 or plan.effect)
    if plan.goal is Goal.NONINFERIOR:
        worst = told.low if plan.higher_is_better else -told.high
        return ByExamples(GateAnswer(metric, worst > -plan.effect, difference, 1), None)
    gains, half = _sign(plan) * told.estimate > 0, told.p_two_sided / 2
    p = half if gains else 1 - half
    return ByExamples(GateAnswer(metric, gains and p <= level, difference, 1), p)


# Private functions


def _sign(plan: Plan) -> float:
    return 1.0 if plan.higher_is_better else -1.0


def _margin(plan: Plan) -> float:
    return plan.effect if plan.goal is Goal.NONINFERIOR else 0.0


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
