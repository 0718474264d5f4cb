"""The report of `paribus log`."""

from __future__ import annotations

from dataclasses import dataclass

from paribus.core.verdict import Outcome
from paribus.reports.run import RunReport, experiment_json, status_word
from paribus.reports.standing import became, beside, estimate
from paribus.reports.tables import plain_table
from paribus.reports.text import (
    clean,
    helps,
    plural,
    shortened,
    strict_json,
    strict_line,
    wrapped,
)
from paribus.reports.verdict import (
    FAILED,
    WORDS,
    broken_guards,
    difference_and_interval,
    guards_told,
)

WIDEST = 60


@dataclass(frozen=True, slots=True)
class LogReport:
    """Experiments, the latest first.

    Attributes:
        wanted: only those of which this is said were asked for; None for all.
        every: how many there are of any kind.
        total: how many there are, those that are not shown included.
        unreadable: paths of records that this version cannot read.
    """

    experiments: tuple[RunReport, ...]
    total: int
    unreadable: tuple[str, ...]
    wanted: str | None = None
    every: int = 0


def as_json(report: LogReport) -> str:
    """One strict JSON object."""
    return strict_json(
        {
            "experiments": [experiment_json(one) for one in report.experiments],
            "total": report.total,
            "unreadable": list(report.unreadable),
            "next": _next(report),
        }
    )


def as_json_lines(report: LogReport) -> str:
    """One strict JSON object a line, one line an experiment."""
    return "\n".join(strict_line(experiment_json(one)) for one in report.experiments)


def as_text(report: LogReport) -> str:
    """For people."""
    if not report.experiments:
        return "\n".join([_none(report), *_unreadable(report), *helps(_next(report), "next")])
    rows = [_row(one) for one in report.experiments]
    about = plain_table(rows, [""] * len(rows[0]), right=(3,)).splitlines()[1:]
    lines = []
    for one, line in zip(report.experiments, about, strict=True):
        lines += [line.rstrip(), *wrapped(_told(one), "      ")]
    hidden = report.total - len(report.experiments)
    if hidden:
        lines.append(f"and {plural(hidden, 'experiment')} more")
    return "\n".join([*lines, *_unreadable(report)])


# Private functions


def _none(report: LogReport) -> str:
    if report.wanted is None or not report.every:
        return "no experiments"
    told = {
        FAILED: FAILED,
        Outcome.NO_DIFFERENCE: "ended in no detectable difference",
        Outcome.NOT_COMPARABLE: "turned out not comparable",
    }
    word = told.get(report.wanted) or f"is {WORDS[Outcome(report.wanted)]}"
    return f"none of {plural(report.every, 'experiment')} {word}"


def _row(one: RunReport) -> list[str]:
    verdict, status = one.verdict, status_word(one)
    word = WORDS[verdict.outcome] if verdict and status == "judged" else status
    word = ", ".join(filter(None, [word, became(one.place)]))
    return [one.short, word, *_measured(one), one.registration.started[:10]]


def _measured(one: RunReport) -> tuple[str, str]:
    """The difference and the pairs; after a confirmation they are the confirmation's."""
    verdict, end = one.verdict, one.place.end
    if end is not None and end.estimate is not None:
        return estimate(end), f"{plural(end.n, 'fresh pair')}"
    if verdict is None:
        return "", ""
    return " ".join(difference_and_interval(verdict)).strip(), plural(verdict.n, "pair")


def _told(one: RunReport) -> str:
    registration = one.registration
    change = shortened(clean(registration.summary), WIDEST)
    why = f": {clean(registration.hypothesis)}" if registration.hypothesis else ""
    broken = broken_guards(one.verdict) if one.verdict else []
    guards = f"; {guards_told(broken)}" if broken else ""
    return f"{change}{why}{guards}{_against(one)}"


def _against(one: RunReport) -> str:
    """The baseline, where it is not as it should be."""
    told = beside(one.place)
    return f"; against {clean(one.registration.baseline['name'])}{told}" if told else ""


def _unreadable(report: LogReport) -> list[str]:
    return [f"cannot be read by this version: {clean(path)}" for path in report.unreadable[:10]]


def _next(report: LogReport) -> list[str]:
    if report.experiments:
        return [f"one in full   paribus show {report.experiments[0].short}"]
    if report.every:
        return ["all of them   paribus log"]
    return ['start one   paribus run -S key=value -m "why it should help"']
