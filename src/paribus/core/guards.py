"""Guards: metrics that an improvement must not break, judged by the same repeated interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from paribus.core.numbers import decimals, number
from paribus.core.plan import Guard, Plan
from paribus.core.sample import Guarded, Pair, Sample, are_constant
from paribus.core.statistics.looks import Interval, level, repeated_interval
from paribus.core.verdict import GuardFinding, Hold, Outcome, Verdict


def stand(plan: Plan, sample: Sample) -> tuple[GuardFinding, ...]:
    """How each guard stands after the sample's pairs.

    A guard is broken when the repeated interval shows a loss beyond its margin. It holds when the
    interval excludes one, and without a margin as long as no loss is shown. Otherwise it is open.
    All guards together break by luck in at most 2.5 %: the level is shared (Bonferroni).
    """
    return tuple(_stand(guard, plan, sample) for guard in plan.guards)


def blocks(guard: GuardFinding) -> bool:
    """Whether an improvement must wait for a guard: nobody measured it, or its margin is not shown."""
    return guard.hold is Hold.OPEN and (guard.margin > 0 or guard.n == 0)


def guarded(verdict: Verdict, guards: tuple[GuardFinding, ...], next_look: int | None) -> Verdict:
    """A verdict with its guards: an improvement that breaks one is none.

    What breaks a guard need not be run further; what leaves one open waits for the next look.
    """
    if not guards:
        return verdict
    broken = [guard.reason for guard in guards if guard.hold is Hold.BROKEN]
    waits = [guard.reason for guard in guards if blocks(guard)]
    others = [guard.reason for guard in guards if guard.reason not in (*broken, *waits)]
    reasons = (*broken, *verdict.reasons, *waits, *others)
    verdict = replace(verdict, guards=guards)
    accepted = verdict.outcome is Outcome.IMPROVED or verdict.label == "noninferior"
    by_itself = f"{verdict.metric} by itself: {verdict.outcome.value}"
    if broken and (accepted or verdict.outcome is Outcome.UNDECIDED):
        reasons = (*broken, by_itself, *waits, *others)
        worse = Outcome.WORSE
        return replace(verdict, outcome=worse, label="guard", reasons=reasons, next_look=None)
    if accepted and waits:
        reasons = (*waits, by_itself, *others)
        open_ = Outcome.UNDECIDED
        return replace(verdict, outcome=open_, label=None, reasons=reasons, next_look=next_look)
    return replace(verdict, reasons=reasons)


# Private functions


def _stand(guard: Guard, plan: Plan, sample: Sample) -> GuardFinding:
    kept = sample.guards.get(guard.metric, Guarded(()))
    if kept.missing:
        runs = len(kept.missing)
        told = f"{runs} of the candidate's runs lack it, where the baseline has it"
        return _finding(guard, kept.pairs, None, Hold.BROKEN, told)
    if not kept.pairs:
        told = "timed in two sessions" if kept.apart else "no pair has it"
        return _finding(guard, kept.pairs, None, Hold.OPEN, told)
    gain = _interval(guard, plan, kept.pairs, wired=sample.seeds_wired)
    if gain is None:
        few = "1 pair does" if len(kept.pairs) == 1 else f"{len(kept.pairs)} pairs do"
        told = f"{few} not tell yet"
        return _finding(guard, kept.pairs, None, Hold.OPEN, told)
    return _finding(guard, kept.pairs, gain, *_judged(guard, gain))


def _judged(guard: Guard, gain: Interval) -> tuple[Hold, str]:
    if gain.high < -guard.margin:
        beyond = f" of more than {guard.margin:g}" if guard.margin else ""
        return Hold.BROKEN, f"a loss{beyond} is shown"
    if guard.margin == 0:
        return Hold.HOLDS, "no loss is shown"
    if gain.low > -guard.margin:
        return Hold.HOLDS, f"a loss of {guard.margin:g} or more is excluded"
    return Hold.OPEN, f"a loss of {guard.margin:g} is not excluded yet"


def _interval(guard: Guard, plan: Plan, pairs: Sequence[Pair], *, wired: bool) -> Interval | None:
    """Of the gains; a metric that no seed moves on either side is known exactly."""
    if not wired:
        return None  # however many pairs there are, they are one pair
    sign = 1.0 if guard.higher_is_better else -1.0
    gains = [sign * pair.difference for pair in pairs]
    if are_constant(pairs):
        c = level(plan.looks) / len(plan.guards)
        enough = 2.0 ** (1 - len(gains)) <= c
        return Interval(fmean(gains), fmean(gains)) if _is_exact(pairs) or enough else None
    if len(pairs) < max(3, plan.looks[0]):
        return None
    return repeated_interval(gains, level(plan.looks) / len(plan.guards))


def _is_exact(pairs: Sequence[Pair]) -> bool:
    """Such as a model's size: three pairs or more, and one value a side."""
    sides = [{pair.baseline for pair in pairs}, {pair.candidate for pair in pairs}]
    return len(pairs) >= 3 and all(len(values) == 1 for values in sides)


def _finding(
    guard: Guard, pairs: Sequence[Pair], gain: Interval | None, hold: Hold, told: str
) -> GuardFinding:
    estimate = fmean(pair.difference for pair in pairs) if pairs else None
    low, high = (None, None) if gain is None else (gain.low, gain.high)
    if gain is not None and not guard.higher_is_better:
        low, high = 0.0 - gain.high, 0.0 - gain.low
    shown = ""
    if estimate is not None:
        digits = decimals(gain.half_width if gain else abs(estimate)) if gain or estimate else 0
        shown = f" {number(estimate, digits, sign=True)}"
        if low is not None and high is not None:
            ends = (number(end, digits, sign=True) for end in (low, high))
            shown += f" [{', '.join(ends)}]"
    words = {Hold.HOLDS: "holds", Hold.BROKEN: "is broken", Hold.OPEN: "is not certain"}
    reason = f"guard {guard.metric} {words[hold]}:{shown}{',' if shown else ''} {told}"
    return GuardFinding(
        guard.metric,
        guard.higher_is_better,
        hold,
        estimate,
        low,
        high,
        len(pairs),
        guard.margin,
        reason,
    )
