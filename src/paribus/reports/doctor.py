"""The report of `paribus doctor`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from paribus.core.errors import Exit
from paribus.core.finding import KINDS, Finding
from paribus.reports.text import clean, helps, plural, strict_json, wrapped

SHOWN = 5
"""Findings of one code that are told to people; a machine is told all of them."""

FIX = "repair what can be repaired   paribus doctor --fix"


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """What an examination found.

    Attributes:
        faults: what is broken, and what was and has been repaired.
        practices: what could be better.
        notes: what is good to know.
        experiments, runs: how many the ledger has.
        strict: whether practices count.
    """

    faults: tuple[Finding, ...]
    practices: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()
    experiments: int = 0
    runs: int = 0
    strict: bool = False

    @property
    def left(self) -> tuple[Finding, ...]:
        """Faults that are still there."""
        return tuple(finding for finding in self.faults if finding.done is None)

    @property
    def repaired(self) -> tuple[Finding, ...]:
        """Faults that are not there any more."""
        return tuple(finding for finding in self.faults if finding.done is not None)

    @property
    def status(self) -> Exit:
        """The process's exit code."""
        counts = self.left or (self.strict and self.practices)
        return Exit.RULE_BROKEN if counts else Exit.DONE


def as_json(report: DoctorReport) -> str:
    """One strict JSON object."""
    return strict_json(
        {
            "sound": report.status == Exit.DONE,
            "experiments": report.experiments,
            "runs": report.runs,
            "findings": [_finding_json(finding) for finding in report.faults],
            "practices": [_finding_json(finding) for finding in report.practices],
            "notes": [_finding_json(finding) for finding in report.notes],
            "next": _next(report),
        }
    )


def as_text(report: DoctorReport) -> str:
    """For people: the answer, what is broken, what could be better, what is good to know."""
    lines = wrapped(_first_line(report))
    for title, findings in (
        ("repaired", report.repaired),
        ("broken", report.left),
        ("practices", report.practices),
        ("good to know", report.notes),
    ):
        if findings:
            lines += ["", f"{title}:", *_listed(findings)]
    following = _next(report)
    return "\n".join([*lines, *(["", *helps(following)] if following else [])])


# Private functions


def _first_line(report: DoctorReport) -> str:
    left, repaired = len(report.left), len(report.repaired)
    ways = f"; {plural(len(report.practices), 'practice')} could be better"
    better = ways if report.practices else ""
    if not left:
        looked = f"{plural(report.experiments, 'experiment')}, {plural(report.runs, 'run')}"
        told = (
            f"{plural(repaired, 'fault')} repaired, none left" if repaired else "nothing is broken"
        )
        return f"{told}: {looked}{better}"
    fixable = sum(map(_can_be_repaired, report.left))
    if repaired:
        return f"{plural(repaired, 'fault')} repaired, {left} left{better}"
    can = f"; {fixable} can be repaired" if fixable else ", to be mended by hand"
    return f"{plural(left, 'fault')} found{can}{better}"


def _listed(findings: Sequence[Finding]) -> Iterator[str]:
    """Those of one code one after the other; what several share is said once, below the last."""
    number = 0
    for code, group in groupby(sorted(findings, key=_order), key=lambda finding: finding.code):
        some = list(group)
        shared = _shared(some)
        for finding in some[:SHOWN]:
            number += 1
            yield from _told(number, finding)
            yield from _ways([way for way in _by_hand(finding) if way not in shared])
        if len(some) > SHOWN:
            number += len(some) - SHOWN
            yield f"     and {len(some) - SHOWN} more of {code}"
        yield from _in_common(some)
        yield from _ways(shared)


def _order(finding: Finding) -> tuple[int, bool]:
    return _PLACES[finding.code], not _can_be_repaired(finding)


_PLACES = {code: place for place, code in enumerate(KINDS)}


def _told(number: int, finding: Finding) -> list[str]:
    """What is this one's own."""
    lines = wrapped(f"{number:3}  {finding.code}: {clean(finding.message)}", hang=5)
    lines += [f"     where  {clean(finding.where)}"]  # never broken, to be pasted
    if finding.done is not None:
        return [*lines, *_row("done", clean(finding.done))]
    if finding.failed is not None:
        lines += _row("failed", clean(finding.failed))
    return lines


def _in_common(findings: Sequence[Finding]) -> Iterator[str]:
    """Why they matter, and what the repair does."""
    left = [finding for finding in findings if finding.done is None]
    if left:
        yield from _row("why", left[0].kind.why)
    if any(map(_can_be_repaired, left)):
        yield from _row("mend", f"paribus doctor --fix: {left[0].kind.repair}")


def _shared(findings: Sequence[Finding]) -> list[str]:
    """What is to be done by hand about more than one of them; of a single one, all of it."""
    told = Counter(way for finding in findings for way in dict.fromkeys(_by_hand(finding)))
    return [way for way, count in told.items() if count > 1 or len(findings) == 1]


def _by_hand(finding: Finding) -> tuple[str, ...]:
    done = finding.done is not None or _can_be_repaired(finding)
    return () if done else finding.helps


def _ways(ways: Sequence[str]) -> Iterator[str]:
    yield from (f"     {way}" for way in helps(list(map(clean, ways))))


def _can_be_repaired(finding: Finding) -> bool:
    return finding.fixable and finding.failed is None


def _row(name: str, text: str) -> list[str]:
    return wrapped(f"{name:6} {text}", "     ", hang=7)


def _next(report: DoctorReport) -> list[str]:
    if any(map(_can_be_repaired, report.left)):
        return [FIX]
    return ["what each finding means   docs/doctor.md"] if report.left else []


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "message": finding.message,
        "where": finding.where,
        "why": finding.kind.why,
        "fixable": finding.fixable,
        "fixed": finding.done is not None,
        "done": finding.done,
        "failed": finding.failed,
        "help": list(finding.helps),
    }
