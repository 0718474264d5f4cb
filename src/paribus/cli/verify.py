"""`paribus verify`."""

from __future__ import annotations

from pathlib import Path

import click

from paribus.cli.options import json_option
from paribus.cli.progress import Progress
from paribus.reports import verify as report
from paribus.workflows.project import open_project
from paribus.workflows.verify import verify as make_again


@click.command(epilog="Example:  paribus verify 7f3a --both")
@click.argument("what", metavar="ID")
@click.option(
    "--pairs",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Pairs of an experiment, from the first that counts.",
)
@click.option("--both", is_flag=True, help="The baseline's run of each pair, too.")
@click.option(
    "-j", "--jobs", type=click.IntRange(1), default=1, show_default=True, help="Runs at once."
)
@json_option
def verify(what: str, pairs: int, both: bool, jobs: int, as_json: bool) -> int:
    """Make a recorded run again from a clean clone, without caches, and compare.

    ID is the beginning of an experiment's or a run's id, or `baseline`. Hashes of all outputs,
    predictions and metrics are held against what the ledger recorded. Exit 0: the same, or no
    further off than a rerun of a seed; 1: not reproduced; 5: the run failed; 2: it cannot be
    verified, since data or the recorded tree are missing.
    """
    listener = Progress(quiet=as_json)
    project = open_project(Path.cwd())
    found = make_again(project, what, pairs, jobs, listener, both=both)
    click.echo(report.as_json(found) if as_json else report.as_text(found))
    return int(found.status)
