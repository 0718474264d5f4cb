"""Fills the index from the ledger: from nothing, or what changed since the last time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import groupby

from paribus.core.record import decoded
from paribus.git.bulk import changed_paths, contents, listed_together
from paribus.git.command import Git, GitError
from paribus.ledger.branch import Found
from paribus.ledger.index.rows import ids_in, ids_of, key_of, row_of, runs_of
from paribus.ledger.index.schema import (
    COLUMNS,
    checksum,
    create,
    finish,
    place_holders,
    read_state,
    require_sum,
    write_state,
)
from paribus.ledger.notebook import EXPERIMENTS
from paribus.ledger.page import Page, page_of
from paribus.ledger.promotions import CONFIRMATIONS, PROMOTIONS
from paribus.ledger.reader import require_all_fetched

_SOME = 400
"""Experiments that are asked for in one call of git."""
_MANY = 20_000
"""Changed experiments from which on it is quicker to begin anew."""
_INSERT = f"INSERT INTO experiments VALUES ({place_holders((*COLUMNS, 'sum'))})"  # noqa: S608
_HELD = f"SELECT {', '.join(COLUMNS)}, sum, body FROM experiments LEFT JOIN bodies USING (id) WHERE id = ?"  # noqa: S608


@dataclass(slots=True)
class _Total:
    """How many rows there are, and the sum of their checksums: no row can get lost unseen.

    `rows` and `sums` are those of experiments, the others of the table `runs`.
    """

    rows: int = 0
    sums: int = 0
    runs: int = 0
    run_sums: int = 0

    def add(self, row: Sequence[object], runs: Sequence[tuple[str, str, int]], sign: int) -> None:
        """Counts a row with its runs, as one more or, with a sign of -1, one less."""
        self.rows += sign
        self.sums += sign * int(str(row[-1]))
        self.runs += sign * len(runs)
        self.run_sums += sign * sum(total for _, _, total in runs)


def fill(connection: sqlite3.Connection, git: Git, tips: tuple[str, ...]) -> None:
    """Makes the whole index in an empty database.

    Args:
        tips: the commits that hold the ledger together.
    """
    create(connection)
    total = _Total()
    if tips:
        _insert(connection, _pages(git, listed_together(git, tips, EXPERIMENTS)), total)
        _insert_promotions(connection, git, tips)
    finish(connection)
    write_state(connection, {"tips": tips, **asdict(total)})


def is_current(connection: sqlite3.Connection, git: Git, tips: tuple[str, ...]) -> bool:
    """Whether the index is where the ledger is.

    What could not be read the last time is read again: an object may have been brought back.
    """
    if tuple(read_state(connection)["tips"]) != tips:
        return False
    return all(_is_as_before(connection, git, tips, each) for each in _unread(connection))


def refresh(connection: sqlite3.Connection, git: Git, tips: tuple[str, ...]) -> bool:
    """Brings the index to where the ledger is now, be it ahead, back or elsewhere.

    Returns:
        Whether that was done; false where making it anew is the way.
    """
    state = read_state(connection)
    try:
        changed = set(_changed(git, tuple(state["tips"]), tips))
    except GitError:
        return False  # where the index stands is no longer here, or damaged
    known = {_identifier(path) for path in changed if path.startswith(f"{EXPERIMENTS}/")}
    known |= set(_unread(connection))
    if len(known) > _MANY or not tips:
        return False
    total = _Total(**{field.name: state[field.name] for field in fields(_Total)})
    _reload(connection, git, tips, sorted(known), total)
    if any(path.startswith((f"{CONFIRMATIONS}/", f"{PROMOTIONS}/")) for path in changed):
        connection.execute("DELETE FROM promotions")
        _insert_promotions(connection, git, tips)
    write_state(connection, {"tips": tips, **asdict(total)})
    return True


def read_pages(git: Git, tips: tuple[str, ...], identifiers: Sequence[str]) -> Iterator[Page]:
    """The pages of some experiments, in the order of their ids; of those that there are."""
    some = sorted(identifiers)
    for start in range(0, len(some) if tips else 0, _SOME):
        places = map(place_of, some[start : start + _SOME])
        yield from _pages(git, listed_together(git, tips, *places))


def place_of(identifier: str) -> str:
    """Where the ledger has an experiment."""
    return identifier if "/" in identifier else f"{EXPERIMENTS}/{identifier[:2]}/{identifier}"


# Private functions


def _identifier(path: str) -> str:
    """The id of the experiment that a record belongs to; the path itself where it is at no such place."""
    parts = path.split("/")
    own = len(parts) > 3 and len(parts[1]) == 2 and parts[2].startswith(parts[1])
    return parts[2] if own else path


def _changed(git: Git, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[str]:
    """What two unions of trees do not have in common is in a difference to any one of them."""
    if old == new:
        return
    if not old:
        raise GitError((), 0, "nothing to begin with")
    for other in {*old[1:], *new} - {old[0]}:
        yield from changed_paths(git, old[0], other, EXPERIMENTS, CONFIRMATIONS, PROMOTIONS)


def _unread(connection: sqlite3.Connection) -> list[str]:
    """Ids of experiments of which something could not be read."""
    found = connection.execute(
        "SELECT body FROM experiments JOIN bodies USING (id) WHERE unreadable > 0"
    )
    return [str(json.loads(body)["id"]) for (body,) in found]


def _is_as_before(
    connection: sqlite3.Connection, git: Git, tips: tuple[str, ...], identifier: str
) -> bool:
    key = (key_of(identifier),)
    row = connection.execute("SELECT sum FROM experiments WHERE id = ?", key).fetchone()
    rows = [row_of(page) for page in read_pages(git, tips, [identifier])]
    return [held[-1] for held, _ in rows] == [row and row[0]]


def _reload(
    connection: sqlite3.Connection,
    git: Git,
    tips: tuple[str, ...],
    identifiers: list[str],
    total: _Total,
) -> None:
    for identifier in identifiers:
        key = (key_of(identifier),)
        held = connection.execute(_HELD, key).fetchone()
        if held is not None:
            *row, body = held
            require_sum((*row[:-1], body), row[-1])
            runs = runs_of(row[0], ids_in(body))
            total.add(row, runs, -1)
            connection.execute("DELETE FROM experiments WHERE id = ?", key)
            connection.execute("DELETE FROM bodies WHERE id = ?", key)
            connection.executemany("DELETE FROM runs WHERE (id, owner, sum) = (?, ?, ?)", runs)
    _insert(connection, read_pages(git, tips, identifiers), total)


def _insert(connection: sqlite3.Connection, pages: Iterable[Page], total: _Total) -> None:
    for page in pages:
        row, body = row_of(page)
        owner = key_of(page.id)
        runs = runs_of(owner, ids_of(page))
        connection.execute(_INSERT, row)
        connection.execute("INSERT INTO bodies VALUES (?, ?)", (owner, body))
        connection.executemany("INSERT INTO runs VALUES (?, ?, ?)", runs)
        total.add(row, runs, 1)


def _pages(git: Git, listed: Iterable[tuple[str, str]]) -> Iterator[Page]:
    found = groupby(_found(git, listed), key=lambda each: _identifier(each.path))
    for identifier, records in found:
        if "/" in identifier:  # not where records are, so that nobody looks for it there
            yield Page(identifier, unreadable=[identifier])
        else:
            yield page_of(identifier, records)


def _insert_promotions(connection: sqlite3.Connection, git: Git, tips: tuple[str, ...]) -> None:
    for found in _found(git, listed_together(git, tips, CONFIRMATIONS, PROMOTIONS)):
        record = found.record
        told = None if record is None else json.dumps([record.kind, record.body])
        row = (key_of(found.path), told)
        connection.execute("INSERT INTO promotions VALUES (?, ?, ?)", (*row, checksum(*row)))


def _found(git: Git, listed: Iterable[tuple[str, str]]) -> Iterator[Found]:
    named = (((path, oid), oid) for path, oid in listed)
    for (path, oid), data in contents(git, named):
        if data is None:
            require_all_fetched(git, oid)
        yield Found(path, None if data is None else decoded(data))
