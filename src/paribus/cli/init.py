"""`paribus init`."""

from __future__ import annotations

from pathlib import Path

import click

from paribus.cli.options import json_option
from paribus.reports import init as report
from paribus.workflows.init import init as write_protocol
from paribus.workflows.project import open_project


@click.command(epilog="Example:  paribus init --metric rmse --direction lower")
@click.option("--metric", help="The primary metric; otherwise found in the metrics files.")
@click.option(
    "--direction", type=click.Choice(["higher", "lower"]), help="Which is better; else by its name."
)
@click.option("--hooks", is_flag=True, help="Also write Git hooks that judge each commit.")
@click.option(
    "--ci",
    type=click.Choice(["github", "github-forks", "gitlab"]),
    help="Also write CI jobs that review changes; github-forks for those of strangers, too.",
)
@json_option
def init(
    metric: str | None, direction: str | None, hooks: bool, ci: str | None, as_json: bool
) -> int:
    """Write paribus.yaml for an existing DVC project: metric, direction, seeds, ruler.

    What is there already is left as it is, so that a second call changes nothing.
    """
    found = write_protocol(open_project(Path.cwd()), metric, direction, hooks=hooks, ci=ci)
    click.echo(report.as_json(found) if as_json else report.as_text(found))
    return 0
