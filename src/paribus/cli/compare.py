"""`paribus compare`."""

from __future__ import annotations

from pathlib import Path

import click

from paribus.cli.options import baseline_option, json_option
from paribus.reports import compare as report
from paribus.workflows.compare import compare as read_revisions
from paribus.workflows.project import open_project


@click.command(epilog="Example:  paribus compare exp/hog exp/deskew --baseline baseline/4 --md")
@click.argument("revisions", nargs=-1, metavar="[REVISION]...")
@baseline_option
@click.option("--all", "everything", is_flag=True, help="Show what does not differ, too.")
@click.option("--md", "markdown", is_flag=True, help="A Markdown table, for a pull request.")
@click.option("--csv", "as_csv", is_flag=True, help="A row for each value, for a spreadsheet.")
@json_option
def compare(
    revisions: tuple[str, ...],
    baseline: str | None,
    everything: bool,
    markdown: bool,
    as_csv: bool,
    as_json: bool,
) -> int:
    """Metrics and params of any REVISIONS, with their differences from one baseline.

    `workspace` is the working tree, and is compared when no revision is named. Reads Git objects
    only. A verdict stands where the ledger has one for exactly that change.
    """
    if sum((markdown, as_csv, as_json)) > 1:
        raise click.UsageError("--md, --csv and --json exclude one another")
    found = read_revisions(open_project(Path.cwd()), revisions or ("workspace",), baseline)
    if as_json:
        click.echo(report.as_json(found))
    elif as_csv:
        click.echo(report.as_csv(found))
    elif markdown:
        click.echo(report.as_markdown(found, everything=everything))
    else:
        click.echo(report.as_text(found, everything=everything))
    return 0
