"""A check for GitHub Actions: annotations on the offending lines, and the step's outputs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from paribus.core.change import Warned
from paribus.core.errors import Problem
from paribus.reports.answers import (
    Answer,
    EachCommit,
    Finding,
    as_text,
    findings,
    outcome,
    reports,
)
from paribus.reports.changes import parts_of
from paribus.reports.check import CheckReport
from paribus.reports.text import clean, inert, shortened

SHOWN = 10
"""GitHub shows no more annotations of a kind for each step."""
WIDTH = 500
"""Of a message."""


def report(answer: Answer) -> str:
    """The text for people, in which no line acts, and the annotations."""
    return "\n".join([inert(as_text(answer)), *commands(answer)])


def commands(answer: Answer) -> list[str]:
    """Workflow commands: an error for each change of many, a notice for one, a warning if allowed.

    Warnings of the judge come last.

    At most ten, the most important first; the last tells how many more there are.
    """
    found = findings(answer)
    lines = [_annotation(finding) for finding in found]
    warnings = [warning for report in reports(answer) for warning in report.judgement.warnings]
    lines += [_warning(warning) for warning in warnings]
    if len(lines) <= SHOWN:
        return lines
    told = f"and {len(lines) - SHOWN + 1} more: see the log"
    level = lines[SHOWN - 1].split(" ")[0].strip(":")
    return [*lines[: SHOWN - 1], command(level, {"title": "one-change"}, told)]


def problem_annotation(problem: Problem) -> str:
    """That something cannot be judged."""
    said = ". ".join([problem.message, *problem.helps])
    return command("error", {"title": problem.code}, said)


def command(level: str, properties: Mapping[str, str], message: str) -> str:
    """One workflow command on one line."""
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{level} {told}::{_escaped(shortened(clean(message), WIDTH))}"


def outputs(answer: Answer) -> dict[str, str]:
    """What later steps of the job can use."""
    revision = "" if not isinstance(answer, CheckReport | EachCommit) else answer.revision or ""
    return {
        "outcome": outcome(answer).value,
        "changes": str(len(findings(answer))),
        "baseline": answer.baseline if isinstance(answer, CheckReport | EachCommit) else "",
        "revision": revision,
    }


def output_file(values: Mapping[str, str]) -> str:
    """Values as `$GITHUB_OUTPUT` reads them.

    What ends a value of several lines is made from its hash, which no value can hold.
    """
    lines = []
    for name, value in values.items():
        if not set(value) & {"\n", "\r"}:
            lines.append(f"{name}={value}")
            continue
        end = f"end_{hashlib.sha256(value.encode('utf-8', 'surrogateescape')).hexdigest()}"
        lines += [f"{name}<<{end}", value, end]
    return "".join(f"{line}\n" for line in lines)


# Private functions


def _annotation(finding: Finding) -> str:
    first, *others = finding.change.single()
    properties = {"file": first.file}
    if first.line:
        properties["line"] = str(first.line)
    properties["title"] = _title(finding)
    also = f" (also {', '.join(part.where for part in others)})" if others else ""
    return command(_level(finding), properties, f"{parts_of(finding.change)}{also}")


def _warning(warning: Warned) -> str:
    return command("warning", {"file": warning.file, "title": warning.code}, warning.message)


def _title(finding: Finding) -> str:
    kind = finding.change.kind.value
    if finding.refused:
        return f"{kind}: one of {finding.among} changes against {finding.against}"
    return f"{kind} change against {finding.against}"


def _level(finding: Finding) -> str:
    if finding.refused:
        return "error"
    return "notice" if finding.among == 1 else "warning"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A line break is escaped, so that the file is found; other controls cannot be meant."""
    lines = "\n".join(clean(line) for line in text.split("\n"))
    return _escaped(lines).replace(":", "%3A").replace(",", "%2C")
