"""`paribus hook`: what Git's hooks call."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from paribus.cli.bug import write_log
from paribus.cli.options import baseline_option, per_commit_option, project_option
from paribus.core.errors import Problem
from paribus.git.command import GitError
from paribus.reports.hooks import ALLOW_VARIABLE, before_commit
from paribus.reports.text import clean, inert
from paribus.workflows.hooks import judge_index, name_change
from paribus.workflows.project import open_any_project
from paribus.workflows.question import Question
from paribus.workflows.receiving import judge_push, read_push, worst


@click.group(no_args_is_help=False, epilog="Example:  paribus hook pre-commit")
def hook() -> None:
    """What Git's hooks call: here before a commit, on a server before a push is taken."""


@hook.command("pre-commit", epilog="Example:  paribus hook pre-commit --per-commit")
@baseline_option
@per_commit_option
@project_option
def pre_commit(baseline: str | None, per_commit: bool, project: str | None) -> int:
    """Would this commit leave one change against the baseline? Exit 1 stops it.

    --per-commit compares with HEAD instead. PARIBUS_ALLOW="why" lets several changes through.
    """
    question = Question(baseline=baseline, staged=True, per_commit=per_commit)
    answer = judge_index(Path.cwd(), project, question, _allowed())
    click.echo(inert(before_commit(answer, per_commit=per_commit)))
    return int(answer.status)


@hook.command("commit-msg", epilog="Example:  paribus hook commit-msg .git/COMMIT_EDITMSG")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@baseline_option
@per_commit_option
@project_option
def commit_msg(file: Path, baseline: str | None, per_commit: bool, project: str | None) -> int:
    """Name the one change in the commit message FILE, as a trailer `Paribus-Change:`.

    It never stops a commit: what cannot be judged is a warning.
    """
    question = Question(baseline=baseline, staged=True, per_commit=per_commit)
    try:
        name_change(Path.cwd(), project, file, question, _allowed())
    except (Problem, GitError, OSError) as error:
        said = " ".join(str(error).split())
        click.echo(f"paribus: the change is not named in the message: {clean(said)}", err=True)
    except Exception as error:  # a bug of ours must not cost anybody a message
        click.echo(f"paribus: this is a bug in Paribus; please send {write_log(error)}", err=True)
    return 0


@hook.command(
    "pre-receive", epilog="Example:  paribus hook pre-receive --branch main --branch 'release/*'"
)
@click.option(
    "--branch",
    "branches",
    metavar="PATTERN",
    multiple=True,
    help="Branches to protect, as often as needed; otherwise the one that HEAD names.",
)
@per_commit_option
@click.option(
    "--project", "projects", metavar="DIR", multiple=True, help="A project's folder, as often as needed."
)  # fmt: skip
def pre_receive(branches: tuple[str, ...], per_commit: bool, projects: tuple[str, ...]) -> int:
    """Refuse a push after which a protected branch has several changes more.

    Reads `OLD NEW REF` lines on standard input, as git writes them. Exit 1, or 2 where it cannot be
    judged, refuses the whole push.
    """
    opened = [open_any_project(Path.cwd(), folder) for folder in projects or ("",)]
    lines = sys.stdin.buffer.read().decode("utf-8", "surrogateescape").splitlines()
    told = judge_push(opened, read_push(lines), branches, per_commit=per_commit)
    for one in told:
        click.echo(inert(one.text))
    status = worst(told)
    if status:
        click.echo("the push is refused as a whole, with every branch and tag in it")
    return int(status)


# Private functions


def _allowed() -> str | None:
    return os.environ.get(ALLOW_VARIABLE, "").strip() or None
