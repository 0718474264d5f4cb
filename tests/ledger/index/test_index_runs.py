"""A run is found by its id, and what waits to be made again: with the index and without, alike."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.ledger.index.conftest import Room

from paribus.core.cut import cut_off, is_cut_off
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.ledger.branch import Branch
from paribus.ledger.by_run import pages_with_run
from paribus.ledger.index import soundness
from paribus.ledger.index.query import to_make_again, with_run
from paribus.ledger.index.rows import Entry
from paribus.ledger.index.schema import Damaged, read_state, write_state
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page

KEY = "45" * 10
SESSION = {"id": "5e55", "host": "here"}


def started(identifier: str, owner: str | None, pair: int = 0) -> Intent:
    at = f"2026-01-01T00:00:{pair:02}"
    return Intent(identifier, pair, {"p:seed": 1}, Purpose.MEASURE, "5e55", "h", "here", at, owner)


def record(room: Room, owner: str, *runs: Run) -> None:
    book = Notebook(Branch(room.git))
    pairs = [(owner, run) for run in runs]
    book.advance(
        [(owner, run) for _, run in pairs if run.status is not Status.INTERRUPTED],
        [(owner, run.intent) for _, run in pairs],
        SESSION,
    )


def every(room: Room) -> list[Page]:
    book = Notebook(Branch(room.git))
    return [*book.experiments(), book.baseline(KEY)]


def unusable(room: Room) -> None:
    """A file stands where the folder of the index should be."""
    room.folder.parent.mkdir(parents=True, exist_ok=True)
    room.folder.write_text("no folder\n")


def found(room: Room, beginning: str) -> list[Page]:
    return sorted(pages_with_run(room.git, room.index(), beginning), key=lambda page: page.id)


def waiting(room: Room, *, failed: bool) -> list[Entry]:
    return room.index().ask(lambda connection: to_make_again(connection, "", failed=failed))


@pytest.mark.slow
@pytest.mark.parametrize("kept", [True, False])
def test_a_run_is_found_by_the_beginning_of_its_id(room: Room, kept: bool) -> None:
    own = Notebook(Branch(room.git)).experiments()[3].id
    record(room, own, Run(started("abcd01", own), Status.FAILED, cause="x"))
    of_baseline = Run(started("abcd77", None), Status.SUCCEEDED, {"accuracy": 0.5})
    record(room, f"baseline/{KEY}", of_baseline)
    if not kept:
        unusable(room)
    pages = every(room)
    names = sorted(run.intent.id for page in pages for run in page.runs)
    assert len(names) == 12 * 3 + 2
    for beginning in {"abcd", "ffffff", "zz", *(name[:2] for name in names), *names}:
        expected = [
            page for page in pages if any(run.intent.id.startswith(beginning) for run in page.runs)
        ]
        assert found(room, beginning) == sorted(expected, key=lambda page: page.id)
    assert [page.id for page in found(room, "abcd")] == sorted([own, KEY])
    assert bool(room.told) is not kept


def test_it_follows_the_ledger(room: Room, write_ledger: Callable[..., None]) -> None:
    room.dump()
    write_ledger(room.project.path, 3, 12)
    book = Notebook(Branch(room.git))
    own, new = book.experiments()[0], book.experiments()[-1]
    record(room, own.id, Run(started("fresh", own.id, 7), Status.KILLED))
    assert found(room, new.runs[0].intent.id) == [new]
    assert found(room, own.runs[0].intent.id) == found(room, "fresh")
    assert room.told == []


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM runs WHERE id = '{run}'",
        "UPDATE runs SET id = 'x' || id WHERE id = '{run}'",
        "UPDATE runs SET owner = 'nobody' WHERE id = '{run}'",
        "UPDATE state SET value = replace(value, 'runs', 'ruins')",
    ],
)
@pytest.mark.parametrize("small", [True, False])
def test_what_the_index_lost_is_missed(
    room: Room, harm: str, small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a large one, too, of which no command reads everything."""
    monkeypatch.setattr(soundness, "SMALL", 2000 if small else 0)
    page = Notebook(Branch(room.git)).experiments()[5]
    name = page.runs[1].intent.id
    assert found(room, name) == [page]
    with contextlib.closing(sqlite3.connect(room.file)) as connection, connection:
        connection.execute(harm.format(run=name))
    assert found(room, name) == [page]
    assert len(room.told) == 1
    assert room.told[0].endswith("and has been made anew")
    assert found(room, name) == [page]
    assert len(room.told) == 1


def test_differences_in_runs_are_named(room: Room) -> None:
    """A row that was taken away with care."""
    name = Notebook(Branch(room.git)).experiments()[5].runs[1].intent.id
    room.dump()
    with contextlib.closing(sqlite3.connect(room.file)) as connection:
        (lost,) = connection.execute("SELECT sum FROM runs WHERE id = ?", (name,)).fetchone()
        connection.execute("DELETE FROM runs WHERE id = ?", (name,))
        with pytest.raises(Damaged, match="runs are missing in it"):
            soundness.require_runs(connection)
        state = read_state(connection)
        less = {"runs": state["runs"] - 1, "run_sums": state["run_sums"] - lost}
        write_state(connection, state | less)
        (one,) = soundness.differences(connection, room.git)
    assert one.startswith(f"the index lacks the run {name} of ")


@pytest.mark.parametrize("kept", [True, False])
def test_what_waits_to_be_made_again(room: Room, kept: bool) -> None:
    book = Notebook(Branch(room.git))
    ids = [page.id for page in book.experiments()]
    for number, status in enumerate((Status.KILLED, Status.TIMED_OUT, Status.CANCELLED)):
        record(room, ids[number], Run(started(f"cut{number}", ids[number], 5), status))
    record(room, ids[3], Run(started("open", ids[3], 5), Status.INTERRUPTED))
    record(room, ids[4], Run(started("failed", ids[4], 5), Status.FAILED))
    cut = Run(started("mended", ids[5], 5), Status.KILLED)
    good = Run(started("good", ids[5], 5), Status.SUCCEEDED, {"accuracy": 0.5})
    later = replace(good, intent=replace(good.intent, started="2026-01-02"))
    record(room, ids[5], cut, later)
    page = book.experiment(ids[6])
    assert page.registration is not None
    planned = replace(page.registration, id="ab" * 10)
    book.register(planned)
    elsewhere = replace(page.registration, id="cd" * 10, project="other")
    book.register(elsewhere)
    if not kept:
        unusable(room)
    for failed in (False, True):
        expected = [
            page.id
            for page in book.experiments()
            if page.registration
            and page.registration.project == ""
            and (
                cut_off(_whole(page), failed=failed)
                or is_cut_off(page.runs, judged=bool(page.conclusions))
            )
        ]
        entries = waiting(room, failed=failed)
        assert sorted(entry.id for entry in entries) == sorted(expected)
        dates = [entry.registration.started for entry in entries if entry.registration]
        assert dates == sorted(dates)
    assert {*ids[:5], ids[9], planned.id} == set(expected)
    assert bool(room.told) is not kept


def test_nothing_is_found_in_no_ledger(room: Room) -> None:
    for ref in ("refs/heads/paribus/ledger", "refs/paribus/kept"):
        room.project.git("update-ref", "-d", ref)
    assert found(room, "abcd") == []
    assert room.index().ask(lambda connection: with_run(connection, "")) == []


# Private functions


def _whole(page: Page) -> list[Run]:
    return [*page.runs, *(Run(intent, Status.INTERRUPTED) for intent in page.open_intents())]
