"""Single runs: as JSON, as rows of a table, and what a failed one said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from paribus.core.run import Purpose, Run, Status
from paribus.reports.tables import plain_table
from paribus.reports.text import WIDTH, clean, clean_block, shortened, wrapped

SAID_BY_DVC = (
    "Running stage ",
    "> ",
    "Updating lock file ",
    "Generating lock file ",
    "WARNING: No file hash info found for ",
)


def run_json(side: str, run: Run) -> dict[str, Any]:
    """One run, with the keys that scripts may rely on first."""
    own = run.as_json()
    first = {key: own[key] for key in ("id", "seeds", "status", "metrics", "seconds", "commit")}
    return {**first, "side": side, "pair": run.intent.index + 1, **own}


def failure(run: Run, experiment: str = "") -> list[str]:
    """A run that did not succeed, with the last that it said.

    Args:
        experiment: whose it is, where there are several.
    """
    word = run.status.value.replace("-", " ")
    # How long it took is the cause of a timeout, and is told by that.
    after = (
        f" after {run.seconds:.0f} s" if run.stage and run.status is not Status.TIMED_OUT else ""
    )
    whose = f"{experiment} " if experiment else ""
    cause = clean(run.cause or "").removeprefix(f"{word} ")
    told = f"{whose}{word}: pair {run.intent.index + 1}, {cause}{after}; recorded"
    return [
        told,
        *(line for said in last_words(run)[-4:] for line in _said(said)),
    ]


def happened(run: Run) -> str:
    """How a run that did not succeed ended, as the verb of a sentence."""
    word = run.status.value.replace("-", " ")
    return f"was {word}" if run.status in (Status.KILLED, Status.CANCELLED) else word


def last_words(run: Run) -> list[str]:
    """The last lines that a run printed, without what DVC says of its own work."""
    lines = clean_block(run.log_tail).splitlines()
    return [line for line in lines if line.strip() and not line.startswith(SAID_BY_DVC)]


def runs_table(runs: Sequence[tuple[str, Run]], metric: str) -> list[str]:
    """Every run on a line of its own."""
    rows = [
        [
            run.intent.id,
            _side(side, run),
            str(run.intent.index + 1),
            run.status.value,
            f"{run.metrics[metric]:.6g}" if metric in run.metrics else "",
            f"{run.seconds:.1f}" if run.seconds else "",
            (run.commit or "")[:7],
        ]
        for side, run in runs
    ]
    headers = ["run", "side", "pair", "status", clean(metric), "seconds", "commit"]
    table = plain_table(rows, headers, right=(2, 4, 5)).splitlines()
    return [*(f"  {line}".rstrip() for line in table), *_seeds(run for _, run in runs)]


# Private functions


def _said(line: str) -> list[str]:
    """A message is broken where it is long; source that a traceback shows is cut."""
    if line.startswith(" "):
        return [f"  {shortened(line, WIDTH - 2)}"]
    return wrapped(shortened(line, 150), "  ")


def _side(side: str, run: Run) -> str:
    """The side of a pair, and what for, where it is not the verdict."""
    purpose = run.intent.purpose
    if purpose is Purpose.CONTROL:
        return "control"
    return side if purpose is Purpose.MEASURE else f"{side}, {purpose.value}"


def _seeds(runs: Iterable[Run]) -> list[str]:
    """The seeds of each pair, which both sides share."""
    pairs = {
        (run.intent.series, run.intent.index): run.intent.seeds for run in runs if run.intent.seeds
    }
    told = [
        f"seeds of pair {index + 1}{f' of {series}' if series else ''}: "
        + ", ".join(f"{clean(name)} {value}" for name, value in seeds.items())
        for (series, index), seeds in sorted(pairs.items())
    ]
    return [line for each in told for line in wrapped(each, "  ")]
