"""What to do next after a review: each (what for, command)."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from paribus.core.errors import Problem
from paribus.core.review import Finding
from paribus.core.verdict import is_final, ways_out
from paribus.reports.check import content
from paribus.reports.reviewing.model import Judged, Review, fresh_failures
from paribus.reports.standing import fresh_cost
from paribus.reports.text import clean

Step = tuple[str, str]

COMMANDS = ("paribus ", "git ", "dvc ", "echo ")
"""How a command to type begins; what else stands in its column is words."""

AGAIN = "if other examples are meant, merge it alone, then measure anew"
RULER = ("merge it alone, then measure anew", "paribus baseline --measure")


def steps(review: Review) -> list[Step]:
    """At most a few; the command is empty where there is none to type."""
    found = review.found
    if isinstance(found, str):
        return []
    if isinstance(found, Problem):
        return [_split(text) for text in found.helps]
    head = (review.head or "")[:7]
    # Without a name, a run would look for a baseline of its own: the tag behind it, if there is one.
    named = found.check.baseline_name
    own = found.check.given and not named.startswith("baseline/")
    against = f" --baseline {shlex.quote(clean(named))}" if own else ""
    run = f"paribus run {head}".rstrip() + against
    ways: dict[Finding, Callable[[], list[Step]]] = {
        Finding.MANY_CHANGES: lambda: [_split(text) for text in content(found.check)["next"]],
        Finding.NOT_COMPARABLE: lambda: _comparable(found),
        Finding.TOLERANCE: lambda: _shown(found) or [("measure it, since pairs tell more", run)],
        Finding.FAILED: lambda: _said(found),
        Finding.NOT_MEASURED: lambda: [("measure it", run)],
        Finding.STALE: lambda: _again(found),
        Finding.IMPROVED: lambda: _promote(found),
        Finding.UNDECIDED: lambda: [*_looked_again(found, run), *_shown(found)],
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
        return ": ".join(filter(None, [what.strip(), command])), ""
    return " ".join(filter(None, [what.strip(), remark.strip()])), command


def _looked_again(found: Judged, run: str) -> list[Step]:
    verdict = found.evidence.report.verdict if found.evidence else None
    if verdict is None or not is_final(verdict):
        return [("go on to the next look", run)]
    return [(way, "") for way in ways_out(verdict)]


def _comparable(found: Judged) -> list[Step]:
    """The ruler moved; or the pairs are there, and were measured on other examples."""
    if found.check.judgement.moves_ruler:
        return [RULER]
    return [(AGAIN, RULER[1]), *_shown(found)]


def _said(found: Judged) -> list[Step]:
    assert found.evidence is not None
    report = found.evidence.report
    run = [*report.failed, *fresh_failures(report)][0]
    return [("what it said", f"paribus logs {run.intent.id}"), *_shown(found)]


def _again(found: Judged) -> list[Step]:
    again = f"git merge {shlex.quote(found.stale or '')} && paribus run HEAD"
    ways = [("on its branch, measure it against that", again)]
    if found.evidence is not None:
        ways.append(("or take its change over", f"paribus adopt {found.evidence.report.short}"))
    return ways


def _promote(found: Judged) -> list[Step]:
    assert found.evidence is not None
    report = found.evidence.report
    if report.place.promoted is not None:
        return _shown(found)
    if report.place.confirmed:
        return [("make it the baseline", f"paribus promote {report.short}"), *_shown(found)]
    cost = fresh_cost(report.baseline_runs, report.candidate_runs)
    told = f"confirm it, and make it the baseline ({cost})" if cost else "confirm it"
    return [(told, f"paribus promote {report.short}"), ("or merge it as unconfirmed", "")]


def _shown(found: Judged) -> list[Step]:
    if found.evidence is None:
        return []
    return [("every run of it", f"paribus show {found.evidence.report.short}")]
