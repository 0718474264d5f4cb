"""`paribus report`."""

from __future__ import annotations

import webbrowser
from dataclasses import replace
from pathlib import Path

import click

from paribus.cli.counting import Counting
from paribus.cli.options import json_option
from paribus.reports import report as told
from paribus.workflows import report as workflow
from paribus.workflows.project import open_project


@click.command(epilog="Example:  paribus report -o notebook.html")
@click.option(
    "-o", "--output", metavar="FILE",
    help="Where to write it, - for standard output; otherwise .dvc/tmp/paribus/report.html.",
)  # fmt: skip
@click.option("--open", "opened", is_flag=True, help="Open it in the browser.")
@json_option
def report(output: str | None, opened: bool, as_json: bool) -> int:
    """The whole notebook as one HTML page that needs no network, and can be sent to anybody.

    The staircase of baselines with every experiment, dead ends too; what was tried; where the noise comes
    from; each experiment in full. It has no clock: the same ledger gives the same page.
    """
    if output == "-" and (opened or as_json):
        raise click.UsageError("-o - prints the page itself, beside which nothing else goes")
    project, counting = open_project(Path.cwd()), Counting("experiments read", quiet=as_json)
    try:
        if output == "-":
            text = workflow.text(project, counting)
        else:
            found = workflow.report(project, None if output is None else Path(output), counting)
    finally:
        counting.end()
    if output == "-":
        click.echo(text.encode("utf-8", "replace"), nl=False)
        return 0
    found = replace(found, output=output, opened=opened and _shown(found.path))
    click.echo(told.as_json(found) if as_json else told.as_text(found))
    return 0


# Private functions


def _shown(path: str) -> bool:
    """Whether a browser was found that opens it."""
    if webbrowser.open(Path(path).as_uri()):
        return True
    click.echo("note: no browser was found here; open the file yourself", err=True)
    return False
