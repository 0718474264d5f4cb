"""`paribus show`."""

from __future__ import annotations

from pathlib import Path

import click

from paribus.cli.options import json_option
from paribus.reports import run as report
from paribus.workflows.project import open_project
from paribus.workflows.show import show as read_experiment


@click.command(epilog="Example:  paribus show 7f3a --json")
@click.argument("experiment", metavar="ID")
@json_option
def show(experiment: str, as_json: bool) -> int:
    """One experiment in full: change, looks, verdict, every run. ID is the beginning of its id."""
    found = read_experiment(open_project(Path.cwd()), experiment)
    click.echo(report.as_json(found) if as_json else report.in_full(found))
    return 0
