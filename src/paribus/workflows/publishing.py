"""Hands a check to a CI system: where it wants the summary, and the outputs of the step."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from paribus.core.errors import Problem
from paribus.reports.answers import Answer
from paribus.reports.github import output_file, outputs
from paribus.reports.markdown import problem_summary, summary

if TYPE_CHECKING:
    from paribus.reports.reviewing.model import Review

SUMMARY = "GITHUB_STEP_SUMMARY"
OUTPUT = "GITHUB_OUTPUT"


def publish(answer: Answer, environment: Mapping[str, str]) -> None:
    """Appends the summary and the outputs to the files that GitHub's runner names."""
    _append(environment.get(SUMMARY), summary(answer))
    _append(environment.get(OUTPUT), output_file(outputs(answer)))


def publish_problem(problem: Problem, environment: Mapping[str, str]) -> None:
    """Appends to the summary that something cannot be judged."""
    _append(environment.get(SUMMARY), problem_summary(problem))


def publish_review(review: Review, environment: Mapping[str, str]) -> None:
    """Appends a review, as the comment has it, and its outputs to the files that GitHub's runner names."""
    from paribus.reports.reviewing.annotations import outputs as told  # noqa: PLC0415
    from paribus.reports.reviewing.body import body  # noqa: PLC0415 (a check needs neither)

    _append(environment.get(SUMMARY), body(review))
    _append(environment.get(OUTPUT), output_file(told(review)))


# Private functions


def _append(path: str | None, text: str) -> None:
    if path:
        with Path(path).open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)
