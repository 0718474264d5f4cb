"""The table of several experiments that were tried together: a row for each, all on one axis."""

from __future__ import annotations

from collections.abc import Sequence

from paribus.core.verdict import Outcome
from paribus.reports.members import Member
from paribus.reports.tables import plain_table
from paribus.reports.text import clean, shortened, wrapped
from paribus.reports.verdict import (
    WORDS,
    axis,
    broken_guards,
    difference_and_interval,
    drawn,
    first_words,
    guards_told,
)

WIDEST = 66
"""Characters of what an experiment changes, below its row."""

DETAIL = 8
"""Characters before what stands below a row."""


def rows_of(members: Sequence[Member]) -> list[str]:
    """A heading, then a row for each member, with what it changes below it; at least one member."""
    verdicts = [member.report.verdict for member in members]
    pictures = iter(drawn([verdict for verdict in verdicts if verdict is not None]))
    plan = members[0].report.registration.plan
    rows = [
        [
            member.report.short,
            str(verdict.n) if verdict else "",
            " ".join(difference_and_interval(verdict)).strip() if verdict else "",
            next(pictures) if verdict else "",
            _SHORT.get(member.word, member.word),
        ]
        for member, verdict in zip(members, verdicts, strict=True)
    ]
    ends = axis(higher_is_better=plan.higher_is_better)
    headers = ["", "n", "difference", ends, ""]
    heading, *drawn_rows = plain_table(rows, headers, right=(1,)).splitlines()
    lines = [f"  {heading}".rstrip()]
    for member, row in zip(members, drawn_rows, strict=True):
        found = " (found, not run again)" if member.report.found else ""
        lines.append(f"  {row}".rstrip())
        width = WIDEST - len(found)
        lines.append(f"{' ' * DETAIL}{shortened(clean(member.label), width)}{found}")
        lines += [line for told in _below(member) for line in wrapped(told, " " * DETAIL)]
    return lines


# Private functions


# As in a table of looks: 80 columns are few.
_SHORT = {word: outcome.value for outcome, word in WORDS.items()}


def _below(member: Member) -> list[str]:
    """What a row has no place for: why there is no difference, and guards that are broken."""
    verdict = member.report.verdict
    if verdict is None:
        return []
    broken = broken_guards(verdict)
    nothing = member.word == WORDS[Outcome.NO_DIFFERENCE]
    told = [first_words(verdict) if nothing else "", guards_told(broken) if broken else ""]
    return list(filter(None, told))
