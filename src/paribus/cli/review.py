"""`paribus review`."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from paribus.cli.options import baseline_option, json_option, project_option
from paribus.core.errors import Problem
from paribus.git.revisions import resolve
from paribus.reports.reviewing.model import Review
from paribus.workflows.project import Project, open_any_project
from paribus.workflows.question import asked
from paribus.workflows.reviewing.review import review as judge

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = ("text", "json", "md", "github", "gitlab")


@click.command(epilog="Example:  paribus review origin/main...HEAD --post")
@click.argument("revisions", metavar="[BASE...HEAD | REVISION]", nargs=-1)
@baseline_option
@project_option
@click.option("--post", is_flag=True, help="Keep one comment on the pull request, and a check.")
@click.option(
    "--pr", metavar="N", help="Number of the pull request; otherwise what the CI system tells."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    help="What is printed; github also writes the job's summary and outputs.",
)
@click.option("--output", metavar="FILE", help="Write the Markdown of the comment there, too.")
@json_option
def review(
    revisions: tuple[str, ...],
    baseline: str | None,
    project: str | None,
    post: bool,
    pr: str | None,
    form: str,
    output: str | None,
    as_json: bool,
) -> int:
    """For a pull request: one change? which? better by how much, how sure, what broke?

    Finds the evidence in the ledger by the tree of REVISION (default: HEAD), reads Git objects only,
    and runs nothing. Exit 0 where the rule holds, 1 for several changes or a loss, 2 where it cannot
    be judged, 4 for undecided, not measured, stale or not comparable; never because of --post.
    """
    if pr is not None and not post:
        raise click.UsageError("--pr says where to --post")
    opened = _opened(project)
    arguments = revisions or ("HEAD",)
    try:
        question = asked(opened.repository, arguments, baseline, staged=False, per_commit=False)
    except Problem as problem:
        if problem.code == "usage":
            raise click.UsageError(problem.message) from problem
        if not post:
            raise
        head = resolve(opened.repository, arguments[-1].rpartition("..")[2] or "HEAD")
        unjudged = Review(opened.prefix, head, problem)
        found = _posted(opened, head, lambda: unjudged, pr, form)
    else:
        head = resolve(opened.repository, question.revision or "HEAD")
        found = (
            _posted(opened, head, lambda: judge(opened, question), pr, form)
            if post
            else judge(opened, question)
        )
    _tell(found, "json" if as_json else form, output)
    return int(found.status)


# Private functions


def _opened(folder: str | None) -> Project:
    try:
        return open_any_project(Path.cwd(), folder)
    except Problem as problem:
        if problem.code == "usage":
            raise click.UsageError(problem.message) from problem
        raise


def _posted(
    project: Project, head: str, judge: Callable[[], Review], pr: str | None, form: str
) -> Review:
    # What speaks to the network is loaded where somebody asks for it.
    from paribus.workflows.reviewing.posting import posted  # noqa: PLC0415

    # Workflow commands tell the changes on their lines already.
    found, told = posted(project, head, judge, os.environ, pr, annotated=form == "github")
    for line in told:
        click.echo(line, err=True)
    return found


def _tell(found: Review, form: str, output: str | None) -> None:
    _widen(form)
    from paribus.reports.reviewing.body import body  # noqa: PLC0415 (after what can fail early)
    from paribus.reports.reviewing.content import as_json  # noqa: PLC0415
    from paribus.reports.reviewing.text import as_text  # noqa: PLC0415
    from paribus.reports.text import inert  # noqa: PLC0415

    if form == "json":
        click.echo(as_json(found))
    elif form == "md":
        click.echo(body(found), nl=False)
    elif form == "github":
        from paribus.reports.reviewing.annotations import commands  # noqa: PLC0415
        from paribus.workflows.publishing import publish_review  # noqa: PLC0415

        click.echo("\n".join([inert(as_text(found)), *commands(found)]))
        publish_review(found, os.environ)
    elif form == "gitlab":
        from paribus.reports.reviewing.annotations import metrics  # noqa: PLC0415

        click.echo(inert(as_text(found)), err=True)
        click.echo(metrics(found), nl=False)
    else:
        click.echo(inert(as_text(found)))
    if output is not None:
        _write(output, body(found))


def _widen(form: str) -> None:
    """Lets glyphs through: a pipe may have an encoding without them, as on Windows."""
    named = (sys.stdout.encoding or "").lower()
    if named in ("utf-8", "utf8") or not isinstance(sys.stdout, io.TextIOWrapper):
        return
    if form == "text":
        sys.stdout.reconfigure(errors="replace")
    else:  # what services and programs read is UTF-8, wherever it was made
        sys.stdout.reconfigure(encoding="utf-8")


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise Problem(
            "cannot-write", f"{path} cannot be written: {error.strerror or error}"
        ) from error
