"""`paribus adopt`."""

from __future__ import annotations

from pathlib import Path

import click

from paribus.cli.answers import answered
from paribus.cli.options import jobs_option, json_option, timeout_option
from paribus.cli.progress import Progress
from paribus.workflows.adopt import AdoptOptions
from paribus.workflows.adopt import adopt as try_here
from paribus.workflows.limits import Limits
from paribus.workflows.project import open_project


@click.command(
    epilog="Example:  paribus adopt origin/hog 2 -m 'it should help with thin strokes, too'"
)
@click.argument("source", metavar="ID")
@click.argument("change", type=click.IntRange(1), required=False)
@click.option("-m", "--message", default="", help="The hypothesis; otherwise the original's.")
@jobs_option
@timeout_option
@click.option(
    "--seeds", "pairs", type=click.IntRange(1),
    help="At most so many pairs of seeds now; otherwise until a verdict stands.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Judge and plan; run and write nothing.")
@json_option
def adopt(
    source: str,
    change: int | None,
    message: str,
    jobs: int,
    timeout: float | None,
    pairs: int | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Try one change of a colleague's line on your own baseline.

    ID is an experiment, or a branch or commit. CHANGE is its number, as `paribus check ID` shows them;
    it can be left out where there is one. The change is put onto the baseline that `paribus run` would
    take, without your edits, and measured there: an experiment like any other, with its origin in its
    record. Exit codes as of `paribus run`; 2 where your baseline has something else in its place.
    """
    options = AdoptOptions(source, change, message, jobs, pairs, dry_run, Limits(timeout))
    found = try_here(open_project(Path.cwd()), options, Progress(quiet=as_json))
    return answered(found, as_json=as_json)
