"""A review for a terminal or a log."""

from __future__ import annotations

from paribus.core.errors import Problem
from paribus.reports.changes import not_counted, numbered, warned
from paribus.reports.reviewing.model import Judged, Review
from paribus.reports.reviewing.steps import steps
from paribus.reports.reviewing.table import rows
from paribus.reports.reviewing.trust import cost, looked, trust
from paribus.reports.reviewing.words import PLAIN, first_line
from paribus.reports.tables import plain_table
from paribus.reports.text import clean, helps, shortened, wrapped


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
    lines += not_counted(judgement.not_counted) + warned(judgement.warnings)
    if evidence is not None:
        told = [trust(found)[0], looked(evidence)[0], cost(evidence)]
        if evidence.turned is not None:
            told.append(evidence.turned.told)
        lines += ["", *(line for each in told for line in wrapped(clean(each), "  "))]
    for one in () if evidence is not None else found.elsewhere:
        lines += wrapped(f"{one.short} against {clean(one.against)}: {clean(one.said)}", "  ")
    if found.committed is not None and found.committed.why_not is not None:
        lines += wrapped(f"committed metrics: {clean(found.committed.why_not)}", "  ")
    return lines


def _table(found: Judged) -> list[str]:
    cells = [
        [
            f"{shortened(clean(row.metric), 30)} {row.arrow} {row.role}".rstrip(),
            row.old,
            row.new,
            row.difference,
            clean(row.verdict),
        ]
        for row in rows(found)
    ]
    if not cells:
        return []
    headers = ["", clean(found.check.baseline_name), "this", "difference", ""]
    return [
        "",
        *(f"  {line}".rstrip() for line in plain_table(cells, headers, (1, 2)).splitlines()),
    ]
