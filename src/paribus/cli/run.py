"""`paribus run`."""

from __future__ import annotations

from pathlib import Path

import click

from paribus.cli.options import baseline_option, jobs_option, json_option
from paribus.cli.progress import Progress
from paribus.reports import check as check_report
from paribus.reports import dry_run as planned
from paribus.reports import run as report
from paribus.reports.check import CheckReport
from paribus.reports.dry_run import DryRun
from paribus.workflows.project import open_project
from paribus.workflows.run import RunOptions
from paribus.workflows.run import run as carry_out


@click.command(epilog="Example:  paribus run -S train.lr=0.01 -m 'a smaller step settles lower'")
@click.argument("revision", required=False)
@click.option(
    "-S", "--set-param", "overrides", multiple=True, metavar="[FILE:]KEY=VALUE",
    help="Set a param that exists, on top of the working tree or REVISION.",
)  # fmt: skip
@click.option("-m", "--message", default="", help="The hypothesis: why it should help.")
@baseline_option
@jobs_option
@click.option(
    "--seeds", "pairs", type=click.IntRange(1),
    help="At most so many pairs of seeds now; otherwise until a verdict stands.",
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
    pairs: int | None,
    allow: str | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Measure one change against the baseline until a verdict stands.

    The experiment is the working tree as it is, with -S on top; or REVISION, a commit or branch that
    somebody made with git. Runs happen in private clones: your files, index, HEAD, stash and branches
    stay as they are. Exit 0: judged, and not worse; 1: worse, or more than one change; 4: undecided
    or not comparable; 5: a run failed.
    """
    if allow is not None and not allow.strip():
        raise click.BadParameter("a reason is expected", param_hint="--allow")
    options = RunOptions(revision, baseline, overrides, message, jobs, pairs, allow, dry_run)
    found = carry_out(open_project(Path.cwd()), options, Progress(quiet=as_json))
    if isinstance(found, CheckReport):
        click.echo(report.refusal_json(found) if as_json else check_report.refusal_text(found))
        return int(check_report.refusal_status(found))
    if isinstance(found, DryRun):
        click.echo(planned.as_json(found) if as_json else planned.as_text(found))
        return 0
    click.echo(report.as_json(found) if as_json else report.as_text(found))
    return int(found.status)
