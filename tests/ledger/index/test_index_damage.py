"""Whatever happens to the index's file, the answer is the ledger's, with one line that says so."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.ledger.index.conftest import Room, dumped

from paribus.ledger.index.schema import SCHEMA

ASK = """
import sys
from pathlib import Path
from paribus.git.command import Git
from paribus.ledger.index.opening import Index
folder = Path(".dvc/tmp/paribus").absolute()
index = Index(Git(Path.cwd()), folder, lambda: folder.mkdir(parents=True, exist_ok=True), print)
print(index.ask(lambda connection: connection.execute("SELECT count(*) FROM experiments").fetchone()))
"""


def test_missing_it_is_made_and_nothing_is_said(room: Room) -> None:
    first = room.dump()
    room.file.unlink()
    assert room.dump() == first
    shutil.rmtree(room.folder)
    assert room.dump() == first
    assert room.told == []
    assert sorted(path.name for path in room.folder.iterdir()) == ["index.lock", "index.sqlite"]


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.9])
def test_truncated_it_is_made_anew(room: Room, share: float) -> None:
    first = room.dump()
    size = room.file.stat().st_size
    os.truncate(room.file, int(size * share))
    assert room.dump() == first
    assert len(room.told) == 1
    assert room.told[0].startswith("the index was damaged (")
    assert room.told[0].endswith(") and has been made anew")
    assert room.file.stat().st_size == size
    assert room.dump() == first
    assert len(room.told) == 1


@pytest.mark.parametrize("content", [b"", b"garbage", b"SQLite format 3\0" + b"\1" * 8000])
def test_something_else_in_its_place_is_replaced(room: Room, content: bytes) -> None:
    first = room.dump()
    room.file.write_bytes(content)
    assert room.dump() == first
    assert len(room.told) == 1


def test_wherever_a_bit_is_flipped_the_answer_is_the_ledgers(room: Room) -> None:
    """At many places: found and told once, or where nothing is kept and nothing need be said."""
    first = room.dump()
    whole = room.file.read_bytes()
    places = random.Random(5)
    found = 0
    for _ in range(150):
        at, bit = places.randrange(len(whole)), places.randrange(8)
        flipped = bytearray(whole)
        flipped[at] ^= 1 << bit
        room.file.write_bytes(flipped)
        room.told.clear()
        assert room.dump() == first, (at, bit)
        assert len(room.told) <= 1, (at, bit, room.told)
        found += len(room.told)
        if room.told:
            assert room.file.read_bytes() != flipped
    assert found > 50


@pytest.mark.parametrize("schema", [1, SCHEMA + 1, 2**31 - 1])
def test_another_schema_is_replaced(room: Room, schema: int) -> None:
    first = room.dump()
    connection = sqlite3.connect(room.file)
    connection.execute(f"PRAGMA user_version = {schema}")
    connection.close()
    assert room.dump() == first
    assert room.told == [
        f"the index was of another version of Paribus (its schema is {schema}, and this version of"
        f" Paribus writes {SCHEMA}) and has been made anew"
    ]


def test_a_lost_row_is_missed(room: Room) -> None:
    first = room.dump()
    connection = sqlite3.connect(room.file)
    with connection:
        connection.execute("DELETE FROM experiments WHERE id = (SELECT max(id) FROM experiments)")
    connection.close()
    assert room.dump() == first
    assert room.told == ["the index was damaged (rows of it are missing) and has been made anew"]


@pytest.mark.parametrize("behind", [False, True])
def test_where_it_cannot_be_kept_the_ledger_is_read_without_it(
    room: Room, write_ledger: Callable[..., None], behind: bool
) -> None:
    """A file stands where the folder should be; or the folder's lock cannot be had."""
    if behind:
        room.dump()
        write_ledger(room.project.path, 3, 12)
        (room.folder / "index.lock").unlink()
        (room.folder / "index.lock").mkdir()
    else:
        room.folder.parent.mkdir(parents=True)
        room.folder.write_text("no folder\n")
    index = room.index()
    found = index.ask(dumped)
    assert len(found[0]) == (15 if behind else 12)
    assert index.ask(dumped) == found
    assert len(room.told) == 1, "one command asks more than once, and says it once"
    assert room.told[0].startswith("the index cannot be kept (")
    assert room.told[0].endswith("); the ledger is read without it, which takes longer")


def test_where_there_is_no_room_the_ledger_is_read_without_it(room: Room) -> None:
    """A limit on the size of files is what a full disk is to SQLite."""
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 16 && exec "$@"', "sh", sys.executable, "-c", ASK],
        cwd=room.project.path,
        capture_output=True,
        text=True,
        check=True,
    )
    told, answer = done.stdout.splitlines()
    assert told.startswith("the index cannot be kept (")
    assert answer == "(12,)"
    assert [path.name for path in room.folder.iterdir()] == ["index.lock"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write what is read-only")
def test_a_folder_that_is_read_only(room: Room) -> None:
    first = room.dump()
    room.folder.chmod(0o500)
    room.file.chmod(0o400)
    try:
        assert room.dump() == first
        assert room.told == []
    finally:
        room.folder.chmod(0o700)


@pytest.mark.slow
def test_killed_while_it_is_made_or_brought_up_to_date(
    room: Room, write_ledger: Callable[..., None]
) -> None:
    """At times from before the first byte to after the last; what is left is used or made anew."""
    write_ledger(room.project.path, 300, 12)
    aside = room.folder / "index-new.sqlite"
    for pause in (0.0, 0.02, 0.05):
        process = subprocess.Popen(
            [sys.executable, "-c", ASK], cwd=room.project.path, stdout=subprocess.DEVNULL
        )
        while not aside.exists() and process.poll() is None:
            time.sleep(0.001)
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
    whole = room.dump()
    assert len(whole[0]) == 312
    assert not aside.exists()
    for step in range(4):
        write_ledger(room.project.path, 100, 400 + 100 * step)
        journal = Path(f"{room.file}-journal")
        process = subprocess.Popen(
            [sys.executable, "-c", ASK], cwd=room.project.path, stdout=subprocess.DEVNULL
        )
        while not journal.exists() and process.poll() is None:
            time.sleep(0.0005)
        time.sleep(0.01 * step)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert len(room.dump()[0]) == 312 + 100 * (step + 1)
    room.file.unlink()
    kept, room.told[:] = room.dump(), []
    assert len(kept[0]) == 712
    assert room.told == []


def test_many_readers_and_a_ledger_that_grows(
    room: Room, write_ledger: Callable[..., None]
) -> None:
    """Some build, some wait, some bring up to date: each has an answer, and nobody complains."""
    loop = f"""
for _ in range(5):
    exec({ASK!r})
"""
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", loop],
            cwd=room.project.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(4)
    ]
    for step in range(4):
        write_ledger(room.project.path, 5, 100 + 5 * step)
        if step == 2:
            room.file.unlink(missing_ok=True)
    said = [reader.communicate()[0].splitlines() for reader in readers]
    counts = [[int(line.strip("(),")) for line in lines] for lines in said]
    assert all(len(each) == 5 for each in counts)
    assert all(each == sorted(each) for each in counts)
    assert {count for each in counts for count in each} <= {12, 17, 22, 27, 32}
    assert len(room.dump()[0]) == 32
    assert room.told == []
