"""The index's tables, and how a row shows that it is whole."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

SCHEMA = 3
"""Raised with every change of the tables or of what is in them: another one is built anew."""

COLUMNS = (
    "id", "project", "started", "author", "change", "hypothesis", "revision", "status", "outcome",
    "metric", "estimate", "low", "high", "n", "baseline_commit", "baseline_name", "baseline_key",
    "kinds", "params", "files", "metrics", "runs", "failures", "seconds", "again", "open", "unreadable",
)  # fmt: skip
"""Of the table `experiments`, but for its checksum.

`status` is what it is while nobody works on it; `outcome` is the verdict's, or `failed`; `kinds`,
`params` and `files` are JSON lists of what the change is about, `metrics` a JSON object with the mean of
each metric over the runs that measure it; `seconds` those of all its runs; `again` is 1 where
something of it was cut off, 2 where something failed, and else 0; `open` counts runs without an end,
`unreadable` records that could not be read. Without a registration all but the last two are empty.
"""

_DDL = (
    f"CREATE TABLE experiments (id TEXT PRIMARY KEY, {', '.join(COLUMNS[1:])}, sum) WITHOUT ROWID",
    "CREATE TABLE bodies (id TEXT PRIMARY KEY, body TEXT)",
    "CREATE TABLE runs (id TEXT, owner TEXT, sum, PRIMARY KEY (id, owner)) WITHOUT ROWID",
    "CREATE TABLE promotions (path TEXT PRIMARY KEY, record TEXT, sum)",
    "CREATE TABLE results (sha TEXT PRIMARY KEY, told TEXT, sum)",
    "CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT, sum)",
)
_INDICES = (
    "CREATE INDEX latest ON experiments (project, started, id)",
    "CREATE INDEX against ON experiments (baseline_key)",
    "CREATE INDEX totals ON experiments (project, baseline_key, started, runs, seconds)",
    "CREATE INDEX unended ON experiments (id) WHERE open > 0",
    "CREATE INDEX anew ON experiments (project) WHERE again > 0",
    "CREATE INDEX unread ON experiments (id) WHERE unreadable > 0",
)


class Damaged(Exception):  # noqa: N818 (a state of the file, which is mended, and no error of anybody)
    """The index is not what was written."""


class OtherVersion(Damaged):
    """The index is as another version of Paribus writes it."""


def create(connection: sqlite3.Connection) -> None:
    """The tables, without what makes them fast to ask: that is faster made when they are full."""
    for statement in _DDL:
        connection.execute(statement)


def finish(connection: sqlite3.Connection) -> None:
    """What makes the tables fast to ask, and the mark that they are whole."""
    for statement in _INDICES:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {SCHEMA}")


def require_schema(connection: sqlite3.Connection) -> None:
    """Raises `Damaged` where the tables are not those of this version, to the letter."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        raise Damaged("it is not finished")
    if version != SCHEMA:
        raise OtherVersion(f"its schema is {version}, and this version of Paribus writes {SCHEMA}")
    found = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    if sorted(statement for (statement,) in found) != sorted((*_DDL, *_INDICES)):
        raise Damaged("its tables are not those that were made")


def checksum(*values: object) -> int:
    """Tells a row with a flipped bit from the one that was written; of values as SQLite gives them back."""
    told = [value if type(value) is str else f"\0{value!r}" for value in values]
    return zlib.crc32("\n".join(told).encode("utf-8", "surrogatepass"))


def require_sum(values: Sequence[object], total: object) -> None:
    """Raises `Damaged` where a row is not what was written."""
    if checksum(*values) != total:
        raise Damaged("a row of it is not what was written")


def read_state(connection: sqlite3.Connection) -> dict[str, Any]:
    """What the index says of itself; raises `Damaged`."""
    row = connection.execute("SELECT value, sum FROM state WHERE name = 'state'").fetchone()
    if row is None:
        raise Damaged("it is not finished")
    require_sum(row[:1], row[1])
    state: dict[str, Any] = json.loads(row[0])
    return state


def write_state(connection: sqlite3.Connection, state: dict[str, Any]) -> None:
    """What the index says of itself: `tips` of the ledger, how many rows, and their checksums' sum."""
    value = json.dumps(state)
    row = ("state", value, checksum(value))
    connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?, ?)", row)


def place_holders(columns: Iterable[object]) -> str:
    """`?, ?, ?`."""
    return ", ".join("?" for _ in columns)
