"""Revisions by one of their values."""

from __future__ import annotations

import difflib

from paribus.core.detection import LOWER_IS_BETTER
from paribus.core.errors import Problem
from paribus.core.metrics import is_number
from paribus.reports.compare import METRIC, PARAM, PLOT, Compared, CompareReport


def in_order(report: CompareReport, name: str) -> tuple[Compared, ...]:
    """The best first; what is no number, or is not there, comes last.

    Raises:
        Problem: no revision has a value of that name.
    """
    kind, full = _found(report, name)
    higher = report.is_higher_better(full) if kind != PARAM else True
    if higher is None:
        higher = not LOWER_IS_BETTER.search(full)

    def place(one: Compared) -> tuple[bool, float]:
        value = one.values(kind).get(full)
        if value is None or not is_number(value):
            return True, 0.0
        return False, -float(value) if higher else float(value)

    return tuple(sorted(report.compared, key=place))


# Private functions


def _found(report: CompareReport, name: str) -> tuple[str, str]:
    """The kind of a value and its whole name; a file in front, or behind a slash, may be left out."""
    every = [report.reference, *report.compared]
    known = {
        kind: dict.fromkeys(each for one in every for each in one.values(kind))
        for kind in (METRIC, PLOT, PARAM)
    }
    for kind, names in known.items():
        if name in names:
            return kind, name
    for kind, names in known.items():
        ending = [each for each in names if each.endswith((f":{name}", f"/{name}"))]
        if len(ending) == 1:
            return kind, ending[0]
    there = [each for names in known.values() for each in names]
    near = difflib.get_close_matches(name, there, 3, 0.5) or there[:5]
    raise Problem(
        "unknown-metric",
        f"no revision has a metric or param {name!r}",
        f"there are {', '.join(near)}" if near else "see what there is   paribus compare --all",
    )
