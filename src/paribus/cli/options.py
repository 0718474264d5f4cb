"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from paribus.core.duration import read_duration

if TYPE_CHECKING:
    _Seconds = click.ParamType[float]
else:
    _Seconds = click.ParamType  # older versions of click know no type in brackets


class Duration(_Seconds):
    """A span of time, as seconds."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Seconds of `90s`, `30m`, `2h` or `1d`."""
        if isinstance(value, float):
            return value
        try:
            return read_duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


timeout_option = click.option(
    "--timeout",
    type=Duration(),
    metavar="TIME",
    help="End each run after so long, as 90s, 30m or 2h; otherwise `timeout` of paribus.yaml, or never.",
)

fail_fast_option = click.option(
    "--fail-fast",
    is_flag=True,
    help="End all other runs as soon as one does not succeed.",
)

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
