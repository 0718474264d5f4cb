"""What Git's hooks on a person's machine do: judge the index, and name the change in the message."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from paribus.core.errors import Problem
from paribus.core.policy import Count
from paribus.git.history import ALLOW, heads_of_work
from paribus.git.message import is_blank, manners, with_trailer
from paribus.git.repository import discover_any
from paribus.reports.answers import Answer, Nothing
from paribus.reports.check import CheckReport
from paribus.reports.hooks import trailer
from paribus.reports.text import clean
from paribus.workflows.check import check_where_there_is_one
from paribus.workflows.project import Project, open_any_project
from paribus.workflows.question import Question

CHANGE = "Paribus-Change"
"""The trailer that names a commit's one change."""


def judge_index(
    directory: Path, folder: str | None, question: Question, allow: str | None = None
) -> Answer:
    """What is about to be committed; a repository without a DVC project has nothing to judge.

    Args:
        allow: why several changes are to be let through, since there is no message yet to say so.
    """
    try:
        project = open_any_project(directory, folder)
    except Problem as problem:
        if problem.code == "no-dvc-project":
            return Nothing("there is no DVC project here")
        raise
    if question.per_commit and _is_merging(project):
        return Nothing("a merge is no experiment")
    answer = check_where_there_is_one(project, question)
    if allow is None or not isinstance(answer, CheckReport):
        return answer
    judgement = answer.judgement
    if judgement.outcome is not Count.MANY or judgement.moves_ruler:
        return answer
    return replace(answer, allowed_because=answer.allowed_because or allow)


def name_change(
    directory: Path, folder: str | None, file: Path, question: Question, allow: str | None = None
) -> None:
    """Writes the trailers into a commit message, once each, or takes out what no longer holds.

    Raises:
        Problem: it cannot be judged; the message is left without the trailer.
    """
    git = discover_any(directory.resolve()).git
    before, how = file.read_bytes(), manners(git)
    if is_blank(before, how):
        return
    answer: Answer | None = None
    try:
        answer = judge_index(directory, folder, question, allow)
    finally:
        told = trailer(answer) if answer is not None else None
        after = with_trailer(before, CHANGE, told, how)
        if allow and isinstance(answer, CheckReport) and answer.allowed_because == allow:
            after = with_trailer(after, ALLOW, clean(allow), how)
        if after != before:
            file.write_bytes(after)


# Private functions


def _is_merging(project: Project) -> bool:
    try:
        return len(heads_of_work(project.repository)) > 1
    except Problem:
        return False
