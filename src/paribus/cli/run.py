"""`paribus run`."""

from __future__ import annotations

from pathlib import Path

import click

from paribus.cli.answers import answered
from paribus.cli.options import (
    baseline_option,
    fail_fast_option,
    jobs_option,
    json_option,
    timeout_option,
)
from paribus.cli.progress import Progress
from paribus.core.sweep import expanded
from paribus.reports import batch, batch_plan
from paribus.reports.batch_plan import BatchPlan
from paribus.workflows.batches.sweep import run_values
from paribus.workflows.limits import Limits
from paribus.workflows.project import open_project
from paribus.workflows.run import RunOptions
from paribus.workflows.run import run as carry_out


@click.command(epilog="Example:  paribus run -S train.lr=0.01 -m 'a smaller step settles lower'")
@click.argument("revision", required=False)
@click.option(
    "-S", "--set-param", "overrides", multiple=True, metavar="[FILE:]KEY=VALUE",
    help="Set a param that exists, on top of the working tree or REVISION. Several values, KEY=1,2, "
    "are several experiments; quoted text, [1, 2] and {...} are one value.",
)  # fmt: skip
@click.option("-m", "--message", default="", help="The hypothesis: why it should help.")
@baseline_option
@jobs_option
@timeout_option
@fail_fast_option
@click.option(
    "--seeds", "pairs", type=click.IntRange(1),
    help="At most so many pairs of seeds now; otherwise until a verdict stands.",
)  # fmt: skip
@click.option(
    "--runs", type=click.IntRange(1),
    help="Of several experiments: at most so many candidate runs now.",
)  # fmt: skip
@click.option("--allow", metavar="REASON", help="Let more than one change through; recorded.")
@click.option("--dry-run", is_flag=True, help="Judge and plan; run and write nothing.")
@json_option
def run(
    revision: str | None,
    overrides: tuple[str, ...],
    message: str,
    baseline: str | None,
    jobs: int,
    timeout: float | None,
    fail_fast: bool,
    pairs: int | None,
    runs: int | None,
    allow: str | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Measure one change against the baseline until a verdict stands.

    The experiment is the working tree as it is, with -S on top; or REVISION, a commit or branch that
    somebody made with git. Runs happen in private clones: your files, index, HEAD, stash and branches
    stay as they are. Exit 0: judged, and not worse; 1: worse, or more than one change; 4: undecided
    or not comparable; 5: a run failed.

    Several values are tried together, each against the baseline, and every combination where several
    params have several: what is soon clear ends first, and `--jobs` are shared. Exit 0: all are judged,
    even where some are worse; 5: a run failed; 1 or 2: some were refused; 4: some are undecided. The
    same command goes on where it was cut off.
    """
    if allow is not None and not allow.strip():
        raise click.BadParameter("a reason is expected", param_hint="--allow")
    options = RunOptions(
        revision, baseline, overrides, message, jobs, pairs, allow, dry_run, runs,
        limits=Limits(timeout, fail_fast),
    )  # fmt: skip
    if len(expanded(overrides)) > 1:
        return _several(options, as_json=as_json)
    if runs is not None:
        raise click.UsageError("--runs is shared by several experiments; for one, say --seeds")
    found = carry_out(open_project(Path.cwd()), options, Progress(quiet=as_json))
    return answered(found, as_json=as_json)


# Private functions


def _several(options: RunOptions, *, as_json: bool) -> int:
    progress = Progress(quiet=as_json, several=True)
    found = run_values(open_project(Path.cwd()), options, progress)
    if isinstance(found, BatchPlan):
        click.echo(batch_plan.as_json(found) if as_json else batch_plan.as_text(found))
        return int(found.status)
    click.echo(batch.as_json(found) if as_json else batch.as_text(found))
    return int(found.status)
