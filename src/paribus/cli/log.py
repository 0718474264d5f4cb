"""`paribus log`."""

from __future__ import annotations

from pathlib import Path

import click

from paribus.cli.options import json_option
from paribus.core.verdict import Outcome
from paribus.reports import log as report
from paribus.reports.verdict import FAILED
from paribus.workflows.log import log as read_log
from paribus.workflows.project import open_project


@click.command(epilog="Example:  paribus log --verdict no-difference")
@click.option(
    "--verdict",
    type=click.Choice([*(outcome.value for outcome in Outcome), FAILED]),
    help="Only experiments with this verdict, or that failed.",
)
@click.option("-n", "--limit", type=click.IntRange(1), help="At most so many.")
@json_option
@click.option("--jsonl", "as_lines", is_flag=True, help="JSON Lines: an experiment a line.")
def log(verdict: str | None, limit: int | None, as_json: bool, as_lines: bool) -> int:
    """Every experiment, the latest first, the dead ends too."""
    found = read_log(open_project(Path.cwd()), verdict, limit)
    if as_lines:
        if found.experiments:
            click.echo(report.as_json_lines(found))
    else:
        click.echo(report.as_json(found) if as_json else report.as_text(found))
    return 0
