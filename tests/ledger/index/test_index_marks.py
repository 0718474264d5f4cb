"""The commit that recorded something last is the one that git finds by walking all of history."""

from __future__ import annotations

import contextlib
import json
import random
import sqlite3

import pytest
from tests.ledger.index.conftest import Room

from paribus.core.record import Record
from paribus.ledger.branch import KEPT, REF, Branch, Write
from paribus.ledger.index import marks
from paribus.ledger.index.marks import last_touching
from paribus.ledger.index.schema import checksum

FOLDERS = [f"experiments/{name[:2]}/{name}" for name in ("ab12", "ab34", "cd56", "ef78")]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few commits are a long history."""
    monkeypatch.setattr(marks, "EVERY", 3)


def add(room: Room, *folders: str) -> None:
    """One commit each, with a record that no other has."""
    branch = Branch(room.git)
    for folder in folders:
        branch.append([Write(folder, Record("odd", {"number": random.random()}))], "odd")


def require_same(room: Room) -> None:
    branch = Branch(room.git)
    for folder in (*FOLDERS, "experiments", "nothing"):
        assert last_touching(room.git, room.index(), folder) == branch.last_touching(folder)


def kept(room: Room) -> list[str]:
    """What the index keeps."""
    with contextlib.closing(sqlite3.connect(room.file)) as connection:
        row = connection.execute("SELECT value FROM state WHERE name = 'marks'").fetchone()
    return [] if row is None else list(json.loads(row[0]))


def first_parents(room: Room) -> list[str]:
    return room.project.git("rev-list", "--first-parent", "--reverse", REF).split()


def test_a_history_that_grows(room: Room) -> None:
    room.dump()
    for step in range(5):
        add(room, *(FOLDERS[(step + more) % 3] for more in range(step)))
        require_same(room)
        assert kept(room) == first_parents(room)[2::3]
        assert Branch(room.git).last_touching(FOLDERS[3]) is None
    assert len(kept(room)) == 3


def test_without_an_index_none_is_made(room: Room) -> None:
    add(room, *FOLDERS * 3)
    require_same(room)
    assert not room.folder.exists()
    room.folder.parent.mkdir(parents=True, exist_ok=True)
    room.folder.write_text("no folder\n")
    require_same(room)


def test_no_ledger(room: Room) -> None:
    for ref in (REF, KEPT):
        room.project.git("update-ref", "-d", ref)
    assert last_touching(room.git, room.index(), "experiments") is None


def test_another_ledger_was_taken_in(room: Room) -> None:
    """By a merge of whole ledgers, after which both went on."""
    room.dump()
    add(room, *FOLDERS[:2] * 4)
    require_same(room)
    common = room.project.git("rev-parse", REF)
    add(room, FOLDERS[2], FOLDERS[0])
    other = room.project.git("rev-parse", REF)
    for ref in (REF, KEPT):
        room.project.git("update-ref", ref, common)
    require_same(room)
    add(room, *FOLDERS[1:3], FOLDERS[3])
    require_same(room)
    Branch(room.git).join(other)
    assert len(room.project.git("rev-list", "-1", "--parents", REF).split()) == 3
    require_same(room)
    add(room, *FOLDERS[:1] * 7)
    require_same(room)
    assert kept(room) == first_parents(room)[2::3]


def test_the_ledger_was_rewound_or_replaced(room: Room) -> None:
    room.dump()
    add(room, *FOLDERS * 3)
    require_same(room)
    for ref in (REF, KEPT):
        room.project.git("update-ref", ref, f"{REF}~5")
    require_same(room)
    left = first_parents(room)[2::3]
    assert kept(room)[: len(left)] == left
    alone = room.project.git("commit-tree", f"{REF}^{{tree}}", "-m", "unrelated")
    room.project.git("update-ref", REF, alone)
    require_same(room)  # two tips
    room.project.git("update-ref", KEPT, alone)
    add(room, FOLDERS[3])
    require_same(room)
    add(room, *FOLDERS)
    require_same(room)
    assert kept(room) == first_parents(room)[2::3]


@pytest.mark.parametrize("told", ["garbage", "gone", "elsewhere", "shuffled", "cut"])
def test_what_is_kept_is_not_believed(room: Room, told: str) -> None:
    room.dump()
    add(room, *FOLDERS * 3)
    require_same(room)
    head, held = room.project.git("rev-parse", "HEAD"), kept(room)
    lies = {
        "garbage": ["--all", "\n"],
        "gone": ["ab" * 20, held[0], "cd" * 20],
        "elsewhere": [head, held[1], head],
        "shuffled": [held[2], held[0], held[1]],
        "cut": held[:1],
    }
    value = json.dumps(lies[told])
    with contextlib.closing(sqlite3.connect(room.file)) as connection, connection:
        row = (value, checksum(value) + (told == "cut"))
        connection.execute("UPDATE state SET value = ?, sum = ? WHERE name = 'marks'", row)
    require_same(room)
