"""The report of `paribus retry`."""

from __future__ import annotations

from dataclasses import dataclass

from paribus.core.errors import Exit, Problem
from paribus.reports import run
from paribus.reports.run import RunReport
from paribus.reports.text import clean, helps, plural, strict_json, wrapped


@dataclass(frozen=True, slots=True)
class Cut:
    """An experiment with something to make again.

    Attributes:
        short: its id as it is shown.
        summary: what it changes.
        why: what was cut off, a line each.
    """

    id: str
    short: str
    summary: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """An experiment that was asked for and is left as it is.

    Attributes:
        problem: what kept it from going on; None where there is nothing to make again.
    """

    short: str
    summary: str
    reason: str
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class RetryReport:
    """What was made again.

    Attributes:
        found: experiments with something to make again.
        reports: how each of these stands now.
        left: others that were named.
        planned: whether nothing was run, since only a plan was asked for.
    """

    found: tuple[Cut, ...]
    reports: tuple[RunReport, ...]
    left: tuple[Left, ...]
    planned: bool = False

    @property
    def status(self) -> Exit:
        """5 where a run did not succeed, then 2 for what could not go on, then 4 for the undecided."""
        codes = {report.status for report in self.reports}
        problems = {one.problem.status for one in self.left if one.problem is not None}
        if Exit.RUN_FAILED in codes | problems:
            return Exit.RUN_FAILED
        if problems:
            return min(problems)
        return Exit.UNDECIDED if Exit.UNDECIDED in codes else Exit.DONE


def as_json(report: RetryReport) -> str:
    """One strict JSON object."""
    return strict_json(
        {
            "found": [
                {"experiment": one.id, "summary": one.summary, "why": list(one.why)}
                for one in report.found
            ],
            "experiments": [run.content_of(one) for one in report.reports],
            "left": [
                {"experiment": one.short, "summary": one.summary, "reason": one.reason}
                for one in report.left
            ],
            "planned": report.planned,
            "next": _next(report),
        }
    )


def as_text(report: RetryReport) -> str:
    """For people."""
    lines: list[str] = []
    if report.planned and report.found:
        lines.append(f"{plural(len(report.found), 'experiment')} would go on; nothing was run")
        for one in report.found:
            lines += wrapped(f"{one.short}  {clean(one.summary)}", "  ", hang=6)
            lines += [line for why in one.why for line in wrapped(clean(why), "        ")]
    if not report.found:
        lines.append("nothing to make again: no run was ended from outside")
    for shown in report.reports:
        lines += [*([""] if lines else []), run.as_text(shown)]
    for left in report.left:
        lines += wrapped(f"{left.short}  left as it is: {clean(left.reason)}", hang=6)
    return "\n".join([*lines, *(helps(_next(report), "next") if not report.reports else [])])


# Private functions


def _next(report: RetryReport) -> list[str]:
    if report.planned and report.found:
        return ["make them again   paribus retry"]
    return ["all experiments   paribus log"]
