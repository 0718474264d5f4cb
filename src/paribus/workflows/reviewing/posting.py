"""Posts a review: a check set in progress first, then one comment that lasts."""

from __future__ import annotations

from collections.abc import Mapping

from paribus.core.errors import Exit, Problem
from paribus.forge.finding import find_forge
from paribus.forge.model import Conclusion, Forge, Note, Posting
from paribus.git.revisions import resolve
from paribus.reports.reviewing.annotations import lines_of
from paribus.reports.reviewing.body import body
from paribus.reports.reviewing.model import Review
from paribus.reports.reviewing.words import PLAIN, first_line
from paribus.reports.text import clean
from paribus.workflows.project import Project
from paribus.workflows.question import Question
from paribus.workflows.reviewing.review import review

CONCLUSIONS = {
    Exit.DONE: Conclusion.SUCCESS,
    Exit.RULE_BROKEN: Conclusion.FAILURE,
    Exit.BAD_INPUT: Conclusion.ACTION,
    Exit.UNDECIDED: Conclusion.NEUTRAL,
}


def posted(
    project: Project,
    question: Question,
    environment: Mapping[str, str],
    request: str | None,
    *,
    annotated: bool = False,
) -> tuple[Review, tuple[str, ...]]:
    """Reviews, and tells the pull request; (the review, a line for each thing that was said there).

    Nothing that the service does, or that is missing to reach it, changes the review.

    Args:
        request: the pull request's number; None to find it.
        annotated: whether the changes are told on their lines already, so that the check need not.

    Raises:
        Problem: there is no such revision.
    """
    head = resolve(project.repository, question.revision or "HEAD")
    remote = project.repository.git.lookup("config", "--get", "remote.origin.url")
    try:
        forge = find_forge(environment, remote, request)
    except Problem as problem:
        if problem.code == "no-request" and request is not None:
            raise  # a number that is none is a slip of whoever typed it
        told = [f"not posted: {clean(problem.message)}"]
        helps = [f"  {clean(text)}" for text in problem.helps]
        return review(project, question), (*told, *helps)
    return _told(project, question, forge, head, annotated)


# Private functions


def _told(
    project: Project, question: Question, forge: Forge, head: str, annotated: bool
) -> tuple[Review, tuple[str, ...]]:
    name = f"paribus ({project.prefix})" if project.prefix else "paribus"
    begun = forge.begin(name, head)
    found = review(project, question)
    ended = forge.finish(
        Posting(
            marker=found.marker,
            body=body(found),
            title=first_line(found, PLAIN),
            conclusion=CONCLUSIONS[found.status],
            name=name,
            head=head,
            notes=() if annotated else _notes(found),
        )
    )
    return found, (*begun.told, *ended.told)


def _notes(found: Review) -> tuple[Note, ...]:
    return tuple(
        Note(file, line, "notice", f"{kind} change", message)
        for file, line, kind, message in lines_of(found)
    )
