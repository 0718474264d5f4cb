"""What to do next after a review: each (what for, command)."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from paribus.core.errors import Problem
from paribus.core.review import Finding
from paribus.reports.check import content
from paribus.reports.reviewing.model import Judged, Review
from paribus.reports.standing import fresh_cost

Step = tuple[str, str]

COMMANDS = ("paribus ", "git ", "dvc ", "echo ")
"""How a command to type begins; what else stands in its column is words."""

RULER = ("merge it alone, then measure anew", "paribus baseline --measure")


def steps(review: Review) -> list[Step]:
    """At most a few; the command is empty where there is none to type."""
    found = review.found
    if isinstance(found, str):
        return []
    if isinstance(found, Problem):
        return [_split(text) for text in found.helps]
    head = (review.head or "")[:7]
    run = f"paribus run {head}".rstrip()
    ways: dict[Finding, Callable[[], list[Step]]] = {
        Finding.MANY_CHANGES: lambda: [_split(text) for text in content(found.check)["next"]],
        Finding.NOT_COMPARABLE: lambda: [RULER],
        Finding.NOT_MEASURED: lambda: [("measure it", run)],
        Finding.STALE: lambda: _again(found, run),
        Finding.IMPROVED: lambda: _promote(found),
        Finding.UNDECIDED: lambda: [("go on to the next look", run), *_shown(found)],
    }
    return ways.get(review.finding, lambda: _shown(found))()


# Private functions


def _split(text: str) -> Step:
    """A help of a terminal's: words, perhaps a command in a column of its own, perhaps a remark."""
    what, _, rest = text.partition("   ")
    command, _, remark = rest.strip().partition("   ")
    command, in_ci, more = command.partition(" (CI:")
    remark = f"(CI:{more}" if in_ci else remark
    if not command.startswith(COMMANDS):
        return " ".join(filter(None, [what.strip(), command])), ""
    return " ".join(filter(None, [what.strip(), remark.strip()])), command


def _again(found: Judged, run: str) -> list[Step]:
    again = f"{run} --baseline {shlex.quote(found.stale or '')}"
    ways = [("merge the baseline into the branch, and measure it there", again)]
    if found.evidence is not None:
        ways.append(("or take its change over", f"paribus adopt {found.evidence.report.short}"))
    return ways


def _promote(found: Judged) -> list[Step]:
    assert found.evidence is not None
    report = found.evidence.report
    if report.place.promoted is not None or report.place.confirmed is not None:
        return _shown(found)
    cost = fresh_cost(report.baseline_runs, report.candidate_runs)
    told = f"confirm it, and make it the baseline ({cost})" if cost else "confirm it"
    return [(told, f"paribus promote {report.short}"), ("or merge it as unconfirmed", "")]


def _shown(found: Judged) -> list[Step]:
    if found.evidence is None:
        return []
    return [("every run of it", f"paribus show {found.evidence.report.short}")]
