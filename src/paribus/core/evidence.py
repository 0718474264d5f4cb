"""What a decision looks at, and the words in which it gives its reasons.

Decisions are made on gains: differences turned so that more is better, whatever the metric.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean, stdev

from paribus.core.looks import (
    Interval,
    level,
    next_look,
    repeated_interval,
)
from paribus.core.plan import Goal, Plan
from paribus.core.planning import minimum_detectable
from paribus.core.sample import Sample, decimals, number
from paribus.core.verdict import Outcome


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the rules look at: gains, so that more is better whatever the metric's direction."""

    plan: Plan
    sample: Sample
    gains: tuple[float, ...]
    c: float
    interval: Interval | None

    @property
    def sd(self) -> float:
        return stdev(self.gains)

    @property
    def next_look(self) -> int | None:
        return next_look(self.sample.n, self.plan.looks)

    def in_units(self, gains: Interval) -> Interval:
        """An interval of gains as an interval of the metric's differences."""
        if self.plan.higher_is_better:
            return gains
        return Interval(0.0 - gains.high, 0.0 - gains.low)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found; `final` when no further look is worth its runs."""

    outcome: Outcome
    label: str | None
    reasons: tuple[str, ...]
    final: bool = True


def weigh(plan: Plan, sample: Sample) -> Evidence:
    sign = 1.0 if plan.higher_is_better else -1.0
    gains = tuple(sign * difference for difference in sample.differences)
    c = level(plan.looks)
    return Evidence(plan, sample, gains, c, _interval(plan, sample, gains, c))


def _interval(plan: Plan, sample: Sample, gains: tuple[float, ...], c: float) -> Interval | None:
    if sample.n < max(3, plan.looks[0]) or not sample.seeds_wired:
        return None
    if not sample.constant:
        return repeated_interval(gains, c)
    # Without spread a t interval would have no width after 3 pairs and prove nothing. The exact
    # sign-flip test (Fisher 1935) still holds: n equal differences have two-sided p = 2^(1-n), and
    # any other mean shifts all of them to one side, so inverting it gives this single point.
    point = fmean(gains)
    return Interval(point, point) if sample.identical or 2.0 ** (1 - sample.n) <= c else None


def the_interval(e: Evidence, gain: Interval) -> str:
    digits, ends = decimals(gain.half_width), e.in_units(gain)
    low, high = (number(end, digits, sign=True) for end in (ends.low, ends.high))
    return f"the interval [{low}, {high}]"


def beyond_zero(e: Evidence, *, better: bool) -> str:
    above = "above" if better == e.plan.higher_is_better else "below"
    return f"lies {above} zero" + ("" if e.plan.higher_is_better else ", and lower is better")


def still_open(e: Evidence) -> str:
    if e.plan.goal is Goal.NONINFERIOR:
        return f"does not exclude a loss of {e.plan.effect:g}"
    return "still spans zero"


def why_a_point(e: Evidence) -> tuple[str, ...]:
    if not e.sample.constant:
        return ()
    n = e.sample.n
    return (
        f"all {n} pairs differ by the same {same(e)}; "
        f"by chance all signs would agree once in {2 ** (n - 1)}",
    )


def no_proof(e: Evidence) -> str:
    smallest = minimum_detectable(e.sd, e.plan.looks[-1], e.c)
    least = number(smallest, decimals(smallest))
    return (
        "this is not proof that nothing changed: "
        f"{e.plan.looks[-1]} pairs would detect {least} (80 % power)"
    )


def progress(e: Evidence) -> str:
    return f"{e.sample.n} of at most {count(e.plan.looks[-1], 'pair')}"


def ahead(e: Evidence) -> str:
    return "" if e.next_look is None else f"; next look at {e.next_look}"


def same(e: Evidence) -> str:
    return f"{fmean(e.sample.differences):+.3g}"


def count(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"
