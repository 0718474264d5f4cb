"""What is asked of the index: which experiments, in which order, from where to where."""

from __future__ import annotations

import json
import operator
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paribus.core.ended import RUNNING
from paribus.core.ids import SHORTEST
from paribus.core.metrics import looked_up
from paribus.core.record import Record
from paribus.ledger.branch import Found
from paribus.ledger.index.rows import Entry, entry_of
from paribus.ledger.index.schema import COLUMNS, require_sum
from paribus.ledger.promotions import Promotions, gathered

SORTED_BY = {
    "id": "id", "verdict": "outcome", "status": "status", "difference": "estimate", "low": "low",
    "high": "high", "pairs": "n", "started": "started", "change": "change",
    "hypothesis": "hypothesis", "author": "author", "baseline": "baseline_name", "metric": "metric",
}  # fmt: skip
"""The columns by which a list may be sorted, as people and as the table call them."""

_CONDITION = re.compile(r"(?P<name>.+?)\s*(?P<sign>>=|<=|=|>|<)\s*(?P<value>[^<>=]+)")
_SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le, "=": operator.eq,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which experiments to list; None, and an empty text, ask for all.

    Attributes:
        outcome: of the verdict, or `failed`.
        status: as `core.ended.standing` says it.
        author, change: a part of it, in whatever case.
        param: a param that was changed: its path, the end of it, or with its file before a colon.
        metric: measured by it, as a name, or a name with a bound of its mean: `accuracy>0.9`.
        baseline: measured against it: its name, or the beginning of its commit.
        text: words that the change, the hypothesis or the id have, all of them.
        since, until: days, or the beginning of a time, UTC, ISO 8601; both are among them.
        sort: one of `SORTED_BY`; what has no value comes last.
        descending: the largest first.
        limit: at most so many; None for all.
        offset: so many are left out before them.
    """

    outcome: str | None = None
    status: str | None = None
    author: str = ""
    change: str = ""
    param: str | None = None
    metric: str | None = None
    baseline: str | None = None
    text: str = ""
    since: str | None = None
    until: str | None = None
    sort: str = "started"
    descending: bool = True
    limit: int | None = None
    offset: int = 0

    @property
    def is_filtered(self) -> bool:
        """Whether not all are asked for."""
        all_ = Wanted(
            sort=self.sort, descending=self.descending, limit=self.limit, offset=self.offset
        )
        return self != all_


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
    conditions, values = _conditions(connection, wanted)
    where = " AND ".join(["project = ?", *conditions])
    asked = (project, *values)
    order = "DESC" if wanted.descending else "ASC"
    column = _STATUS if wanted.sort == "status" else SORTED_BY[wanted.sort]
    last = "" if wanted.sort == "started" else f"{column} IS NULL, {column} {order}, "
    rows = connection.execute(
        f"SELECT {', '.join(COLUMNS)}, sum, body FROM (SELECT * FROM experiments WHERE {where} "  # noqa: S608
        f"ORDER BY {last}started {order}, id {order} LIMIT ? OFFSET ?) LEFT JOIN bodies USING (id) "
        f"ORDER BY {last}started {order}, id {order}",
        (*asked, -1 if wanted.limit is None else wanted.limit, wanted.offset),
    )
    entries = tuple((entry_of(row), short_id(connection, str(row[0]))) for row in rows)
    (every,) = connection.execute(
        "SELECT count(*) FROM experiments WHERE project = ?", (project,)
    ).fetchone()
    total = every
    if conditions:
        counted = f"SELECT count(*) FROM experiments WHERE {where}"  # noqa: S608
        (total,) = connection.execute(counted, asked).fetchone()
    return Listing(entries, total, every, _unreadable(connection, project))


def has_baseline(connection: sqlite3.Connection, name: str) -> bool:
    """Whether an experiment was measured against what is called so, or has such a commit."""
    asked = f"SELECT 1 FROM experiments WHERE {_AGAINST} LIMIT 1"  # noqa: S608
    return connection.execute(asked, _against(name)).fetchone() is not None


def unended(connection: sqlite3.Connection) -> list[Entry]:
    """Every experiment that has runs without an end: running, or interrupted."""
    rows = connection.execute(f"{_WHOLE} WHERE open > 0")
    return [entry_of(row) for row in rows]


def entries_against(connection: sqlite3.Connection, key: str) -> list[Entry]:
    """Every experiment against a baseline, by its snapshot key, the earliest first."""
    rows = connection.execute(f"{_WHOLE} WHERE baseline_key = ? ORDER BY started, id", (key,))
    return [entry_of(row) for row in rows]


def promotions(connection: sqlite3.Connection) -> Promotions:
    """Every confirmation and promotion that the ledger has; raises `Damaged`."""
    found = []
    for path, told, total in connection.execute("SELECT * FROM promotions ORDER BY path"):
        require_sum((path, told), total)
        found.append(Found(path, Record(*json.loads(told)) if told else None))
    return gathered(found)


def short_id(connection: sqlite3.Connection, key: str) -> str:
    """The shortest beginning of an id that no other id in the ledger shares."""
    neighbours = connection.execute(
        "SELECT (SELECT max(id) FROM experiments WHERE id < ?1), "
        "(SELECT min(id) FROM experiments WHERE id > ?1)",
        (key,),
    ).fetchone()
    shared = max((_shared(key, each) for each in neighbours if each), default=0)
    return key[: max(shared + 1, SHORTEST)]


def condition(text: str) -> tuple[str, Callable[[float], bool]]:
    """(a metric's name, what its mean must be) of `accuracy`, `accuracy>0.9`, `loss <= 0.1`.

    Raises:
        ValueError: a sign is not followed by a number.
    """
    found = _CONDITION.fullmatch(text.strip())
    if found is None:
        return text.strip(), lambda _: True
    bound, compare = float(found["value"]), _SIGNS[found["sign"]]
    return found["name"], lambda value: compare(value, bound)


# Private functions


_WHOLE = f"SELECT {', '.join(COLUMNS)}, sum, body FROM experiments LEFT JOIN bodies USING (id)"  # noqa: S608
_AGAINST = "(baseline_name = ? OR substr(baseline_commit, 1, ?) = ?)"
_STATUS = f"CASE WHEN id IN (SELECT id FROM temp.running) THEN '{RUNNING}' ELSE status END"  # noqa: S608


def _note_running(connection: sqlite3.Connection, running: Iterable[str]) -> None:
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS running (id TEXT PRIMARY KEY)")
    connection.execute("DELETE FROM temp.running")
    rows = ((identifier,) for identifier in running)
    connection.executemany("INSERT OR IGNORE INTO temp.running VALUES (?)", rows)


def _against(name: str) -> list[object]:
    """The values that `_AGAINST` asks for; less than four characters are no commit."""
    return [name, max(len(name), 4), name]


def _shared(left: str, right: str) -> int:
    """How many characters two ids begin with alike."""
    length = min(len(left), len(right))
    return next((at for at in range(length) if left[at] != right[at]), length)


def _conditions(connection: sqlite3.Connection, wanted: Wanted) -> tuple[list[str], list[object]]:
    """SQL that holds for what is wanted, and the values that it asks for."""
    asked: list[tuple[str, Sequence[object]]] = []
    if wanted.outcome is not None:
        asked.append((f"outcome = ? AND {_STATUS} != '{RUNNING}'", [wanted.outcome]))
    if wanted.status is not None:
        asked.append((f"{_STATUS} = ?", [wanted.status]))
    if wanted.since is not None:
        asked.append(("started >= ?", [wanted.since]))
    if wanted.until is not None:
        asked.append(("substr(started, 1, ?) <= ?", [len(wanted.until), wanted.until]))
    if wanted.baseline is not None:
        asked.append((_AGAINST, _against(wanted.baseline)))
    for name, function, columns in _functions(wanted):
        connection.create_function(name, -1, function, deterministic=True)
        asked.append((f"{name}({columns})", []))
    return [sql for sql, _ in asked], [value for _, values in asked for value in values]


def _functions(wanted: Wanted) -> Iterable[tuple[str, Callable[..., bool], str]]:
    """(a name, what it tells, the columns that it is told) for what SQL alone cannot tell."""
    if wanted.author:
        yield "by_author", _has(wanted.author), "author"
    if wanted.change:
        yield "has_change", _has(wanted.change), "change"
    if wanted.text:
        yield "has_words", _has(*wanted.text.split()), "change, hypothesis, id"
    if wanted.param is not None:
        yield "has_param", _changes(wanted.param), "params"
    if wanted.metric is not None:
        yield "has_metric", _measures(wanted.metric), "metrics"


def _has(*parts: str) -> Callable[..., bool]:
    folded = [part.casefold() for part in parts]

    def has(*texts: str | None) -> bool:
        whole = "\n".join(text or "" for text in texts).casefold()
        return all(part in whole for part in folded)

    return has


def _changes(name: str) -> Callable[[str | None], bool]:
    def changes(params: str | None) -> bool:
        found = json.loads(params or "[]")
        return any(one == name or one.endswith((f":{name}", f".{name}")) for one in found)

    return changes


def _measures(text: str) -> Callable[[str | None], bool]:
    name, holds = condition(text)

    def measures(metrics: str | None) -> bool:
        value: Any = looked_up(json.loads(metrics or "{}"), name)
        return value is not None and holds(value)

    return measures


def _unreadable(connection: sqlite3.Connection, project: str) -> tuple[str, ...]:
    """Of the project's experiments, and of those of which nobody can tell whose they are."""
    # Said which way to go, SQLite reads the few that there are, and not all of the project's.
    few = _WHOLE.replace("FROM experiments", "FROM experiments INDEXED BY unread")
    found = map(entry_of, connection.execute(f"{few} WHERE unreadable > 0"))
    ours = [one for one in found if one.registration is None or one.registration.project == project]
    ours.sort(key=lambda one: (one.registration.started if one.registration else "", one.id))
    return tuple(path for one in ours for path in one.unreadable)
