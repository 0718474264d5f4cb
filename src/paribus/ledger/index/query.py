"""What is asked of the index: which experiments, in which order, from where to where."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from paribus.core.ids import SHORTEST
from paribus.core.record import Record
from paribus.ledger.branch import Found
from paribus.ledger.index.rows import Entry, entry_of, key_of
from paribus.ledger.index.schema import COLUMNS, require_sum
from paribus.ledger.index.soundness import require_runs
from paribus.ledger.index.wanted import AGAINST, SORTED_BY, STATUS, Wanted, conditions, named
from paribus.ledger.promotions import Promotions, gathered

_MOST = 2**62
"""More than that SQLite cannot be asked for."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What was found.

    Attributes:
        entries: those from `offset` on, at most `limit`, each with its id as it is shown.
        total: how many are as they are wanted.
        every: how many the project has.
        unreadable: paths of records that this version cannot read.
    """

    entries: tuple[tuple[Entry, str], ...]
    total: int
    every: int
    unreadable: tuple[str, ...]


def listing(
    connection: sqlite3.Connection, project: str, wanted: Wanted, running: Iterable[str]
) -> Listing:
    """The experiments of a project.

    Args:
        project: its folder from the top of the repository.
        running: ids of those on which a process works now.

    Raises:
        Damaged: a row is not what was written.
    """
    _note_running(connection, running)
    asks, values = conditions(connection, wanted)
    where = " AND ".join(["project = ?", *asks])
    asked = (key_of(project), *values)
    order = "DESC" if wanted.descending else "ASC"
    column = STATUS if wanted.sort == "status" else SORTED_BY[wanted.sort]
    last = "" if wanted.sort == "started" else f"{column} IS NULL, {column} {order}, "
    rows = connection.execute(
        f"SELECT {', '.join(COLUMNS)}, sum, body FROM (SELECT * FROM experiments WHERE {where} "  # noqa: S608
        f"ORDER BY {last}started {order}, id {order} LIMIT ? OFFSET ?) LEFT JOIN bodies USING (id) "
        f"ORDER BY {last}started {order}, id {order}",
        (
            *asked,
            -1 if wanted.limit is None else min(wanted.limit, _MOST),
            min(wanted.offset, _MOST),
        ),
    )
    entries = tuple((entry_of(row), short_id(connection, str(row[0]))) for row in rows)
    (every,) = connection.execute(
        "SELECT count(*) FROM experiments WHERE project = ?", asked[:1]
    ).fetchone()
    total = every
    if asks:
        counted = f"SELECT count(*) FROM experiments WHERE {where}"  # noqa: S608
        (total,) = connection.execute(counted, asked).fetchone()
    return Listing(entries, total, every, _unreadable(connection, project))


def has_baseline(connection: sqlite3.Connection, name: str) -> bool:
    """Whether an experiment was measured against what is called so, or has such a commit."""
    asked = f"SELECT 1 FROM experiments WHERE {AGAINST} LIMIT 1"  # noqa: S608
    return connection.execute(asked, named(name)).fetchone() is not None


def firsts(connection: sqlite3.Connection, project: str) -> list[Entry]:
    """A project's earliest experiment against each baseline, the earliest first; raises `Damaged`."""
    rows = connection.execute(
        # Of a group SQLite gives the row that has the minimum.
        f"SELECT {', '.join(COLUMNS)}, sum, body, min(started || id) AS first FROM experiments "  # noqa: S608
        "LEFT JOIN bodies USING (id) WHERE project = ? GROUP BY baseline_key ORDER BY first",
        (key_of(project),),
    )
    return [entry_of(row[:-1]) for row in rows]


def unended(connection: sqlite3.Connection) -> list[Entry]:
    """Every experiment that has runs without an end: running, or interrupted."""
    rows = connection.execute(f"{_WHOLE} WHERE open > 0")
    return [entry_of(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Overview:
    """What a project's experiments come to.

    Attributes:
        count: how many there are.
        first: when the first was registered, UTC, ISO 8601; None without any.
        runs: how many of theirs ended, and `seconds` how long these took together.
        keys: of the baselines that they were held against.
        against: ids of those against the baseline that is asked about, the earliest first.
        unreadable: paths of records of any project that this version cannot read.
    """

    count: int
    first: str | None
    runs: int
    seconds: float
    keys: frozenset[str]
    against: tuple[str, ...]
    unreadable: tuple[str, ...]


def overview(connection: sqlite3.Connection, project: str, key: str) -> Overview:
    """Of a project's experiments, and of those against one baseline by its snapshot key; raises `Damaged`."""
    project = key_of(project)
    count, first, runs, seconds = connection.execute(
        "SELECT count(*), min(started), total(runs), total(seconds) FROM experiments WHERE project = ?",
        (project,),
    ).fetchone()
    keys = connection.execute(
        "SELECT DISTINCT baseline_key FROM experiments WHERE project = ?", (project,)
    )
    against = connection.execute(
        "SELECT id FROM experiments WHERE baseline_key = ? ORDER BY started, id", (key,)
    )
    return Overview(
        count, first, int(runs), seconds, frozenset(one for (one,) in keys),
        tuple(one for (one,) in against), _unreadable(connection, None),
    )  # fmt: skip


def promotions(connection: sqlite3.Connection) -> Promotions:
    """Every confirmation and promotion that the ledger has; raises `Damaged`."""
    found = []
    for path, told, total in connection.execute("SELECT * FROM promotions ORDER BY path"):
        require_sum((path, told), total)
        found.append(Found(path, Record(*json.loads(told)) if told else None))
    return gathered(found)


def to_make_again(connection: sqlite3.Connection, project: str, *, failed: bool) -> list[Entry]:
    """A project's experiments of which something may have to be made again, the earliest first.

    What goes on at this moment may be among them.

    Args:
        failed: also where something failed by itself.

    Raises:
        Damaged: a row is not what was written.
    """
    found = connection.execute(
        f"{_WHOLE} WHERE project = ? AND again > 0 AND again <= ? ORDER BY started, id",
        (key_of(project), 2 if failed else 1),
    )
    return [entry_of(row) for row in found]


def with_run(connection: sqlite3.Connection, beginning: str) -> list[str]:
    """The ids of experiments with a run that ended and whose id starts so, in the order of the runs.

    Raises:
        Damaged: there is none, and not every run is in the index that should be; or as elsewhere.
    """
    key = key_of(beginning)
    found = connection.execute(
        "SELECT id, owner, sum FROM runs WHERE id >= ?1 AND id < ?1 || char(1114111)", (key,)
    )
    owners: dict[str, None] = {}
    for run, owner, total in found:
        require_sum((run, owner), total)
        owners[owner] = None
    if not owners:
        require_runs(connection)
    return list(owners)


def short_id(connection: sqlite3.Connection, key: str) -> str:
    """The shortest beginning of an id that no other id in the ledger shares."""
    neighbours = connection.execute(
        "SELECT (SELECT max(id) FROM experiments WHERE id < ?1), "
        "(SELECT min(id) FROM experiments WHERE id > ?1)",
        (key,),
    ).fetchone()
    shared = max((_shared(key, each) for each in neighbours if each), default=0)
    return key[: max(shared + 1, SHORTEST)]


# Private functions


_WHOLE = f"SELECT {', '.join(COLUMNS)}, sum, body FROM experiments LEFT JOIN bodies USING (id)"  # noqa: S608


def _note_running(connection: sqlite3.Connection, running: Iterable[str]) -> None:
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS running (id TEXT PRIMARY KEY)")
    connection.execute("DELETE FROM temp.running")
    rows = ((identifier,) for identifier in running)
    connection.executemany("INSERT OR IGNORE INTO temp.running VALUES (?)", rows)


def _shared(left: str, right: str) -> int:
    """How many characters two ids begin with alike."""
    length = min(len(left), len(right))
    return next((at for at in range(length) if left[at] != right[at]), length)


def _unreadable(connection: sqlite3.Connection, project: str | None) -> tuple[str, ...]:
    """Of a project's experiments, and of those of which nobody can tell whose they are; None for all."""
    # Said which way to go, SQLite reads the few that there are, and not all of the project's.
    few = _WHOLE.replace("FROM experiments", "FROM experiments INDEXED BY unread")
    found = map(entry_of, connection.execute(f"{few} WHERE unreadable > 0"))
    ours = [
        one
        for one in found
        if None in (one.registration, project)
        or (one.registration and one.registration.project == project)
    ]
    ours.sort(key=lambda one: (one.registration.started if one.registration else "", one.id))
    return tuple(path for one in ours for path in one.unreadable)
