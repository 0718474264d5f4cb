"""An experiment as a commit and a branch: the commit's message, and the report of `paribus branch`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from paribus.core.experiment import Registration
from paribus.core.verdict import Verdict
from paribus.reports.registration import shown_baseline
from paribus.reports.text import clean, clean_block, helps, shortened, strict_json, wrapped
from paribus.reports.verdict import FAILED, difference_and_interval, headline

SUBJECT_WIDTH = 72
SLUG_WIDTH = 40
SHOWN = 5
"""Files that are named."""

EXPERIMENT = "Paribus-Experiment"
"""The trailer that names the experiment of a commit."""

NO_VERDICT = "no verdict yet"


@dataclass(frozen=True, slots=True)
class BranchReport:
    """A branch that holds one experiment.

    Attributes:
        short: the experiment's id as it is shown.
        verdict: the last word; None before one.
        name: of the branch.
        commit: full SHA of what it points to.
        run: id of the run whose results it has; None where it has none.
        cause: why it has none.
        beside: files of it that are neither part of a change nor results.
        made: whether the branch is new.
    """

    registration: Registration
    short: str
    verdict: Verdict | None
    name: str
    commit: str
    run: str | None
    cause: str | None
    beside: tuple[str, ...]
    made: bool


def commit_message(registration: Registration, verdict: Verdict | None, *, results: bool) -> str:
    """What the commit of an experiment says, with its trailers and its final newline.

    Args:
        results: whether the commit holds what a run of the tree wrote.
    """
    baseline = registration.baseline
    body = [clean_block(registration.hypothesis).strip()]
    told = _told(verdict, failed=not results)
    body.append(told if results else f"{told}\nwithout results: the experiment failed")
    trailers = {
        EXPERIMENT: registration.id,
        "Paribus-Baseline": f"{baseline['name']} {baseline['commit']}",
        "Paribus-Verdict": _in_a_line(verdict, failed=not results),
        "Paribus-Allow": registration.allow or "",
    }
    lines = [f"{key}: {_one_line(value)}" for key, value in trailers.items() if value]
    subject = shortened(_one_line(registration.summary), SUBJECT_WIDTH)
    return "\n\n".join(filter(None, [subject, *body, "\n".join(lines)])) + "\n"


def branch_name(short: str, summary: str) -> str:
    """A name that Git takes: `exp/<short id>-<what changes>`, in plain letters."""
    told = slug(summary)
    return f"exp/{short}-{told}" if told else f"exp/{short}"


def slug(summary: str) -> str:
    """What changes, in plain letters that Git takes in a branch's name; empty where there are none."""
    signed = re.sub(r"(?<![^\s\[,:=(])-(?=\.?\d)", "minus-", summary.lower())
    plain = re.sub(r"[^a-z0-9.]+", "-", signed)[:SLUG_WIDTH]
    # Git takes no two dots, none beside a slash or at the end, and no `.lock` at the end.
    return re.sub(r"\.{2,}", ".", plain.replace(".lock", "-lock")).strip("-.")


def as_json(report: BranchReport) -> str:
    """One strict JSON object."""
    registration = report.registration
    content: dict[str, Any] = {
        "experiment": registration.id,
        "branch": report.name,
        "commit": report.commit,
        "made": report.made,
        "baseline": registration.baseline["commit"],
        "changes": [dict(change) for change in registration.changes],
        "verdict": report.verdict.as_json() if report.verdict else None,
        "results": report.run is not None,
        "run": report.run,
        "cause": report.cause,
        "beside": list(report.beside),
        "next": _next(report),
    }
    return strict_json(content)


def as_text(report: BranchReport) -> str:
    """For people."""
    registration = report.registration
    there = "" if report.made else " was there already,"
    against = shown_baseline(registration.baseline)
    lines = [
        f"branch {clean(report.name)}{there} at {report.commit[:7]}: "
        f"{clean(registration.summary)}, one commit on {against}",
        *wrapped(_told(report.verdict, failed=report.run is None), "  "),
    ]
    if report.run is None:
        told = f"the change without results, since it failed: {clean(report.cause or '')}"
    else:
        told = f"with the results of run {report.run}, made with the tree's own seeds"
    lines += wrapped(told, "  ")
    if report.beside:
        more = f" and {len(report.beside) - SHOWN} more" if len(report.beside) > SHOWN else ""
        files = clean(", ".join(report.beside[:SHOWN]))
        lines += wrapped(f"beside the change, since it was tested with them: {files}{more}", "  ")
    return "\n".join([*lines, *helps(_next(report), "next")])


# Private functions


def _told(verdict: Verdict | None, *, failed: bool) -> str:
    """A failure is no verdict, whatever the pairs before it say."""
    if verdict is None:
        return FAILED if failed else NO_VERDICT
    told = headline(verdict)
    return f"{FAILED}: {told.partition(': ')[2]}" if failed else told


def _in_a_line(verdict: Verdict | None, *, failed: bool) -> str:
    if verdict is None:
        return FAILED if failed else NO_VERDICT
    found = " ".join(filter(None, [verdict.metric, *difference_and_interval(verdict)]))
    pairs = f"{verdict.n} of {max(verdict.attempted, verdict.n)} pairs"
    return f"{FAILED if failed else verdict.outcome.value} {found}, {pairs}"


def _one_line(text: str) -> str:
    return clean(" ".join(text.split()))


def _next(report: BranchReport) -> list[str]:
    return [
        f"send it        git push origin {report.name}",
        f"work on it     git switch {report.name}",
        f"the evidence   paribus show {report.short}",
    ]
