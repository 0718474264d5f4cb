"""A review as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from paribus.core.change import plain
from paribus.core.errors import Problem
from paribus.reports.check import content as check_content
from paribus.reports.reviewing.model import Evidence, Judged, Review, ended
from paribus.reports.reviewing.steps import steps
from paribus.reports.reviewing.words import PLAIN, first_line
from paribus.reports.run import experiment_json
from paribus.reports.text import strict_json, strict_line


def as_json(review: Review) -> str:
    """One strict JSON object."""
    return strict_json(content(review))


def as_inert_line(review: Review) -> str:
    """The same on one line, in which what turns or hides text is told by JSON's escapes."""
    line = strict_line(content(review))
    return line if line.isprintable() else "".join(map(_escape, line))


def content(review: Review) -> dict[str, Any]:
    """What `as_json` tells."""
    found = review.found
    told: dict[str, Any] = {
        "project": review.project,
        "revision": review.head,
        "finding": review.finding.value,
        "exit": int(review.status),
        "answer": first_line(review, PLAIN),
    }
    if isinstance(found, Problem):
        told["error"] = {
            "code": found.code,
            "message": found.message,
            "retryable": found.retryable,
        }
    elif isinstance(found, Judged):
        told |= _judged(found)
    return told | {"next": [f"{what}   {command}".strip() for what, command in steps(review)]}


# Private functions


def _escape(letter: str) -> str:
    return letter if letter.isprintable() else json.dumps(letter)[1:-1]


def _judged(found: Judged) -> dict[str, Any]:
    check = check_content(found.check)
    keys = ("baseline", "baseline_name", "outcome", "changes", "not_counted", "warnings")
    return {
        **{key: check[key] for key in keys},
        "allowed": found.check.allowed_because,
        "stale": found.stale,
        "gate": [one.as_json() for one in found.gate],
        "evidence": _evidence(found.evidence) if found.evidence else None,
        "elsewhere": [
            {"experiment": one.short, "against": one.against, "said": one.said}
            for one in found.elsewhere
        ],
        "committed": None
        if found.committed is None
        else {
            "baseline": plain(dict(found.committed.old)),
            "revision": plain(dict(found.committed.new)),
            "not_of_this_tree": found.committed.why_not,
        },
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    turned = evidence.turned
    return {
        **experiment_json(
            replace(evidence.report, running=False, candidate_runs=ended(evidence.report))
        ),
        "same_tree": evidence.same_tree,
        "sessions": evidence.sessions,
        "null_control": {
            "differ": evidence.report.controls[0],
            "of": evidence.report.controls[1],
        },
        "tries": dict(evidence.tries),
        "examples": turned
        and {
            "newly_right": turned.right,
            "newly_wrong": turned.wrong,
            "size": turned.size,
            "pairs": turned.pairs,
            "in_each_pair": turned.each,
        },
    }
