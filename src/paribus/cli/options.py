"""Options that several commands share."""

from __future__ import annotations

import click

baseline_option = click.option(
    "--baseline",
    metavar="REV",
    help="The commit to beat; otherwise the nearest tag baseline/<n>, or the merge base with main.",
)

json_option = click.option(
    "--json", "as_json", is_flag=True, help="One strict JSON object on standard output."
)

jobs_option = click.option(
    "-j",
    "--jobs",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="Runs at once; 0 runs them inside this process, for debugging.",
)

per_commit_option = click.option(
    "--per-commit",
    is_flag=True,
    help="Judge each commit against its parent: for branches whose commits are the experiments.",
)

project_option = click.option(
    "--project",
    metavar="DIR",
    help="The project's folder, with its dvc.yaml; otherwise the DVC project around this one.",
)
