"""Whether changes that were made together are worth more, or less, than each of them alone.

After a confounded diff was split, the baseline, each single change and the whole were run with the
same seeds. For each seed, whole - baseline - sum over k of (single_k - baseline) is one value of
the interaction: a contrast, so that pairing by seed takes out what the seed does to all arms.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from paribus.core.numbers import decimals, number
from paribus.core.plan import Plan
from paribus.core.sample import Pair, Sample
from paribus.core.statistics.confirm import mean_interval

Arm = Mapping[int, float]
"""The metric of one arm's successful runs, by the index of their seeds."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A mean difference in the metric's own units.

    Attributes:
        estimate: None without seeds.
        low, high: 95 % t interval over seeds, for this effect alone; None below 3 seeds, and while
            nothing varies and the seeds are few.
    """

    estimate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Interaction:
    """What each change does alone, what all do together, and what the sum leaves unexplained.

    Attributes:
        singles: each change against the baseline, by its name, in the order given.
        whole: all changes together against the baseline.
        interaction: the whole minus the sum of the singles.
        n: seeds that all arms have.
        reasons: in words, most important first.
    """

    singles: Mapping[str, Effect]
    whole: Effect
    interaction: Effect
    n: int
    reasons: tuple[str, ...]


def interaction(
    plan: Plan,
    baseline: Arm,
    singles: Mapping[str, Arm],
    whole: Arm,
    *,
    seeds_wired: bool = True,
) -> Interaction:
    """The effects and the interaction over the seeds that all arms have.

    It takes more runs than an effect does: with K changes and independent noise the variance of one
    contrast is 1 + K + (K - 1)^2 times that of a run, and the one of an effect is 2 times that.

    Args:
        seeds_wired: False when the declared seeds change nothing: then all seeds are one.

    Raises:
        ValueError: fewer than two single changes, or a value that is not finite.
    """
    if len(singles) < 2:
        raise ValueError("an interaction is one of at least two changes")
    arms = (baseline, whole, *singles.values())
    seeds = sorted(set.intersection(*(set(arm) for arm in arms)))
    # What the whole would give if the changes only added up. fsum rounds once, so that a metric
    # which adds up exactly is not taken for one with a tiny, certain interaction.
    added = {
        seed: math.fsum(
            (*(arm[seed] for arm in singles.values()), *[-baseline[seed]] * (len(singles) - 1))
        )
        for seed in seeds
    }

    def effect(start: Arm, end: Arm) -> Effect:
        pairs = tuple(Pair(seed, start[seed], end[seed]) for seed in seeds)
        return _effect(Sample(pairs, len(pairs), seeds_wired=seeds_wired))

    alone = {name: effect(baseline, arm) for name, arm in singles.items()}
    together, contrast = effect(baseline, whole), effect(added, whole)
    reasons = _reasons(plan, alone, together, contrast, len(seeds))
    return Interaction(alone, together, contrast, len(seeds), reasons)


# Private functions


def _effect(sample: Sample) -> Effect:
    if not sample.n:
        return Effect(None, None, None)
    interval = mean_interval(sample)
    estimate = 0.0 if sample.identical else fmean(sample.differences)
    return Effect(estimate, interval.low if interval else None, interval.high if interval else None)


def _reasons(
    plan: Plan, alone: Mapping[str, Effect], together: Effect, contrast: Effect, n: int
) -> tuple[str, ...]:
    if together.estimate is None:
        return ("no seed has a run of the baseline, of each change and of the whole",)
    estimates = [effect.estimate for effect in alone.values() if effect.estimate is not None]
    digits = [_digits(effect) for effect in alone.values() if effect.low is not None]
    added = math.fsum(estimates)
    total = number(added, max(digits), sign=True) if digits else f"{added:+.3g}"
    seeds = f"{n} seed that all arms have" if n == 1 else f"{n} seeds that all arms have"
    return (
        _finding(plan, contrast),
        f"together {_written(together)}; alone they add up to {total} ({seeds})",
        *(f"{name} alone {_written(effect)}" for name, effect in alone.items()),
    )


def _finding(plan: Plan, contrast: Effect) -> str:
    written = _written(contrast)
    if contrast.low is None or contrast.high is None:
        return f"the whole differs from the sum by {written}; the seeds cannot tell it from noise"
    if contrast.low == contrast.high == 0:
        return "the whole is the sum of its changes, to the last digit"
    if contrast.low <= 0 <= contrast.high:
        return (
            f"the whole differs from the sum by {written}, which spans zero: "
            "no interaction is shown, and none is excluded"
        )
    helped = (contrast.low > 0) == plan.higher_is_better
    what = "better" if helped else "worse"
    return f"the changes interact: together they are {what} than their sum by {written}"


def _digits(effect: Effect) -> int:
    if effect.low is None or effect.high is None:
        return 0
    return decimals((effect.high - effect.low) / 2)


def _written(effect: Effect) -> str:
    if effect.estimate is None:
        return "?"
    if effect.low is None or effect.high is None:
        return f"{effect.estimate:+.3g}"
    digits = _digits(effect)
    low, estimate, high = (
        number(value, digits, sign=True) for value in (effect.low, effect.estimate, effect.high)
    )
    return f"{estimate} [{low}, {high}]"
