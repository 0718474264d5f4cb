"""From paired runs to a verdict: one repeated confidence interval of the mean paired difference.

`looks` has the interval and its levels; the rules here are its decision table, strictest first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from statistics import fmean

from paribus.core.evidence import (
    Evidence,
    Finding,
    ahead,
    beyond_zero,
    count,
    no_proof,
    progress,
    same,
    still_open,
    the_interval,
    turned,
    weigh,
    why_a_point,
)
from paribus.core.guards import guarded, stand
from paribus.core.numbers import decimals, number
from paribus.core.plan import Goal, Plan, Unit
from paribus.core.sample import Sample
from paribus.core.statistics.looks import Interval, last_look
from paribus.core.statistics.planning import pairs_needed
from paribus.core.verdict import SETTLED, Outcome, Verdict, is_final


def decide(plan: Plan, sample: Sample) -> Verdict:
    """The verdict at the last declared look that the sample has reached.

    Pairs beyond that look are left aside until the next one: whoever decides between looks peeks.
    It judges this look alone; `trail` stops where an earlier one was final.
    """
    used = sample.first(last_look(sample.n, plan.looks) or sample.n)
    evidence = weigh(plan, used)
    verdict = guarded(_verdict(evidence, _rule(evidence)), stand(plan, used), evidence.next_look)
    return _with_failures(verdict)


def trail(plan: Plan, sample: Sample) -> tuple[Verdict, ...]:
    """The verdict at each declared look reached, in order, up to the first final one."""
    if plan.unit is Unit.EXAMPLE and sample.examples is not None and sample.examples.exact:
        return (decide(plan, sample),)
    verdicts: list[Verdict] = []
    for look in plan.looks:
        if look > sample.n or (verdicts and is_final(verdicts[-1])):
            break
        verdicts.append(decide(plan, sample.first(look)))
    return tuple(verdicts)


# Private functions


_Rule = Callable[[Evidence, Interval], Finding | None]


def _rule(e: Evidence) -> Finding:
    """The first rule that matches, strictest first."""
    if e.exact is None:
        if not e.sample.seeds_wired and not e.sample.identical:
            return _one_run(e)
        if e.sample.n < max(3, e.plan.looks[0]):
            return _too_few(e)
        if e.sample.identical and e.examples is None:
            return _identical(e)
    if e.interval is None or e.estimate is None:
        return _no_spread(e)
    found = (rule(e, e.interval) for rule in _RULES)
    finding = next((finding for finding in found if finding), None) or _undecided(e, e.interval)
    gains = finding.outcome is Outcome.IMPROVED or finding.label == "noninferior"
    return (gains and _frozen(e)) or finding


def _one_run(e: Evidence) -> Finding:
    n = e.sample.n
    so = f"{n} runs a side are one run" if n > 1 else "more runs would repeat this one"
    reasons = (
        f"the declared seeds change nothing, so {so}",
        f"{SETTLED}declare a seed that moves the metric, such as that of split or training",
    )
    return Finding(Outcome.UNDECIDED, None, reasons)


def _too_few(e: Evidence) -> Finding:
    reason = f"{progress(e)}; nothing is decided before {max(3, e.plan.looks[0])}{ahead(e)}"
    return Finding(Outcome.UNDECIDED, None, (reason,), final=False)


def _frozen(e: Evidence) -> Finding | None:
    """A candidate that gives one number for every seed: how lucky it is, no seed can tell."""
    if e.exact or e.sample.candidate_wired or not e.sample.seeds_wired:
        return None
    reasons = (
        f"the candidate gives the same numbers for all {e.sample.n} seeds, where the baseline varies:"
        " its runs are one run, and how lucky that one is cannot be told",
        f"{SETTLED}let the declared seeds move it, or judge on examples (unit: example)",
    )
    return Finding(Outcome.UNDECIDED, None, reasons)


def _identical(e: Evidence) -> Finding:
    reasons = [f"{e.plan.metric} is identical in all {e.sample.n} pairs"]
    if not e.sample.seeds_wired:
        reasons.append("the declared seeds change nothing, so these pairs are one pair")
    label = "equivalent"
    if e.plan.goal is Goal.NONINFERIOR and e.sample.seeds_wired:
        label = "noninferior"  # what changes no number loses nothing
    return Finding(Outcome.NO_DIFFERENCE, label, tuple(reasons))


def _no_spread(e: Evidence) -> Finding:
    """All pairs differ by the same amount, and by the sign-flip test they are too few."""
    chance = 2 ** (e.sample.n - 1)
    needed = math.ceil(1 - math.log2(e.c))
    reasons = (
        f"all {e.sample.n} pairs differ by the same {same(e)}: they show no noise to judge it by",
        f"by chance all signs would agree once in {chance}; {needed} pairs settle it{ahead(e)}",
    )
    return Finding(Outcome.UNDECIDED, None, reasons, final=False)


def _inside(e: Evidence, gain: Interval) -> Finding | None:
    """Two one-sided tests (Schuirmann 1987) as an interval inside (-effect, effect)."""
    effect = e.plan.effect
    if not -effect < gain.low <= gain.high < effect:
        return None
    reasons = [
        f"{the_interval(e, gain)} lies within {effect:g} of zero, the smallest effect of interest"
    ]
    excludes_zero = gain.low > 0 or gain.high < 0
    if excludes_zero:
        reasons.append("it excludes zero: there is a difference, and it is too small to matter")
    label = "negligible" if excludes_zero else "equivalent"
    if e.plan.goal is Goal.NONINFERIOR:
        label = "noninferior"
    return Finding(Outcome.NO_DIFFERENCE, label, (*reasons, *why_a_point(e)))


def _improved(e: Evidence, gain: Interval) -> Finding | None:
    if gain.low <= 0:
        return None
    effect, reason = e.plan.effect, f"{the_interval(e, gain)} {beyond_zero(e, better=True)}"
    if gain.low > effect:
        certain = (f"a gain of at least {effect:g} is shown",) if effect else ()
        return Finding(Outcome.IMPROVED, "meaningful", (reason, *certain, *why_a_point(e)))
    uncertain = f"a gain of at least {effect:g} is not yet certain"
    return Finding(Outcome.IMPROVED, None, (reason, uncertain, *why_a_point(e)))


def _noninferior(e: Evidence, gain: Interval) -> Finding | None:
    if e.plan.goal is not Goal.NONINFERIOR or gain.low <= -e.plan.effect:
        return None
    reason = f"{the_interval(e, gain)} excludes a loss of {e.plan.effect:g} or more"
    return Finding(Outcome.NO_DIFFERENCE, "noninferior", (reason, *why_a_point(e)))


def _worse(e: Evidence, gain: Interval) -> Finding | None:
    if gain.high >= 0:
        return None
    reason = f"{the_interval(e, gain)} {beyond_zero(e, better=False)}"
    return Finding(Outcome.WORSE, None, (reason, *why_a_point(e)))


def _futile(e: Evidence, gain: Interval) -> Finding | None:
    """Stop early when the aim is out of reach; it can only make "improved" rarer."""
    early = e.exact is None and e.sample.n < e.plan.futile_from
    if e.plan.goal is not Goal.IMPROVE or early or e.estimate is None:
        return None
    bound, effect = e.estimate.bound(), e.plan.effect
    if bound >= effect:
        return None
    digits = decimals(gain.half_width)
    what = f"a gain of {effect:g} or more" if effect else "any gain"
    side, value = ("upper", bound) if e.plan.higher_is_better else ("lower", -bound)
    reason = f"{what} is unlikely (90 % {side} bound {number(value, digits, sign=True)})"
    return Finding(Outcome.NO_DIFFERENCE, "futile", (reason, no_proof(e)))


def _budget(e: Evidence, gain: Interval) -> Finding | None:
    if e.next_look is not None:
        return None
    what = f"all {e.plan.looks[-1]} pairs are used" if e.exact is None else progress(e)
    reason = f"{what}; {the_interval(e, gain)} {still_open(e)}"
    return Finding(Outcome.NO_DIFFERENCE, "budget", (reason, no_proof(e)))


def _undecided(e: Evidence, gain: Interval) -> Finding:
    reasons = [f"{progress(e)}; {the_interval(e, gain)} {still_open(e)}{ahead(e)}"]
    if e.plan.effect > 0 and e.examples is None:
        needed = pairs_needed(e.sd, e.plan.effect, e.c)
        pairs = "more than 1000 pairs" if needed is None else f"about {needed} pairs"
        reasons.append(f"at this spread {pairs} would detect {e.plan.effect:g} (80 % power)")
    return Finding(Outcome.UNDECIDED, None, tuple(reasons), final=False)


_RULES: tuple[_Rule, ...] = (_inside, _improved, _noninferior, _worse, _futile, _budget)


def _verdict(e: Evidence, finding: Finding) -> Verdict:
    counts = e.sample.counts(higher_is_better=e.plan.higher_is_better)
    interval = None if e.interval is None else e.in_units(e.interval)
    return Verdict(
        outcome=finding.outcome,
        metric=e.plan.metric,
        estimate=_difference(e),
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        n=e.sample.n,
        reasons=(*finding.reasons, *turned(e)),
        label=finding.label,
        baseline_mean=e.sample.baseline_mean,
        candidate_mean=e.sample.candidate_mean,
        attempted=e.sample.attempted,
        better=counts.better,
        equal=counts.equal,
        worse=counts.worse,
        candidate_failures=e.sample.candidate_failures,
        baseline_failures=e.sample.baseline_failures,
        next_look=None if finding.final else e.next_look,
        cap=e.plan.looks[-1],
        examples=e.sample.examples.size if e.sample.examples else None,
        population=_population(e),
        unit=e.plan.unit,
    )


def _difference(e: Evidence) -> float | None:
    if e.examples is not None and e.estimate is not None:
        return e.estimate.mean if e.plan.higher_is_better else 0.0 - e.estimate.mean
    return fmean(e.sample.differences) if e.sample.n else None


def _population(e: Evidence) -> tuple[float, float] | None:
    """The interval for new seeds and new examples; on the way to it the seeds alone are not enough."""
    if e.interval is None or e.sample.examples is None:
        return None
    if e.examples is not None:
        interval = e.in_units(e.interval)
        return interval.low, interval.high
    both = e.sample.examples.crossed()
    wide = None if both is None else both.interval(e.c)
    return None if wide is None else (wide.low, wide.high)


def _with_failures(verdict: Verdict) -> Verdict:
    reasons, attempted = verdict.reasons, verdict.attempted
    if verdict.baseline_failures:
        failed = f"{verdict.baseline_failures} of {count(attempted, 'baseline run')} failed"
        reasons = (*reasons, failed)
    if not verdict.candidate_failures:
        return replace(verdict, reasons=reasons)
    failed = (
        f"{verdict.candidate_failures} of {count(attempted, 'candidate run')} failed "
        "where the baseline ran; a candidate that fails by itself is never improved"
    )
    if verdict.outcome is not Outcome.IMPROVED:
        return replace(verdict, reasons=(*reasons, failed))
    # Its next_look is None already: no further pair can undo a failure.
    return replace(verdict, outcome=Outcome.UNDECIDED, label=None, reasons=(failed, *reasons))
