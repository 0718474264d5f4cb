"""`paribus compare`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from paribus.cli.options import baseline_option, json_option
from paribus.reports.compare import CompareReport
from paribus.workflows.compare import compare as read_revisions
from paribus.workflows.compare import sorted_by
from paribus.workflows.project import open_project


@click.command(epilog="Example:  paribus compare exp/hog exp/deskew --baseline baseline/4 --md")
@click.argument("revisions", nargs=-1, metavar="[REVISION]...")
@baseline_option
@click.option("--all", "everything", is_flag=True, help="Show what does not differ, too.")
@click.option("--sort", metavar="NAME", help="By a metric, the best first, or by a param.")
@click.option("-n", "--limit", type=click.IntRange(1), help="At most so many revisions.")
@click.option("--md", is_flag=True, help="A Markdown table, for a pull request.")
@click.option("--csv", is_flag=True, help="A row for each value, for a spreadsheet.")
@click.option("--html", is_flag=True, help="One HTML document, for a browser.")
@json_option
@click.option("--jsonl", is_flag=True, help="JSON Lines: a revision a line.")
def compare(
    revisions: tuple[str, ...],
    baseline: str | None,
    everything: bool,
    sort: str | None,
    limit: int | None,
    as_json: bool,
    **forms: bool,
) -> int:
    """Metrics, plots and params of any REVISIONS, with their differences from one baseline.

    A revision is a commit by any name, a range A..B (each of its commits), the id of an experiment
    (the means of its runs) or of a run, or `workspace`, the working tree, which is compared when
    none is named. Nothing is run, and nothing fetched: Git objects are read, and the DVC cache.
    A verdict stands where the ledger has one for exactly that change.
    """
    chosen = [name for name, wanted in {**forms, "json": as_json}.items() if wanted]
    if len(chosen) > 1:
        raise click.UsageError("--md, --csv, --html, --json and --jsonl exclude one another")
    found = read_revisions(open_project(Path.cwd()), revisions or ("workspace",), baseline)
    status = found.status
    if sort is not None:
        found = sorted_by(found, sort)
    if limit is not None:
        found = replace(found, compared=found.compared[:limit])
    click.echo(_told(found, chosen[0] if chosen else None, everything=everything))
    return status


# Private functions


def _told(found: CompareReport, form: str | None, *, everything: bool) -> str:
    if form is None:
        from paribus.reports.comparing.text import as_text  # noqa: PLC0415 (one form is wanted)

        return as_text(found, everything=everything)
    if form == "html":
        from paribus.reports.comparing.page import as_page  # noqa: PLC0415 (as above)

        return as_page(found, everything=everything)
    from paribus.reports.comparing import forms  # noqa: PLC0415 (as above)

    if form == "md":
        return forms.as_markdown(found, everything=everything)
    machine = {"csv": forms.as_csv, "json": forms.as_json, "jsonl": forms.as_json_lines}
    return machine[form](found)
