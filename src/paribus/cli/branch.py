"""`paribus branch`."""

from __future__ import annotations

from pathlib import Path

import click

from paribus.cli.options import json_option
from paribus.cli.progress import Progress
from paribus.reports import branch as report
from paribus.workflows.branch import branch as make_branch
from paribus.workflows.project import open_project


@click.command(epilog="Example:  paribus branch 7f3a exp/less-overfitting")
@click.argument("experiment", metavar="ID")
@click.argument("name", required=False)
@json_option
def branch(experiment: str, name: str | None, as_json: bool) -> int:
    """Make a branch of an experiment: one commit on its baseline, ready for a pull request.

    The commit has the tested change alone, the results of one run with the tree's own seeds (made now,
    if need be), and trailers that tell the verdict. Dead ends can have one, too; an experiment that
    failed has no results. NAME is made up where it is not given. Nothing is checked out.
    """
    found = make_branch(open_project(Path.cwd()), experiment, name, Progress(quiet=as_json))
    click.echo(report.as_json(found) if as_json else report.as_text(found))
    return 0
