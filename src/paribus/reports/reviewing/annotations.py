"""A review for CI systems: annotations on lines, a step's outputs, a metrics report."""

from __future__ import annotations

from paribus.core.errors import Exit, Problem
from paribus.core.metrics import is_number
from paribus.core.review import STATUS
from paribus.reports.changes import parts_of
from paribus.reports.github import SHOWN, command
from paribus.reports.openmetrics import metrics_report
from paribus.reports.reviewing.model import Judged, Review
from paribus.reports.reviewing.words import PLAIN, first_line
from paribus.reports.text import clean

LEVELS = {Exit.DONE: "notice", Exit.UNDECIDED: "warning"}


def level(review: Review) -> str:
    """How loud GitHub says it: `notice`, `warning` or `error`."""
    return LEVELS.get(STATUS[review.finding], "error")


def commands(review: Review) -> list[str]:
    """Workflow commands of GitHub's: the answer, and each change on its line; at most ten."""
    told = [command(level(review), {"title": review.finding.value}, first_line(review, PLAIN))]
    for file, line, kind, message in lines_of(review):
        where = {"file": file, **({"line": str(line)} if line else {})}
        told.append(command("notice", {**where, "title": f"{kind} change"}, message))
    return told[:SHOWN]


def lines_of(review: Review) -> list[tuple[str, int | None, str, str]]:
    """(file, line, kind, what it is) of each change."""
    if not isinstance(review.found, Judged):
        return []
    return [
        (change.single()[0].file, change.single()[0].line, change.kind.value, parts_of(change))
        for change in review.found.check.judgement.changes
    ]


def outputs(review: Review) -> dict[str, str]:
    """What later steps of a job can use."""
    found = review.found
    count = len(found.check.judgement.changes) if isinstance(found, Judged) else 0
    return {
        "finding": review.finding.value,
        "exit": str(int(review.status)),
        "changes": str(count),
        "revision": review.head or "",
        "baseline": found.check.baseline if isinstance(found, Judged) else "",
        "answer": clean(first_line(review, PLAIN)),
        "error": found.code if isinstance(found, Problem) else "",
    }


def metrics(review: Review) -> str:
    """OpenMetrics, as GitLab shows it beside a merge request: what both sides' numbers come to."""
    told: dict[str, float] = {"paribus_exit": float(review.status)}
    found = review.found
    if isinstance(found, Judged) and found.committed is not None and not found.committed.why_not:
        new = found.committed.new
        told |= {name: float(value) for name, value in new.items() if is_number(value)}
    report = found.evidence.report if isinstance(found, Judged) and found.evidence else None
    verdict = report.verdict if report else None
    if report is not None and verdict is not None:
        last = report.place.end or verdict  # an estimate after a confirmation is the confirmation's
        shown = {"mean": last.candidate_mean, "difference": last.estimate,
                 "difference_low": last.low, "difference_high": last.high}  # fmt: skip
        told |= {
            f"{verdict.metric}_{name}": value for name, value in shown.items() if value is not None
        }
    return metrics_report(told)
