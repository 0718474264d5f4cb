"""`paribus doctor`."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from paribus.cli.options import json_option
from paribus.reports import doctor as report
from paribus.workflows.doctor.examination import doctor as examine


@click.command(epilog="Example:  paribus doctor --fix")
@click.option("--fix", is_flag=True, help="Repair what can be repaired without losing anything.")
@click.option("--strict", is_flag=True, help="Exit 1 for practices, too.")
@json_option
def doctor(fix: bool, strict: bool, as_json: bool) -> int:
    """Find what is broken, and say what mends it.

    It looks at the ledger, runs without an end, results, baselines, clones, locks, the index and the
    setup of Git, and writes nothing. Then it tells which practices could be better. Exit 0: nothing is
    broken; 1: something is; 2: no repository.
    """
    logging.disable(logging.WARNING)  # what others note in passing is among what is found
    found = examine(Path.cwd(), fix=fix, strict=strict)
    click.echo(report.as_json(found) if as_json else report.as_text(found))
    return int(found.status)
