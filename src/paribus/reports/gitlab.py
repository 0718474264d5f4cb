"""A check as GitLab's code quality report: a JSON list, shown on the lines of a merge request."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from paribus.core.change import Warned
from paribus.core.errors import Problem
from paribus.reports.answers import Answer, Finding, findings, reports
from paribus.reports.changes import parts_of
from paribus.reports.text import clean, shortened

NAME = "paribus-one-change"
WIDTH = 500
"""Of a description."""


def code_quality(answer: Answer) -> str:
    """Each change on its first line, and each warning."""
    issues = [_issue(finding) for finding in findings(answer)]
    for report in reports(answer):
        issues += [_warning(warning) for warning in report.judgement.warnings]
    seen: set[str] = set()
    for issue in issues:
        while issue["fingerprint"] in seen:  # the same change in another commit
            issue["fingerprint"] = _hashed(issue["fingerprint"])
        seen.add(issue["fingerprint"])
    return _listed(issues)


def problem_report(problem: Problem) -> str:
    """That something cannot be judged; it belongs to no line, and GitLab wants one."""
    message = f"cannot be judged: {problem.message}"
    return _listed(
        [_about(message, _hashed(problem.code + problem.message), "blocker", "dvc.yaml", 1)]
    )


# Private functions


def _issue(finding: Finding) -> dict[str, Any]:
    change = finding.change
    first, *others = change.single()
    also = f" (also {', '.join(part.where for part in others)})" if others else ""
    count = f"one of {finding.among} changes" if finding.among > 1 else "one change"
    described = f"{change.kind.value}: {parts_of(change)}{also}; {count} against {finding.against}"
    told = [change.kind.value, first.file, *map(str, first.path), change.summary]
    return _about(
        described, _hashed("\0".join(told)), _severity(finding), first.file, first.line or 1
    )


def _warning(warning: Warned) -> dict[str, Any]:
    fingerprint = _hashed("\0".join((warning.code, warning.file, warning.message)))
    return _about(f"{warning.code}: {warning.message}", fingerprint, "minor", warning.file, 1)


def _about(described: str, fingerprint: str, severity: str, path: str, line: int) -> dict[str, Any]:
    return {
        "description": shortened(clean(described), WIDTH),
        "check_name": NAME,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": clean(path), "lines": {"begin": line}},
    }


def _severity(finding: Finding) -> str:
    if not finding.refused:
        return "info"
    return "critical" if finding.moves_ruler else "major"


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _listed(issues: list[dict[str, Any]]) -> str:
    return json.dumps(issues, indent=2, ensure_ascii=True, allow_nan=False)
