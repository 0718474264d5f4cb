"""`paribus logs`."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

import click

from paribus.cli.options import json_option
from paribus.core.errors import Exit
from paribus.core.run import Run
from paribus.reports import logs as report
from paribus.reports.text import clean, inert
from paribus.workflows.logs import Logs, followed, logs_of, read
from paribus.workflows.project import open_project


@click.command(epilog="Example:  paribus logs 7f3a -f")
@click.argument("of", metavar="ID")
@click.option("-f", "--follow", is_flag=True, help="Go on until the run ends, and those after it.")
@click.option("--list", "as_list", is_flag=True, help="List the runs instead, the latest last.")
@json_option
def logs(of: str, follow: bool, as_list: bool, as_json: bool) -> int:
    """What a run printed, and prints.

    ID is the beginning of an experiment's id, for its latest run; of a run's id, as `paribus show`
    has them; or `baseline`. Logs are on the machine that made the run, for 30 days; of older and other
    ones the ledger has the last lines. Which run it is, and how it ended, is told on standard error.
    Exit 0; 5: the run that was followed did not succeed; 2: there is none.
    """
    if as_json and follow:
        raise click.UsageError("--json tells of a log as it is now; without --follow")
    found = logs_of(open_project(Path.cwd()), of)
    if as_list:
        runs = [(run, _size(found, run)) for run in found.runs()]
        click.echo((report.list_json if as_json else report.listed)(found.side, runs))
        return Exit.DONE
    if as_json:
        return _json(found)
    return _printed(found, follow=follow)


# Private functions


def _size(found: Logs, run: Run) -> int | None:
    try:
        return found.file(run.intent.id).stat().st_size
    except OSError:
        return None


def _run(found: Logs, name: str) -> Run | None:
    return next((run for run in found.runs() if run.intent.id == name), None)


def _json(found: Logs) -> int:
    pieces = list(read(found))
    name, text = pieces[-1].run, b"".join(piece.data for piece in pieces).decode("utf-8", "replace")
    click.echo(
        report.log_json(
            found.side, _run(found, name), name, text, from_ledger=pieces[-1].from_ledger
        )
    )
    return Exit.DONE


def _printed(found: Logs, *, follow: bool) -> int:
    """Bytes as they are on a pipe; on a terminal without what could move it."""
    living, name, decoder = (
        sys.stdout.isatty(),
        "",
        codecs.getincrementaldecoder("utf-8")("replace"),
    )
    for piece in followed(found) if follow else read(found):
        if piece.run != name:
            _ended(found, name, follow=follow)
            name = piece.run
            _say(report.beginning(name, found.side, _run(found, name)))
            if piece.from_ledger:
                run = _run(found, name)
                _say(f"note: {report.GONE if run and run.log_tail else report.NOT_HERE}")
        if living:
            click.echo(report.inert_lines(decoder.decode(piece.data)), nl=False)
        else:
            sys.stdout.buffer.write(piece.data)
        sys.stdout.flush()
    return _ended(found, name, follow=follow)


def _ended(found: Logs, name: str, *, follow: bool) -> Exit:
    """Tells how a run that was followed ended."""
    run = _run(found, name) if follow and name else None
    if run is None:
        return Exit.DONE
    for line in report.end(run):
        _say(line)
    return Exit.DONE if run.succeeded else Exit.RUN_FAILED


def _say(line: str) -> None:
    click.echo(inert(clean(line)), err=True)
