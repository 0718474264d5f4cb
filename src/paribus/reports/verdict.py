"""A verdict in words: its headline, and its looks on one axis."""

from __future__ import annotations

from collections.abc import Sequence

from paribus.core.sample import decimals, number
from paribus.core.verdict import Outcome, Verdict
from paribus.reports.tables import plain_table
from paribus.reports.text import clean

AXIS = 21
"""Characters of the axis on which intervals are drawn."""

WORDS = {
    Outcome.IMPROVED: "improved",
    Outcome.WORSE: "worse",
    Outcome.NO_DIFFERENCE: "no detectable difference",
    Outcome.UNDECIDED: "undecided",
    Outcome.NOT_COMPARABLE: "not comparable",
}


def headline(verdict: Verdict) -> str:
    """The verdict in one line."""
    word = WORDS[verdict.outcome]
    metric = clean(verdict.metric)
    if verdict.estimate is None:
        return f"{word}: {metric}, {_completed(verdict)}"
    digits = _digits(verdict)
    means = ""
    if verdict.outcome in (Outcome.IMPROVED, Outcome.WORSE) and verdict.baseline_mean is not None:
        before = number(verdict.baseline_mean, digits)
        after = number(verdict.candidate_mean or 0.0, digits)
        means = f"{before} -> {after}, "
    difference, interval = difference_and_interval(verdict)
    found = " ".join(filter(None, [difference, interval]))
    return f"{word}: {metric} {means}{found}, {_completed(verdict)}"


def looks_table(trail: Sequence[Verdict], *, higher_is_better: bool) -> list[str]:
    """A row for each look, all on one axis."""
    if not trail:
        return []
    scale = max(
        (abs(end) for verdict in trail for end in (verdict.low, verdict.high) if end is not None),
        default=0.0,
    )
    rows = [
        [
            str(verdict.n),
            *difference_and_interval(verdict),
            _drawn(verdict, scale),
            verdict.outcome.value,
        ]
        for verdict in trail
    ]
    left, right = ("worse", "better") if higher_is_better else ("better", "worse")
    ends = left.rjust(AXIS // 2 - 1) + " | " + right
    text = plain_table(rows, ["pairs", "difference", "interval", ends, ""], right=(0, 1))
    return [f"  {line}".rstrip() for line in text.splitlines()]


def difference_and_interval(verdict: Verdict) -> tuple[str, str]:
    digits = _digits(verdict)
    estimate = "" if verdict.estimate is None else number(verdict.estimate, digits, sign=True)
    if verdict.low is None or verdict.high is None:
        return estimate, ""
    low, high = (number(end, digits, sign=True) for end in (verdict.low, verdict.high))
    return estimate, f"[{low}, {high}]"


# Private functions


def _completed(verdict: Verdict) -> str:
    return f"{verdict.n} of {max(verdict.attempted, verdict.n)} pairs"


def _digits(verdict: Verdict) -> int:
    if verdict.low is not None and verdict.high is not None and verdict.high > verdict.low:
        return decimals((verdict.high - verdict.low) / 2)
    return decimals(abs(verdict.estimate)) if verdict.estimate else 0


def _drawn(verdict: Verdict, scale: float) -> str:
    """The interval on an axis from -scale to +scale, with zero in the middle."""
    if verdict.low is None or verdict.high is None or verdict.estimate is None:
        return ""
    low, middle, high = (
        round((end / (scale or 1.0) + 1) / 2 * (AXIS - 1))
        for end in (verdict.low, verdict.estimate, verdict.high)
    )
    cells = [" "] * AXIS
    cells[AXIS // 2] = "|"
    for at in range(low, high + 1):
        cells[at] = "+" if at == AXIS // 2 else "-"
    cells[low], cells[high] = "[", "]"
    cells[middle] = "*"
    return "".join(cells)
