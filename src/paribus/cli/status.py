"""`paribus status`."""

from __future__ import annotations

from pathlib import Path

import click

from paribus.cli.options import baseline_option, jobs_option, json_option
from paribus.cli.progress import Progress
from paribus.reports import learning as curve_report
from paribus.reports import status as report
from paribus.reports.status_text import as_text
from paribus.workflows.learning import learn
from paribus.workflows.project import open_project
from paribus.workflows.status import status as read_status


@click.command(epilog="Example:  paribus status --learning-curve --jobs 2")
@baseline_option
@click.option(
    "--learning-curve", "curve", is_flag=True,
    help="Run the baseline on less and less data, to see whether more would help.",
)  # fmt: skip
@jobs_option
@json_option
def status(baseline: str | None, curve: bool, jobs: int, as_json: bool) -> int:
    """Where the project stands since its baseline, and what to do next.

    It reads the ledger and runs nothing, but with --learning-curve: that one runs the baseline with
    half, a quarter and so on of its training data, five seeds each, and needs `train_share` in
    paribus.yaml, the param that says which share is used. Later calls show its result again.
    """
    project, progress = open_project(Path.cwd()), Progress(quiet=as_json)
    if curve:
        learned = learn(project, baseline, jobs, progress)
        click.echo(curve_report.as_json(learned) if as_json else curve_report.as_text(learned))
        return 0
    found = read_status(project, baseline)
    click.echo(report.as_json(found) if as_json else as_text(found))
    return 0
