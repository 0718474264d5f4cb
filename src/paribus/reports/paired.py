"""The pairs of an experiment, each difference drawn on one axis, and their mean with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import stdev
from typing import Any

from paribus.core.numbers import decimals, number
from paribus.core.promotion import ConfirmationEnd
from paribus.core.run import Run
from paribus.core.sample import Pair, are_constant, are_identical
from paribus.core.verdict import Verdict
from paribus.reports.axis import WIDE, heading, interval, nothing, point
from paribus.reports.notebook.content import PairPoint
from paribus.reports.text import plural

MOST = 20
"""Pairs that are drawn; of more the first, and how many follow."""

_INDENT = "  "


def pair_json(pair: PairPoint) -> dict[str, Any]:
    """One pair for machines; the difference is candidate minus baseline."""
    return {
        "pair": pair.pair,
        "seeds": dict(pair.seeds),
        "baseline": pair.baseline,
        "candidate": pair.candidate,
        "difference": pair.candidate - pair.baseline,
    }


def drawn_pairs(
    pairs: Sequence[PairPoint],
    verdict: Verdict | ConfirmationEnd | None,
    failed: Sequence[Run] = (),
    *,
    higher_is_better: bool,
    head: str = "pair",
) -> list[str]:
    """A line for each pair and one for the mean, all on one axis; one line where nothing varies.

    Args:
        pairs: those that have a number on either side.
        verdict: what they come to; its interval is drawn where it has one.
        failed: the candidate's runs of other pairs, which have none.
        head: what a pair is called at the head of its column.
    """
    if not pairs:
        return []
    sample = [Pair(one.pair, one.baseline, one.candidate) for one in pairs]
    if are_constant(sample) and not failed:
        return [f"{_INDENT}{_alike(sample, head)}"]
    differences = {one.index: one.difference for one in sample}
    digits = _digits(list(differences.values()))
    low, middle, high = _interval(verdict)
    ends = [abs(end) for end in (*differences.values(), low, high) if end is not None]
    words = {run.intent.index + 1: run.status.value.replace("-", " ") for run in failed}
    rows = [
        (str(pair), number(differences[pair], digits, sign=True), point(differences[pair], max(ends), WIDE))
        if pair in differences
        else (str(pair), words[pair], nothing(WIDE))
        for pair in sorted({*differences, *words})
    ]  # fmt: skip
    rest = rows[MOST:]
    rows = rows[:MOST]
    if middle is not None and low is not None and high is not None:
        shown = number(middle, digits, sign=True)
        rows.append(("mean", shown, interval(low, middle, high, max(ends), WIDE)))
    return [*_table(rows, head, higher_is_better=higher_is_better), *_more(len(rest))]


# Private functions


def _interval(
    verdict: Verdict | ConfirmationEnd | None,
) -> tuple[float | None, float | None, float | None]:
    if verdict is None or verdict.low is None or verdict.high is None:
        return None, None, None
    return verdict.low, verdict.estimate, verdict.high


def _alike(sample: Sequence[Pair], head: str) -> str:
    """The line for pairs that differ by the same."""
    who = f"all {len(sample)} {head}s" if len(sample) > 1 else f"{head} {sample[0].index}"
    if are_identical(sample):
        return f"{who}: the same number on either side"
    return f"{who}: {number(sample[0].difference, 6, sign=True)}"


def _digits(differences: Sequence[float]) -> int:
    spread = stdev(differences) if len(differences) > 1 else 0.0
    return decimals(spread or max(map(abs, differences)))


def _table(rows: Sequence[tuple[str, str, str]], head: str, *, higher_is_better: bool) -> list[str]:
    ends = heading(higher_is_better=higher_is_better, width=WIDE)
    table = [(head, "difference", ends), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(2)]
    return [
        f"{_INDENT}{pair.rjust(widths[0])}  {told.rjust(widths[1])}  {picture}".rstrip()
        for pair, told, picture in table
    ]


def _more(count: int) -> list[str]:
    return [f"{_INDENT}and {plural(count, 'pair')} more: --json has them all"] if count else []
