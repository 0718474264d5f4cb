"""The report of `paribus log`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from paribus.core.ended import FAILED
from paribus.core.verdict import Outcome
from paribus.reports.listed import Listed, listed_json
from paribus.reports.standing import became, beside, estimate
from paribus.reports.text import (
    clean,
    helps,
    plural,
    shortened,
    strict_json,
    strict_line,
    wrapped,
)
from paribus.reports.unread import unread
from paribus.reports.unregistered import (
    Unregistered,
    unregistered_json,
    unregistered_lines,
)
from paribus.reports.verdict import WORDS, broken_guards, difference_and_interval, guards_told

WIDEST = 60
INDENT = " " * 6


@dataclass(frozen=True, slots=True)
class LogReport:
    """Experiments as they were asked for.

    Attributes:
        experiments: those that are shown.
        total: how many there are, those that are not shown included.
        unreadable: paths of records that this version cannot read.
        wanted: the verdict, or `failed`, where nothing else was asked for; None for any.
        every: how many there are of any kind.
        is_filtered: whether not all were asked for.
        unregistered: those of DVC's own that are shown, after the others.
        unregistered_total: how many of these there are.
        offset: so many of all were left out before the first.
    """

    experiments: tuple[Listed, ...]
    total: int
    unreadable: tuple[str, ...]
    wanted: str | None = None
    every: int = 0
    is_filtered: bool = False
    unregistered: tuple[Unregistered, ...] = ()
    unregistered_total: int = 0
    offset: int = 0

    @property
    def shown(self) -> int:
        """How many are shown, of both kinds."""
        return len(self.experiments) + len(self.unregistered)

    @property
    def remaining(self) -> int:
        """How many come after those that are shown, of both kinds."""
        return max(0, self.total + self.unregistered_total - self.offset - self.shown)


def as_json(report: LogReport) -> str:
    """One strict JSON object."""
    return strict_json(
        {
            "experiments": [listed_json(one) for one in report.experiments],
            "unregistered": [unregistered_json(one) for one in report.unregistered],
            "total": report.total,
            "offset": report.offset,
            "remaining": report.remaining,
            "unreadable": list(report.unreadable),
            "next": _next(report),
        }
    )


def as_json_lines(report: LogReport) -> str:
    """One strict JSON object a line, one line an experiment."""
    told = [listed_json(one) for one in report.experiments]
    told += [unregistered_json(one) for one in report.unregistered]
    return "\n".join(map(strict_line, told))


def as_text(report: LogReport) -> str:
    """For people."""
    if not report.shown:
        return "\n".join([_none(report), *unread(report.unreadable), *helps(_next(report), "next")])
    lines = []
    about = _aligned([_row(one) for one in report.experiments])
    for one, line in zip(report.experiments, about, strict=True):
        lines += [line, *_told(one)]
    lines += unregistered_lines(report.unregistered)
    return "\n".join([*lines, *_more(report), *unread(report.unreadable)])


# Private functions


def _none(report: LogReport) -> str:
    there = plural(report.every, "experiment")
    if report.total or report.unregistered_total:
        return f"no experiment after the first {report.offset}"
    if not report.every:
        return "no experiments"
    if report.wanted is None:
        return f"none of {there} is as asked for" if report.is_filtered else "no experiments"
    told = {
        FAILED: FAILED,
        Outcome.NO_DIFFERENCE: "ended in no detectable difference",
        Outcome.NOT_COMPARABLE: "turned out not comparable",
    }
    word = told.get(report.wanted) or f"is {WORDS[Outcome(report.wanted)]}"
    return f"none of {there} {word}"


def _more(report: LogReport) -> list[str]:
    """How many come after those that are shown, and how to see them."""
    if not report.remaining:
        return []
    others = report.remaining - max(0, report.total - report.offset - len(report.experiments))
    ours = plural(report.remaining - others, "experiment")
    told = f"{ours} more" if ours[0] != "0" else "no experiment more"
    also = f", {others} unregistered" if others else ""
    return [f"and {told}{also}: --offset {report.offset + report.shown}"]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns side by side; the one before the last is aligned to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    right = len(widths) - 2
    return [
        "  ".join(
            cell.rjust(width) if at == right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _row(one: Listed) -> list[str]:
    verdict, status = one.verdict, one.status
    word = WORDS[verdict.outcome] if verdict and status == "judged" else status
    word = ", ".join(filter(None, [word, became(one.place)]))
    return [one.short, word, *_measured(one), one.registration.started[:10]]


def _measured(one: Listed) -> tuple[str, str]:
    """The difference and the pairs; after a confirmation they are the confirmation's."""
    verdict, end = one.verdict, one.place.end
    if end is not None and end.estimate is not None:
        return estimate(end), f"{plural(end.n, 'fresh pair')}"
    if verdict is None:
        return "", ""
    return " ".join(difference_and_interval(verdict)).strip(), plural(verdict.n, "pair")


def _told(one: Listed) -> list[str]:
    registration = one.registration
    change = shortened(clean(registration.summary), WIDEST)
    why = f": {clean(registration.hypothesis)}" if registration.hypothesis else ""
    broken = broken_guards(one.verdict) if one.verdict else []
    guards = f"; {guards_told(broken)}" if broken else ""
    return wrapped(f"{change}{why}{guards}{_against(one)}", INDENT)


def _against(one: Listed) -> str:
    """The baseline, where it is not as it should be."""
    told = beside(one.place)
    return f"; against {clean(one.registration.baseline['name'])}{told}" if told else ""


def _next(report: LogReport) -> list[str]:
    if report.experiments:
        return [f"one in full   paribus show {report.experiments[0].short}"]
    if report.unregistered:
        return [f"take one in   {report.unregistered[0].command}"]
    if report.every:
        return ["all of them   paribus log"]
    return ['start one   paribus run -S key=value -m "why it should help"']
