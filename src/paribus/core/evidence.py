"""What a decision looks at, and the words in which it gives its reasons.

Decisions are made on gains: differences turned so that more is better, whatever the metric.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from paribus.core.numbers import decimals, number
from paribus.core.plan import Goal, Plan, Unit
from paribus.core.sample import Sample
from paribus.core.statistics.looks import Interval, level, next_look, t_quantile
from paribus.core.statistics.planning import minimum_detectable
from paribus.core.verdict import Outcome

if TYPE_CHECKING:
    from paribus.core.examples.paired import ExampleFinding
    from paribus.core.examples.pairs import ExamplePairs

ONE_LOOK = 0.05
"""Two-sided level where all examples are looked at once."""
Z = t_quantile(1 - ONE_LOOK / 2, math.inf)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean gain with its standard error, in the metric's units, and the error's degrees of freedom."""

    mean: float
    se: float
    df: float

    def interval(self, c: float) -> Interval:
        """mean -+ t(1 - c/2, df) * se."""
        half = t_quantile(1 - c / 2, self.df) * self.se
        return Interval(self.mean - half, self.mean + half)

    def bound(self, confidence: float = 0.90) -> float:
        """One-sided upper bound of the mean: mean + t(confidence, df) * se.

        For stopping in futility only. It is not corrected for repeated looks, and need not be:
        stopping early without an improvement cannot make a false "improved" more likely.
        """
        return self.mean + t_quantile(confidence, self.df) * self.se


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the rules look at: gains, so that more is better whatever the metric's direction.

    Attributes:
        c: two-sided level of this look.
        interval: of the mean gain; None where there is none yet.
        estimate: of the mean gain; None below two pairs.
        exact: what the examples say where one run a side is all that can be known.
        examples: of the evaluation set, where they are the unit; else None.
    """

    plan: Plan
    sample: Sample
    gains: tuple[float, ...]
    c: float
    interval: Interval | None
    estimate: Estimate | None
    exact: ExampleFinding | None = None
    examples: int | None = None

    @property
    def sd(self) -> float:
        """Standard deviation of the gains over pairs."""
        return stdev(self.gains)

    @property
    def next_look(self) -> int | None:
        """None where no further pair can tell anything new."""
        return None if self.exact else next_look(self.sample.n, self.plan.looks)

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
    """The evidence of a sample, from seeds or from examples as the plan says."""
    sign = 1.0 if plan.higher_is_better else -1.0
    gains = tuple(sign * difference for difference in sample.differences)
    c = level(plan.looks)
    if plan.unit is Unit.EXAMPLE and sample.examples is not None:
        return _from_examples(plan, sample, sample.examples, gains, c)
    return _from_seeds(plan, sample, gains, c)


def _from_seeds(plan: Plan, sample: Sample, gains: tuple[float, ...], c: float) -> Evidence:
    if sample.n < 2:
        return Evidence(plan, sample, gains, c, None, None)
    estimate = Estimate(fmean(gains), stdev(gains) / math.sqrt(sample.n), sample.n - 1)
    interval = None
    if sample.n >= max(3, plan.looks[0]) and sample.seeds_wired:
        interval = _point(sample, gains, c) if sample.constant else estimate.interval(c)
    return Evidence(plan, sample, gains, c, interval, estimate)


def _point(sample: Sample, gains: tuple[float, ...], c: float) -> Interval | None:
    """Without spread a t interval would have no width after 3 pairs and prove nothing.

    The exact sign-flip test (Fisher 1935) still holds: n equal differences have two-sided
    p = 2^(1-n), and any other mean shifts all of them to one side, so inverting it gives this point.
    """
    point = fmean(gains)
    return Interval(point, point) if sample.identical or 2.0 ** (1 - sample.n) <= c else None


def _from_examples(
    plan: Plan, sample: Sample, examples: ExamplePairs, gains: tuple[float, ...], c: float
) -> Evidence:
    """One run a side where nothing but the examples varies; seeds and examples crossed otherwise."""
    sign = 1.0 if plan.higher_is_better else -1.0
    if examples.exact:
        found = examples.compared(ONE_LOOK)
        ends = sorted((sign * found.low, sign * found.high))
        estimate = Estimate(sign * found.estimate, (ends[1] - ends[0]) / 2 / Z, math.inf)
        interval = Interval(ends[0], ends[1])
        return Evidence(plan, sample, gains, ONE_LOOK, interval, estimate, found, found.m)
    both = examples.crossed()
    if both is None:  # fewer than two pairs, or each seed draws its own examples
        return _from_seeds(plan, sample, gains, c)
    estimate = Estimate(sign * both.estimate, both.se, both.df)
    if sample.n < max(3, plan.looks[0]) or both.interval(c) is None:
        return Evidence(plan, sample, gains, c, None, estimate, None, examples.size)
    interval = estimate.interval(c)
    return Evidence(plan, sample, gains, c, interval, estimate, None, examples.size)


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
    if e.examples is not None or not e.sample.constant:
        return ()
    n = e.sample.n
    return (
        f"all {n} pairs differ by the same {same(e)}; "
        f"by chance all signs would agree once in {2 ** (n - 1)}",
    )


def no_proof(e: Evidence) -> str:
    """What would have been seen, had it been there."""
    if e.examples is None or e.estimate is None:
        smallest = minimum_detectable(e.sd, e.plan.looks[-1], e.c)
    else:
        shift = t_quantile(1 - e.c / 2, math.inf) + t_quantile(0.8, math.inf)
        smallest = shift * e.estimate.se
    least = number(smallest, decimals(smallest))
    what = f"{e.plan.looks[-1]} pairs" if e.examples is None else count(e.examples, "example")
    return f"this is not proof that nothing changed: {what} would detect {least} (80 % power)"


def turned(e: Evidence) -> tuple[str, ...]:
    """How many examples went over to the other side, where one run a side is compared."""
    if e.exact is None or e.exact.newly_right is None:
        return ()
    return (
        f"{count(e.exact.newly_right, 'example')} newly right, {e.exact.newly_wrong} newly wrong"
        f" of {e.exact.m} ({e.exact.method})",
    )


def progress(e: Evidence) -> str:
    if e.exact is not None:
        return f"all {count(e.exact.m, 'example')}"
    return f"{e.sample.n} of at most {count(e.plan.looks[-1], 'pair')}"


def ahead(e: Evidence) -> str:
    return "" if e.next_look is None else f"; next look at {e.next_look}"


def same(e: Evidence) -> str:
    return f"{fmean(e.sample.differences):+.3g}"


def count(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"
