"""`paribus split`."""

from __future__ import annotations

from pathlib import Path

import click

from paribus.cli.options import baseline_option, jobs_option, json_option, timeout_option
from paribus.cli.progress import Progress
from paribus.reports import split as report
from paribus.workflows.limits import Limits
from paribus.workflows.project import open_project
from paribus.workflows.run import RunOptions
from paribus.workflows.split import split as carry_out
from paribus.workflows.split import split_into_branches


@click.command(epilog="Example:  paribus split exp/everything --jobs 4")
@click.argument("revision", required=False)
@baseline_option
@jobs_option
@timeout_option
@click.option(
    "--seeds", "pairs", type=click.IntRange(1),
    help="At most so many pairs of seeds for each experiment now.",
)  # fmt: skip
@click.option("--runs", type=click.IntRange(1), help="At most so many candidate runs now, of all.")
@click.option("--dry-run", is_flag=True, help="Take apart and judge; run and write nothing.")
@click.option(
    "--branches", is_flag=True,
    help="Instead of running, make a branch split/<n>-<change> of each, one commit on the baseline.",
)  # fmt: skip
@json_option
def split(
    revision: str | None,
    baseline: str | None,
    jobs: int,
    timeout: float | None,
    pairs: int | None,
    runs: int | None,
    dry_run: bool,
    branches: bool,
    as_json: bool,
) -> int:
    """Several changes at once: measure each alone, and all together.

    Takes the working tree as it is, or REVISION, apart. Each change becomes an experiment against the
    same baseline with the same seeds, the whole an allowed bundle, so that what the changes do
    together can be told from their sum. A ruler or an environment cannot be measured and is left out.
    Your files, index, HEAD and branches stay as they are. Exit codes are those of `paribus run` with
    several values; 2: there is nothing to split.
    """
    if branches and dry_run:
        raise click.UsageError("--branches and --dry-run exclude one another")
    project, options = (
        open_project(Path.cwd()),
        RunOptions(
            revision,
            baseline,
            jobs=jobs,
            pairs=pairs,
            dry_run=dry_run,
            runs=runs,
            limits=Limits(timeout),
        ),
    )
    if branches:
        made = split_into_branches(project, options)
        click.echo(report.as_json(made) if as_json else report.as_text(made))
        return 0
    found = carry_out(project, options, Progress(quiet=as_json, several=True))
    click.echo(report.as_json(found) if as_json else report.as_text(found))
    return int(found.status) if isinstance(found, report.SplitReport) else 0
