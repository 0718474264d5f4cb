"""`paribus sync`."""

from __future__ import annotations

from pathlib import Path

import click

from paribus.cli.options import json_option
from paribus.git.repository import discover
from paribus.reports import sync as report
from paribus.workflows.sync import sync as share


@click.command(epilog="Example:  paribus sync origin")
@click.argument("remote", required=False)
@click.option(
    "--all", "every", is_flag=True, help="Results of experiments made without Paribus, too."
)
@json_option
def sync(remote: str | None, every: bool, as_json: bool) -> int:
    """Share ledger, baselines and results with a remote.

    It fetches what others recorded, takes all of it in, and pushes what the remote lacks: the branch
    paribus/ledger, tags baseline/<n>, and refs/exps of recorded runs. Nothing is forced, and nothing is
    overwritten on either side; your branches, index and files stay as they are. REMOTE is that of the
    branch you are on, else origin, else the only one. Exit 1: a baseline's number stands at two
    commits, everything else is shared; 2: no such remote, or it does not let you in; 6: it cannot be
    reached, or refused something.
    """
    found = share(discover(Path.cwd().resolve()), remote, every=every)
    click.echo(report.as_json(found) if as_json else report.as_text(found))
    return int(found.status)
