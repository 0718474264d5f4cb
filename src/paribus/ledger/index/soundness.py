"""Whether the index is what was written, and whether that is what the ledger says."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Any

from paribus.git.command import Git
from paribus.ledger.branch import Branch
from paribus.ledger.index.building import fill
from paribus.ledger.index.schema import (
    COLUMNS,
    Damaged,
    read_state,
    require_schema,
    require_sum,
)

SMALL = 2000
"""Experiments up to which the whole file is read each time, in some hundredths of a second."""


def require_sound(connection: sqlite3.Connection) -> None:
    """Raises `Damaged` where the index is not what was written.

    Of a large one that is found out where a row is read; `differences` reads all of it.
    """
    require_schema(connection)
    if read_state(connection)["rows"] <= SMALL:
        require_whole(connection)


def require_whole(connection: sqlite3.Connection) -> None:
    """As `require_sound`, and every row is read."""
    (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        raise Damaged(str(said).splitlines()[-1])
    state, rows, sums = read_state(connection), 0, 0
    for *values, total, body in _experiments(connection):
        require_sum((*values, body), total)
        rows, sums = rows + 1, sums + total
    for table, columns in (("promotions", "path, record"), ("results", "sha, told")):
        for *values, total in connection.execute(f"SELECT {columns}, sum FROM {table}"):  # noqa: S608
            require_sum(values, total)
    if (rows, sums) != (state["rows"], state["sums"]):
        raise Damaged("rows of it are missing")
    require_runs(connection)


def require_runs(connection: sqlite3.Connection) -> None:
    """Raises `Damaged` where not every run is found that should be: of 300,000 in half a second."""
    state, runs, sums = read_state(connection), 0, 0
    for *values, total in connection.execute("SELECT id, owner, sum FROM runs"):
        require_sum(values, total)
        runs, sums = runs + 1, sums + total
    if (runs, sums) != (state["runs"], state["run_sums"]):
        raise Damaged("runs are missing in it")


def differences(connection: sqlite3.Connection, git: Git) -> list[str]:
    """What the index says otherwise than the ledger, in words; empty where it is true.

    The whole ledger is read.
    """
    try:
        require_schema(connection)
        require_whole(connection)
    except (Damaged, sqlite3.DatabaseError) as error:
        return [f"the index is damaged: {error}"]
    tips = tuple(read_state(connection)["tips"])
    if tips != Branch(git).tips():
        return []  # it is behind, and is brought up to date by whoever asks it
    with contextlib.closing(sqlite3.connect("", isolation_level=None)) as anew:
        fill(anew, git, tips)
        return [*_told(_experiments(connection), _experiments(anew), "experiment"),
                *_told(_runs(connection), _runs(anew), "run"),
                *_told(_promotions(connection), _promotions(anew), "record")]  # fmt: skip


# Private functions


_Row = tuple[Any, ...]


def _experiments(connection: sqlite3.Connection) -> Iterator[_Row]:
    columns = ", ".join(COLUMNS)
    return connection.execute(
        f"SELECT {columns}, sum, body FROM experiments LEFT JOIN bodies USING (id) ORDER BY id"  # noqa: S608
    )


def _runs(connection: sqlite3.Connection) -> Iterator[_Row]:
    return connection.execute("SELECT id || ' of ' || owner, sum FROM runs ORDER BY id, owner")


def _promotions(connection: sqlite3.Connection) -> Iterator[_Row]:
    return connection.execute("SELECT * FROM promotions ORDER BY path")


def _told(kept: Iterator[_Row], anew: Iterator[_Row], what: str) -> Iterator[str]:
    """Both are in the order of their first column."""
    old, new = next(kept, None), next(anew, None)
    while old is not None or new is not None:
        if new is None or (old is not None and str(old[0]) < str(new[0])):
            yield f"the index has the {what} {old and old[0]}, which the ledger does not have"
            old = next(kept, None)
        elif old is None or str(new[0]) < str(old[0]):
            yield f"the index lacks the {what} {new[0]}"
            new = next(anew, None)
        else:
            if old != new:
                yield f"the index says otherwise of the {what} {new[0]}"
            old, new = next(kept, None), next(anew, None)
