"""A review for a terminal or a log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paribus.core.errors import Problem
from paribus.core.metrics import is_number
from paribus.core.values import MISSING, Value, spelled
from paribus.core.verdict import Outcome
from paribus.reports.changes import not_counted, numbered, warned
from paribus.reports.reviewing.model import Evidence, Judged, Review
from paribus.reports.reviewing.steps import steps
from paribus.reports.reviewing.table import rows
from paribus.reports.reviewing.trust import broke, cost, looked, trust
from paribus.reports.reviewing.words import PLAIN, first_line
from paribus.reports.tables import plain_table
from paribus.reports.text import WIDTH, clean, helps, plural, shortened, wrapped
from paribus.reports.verdict import WORDS

MOST_COMMITTED = 6
SHORTER = (WORDS[Outcome.NO_DIFFERENCE], Outcome.NO_DIFFERENCE.value)


def as_text(review: Review) -> str:
    """The answer first, then the evidence, then what to type next."""
    lines = wrapped(first_line(review, PLAIN))
    if isinstance(review.found, Judged):
        lines += _evidence(review.found)
    following = [f"{what}   {command}" if command else what for what, command in steps(review)]
    if following:
        word = "help" if isinstance(review.found, Problem) else "next"
        lines += ["", *helps([clean(each) for each in following], word)]
    return "\n".join(lines)


# Private functions


def _evidence(found: Judged) -> list[str]:
    lines: list[str] = []
    evidence = found.evidence
    if evidence is not None and evidence.report.registration.hypothesis:
        lines += wrapped(clean(evidence.report.registration.hypothesis), "  ")
    lines += _table(found)
    judgement = found.check.judgement
    if judgement.changes:
        lines += ["", *numbered(judgement.changes)]
    aside = not_counted(judgement.not_counted) + warned(judgement.warnings)
    lines += [part for line in aside for part in wrapped(line)]
    if evidence is not None:
        told = [trust(found)[0], looked(evidence)[0], cost(evidence)]
        if evidence.turned is not None:
            told.append(evidence.turned.told)
        lines += [*_broke(evidence), "", *_wrapped(told)]
    elif found.elsewhere:
        there = [f"{one.short} against {one.against}: {one.said}" for one in found.elsewhere]
        lines += ["", *_wrapped(there)]
    return [*lines, *_committed(found)]


def _broke(evidence: Evidence) -> list[str]:
    """The run that failed, with the last that it said."""
    broken = broke(evidence)
    if broken is None:
        return []
    return ["", *_wrapped([broken[0]]), *(f"    {shortened(line, 76)}" for line in broken[1])]


def _committed(found: Judged) -> list[str]:
    """The numbers of the two commits, which nobody repeated; or why they say nothing."""
    numbers = found.committed
    if numbers is None:
        return []
    if numbers.why_not is not None:
        return ["", *_wrapped([f"committed metrics: {numbers.why_not}"])]
    if not numbers.moved:
        return []
    shown = [
        f"{shortened(name, 40)} {_spelled(numbers.old, name)} -> {_spelled(numbers.new, name)}"
        for name in numbers.moved[:MOST_COMMITTED]
    ]
    more = len(numbers.moved) - MOST_COMMITTED
    told = f"{plural(len(numbers.moved), 'committed metric')} moved, by one run a side: "
    return ["", *_wrapped([told + ", ".join(shown) + (f", and {more} more" if more > 0 else "")])]


def _spelled(side: Mapping[str, Value], name: str) -> str:
    value = side.get(name, MISSING)
    return f"{value:.6g}" if is_number(value) else shortened(spelled(value), 20)


def _wrapped(texts: Sequence[str]) -> list[str]:
    return [line for text in texts for line in wrapped(clean(text), "  ")]


def _table(found: Judged) -> list[str]:
    """The table, and below it what does not fit into its last column."""
    listed = rows(found)
    if not listed:
        return []
    cells = [
        [
            f"{shortened(clean(row.metric), 30)} {row.arrow}",
            row.old,
            row.new,
            row.difference,
            # The word that lists of looks have, since the column is narrow.
            (f"guard {row.verdict}" if row.role == "guard" else row.verdict).replace(*SHORTER),
        ]
        for row in listed
    ]
    headers = ["", shortened(clean(found.check.baseline_name), 30), "this", "difference", ""]
    lines = plain_table(cells, headers, (1, 2)).splitlines()
    indent = "  " if max(map(len, lines)) <= WIDTH - 2 else ""
    why = [f"{row.metric}: {row.why}" for row in listed if row.why]
    return ["", *(f"{indent}{line}".rstrip() for line in lines), *_wrapped(why)]
