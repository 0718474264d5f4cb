"""The table of a review: each metric that decides, on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from paribus.core.metrics import looked_up
from paribus.core.numbers import decimals, number
from paribus.core.promotion import ConfirmationEnd
from paribus.core.run import Run
from paribus.core.tolerance import Gated, Pass
from paribus.core.verdict import GuardFinding, Hold, Outcome, Verdict
from paribus.reports.reviewing.model import Judged
from paribus.reports.reviewing.words import shown_gated
from paribus.reports.standing import estimate
from paribus.reports.text import clean
from paribus.reports.verdict import difference_and_interval, word_of


@dataclass(frozen=True, slots=True)
class Row:
    """A metric on both sides, as it is told.

    Attributes:
        metric: its name as the repository has it.
        arrow: an arrow that points to where it is better.
        role: `guard` or `tolerance`; empty for the primary metric.
        verdict: the last column, in a word or two.
        why: what belongs to it; empty where the numbers say it.
    """

    metric: str
    arrow: str
    role: str
    old: str
    new: str
    difference: str
    verdict: str
    why: str = ""


def rows(found: Judged) -> list[Row]:
    """The primary metric, then guards and what else a tolerance was declared for, the gravest first."""
    listed: list[Row] = []
    others: list[tuple[int, Row]] = []
    if found.evidence is not None and found.evidence.report.verdict is not None:
        plan = found.evidence.report.registration.plan
        verdict = found.evidence.report.verdict
        end = found.evidence.report.place.end
        higher = plan.higher_is_better
        primary = _primary(verdict, higher=higher)
        if verdict.outcome is not Outcome.NOT_COMPARABLE:  # which has no numbers to show
            listed.append(primary if end is None else _fresh(end, primary))
        guards = verdict.guards if end is None else end.guards
        others = [(_HOLDS[one.hold], _guard(one, found.evidence.pairs)) for one in guards]
    known = {row.metric for row in (*listed, *(row for _, row in others))}
    others += [(_PASSES[one.verdict], _gated(one)) for one in found.gate if one.metric not in known]
    return listed + [row for _, row in sorted(others, key=lambda ranked: ranked[0])]


# Private functions

_HOLDS = {Hold.BROKEN: 0, Hold.OPEN: 1, Hold.HOLDS: 2}
_PASSES = {Pass.FAILS: 0, Pass.MISSING: 0, Pass.OPEN: 1, Pass.PASSES: 2}
"""The gravest first."""


def _arrow(*, higher: bool) -> str:
    return "↑" if higher else "↓"


def _primary(verdict: Verdict, *, higher: bool) -> Row:
    digits = _digits(verdict.low, verdict.high, verdict.estimate)
    old, new = (
        "" if side is None else number(side, digits)
        for side in (verdict.baseline_mean, verdict.candidate_mean)
    )
    told = " ".join(filter(None, difference_and_interval(verdict)))
    return Row(verdict.metric, _arrow(higher=higher), "", old, new, told, _said(verdict))


def _said(verdict: Verdict) -> str:
    """The outcome; where a guard decided it, that of the metric alone."""
    start = f"{verdict.metric} by itself: "
    alone = [reason.removeprefix(start) for reason in verdict.reasons if reason.startswith(start)]
    return f"{clean(alone[0])} by itself" if alone else word_of(verdict)


def _fresh(end: ConfirmationEnd, primary: Row) -> Row:
    """What fresh seeds said: an estimate that was not chosen for being large is the one that counts."""
    digits = _digits(end.low, end.high, end.estimate)
    old, new = (
        "" if side is None else number(side, digits)
        for side in (end.baseline_mean, end.candidate_mean)
    )
    said = "confirmed" if end.confirmed else "not confirmed"
    return replace(primary, old=old, new=new, difference=estimate(end), verdict=said)


def _guard(guard: GuardFinding, pairs: Sequence[tuple[Run, Run]]) -> Row:
    words = {Hold.HOLDS: "holds", Hold.BROKEN: "broken", Hold.OPEN: "not certain"}
    digits = _digits(guard.low, guard.high, guard.estimate)
    sides = [[looked_up(pair[side].metrics, guard.metric) for pair in pairs] for side in range(2)]
    old, new = (number(fmean(side), digits) if side and None not in side else "" for side in sides)
    arrow = _arrow(higher=guard.higher_is_better)
    told = _interval(guard.estimate, guard.low, guard.high, digits)
    return Row(guard.metric, arrow, "guard", old, new, told, words[guard.hold])


def _gated(one: Gated) -> Row:
    digits = _digits(one.low, one.high, one.difference)
    old, new = (
        _side(side, None if one.difference is None else digits) for side in (one.old, one.new)
    )
    told = _interval(one.difference, one.low, one.high, digits)
    single = "" if one.n or one.new is None else ", one run a side"
    arrow = _arrow(higher=one.higher_is_better)
    why = f"{one.reason}{single}"
    return Row(one.metric, arrow, "tolerance", old, new, told, shown_gated(one), why)


def _side(value: float | None, digits: int | None) -> str:
    """A number; where no difference tells how many digits it deserves, as it is."""
    if value is None:
        return ""
    return f"{value:.6g}" if digits is None else number(value, digits)


def _digits(low: float | None, high: float | None, mean: float | None) -> int:
    if low is not None and high is not None and high > low:
        return decimals((high - low) / 2)
    return decimals(abs(mean)) if mean else 4


def _interval(estimate: float | None, low: float | None, high: float | None, digits: int) -> str:
    if estimate is None:
        return ""
    shown = number(estimate, digits, sign=True)
    if low is None or high is None:
        return shown
    ends = ", ".join(number(end, digits, sign=True) for end in (low, high))
    return f"{shown} [{ends}]"
