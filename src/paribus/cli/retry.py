"""`paribus retry`."""

from __future__ import annotations

from pathlib import Path

import click

from paribus.cli.options import jobs_option, json_option, timeout_option
from paribus.cli.progress import Progress
from paribus.reports import retry as report
from paribus.workflows.limits import Limits
from paribus.workflows.project import open_project
from paribus.workflows.retry import retry as make_again
from paribus.workflows.run import RunOptions


@click.command(epilog="Example:  paribus retry --jobs 4")
@click.argument("experiments", metavar="[ID]...", nargs=-1)
@click.option("--failed", is_flag=True, help="Make again, too, what failed by itself.")
@jobs_option
@timeout_option
@click.option(
    "--seeds", "pairs", type=click.IntRange(1),
    help="At most so many pairs of seeds now; otherwise until a verdict stands.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="List what would be made again.")
@json_option
def retry(
    experiments: tuple[str, ...],
    failed: bool,
    jobs: int,
    timeout: float | None,
    pairs: int | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Make runs again that were killed, cancelled, interrupted or timed out.

    ID is the beginning of an experiment's id; without one, every experiment of this project whose runs
    were cut off goes on, one after the other, as `paribus run` would have gone on with it. What succeeded
    is kept. With --failed runs are made again, too, that failed by themselves, for environments that were
    mended; the failures stay in the record, and the verdict tells of them. Exit 0: done, or nothing to
    do; 4: something is undecided; 5: a run did not succeed.
    """
    options = RunOptions(
        jobs=jobs, pairs=pairs, dry_run=dry_run, limits=Limits(timeout), failed=failed
    )
    several = len(experiments) != 1
    progress = Progress(quiet=as_json, several=several)
    found = make_again(open_project(Path.cwd()), experiments, options, progress)
    click.echo(report.as_json(found) if as_json else report.as_text(found))
    return int(found.status)
