"""`paribus check`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from paribus.cli.options import baseline_option, json_option, per_commit_option, project_option
from paribus.core.errors import Problem
from paribus.reports import answers
from paribus.reports.answers import Answer
from paribus.reports.text import inert
from paribus.workflows.check import check as judge
from paribus.workflows.project import open_any_project
from paribus.workflows.question import asked

FORMATS = ("text", "json", "github", "gitlab")


@click.command(epilog="Example:  paribus check exp/hog --baseline baseline/4")
@click.argument("revisions", metavar="[REVISION | A..B | A B]", nargs=-1)
@baseline_option
@click.option("--staged", is_flag=True, help="Judge the index: what the next commit would hold.")
@per_commit_option
@project_option
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    help="What is printed: for people, or for machines; github also writes summary and outputs.",
)
@click.option("--explain", is_flag=True, help="Say why parts were joined, or kept apart.")
@json_option
def check(
    revisions: tuple[str, ...],
    baseline: str | None,
    staged: bool,
    per_commit: bool,
    project: str | None,
    form: str,
    explain: bool,
    as_json: bool,
) -> int:
    """Does REVISION (default: the working tree) change exactly one thing against its baseline?

    A..B and A B judge B against A. Reads Git objects only: nothing is checked out, imported,
    executed or written. Exit 0 for one change or none, 1 for more, 2 where it cannot be judged.
    A commit since the baseline with a trailer `Paribus-Allow: why` lets several changes through.
    """
    form = "json" if as_json else form
    try:
        opened = open_any_project(Path.cwd(), project)
        question = asked(
            opened.repository, revisions, baseline, staged=staged, per_commit=per_commit
        )
        answer = judge(opened, question)
    except Problem as problem:
        if problem.code == "usage":
            raise click.UsageError(problem.message) from problem
        _tell_of(problem, form)
        raise
    _tell(answer, form, explain=explain)
    return int(answer.status)


# Private functions


def _tell(answer: Answer, form: str, *, explain: bool) -> None:
    if form == "json":
        click.echo(answers.as_json(answer))
    elif form == "github":
        # Only machines pay for what only they read.
        from paribus.reports import github  # noqa: PLC0415
        from paribus.workflows.publishing import publish  # noqa: PLC0415

        click.echo(github.report(answer))
        publish(answer, os.environ)
    elif form == "gitlab":
        from paribus.reports import gitlab  # noqa: PLC0415

        click.echo(inert(answers.as_text(answer)), err=True)
        click.echo(gitlab.code_quality(answer))
    else:
        click.echo(inert(answers.as_text(answer, explain=explain)))


def _tell_of(problem: Problem, form: str) -> None:
    """What cannot be judged is said to machines, too; people read it on standard error."""
    if form == "github":
        from paribus.reports import github  # noqa: PLC0415
        from paribus.workflows.publishing import publish_problem  # noqa: PLC0415

        click.echo(github.problem_annotation(problem))
        publish_problem(problem, os.environ)
    elif form == "gitlab":
        from paribus.reports import gitlab  # noqa: PLC0415

        click.echo(gitlab.problem_report(problem))
