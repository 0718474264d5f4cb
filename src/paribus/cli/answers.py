"""What a command that runs one experiment answers."""

from __future__ import annotations

import click

from paribus.reports import check, dry_run, run
from paribus.reports.check import CheckReport
from paribus.reports.dry_run import DryRun
from paribus.reports.run import RunReport


def answered(found: CheckReport | DryRun | RunReport, *, as_json: bool) -> int:
    """Prints a refusal, a plan or a result; returns the exit code."""
    if isinstance(found, CheckReport):
        click.echo(run.refusal_json(found) if as_json else check.refusal_text(found))
        return int(check.refusal_status(found))
    if isinstance(found, DryRun):
        click.echo(dry_run.as_json(found) if as_json else dry_run.as_text(found))
        return 0
    click.echo(run.as_json(found) if as_json else run.as_text(found))
    return int(found.status)
