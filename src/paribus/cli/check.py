"""`paribus check`."""

from __future__ import annotations

from pathlib import Path

import click

from paribus.cli.options import baseline_option, json_option
from paribus.reports import check as report
from paribus.workflows.check import check as judge_revision
from paribus.workflows.project import open_project


@click.command(epilog="Example:  paribus check exp/hog --baseline baseline/4")
@click.argument("revision", required=False)
@baseline_option
@json_option
def check(revision: str | None, baseline: str | None, as_json: bool) -> int:
    """Does REVISION (default: the working tree) change exactly one thing against its baseline?

    Reads Git objects only: nothing is checked out, imported, executed or written. Exit 0 for one
    change or none, 1 for more, 2 where it cannot be judged.
    """
    found = judge_revision(open_project(Path.cwd()), revision, baseline)
    click.echo(report.as_json(found) if as_json else report.as_text(found))
    return int(found.status)
