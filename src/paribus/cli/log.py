"""`paribus log`."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import click

from paribus.cli.options import json_option
from paribus.core.ended import FAILED, STATUSES
from paribus.core.errors import Problem
from paribus.core.verdict import Outcome
from paribus.ledger.index.wanted import SORTED_BY, Wanted, condition
from paribus.reports import log as report
from paribus.reports.unregistered import WORD
from paribus.workflows.log import log as read_log
from paribus.workflows.project import Project, open_project

_DAY = re.compile(r"(?a)\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d)?)?)?)?)?")
_COLUMNS = [*SORTED_BY, *(f"-{name}" for name in SORTED_BY)]


@click.command(epilog="Example:  paribus log --verdict no-difference --param train.lr --limit 20")
@click.option(
    "--verdict",
    type=click.Choice([*(outcome.value for outcome in Outcome), FAILED]),
    help="Only experiments with this verdict, or that failed.",
)
@click.option(
    "--status", type=click.Choice([*STATUSES, WORD]), help="Only experiments that stand so."
)
@click.option("--author", default="", metavar="TEXT", help="A part of the name or the e-mail.")
@click.option("--change", default="", metavar="TEXT", help="A part of what was changed.")
@click.option("--param", metavar="NAME", help="A param that was changed, such as train.lr or lr.")
@click.option(
    "--metric", metavar="NAME", help="A metric that was measured, or a bound: 'loss<0.2'."
)
@click.option("--baseline", metavar="NAME", help="Measured against it: its name, or its commit.")
@click.option(
    "--text", default="", metavar="WORDS", help="Words of the change, the hypothesis or the id."
)
@click.option("--since", metavar="DATE", help="Registered on that day (UTC) or later: 2026-01-31.")
@click.option("--until", metavar="DATE", help="Registered on that day (UTC) or earlier.")
@click.option(
    "--sort",
    type=click.Choice(_COLUMNS),
    metavar="COLUMN",
    help=f"Rising, or falling after a minus: {', '.join(SORTED_BY)}. Otherwise the latest first.",
)
@click.option("--reverse", is_flag=True, help="The other way round.")
@click.option("-n", "--limit", type=click.IntRange(1), help="At most so many.")
@click.option("--offset", type=click.IntRange(0), default=0, help="Leave so many out before them.")
@click.option(
    "--graph", is_flag=True, help="Draw them over time, with the baselines as a staircase."
)
@json_option
@click.option("--jsonl", "as_lines", is_flag=True, help="JSON Lines: an experiment a line.")
def log(
    verdict: str | None,
    status: str | None,
    author: str,
    change: str,
    param: str | None,
    metric: str | None,
    baseline: str | None,
    text: str,
    since: str | None,
    until: str | None,
    sort: str | None,
    reverse: bool,
    limit: int | None,
    offset: int,
    graph: bool,
    as_json: bool,
    as_lines: bool,
) -> int:
    """Every experiment, the latest first, the dead ends too.

    Experiments that dvc exp run made without Paribus come after the others.
    """
    if graph and (as_json or as_lines):
        raise click.UsageError("--graph draws for people, --json and --jsonl list for machines")
    column = sort or "-started"
    wanted = Wanted(
        outcome=verdict,
        status=status,
        author=author,
        change=change,
        param=param,
        metric=_metric(metric),
        baseline=baseline,
        text=text,
        since=_day(since),
        until=_day(until),
        sort=column.removeprefix("-"),
        descending=column.startswith("-") != reverse,
        limit=limit,
        offset=offset,
    )
    project = open_project(Path.cwd())
    if graph and (drawn := _drawn(project, wanted)):
        click.echo(drawn)
        return 0
    found = read_log(project, wanted)
    if as_lines:
        if found.shown:
            click.echo(report.as_json_lines(found))
    else:
        click.echo(report.as_json(found) if as_json else report.as_text(found))
    return 0


# Private functions


def _drawn(project: Project, wanted: Wanted) -> str:
    """The staircase; empty where there is nothing to be drawn."""
    from paribus.reports import graph  # noqa: PLC0415 (a list need not wait for it)
    from paribus.workflows.staircase import staircase  # noqa: PLC0415

    found = staircase(project, wanted)
    return graph.as_text(found) if found and found.points else ""


def _day(text: str | None) -> str | None:
    if text is not None and not (_DAY.fullmatch(text) and _is_in_the_calendar(text)):
        raise Problem("usage", f"{text!r} is no date", "a day in UTC   2026-01-31")
    return text


def _is_in_the_calendar(text: str) -> bool:
    try:
        datetime.fromisoformat(text + "0001-01-01T00:00"[len(text) :])
    except ValueError:
        return False
    return True


def _metric(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        name, _ = condition(text)
    except ValueError:
        name = ""
    if not name or name[-1] in "<>=!":
        raise Problem(
            "usage", f"{text!r} is neither a metric nor a bound of one", "such as   loss<0.2"
        )
    return text
