"""`paribus promote`."""

from __future__ import annotations

from pathlib import Path

import click

from paribus.cli.options import jobs_option, json_option, timeout_option
from paribus.cli.progress import Progress
from paribus.reports import promote as report
from paribus.workflows.limits import Limits
from paribus.workflows.project import open_project
from paribus.workflows.promote import PromoteOptions
from paribus.workflows.promote import promote as carry_out


@click.command(epilog="Example:  paribus promote 7f3a --jobs 4")
@click.argument("experiment", metavar="ID")
@click.option(
    "--commit", metavar="REV",
    help="Tag this commit; it must be the tested snapshot. Otherwise one is found or made.",
)  # fmt: skip
@click.option(
    "--provisional",
    metavar="REASON",
    help="Without a confirmation; marked as unconfirmed everywhere.",
)
@click.option(
    "--again", is_flag=True, help="Confirm again, with other seeds, what was not confirmed."
)
@jobs_option
@timeout_option
@json_option
def promote(
    experiment: str,
    commit: str | None,
    provisional: str | None,
    again: bool,
    jobs: int,
    timeout: float | None,
    as_json: bool,
) -> int:
    """Confirm an experiment with fresh seeds, and make it the next baseline.

    ID is the beginning of its id. Both sides are run with 20 seeds that nobody chose it by, and judged
    at a level that keeps false promotions below 5 % for good. Then the commit of exactly what was
    tested is run anew and tagged baseline/<n>. Your files, index, HEAD and branches stay as they are;
    what was cut off goes on when called again. Exit 0: promoted; 1: not confirmed, no improvement, or
    another baseline came since; 4: it cannot be told; 5: a run failed.
    """
    if provisional is not None and not provisional.strip():
        raise click.BadParameter("a reason is expected", param_hint="--provisional")
    why = None if provisional is None else " ".join(provisional.split())
    options = PromoteOptions(experiment, commit, why, again, jobs, Limits(timeout))
    found = carry_out(open_project(Path.cwd()), options, Progress(quiet=as_json))
    click.echo(report.as_json(found) if as_json else report.as_text(found))
    return int(found.status)
