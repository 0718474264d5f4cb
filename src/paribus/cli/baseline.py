"""`paribus baseline`."""

from __future__ import annotations

import math
from pathlib import Path

import click

from paribus.cli.options import (
    baseline_option,
    fail_fast_option,
    jobs_option,
    json_option,
    timeout_option,
)
from paribus.cli.progress import Progress
from paribus.core.declared import Declared
from paribus.reports import baseline as report
from paribus.reports.text import clean, strict_json
from paribus.workflows import baseline as workflow
from paribus.workflows.limits import Limits
from paribus.workflows.project import open_project


@click.group(invoke_without_command=True, epilog="Example:  paribus baseline --seeds 5 --jobs 2")
@baseline_option
@click.option("--measure", is_flag=True, help="Run it with five seeds, those that it has apart.")
@click.option("--seeds", "pairs", type=click.IntRange(1), help="Run it with so many seeds.")
@click.option("--fresh", is_flag=True, help="Draw new seeds first, and run it with them.")
@jobs_option
@timeout_option
@fail_fast_option
@json_option
@click.pass_context
def baseline(
    context: click.Context,
    baseline: str | None,
    measure: bool,
    pairs: int | None,
    fresh: bool,
    jobs: int,
    timeout: float | None,
    fail_fast: bool,
    as_json: bool,
) -> int:
    """Show what is to be beaten, why it is that commit, and what is known of it.

    With --measure or --seeds it is run first; the runs are reused by every later experiment.
    So luck in its seeds persists, and every experiment is held against it. --fresh draws new seeds,
    measures with them, and says what they make of it; worth it after ten experiments without a
    promotion. Experiments that were registered before keep the seeds that they began with. Each
    drawing is recorded; after an interruption --measure goes on with the seeds last drawn.
    """
    if context.invoked_subcommand is not None:
        return 0
    project = open_project(Path.cwd())
    if measure or pairs or fresh:
        listener = Progress(quiet=as_json)
        limits = Limits(timeout, fail_fast)
        found = workflow.measure(
            project, baseline, pairs, jobs, listener, fresh=fresh, limits=limits
        )
    else:
        found = workflow.show(project, baseline)
    click.echo(report.as_json(found) if as_json else report.as_text(found))
    return 0


@baseline.command(
    epilog='Example:  paribus baseline declare --metric accuracy=0.81 --source "rules engine, May"'
)
@click.option("--metric", required=True, metavar="NAME=VALUE", help="What it reaches.")
@click.option("--source", required=True, help="Where the number comes from.")
@click.option("--n", "runs", type=click.IntRange(1), help="Runs behind the number.")
@click.option("--sd", type=click.FloatRange(0), help="Standard deviation of one of those runs.")
@json_option
def declare(metric: str, source: str, runs: int | None, sd: float | None, as_json: bool) -> int:
    """Declare an outside baseline: a rules engine, a paper, a predecessor.

    It is kept in the ledger, marked as declared, and every experiment is compared with it. No verdict
    follows from it, since nobody can rerun it.
    """
    name, value = _metric(metric)
    declared = Declared(name, value, source.strip(), runs, sd)
    commit = workflow.declare(open_project(Path.cwd()), declared)
    if as_json:
        content = {"metric": name, "value": value, "source": source, "n": runs, "sd": sd}
        click.echo(strict_json({"declared": content, "recorded": commit}))
    else:
        click.echo(f"declared {clean(name)} = {value:g} ({clean(source)}); recorded {commit[:7]}")
    return 0


# Private functions


def _metric(text: str) -> tuple[str, float]:
    name, equals, value = text.rpartition("=")
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not equals or not name.strip() or not math.isfinite(number):
        raise click.BadParameter(f"{text!r} is not NAME=VALUE with a number", param_hint="--metric")
    return name.strip(), number
