"""`paribus noise`."""

from __future__ import annotations

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
from paribus.reports import noise as report
from paribus.workflows import noise as workflow
from paribus.workflows.limits import Limits
from paribus.workflows.project import open_project


@click.command(epilog="Example:  paribus noise --seeds 10 --jobs 2")
@baseline_option
@click.option(
    "--seeds", "runs", type=click.IntRange(3), default=5, show_default=True,
    help="Runs with all seeds varied, and with each of them alone.",
)  # fmt: skip
@click.option(
    "--reruns", type=click.IntRange(2), default=3, show_default=True,
    help="Reruns of one seed, caches off.",
)  # fmt: skip
@click.option(
    "--effect", type=click.FloatRange(0, min_open=True),
    help="Plan for this difference instead of the declared one.",
)  # fmt: skip
@jobs_option
@timeout_option
@fail_fast_option
@json_option
def noise(
    baseline: str | None,
    runs: int,
    reruns: int,
    effect: float | None,
    jobs: int,
    timeout: float | None,
    fail_fast: bool,
    as_json: bool,
) -> int:
    """Where the baseline's spread comes from: each seed, reruns, the evaluation set.

    The baseline is run with all declared seeds varied, with each of them alone, and again with the
    same ones. Runs that exist are not made again, and every later experiment reuses those with all
    seeds varied. Says, too, which seed moves nothing, and which difference so many pairs can show.
    """
    limits = Limits(timeout, fail_fast)
    options = workflow.NoiseOptions(baseline, runs, reruns, effect, jobs, limits)
    found = workflow.noise(open_project(Path.cwd()), options, Progress(quiet=as_json))
    click.echo(report.as_json(found) if as_json else report.as_text(found))
    return 0
