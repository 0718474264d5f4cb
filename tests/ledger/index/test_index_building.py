"""The index: whatever way the ledger went, it is what would be made from nothing."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.index.conftest import Room, dumped

from paribus.core.record import Record
from paribus.ledger.branch import Branch, Write
from paribus.ledger.index.building import fill
from paribus.ledger.index.query import unended
from paribus.ledger.index.soundness import differences
from paribus.ledger.notebook import EXPERIMENTS, Notebook

if TYPE_CHECKING:
    from tests.conftest import Workspace

LEDGER = "refs/heads/paribus/ledger"
KEPT = "refs/paribus/kept"


def anew(room: Room) -> list[object]:
    """What an index says that is made from nothing."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        fill(connection, room.git, Branch(room.git).tips())
        return list(dumped(connection))


def put(room: Room, folder: str, kind: str, body: dict[str, object]) -> None:
    """Writes what another version, or another program, might."""
    Branch(room.git).append([Write(folder, Record(kind, body))], "odd")


@pytest.fixture
def history(room: Room, write_ledger: Callable[..., None]) -> tuple[str | None, ...]:
    """Commits of ledgers: none, more, less, others, with open runs, with what nobody can read."""
    project, found = room.project, list[str | None]([None])

    def note() -> None:
        found.append(project.git("rev-parse", LEDGER))

    note()
    write_ledger(project.path, 9, 12)
    note()
    registered = project.git("ls-tree", "-r", "--name-only", LEDGER, "experiments").splitlines()
    first = next(path for path in registered if "/registration-" in path)
    body = json.loads(project.git("show", f"{LEDGER}:{first}"))
    folder, own = first.rpartition("/")[0], body["id"]
    intent = next(path for path in registered if path.startswith(f"{folder}/intent-"))
    started = json.loads(project.git("show", f"{LEDGER}:{intent}"))
    for each in (body, started):
        del each["schema"], each["kind"]
    put(room, folder, "intent", started | {"id": "never-ended"})
    note()
    put(room, folder, "dream", {"what": "a later version wrote"})
    put(room, EXPERIMENTS, "stray", {})
    put(room, f"{EXPERIMENTS}/ab/cd", "registration", body)
    note()
    twin = own[:6] + ("0" if own[6] != "0" else "1") * 14
    put(room, f"{EXPERIMENTS}/{twin[:2]}/{twin}", "registration", body | {"hypothesis": "\udcff?"})
    note()
    for ref in (LEDGER, KEPT):
        project.git("update-ref", "-d", ref)
    write_ledger(project.path, 5, 900)
    write_ledger(project.path, 3, 998)
    note()
    return tuple(found)


def set_tips(project: Workspace, branch: str | None, kept: str | None) -> None:
    """Puts the ledger's references somewhere."""
    for ref, commit in ((LEDGER, branch), (KEPT, kept)):
        if commit is None:
            project.git("update-ref", "-d", ref)
        else:
            project.git("update-ref", ref, commit)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=4))
def test_brought_up_to_date_it_is_what_would_be_made_from_nothing(
    room: Room, history: Sequence[str | None], steps: list[tuple[int, int]]
) -> None:
    """Appended, rewound, replaced, gone, and two that together hold the ledger."""
    for branch, kept in steps:
        set_tips(room.project, history[branch], history[kept])
        assert room.dump() == anew(room)
        assert room.index().ask(lambda connection: differences(connection, room.git)) == []
    assert room.told == []


def test_it_says_what_the_notebook_says(room: Room, history: Sequence[str | None]) -> None:
    set_tips(room.project, history[3], None)
    pages = {page.id: page for page in Notebook(Branch(room.git)).experiments()}
    rows = room.index().ask(
        lambda connection: connection.execute(
            "SELECT id, started, n, runs, open, estimate FROM experiments ORDER BY id"
        ).fetchall()
    )
    assert rows == [
        (
            page.id,
            page.registration.started,
            page.conclusions[-1].verdict.n,
            len(page.runs),
            len(page.open_intents()),
            page.conclusions[-1].verdict.estimate,
        )
        for _, page in sorted(pages.items())
        if page.registration
    ]
    (entry,) = room.index().ask(unended)
    assert [intent.id for intent in entry.open] == ["never-ended"]


def test_what_could_not_be_read_is_read_again(room: Room) -> None:
    """A missing object is told by its path; brought back, it is there without the ledger having moved."""
    paths = room.project.git("ls-tree", "-r", LEDGER, "experiments").splitlines()
    oid, path = next(line.split()[2:] for line in paths if "/verdict-" in line)
    whole = room.dump()
    packs = room.project.path / ".git" / "objects" / "pack"
    aside = room.project.path / "aside"
    aside.mkdir()
    for pack in packs.iterdir():
        pack.rename(aside / pack.name)
    for pack in aside.glob("*.pack"):
        with pack.open("rb") as stream:
            subprocess.run(
                ["git", "unpack-objects", "-q"], cwd=room.project.path, stdin=stream, check=True
            )
    loose = room.project.path / ".git" / "objects" / oid[:2] / oid[2:]
    content = loose.read_bytes()
    loose.unlink()
    room.file.unlink()
    (row,) = [row for row in room.dump()[0] if row[-2]]
    assert path.split("/")[2] == row[0]
    loose.write_bytes(content)
    assert room.dump() == whole
    assert room.told == []


def test_differences_are_named(room: Room) -> None:
    room.dump()
    own = room.index().ask(
        lambda connection: connection.execute("SELECT id FROM experiments").fetchone()[0]
    )
    with contextlib.closing(sqlite3.connect(room.file)) as connection, connection:
        connection.execute("UPDATE experiments SET author = 'Nobody' WHERE id = ?", (own,))
    with contextlib.closing(sqlite3.connect(room.file)) as connection:
        assert differences(connection, room.git) == [
            "the index is damaged: a row of it is not what was written"
        ]
