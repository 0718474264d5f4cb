"""The report of several experiments that were tried together: one table, best first, on one axis."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paribus.core.errors import Exit
from paribus.core.verdict import Outcome, is_final
from paribus.reports.batch_rows import DETAIL, WIDEST, rows_of
from paribus.reports.members import ALONE, LEVEL, Member, Refused, Skipped
from paribus.reports.registration import INDENT, judged_how, null_control, shown_baseline
from paribus.reports.run import content_of
from paribus.reports.runs import failure
from paribus.reports.text import clean, helps, plural, shortened, strict_json, wrapped
from paribus.reports.verdict import WORDS


@dataclass(frozen=True, slots=True)
class BatchReport:
    """Several experiments against one baseline.

    Attributes:
        baseline: commit and name.
        members: those that were registered, as they were asked for.
        refused, skipped: the others.
        runs: candidate runs that were made now.
        limit: of them; None for none.
        command: what goes on with all of them; None where only whoever started them can tell.
    """

    baseline: Mapping[str, str]
    members: tuple[Member, ...]
    refused: tuple[Refused, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    runs: int = 0
    limit: int | None = None
    command: str | None = None

    @property
    def status(self) -> Exit:
        """5 where one failed, 2 or 1 where one was refused, 4 where one is open, else 0.

        One that is worse is an answer, not an error.
        """
        statuses = {member.report.status for member in self.members} - {Exit.RULE_BROKEN}
        statuses |= {refused.status for refused in self.refused}
        order = (Exit.RUN_FAILED, Exit.BAD_INPUT, Exit.RULE_BROKEN, Exit.UNDECIDED)
        return next((status for status in order if status in statuses), Exit.DONE)

    @property
    def best_first(self) -> list[Member]:
        """By their estimates; those that failed or have none come last."""
        return sorted(self.members, key=_place)


def as_json(report: BatchReport) -> str:
    """One strict JSON object."""
    return strict_json(content(report))


def content(report: BatchReport) -> dict[str, Any]:
    """What `as_json` tells."""
    members = report.best_first
    return {
        "baseline": report.baseline["commit"],
        "baseline_name": report.baseline["name"],
        "experiments": [
            content_of(member.report)
            | {"label": member.label, "q": member.q, "alone": member.alone}
            for member in members
        ],
        "family": {
            "members": [member.report.registration.id for member in members],
            "tried": len(members),
            "method": "benjamini-hochberg",
            "level": LEVEL,
        },
        **others(report.refused, report.skipped),
        "runs": {"made": report.runs, "limit": report.limit},
        "next": next_steps(report),
    }


def as_text(report: BatchReport) -> str:
    """For people: what came of all, then each on a row, then what to do next."""
    lines = [answer(report), *table(report)]
    return "\n".join([*lines, "", *helps(next_steps(report), "next")])


def answer(report: BatchReport) -> str:
    """The first line, which stands alone in a log; what was refused is no experiment."""
    words = Counter(member.word for member in report.best_first)
    told = [f"{count} {word}" for word, count in words.items()]
    busy = sum(one.busy for one in report.refused)
    told += [f"{busy} busy"] if busy else []
    count = plural(len(report.members) + busy, "experiment")
    shown = ", ".join(told) or "nothing was run"
    aside = refused_told(report.refused)
    return f"{count} against {shown_baseline(report.baseline)}: {shown}{aside}"


def refused_told(refused: Sequence[Refused]) -> str:
    """How many were refused, as the end of a first line; empty for none."""
    count = sum(not one.busy for one in refused)
    return f"; {count} refused" if count else ""


def table(report: BatchReport) -> list[str]:
    """How they were judged, a row for each, and why the others were not run."""
    lines: list[str] = []
    if report.members:
        first = max(report.members, key=lambda member: member.report.controls[1]).report
        lines += judged_how(first.registration)
        if first.controls[1]:
            lines += wrapped(null_control(first.controls, first.replay), INDENT)
        lines += ["", *rows_of(report.best_first)]
    for member in report.best_first:
        for run in member.report.failed[:1]:
            lines += ["", *failure(run, member.report.short)]
    if any(member.alone for member in report.members):
        tried = len(report.members)
        told = (
            f"{ALONE}, not among {tried} tried: the best of {tried} looks good by luck more often"
            " than one, and with all of them counted it may be luck"
        )
        lines += ["", *wrapped(told, hang=0)]
    if report.refused or report.skipped:
        lines += ["", *left_out(report.refused, report.skipped)]
    if report.limit is not None:
        lines += ["", f"{report.runs} of at most {report.limit} candidate runs made now"]
    return lines


def next_steps(report: BatchReport) -> list[str]:
    """What to type now."""
    lines = []
    improved = [
        member.report
        for member in report.best_first
        if member.report.verdict and member.word == WORDS[Outcome.IMPROVED]
    ]
    if improved:
        lines.append(f"confirm the best   paribus promote {improved[0].short}")
    if any(member.report.failed for member in report.members):
        lines.append(_go_on("mend it and try again", report.command))
    elif any(_is_open(member) for member in report.members):
        lines.append(_go_on("go on", report.command))
    if any(refused.busy for refused in report.refused):
        lines.append("how far it is   paribus status")
    if any(refused.code == "one-change" for refused in report.refused):
        lines.append(_let_through(report.command))
    helps = [way for refused in report.refused if not refused.busy for way in refused.helps]
    lines += dict.fromkeys(helps)
    best = report.best_first[:1]
    return [*lines, *(f"one in full   paribus show {one.report.short}" for one in best)]


def asked_as(overrides: Sequence[str]) -> str:
    """Overrides as they are typed."""
    return " ".join(f"-S {shlex.quote(each)}" for each in overrides)


def others(refused: Sequence[Refused], skipped: Sequence[Skipped]) -> dict[str, Any]:
    """Those that are not run, as `as_json` tells them."""
    return {
        "refused": [one.as_json() for one in refused],
        "skipped": [{"asked": one.asked, "reason": one.reason} for one in skipped],
    }


def left_out(refused: Sequence[Refused], skipped: Sequence[Skipped]) -> list[str]:
    """Those that are not run, for people."""
    told = [("busy" if one.busy else "refused", one.asked, _why(one)) for one in refused]
    told += [("skipped", one.asked, one.reason) for one in skipped]
    lines: list[str] = []
    for word, asked, reason in told:
        lines += wrapped(f"{word.ljust(DETAIL)} {clean(asked)}", hang=DETAIL + 1)
        lines += wrapped(clean(reason), " " * (DETAIL + 1), hang=0)
    return lines


# Private functions


def _why(refused: Refused) -> str:
    changes = [shortened(change.summary, WIDEST) for change in refused.changes]
    return f"{refused.reason}{': ' if changes else ''}{'; '.join(changes)}"


def _go_on(what: str, command: str | None) -> str:
    return f"{what}   {command}" if command else f"{what}: the same command; what succeeded is kept"


def _let_through(command: str | None) -> str:
    if command is None:
        return 'let the others through: the same command, with --allow "why" (recorded)'
    return f'let the others through   {command} --allow "why"   (recorded)'


def _place(member: Member) -> tuple[bool, float]:
    verdict = member.report.verdict
    if verdict is None or verdict.estimate is None or member.report.failed:
        return True, 0.0
    sign = 1.0 if member.report.registration.plan.higher_is_better else -1.0
    return False, -sign * verdict.estimate


def _is_open(member: Member) -> bool:
    verdict = member.report.verdict
    return verdict is None or not is_final(verdict)
