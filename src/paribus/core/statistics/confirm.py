"""The second stage before a promotion: fresh seeds on both sides, and one test at a given level.

A candidate was chosen because it looked good, so its own runs flatter it. Fresh runs do not. Their
number is fixed before the first one and nothing is decided earlier; the estimate to report is
theirs. The level comes from `online`.
"""

from __future__ import annotations

import math
import sys
from dataclasses import asdict, dataclass
from statistics import fmean, stdev, variance
from typing import Any

# Not scipy.stats, which takes twice as long to import.
from scipy.special import fdtrc, stdtr

from paribus.core.numbers import decimals, number
from paribus.core.plan import Goal, Plan
from paribus.core.promotion import FRESH_PAIRS as FRESH_PAIRS  # noqa: PLC0414 (from here, too)
from paribus.core.sample import Sample
from paribus.core.statistics.looks import Interval, repeated_interval

_FEWEST = 3
_STEADIER = 0.01
"""Level of the test by which a candidate is said to vary less; it decides nothing."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What fresh pairs said of a candidate.

    Attributes:
        confirmed: it may be promoted.
        finished: it has an answer. One without is still under way and earns no level back.
        p: one-sided; None without an answer from the numbers. For records, not for people.
        level: what p was held against.
        estimate: mean of candidate minus baseline in the metric's units; None without pairs.
        low, high: two-sided 95 % confidence interval of it; None while there is none.
        n: completed pairs.
        pairs: how many were planned.
        reasons: in words, most important first.
    """

    confirmed: bool
    finished: bool
    p: float | None
    level: float
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    pairs: int
    reasons: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values for strict JSON, in the order of the fields."""
        return asdict(self) | {"reasons": list(self.reasons)}


def confirmation(
    plan: Plan, sample: Sample, level: float, pairs: int = FRESH_PAIRS
) -> Confirmation:
    """Whether a candidate holds with fresh seeds: one-sided paired t test of the gain at `level`.

    For goal `noninferior` the gain plus the effect is tested instead: a loss of the effect or more
    has to be excluded. Pairs that the baseline lost are not replaced; the test is of the others.

    Args:
        sample: fresh pairs, none of which the candidate was chosen by; beyond `pairs`, left aside.
        level: one-sided, of `online.next_level` when the confirmation started.
        pairs: planned before the first run.

    Raises:
        ValueError: fewer than 3 pairs were planned, or the level is not between 0 and 1.
    """
    if pairs < _FEWEST or not 0 < level < 1:
        raise ValueError(f"{pairs} pairs at level {level} confirm nothing")
    used = sample.first(pairs)
    interval = mean_interval(used)
    stopped = _stopped(used, pairs)
    finished, reasons = stopped or (True, ())
    p = None if stopped else one_sided_p(used, _sign(plan), _margin(plan))
    confirmed = p is not None and p <= level
    if p is not None:
        reasons = _reasons(plan, used, pairs, interval, (level, confirmed))
    if used.baseline_failures:
        reasons = (*reasons, f"{used.baseline_failures} of {used.attempted} baseline runs failed")
    return Confirmation(
        confirmed=confirmed,
        finished=finished,
        p=p,
        level=level,
        estimate=fmean(used.differences) if used.n else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        n=used.n,
        pairs=pairs,
        reasons=reasons,
    )


def one_sided_p(sample: Sample, sign: float = 1.0, margin: float = 0.0) -> float:
    """p of the hypothesis that the mean of sign * difference + margin is not above zero.

    Paired t (Student 1908). Where all pairs differ by nearly the same there is no spread to hold it
    against; then the exact sign-flip test (Fisher 1935): 2^-n when all lie above zero, else 1.

    Raises:
        ValueError: fewer than 2 pairs.
    """
    if sample.n < 2:
        raise ValueError("a test needs at least 2 pairs")
    if sample.constant:
        # Nearly the same is not the same: a margin can lie between them.
        worst = min(sign * difference + margin for difference in sample.differences)
        return 2.0**-sample.n if worst > _rounding(sample, margin) else 1.0
    mean = sign * fmean(sample.differences) + margin
    t = mean / (stdev(sample.differences) / math.sqrt(sample.n))
    return float(stdtr(sample.n - 1, -t))


def mean_interval(sample: Sample, confidence: float = 0.95) -> Interval | None:
    """Two-sided t interval of the mean difference, at one look, in the metric's units.

    A point where all pairs differ by the same amount, once they are so many that equal signs are
    unlikely enough; None before, and below 3 pairs, and where the seeds change nothing.
    """
    if sample.n < _FEWEST or not sample.seeds_wired:
        return None
    if not sample.constant:
        return repeated_interval(sample.differences, 1 - confidence)
    # Differences of rounding only are no differences, and must not exclude zero.
    point = 0.0 if sample.identical else fmean(sample.differences)
    enough = sample.identical or 2.0 ** (1 - sample.n) <= 1 - confidence
    return Interval(point, point) if enough else None


def steadier(sample: Sample) -> str | None:
    """A note where the candidate varies far less over the seeds than the baseline; None elsewhere.

    One-sided F test of the two sides' variances at .01. Each side's own values are normal at best,
    and the sides of a pair go together, so this is for people to look at, and refuses nothing: a
    bigger model is steadier, too.
    """
    if sample.n < _FEWEST:
        return None
    old, new = (
        variance(side)
        for side in zip(*((pair.baseline, pair.candidate) for pair in sample.pairs), strict=True)
    )
    freedom = sample.n - 1
    if old <= 0 or (new > 0 and fdtrc(freedom, freedom, old / new) >= _STEADIER):
        return None
    before, after = (f"{math.sqrt(side):.2g}" for side in (old, new))
    return (
        f"over seeds the candidate varies far less (sd {after} against {before}): if it no longer "
        "depends on a declared seed, part of the gain may be that seed's luck"
    )


# Private functions


def _sign(plan: Plan) -> float:
    return 1.0 if plan.higher_is_better else -1.0


def _margin(plan: Plan) -> float:
    return plan.effect if plan.goal is Goal.NONINFERIOR else 0.0


def _rounding(sample: Sample, margin: float) -> float:
    # A loss of exactly the margin must not pass by the last bit of a subtraction.
    sizes = (max(abs(pair.baseline), abs(pair.candidate)) for pair in sample.pairs)
    return 8 * sys.float_info.epsilon * max(margin, *sizes)


def _stopped(sample: Sample, pairs: int) -> tuple[bool, tuple[str, ...]] | None:
    """Whether it ended without a test, and why; None where the test may be made."""
    if sample.candidate_failures:
        reason = (
            f"{sample.candidate_failures} of {sample.attempted} candidate runs failed where the "
            "baseline ran; a candidate that fails by itself is never confirmed"
        )
        return True, (reason,)
    if sample.n + sample.baseline_failures < pairs:
        reason = (
            f"{sample.n} of {pairs} fresh pairs are complete; nothing is decided before all are"
        )
        return False, (reason,)
    if not sample.seeds_wired:
        reason = f"the declared seeds change nothing, so {sample.n} fresh pairs are one pair"
        return True, (reason,)
    if not sample.candidate_wired:
        reason = (
            f"the candidate gives the same numbers for all {sample.n} fresh seeds, where the baseline "
            "varies: its runs are one run, and how lucky that one is cannot be told"
        )
        return True, (reason,)
    if sample.n < _FEWEST:
        return True, (f"{sample.n} of {pairs} fresh pairs are too few: at least {_FEWEST} decide",)
    return None


def _reasons(
    plan: Plan, sample: Sample, pairs: int, interval: Interval | None, held: tuple[float, bool]
) -> tuple[str, ...]:
    level, confirmed = held
    answer = f"it is{'' if confirmed else ' not'} ({sample.n} of {pairs} fresh pairs)"
    if plan.goal is Goal.NONINFERIOR:
        asked = f"a loss of {plan.effect:g} or more would have to be excluded at level {level:.2g}"
    else:
        asked = f"the gain would have to be real at level {level:.2g}"
    found: tuple[str, ...] = ()
    if interval is not None:
        digits = decimals(interval.half_width)
        low, high = (number(end, digits, sign=True) for end in (interval.low, interval.high))
        found = (f"fresh pairs differ by [{low}, {high}] (95 % interval)",)
    if sample.constant:
        same = f"{fmean(sample.differences):+.3g}"
        apart = max(sample.differences) - min(sample.differences)
        nearly = "" if apart <= _rounding(sample, 0.0) else "nearly "
        found = (f"all {sample.n} fresh pairs differ by {nearly}the same {same}",)
    elif not confirmed and _beyond(plan, interval):
        found = (
            *found,
            "this is beyond 95 %, but each confirmation has a stricter level of its own",
        )
    return (f"{asked}; {answer}", *found)


def _beyond(plan: Plan, interval: Interval | None) -> bool:
    """Whether a single test at 95 % would have passed it."""
    if interval is None:
        return False
    worst = interval.low if plan.higher_is_better else -interval.high
    return worst + _margin(plan) > 0
