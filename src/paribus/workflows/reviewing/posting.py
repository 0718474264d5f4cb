"""Posts a review: a check set in progress first, then one comment that lasts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from paribus.core.errors import Exit, Problem
from paribus.forge.finding import find_forge
from paribus.forge.model import Conclusion, Note, Posting
from paribus.reports.reviewing.annotations import lines_of
from paribus.reports.reviewing.body import body
from paribus.reports.reviewing.model import Review
from paribus.reports.reviewing.words import PLAIN, first_line
from paribus.reports.text import clean
from paribus.workflows.project import Project

CONCLUSIONS = {
    Exit.DONE: Conclusion.SUCCESS,
    Exit.RULE_BROKEN: Conclusion.FAILURE,
    Exit.BAD_INPUT: Conclusion.ACTION,
    Exit.UNDECIDED: Conclusion.NEUTRAL,
}


def posted(
    project: Project,
    head: str,
    judge: Callable[[], Review],
    environment: Mapping[str, str],
    request: str | None,
    *,
    annotated: bool = False,
) -> tuple[Review, tuple[str, ...]]:
    """Reviews, and tells the pull request; (the review, a line for each thing that was said there).

    Nothing that the service does, or that is missing to reach it, changes the review.

    Args:
        head: full SHA of the commit to be reviewed.
        judge: reviews it, once the check is shown as being under way.
        request: the pull request's number; None to find it.
        annotated: whether the changes are told on their lines already, so that the check need not.

    Raises:
        Problem: the request was given, and is no number.
    """
    remote = project.repository.git.lookup("config", "--get", "remote.origin.url")
    try:
        forge = find_forge(environment, remote, request)
    except Problem as problem:
        if problem.code == "no-request" and request is not None:
            raise  # a number that is none is a slip of whoever typed it
        told = [f"not posted: {clean(problem.message)}"]
        helps = [f"  {clean(text)}" for text in problem.helps]
        return judge(), (*told, *helps)
    name = f"paribus ({project.prefix})" if project.prefix else "paribus"
    begun = forge.begin(name, head)
    found = judge()
    ended = forge.finish(_posting(found, name, head, annotated=annotated))
    return found, (*begun.told, *ended.told)


# Private functions


def _posting(found: Review, name: str, head: str, *, annotated: bool) -> Posting:
    return Posting(
        marker=found.marker,
        body=body(found),
        title=first_line(found, PLAIN),
        conclusion=CONCLUSIONS[found.status],
        name=name,
        head=head,
        notes=() if annotated else _notes(found),
    )


def _notes(found: Review) -> tuple[Note, ...]:
    return tuple(
        Note(file, line, "notice", f"{kind} change", message)
        for file, line, kind, message in lines_of(found)
    )
