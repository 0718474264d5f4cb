"""What `paribus logs` says around the lines of a run."""

from __future__ import annotations

from collections.abc import Sequence

from paribus.core.run import Run
from paribus.reports.runs import failure, run_json
from paribus.reports.tables import plain_table
from paribus.reports.text import clean, strict_json

GONE = "the log file is not here; these are the last lines, from the ledger"
NOT_HERE = "the log file is not here, and the ledger has no lines of it"


def beginning(name: str, side: str, run: Run | None) -> str:
    """Which run's lines follow."""
    if run is None:
        return f"run {name}"
    return f"run {name}: {side} pair {run.intent.index + 1}, {run.status.value}"


def end(run: Run) -> list[str]:
    """How a run that was followed ended."""
    if run.succeeded:
        return [f"succeeded after {run.seconds:.1f} s"]
    return failure(run)[:1]


def listed(side: str, runs: Sequence[tuple[Run, int | None]]) -> str:
    """Every run with the size of its log.

    Args:
        runs: each with the bytes of its log; None where it is not here.
    """
    if not runs:
        return "no runs"
    rows = [
        [
            run.intent.id,
            side,
            str(run.intent.index + 1),
            run.status.value,
            run.intent.started[:16].replace("T", " "),
            "last lines only" if size is None else f"{size:,} bytes",
        ]
        for run, size in runs
    ]
    headers = ["run", "side", "pair", "status", "started, UTC", "log"]
    return plain_table(rows, headers, right=(2,))


def list_json(side: str, runs: Sequence[tuple[Run, int | None]]) -> str:
    """The same as one strict JSON object."""
    return strict_json({"runs": [run_json(side, run) | {"log_bytes": size} for run, size in runs]})


def log_json(side: str, run: Run | None, name: str, text: str, *, from_ledger: bool) -> str:
    """One run's log as one strict JSON object."""
    told = run_json(side, run) if run else {"id": name}
    return strict_json({"run": told, "log": text, "from_ledger": from_ledger})


def inert_lines(text: str) -> str:
    """Lines that cannot move a cursor or colour a screen; a bar drawn anew is a line each time."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(clean(line.expandtabs()) for line in lines)
