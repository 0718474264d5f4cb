"""A ledger with what nobody can read: the rest is listed, and what is bad is named."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.faults.oracle import LEDGER, listed

if TYPE_CHECKING:
    from tests.conftest import Called, Workspace

COMMAND = ("run", "-S", "params.json:gain=0.7")
ODD = {
    "garbage": b"\0\xff garbage",
    "empty": b"",
    "a-list": b"[1, 2]",
    "wrong-type": b'{"schema": 1, "kind": "run", "id": 7, "metrics": "none"}',
    "later-version": b'{"schema": 99, "kind": "run"}',
}


def put(project: Workspace, contents: dict[str, bytes]) -> None:
    """Writes files into the ledger as another program would."""
    index = {**os.environ, "GIT_INDEX_FILE": str(project.path / ".git" / "odd-index")}

    def git(*arguments: str, data: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=project.path, env=index, input=data,
            capture_output=True, check=True,
        )  # fmt: skip
        return done.stdout.decode().strip()

    git("read-tree", LEDGER)
    for path, content in contents.items():
        oid = git("hash-object", "-w", "--stdin", data=content)
        git("update-index", "--add", "--cacheinfo", f"100644,{oid},{path}")
    commit = git("commit-tree", git("write-tree"), "-p", LEDGER, "-m", "odd")
    project.git("update-ref", LEDGER, commit)
    Path(index["GIT_INDEX_FILE"]).unlink()


def folder(project: Workspace) -> str:
    """Of the one experiment that the project has behind it."""
    paths = project.git("ls-tree", "-r", "--name-only", LEDGER, "experiments").splitlines()
    return paths[0].rpartition("/")[0]


def named(told: Called) -> set[str]:
    """Last parts of the paths that a log says it cannot read."""
    assert told.code == 0, told
    return {Path(path).stem for path in told.json["unreadable"]}


@pytest.mark.slow
def test_odd_records_stop_nothing(tiny: Workspace) -> None:
    where = folder(tiny)
    put(tiny, {f"{where}/{name}.json": content for name, content in ODD.items()})
    state = tiny.state()
    log = tiny.paribus("log", "--json")
    assert named(log) == ODD.keys()
    assert [row["status"] for row in log.json["experiments"]] == ["judged"]
    for_people = tiny.paribus("log")
    assert for_people.code == 0
    assert "garbage.json" in for_people.out + for_people.err
    assert tiny.paribus("show", log.json["experiments"][0]["experiment"]).code == 0
    assert tiny.state() == state
    assert tiny.paribus(*COMMAND).code == 0
    after = tiny.paribus("log", "--json")
    assert named(after) == ODD.keys()
    assert len(after.json["experiments"]) == 2


@pytest.mark.slow
def test_a_record_whose_object_is_gone(tiny: Workspace) -> None:
    """As after a disk that lost a block: one run less, and it is said."""
    path = next(
        path
        for path in tiny.git("ls-tree", "-r", "--name-only", LEDGER, "experiments").splitlines()
        if "/run-" in path
    )
    oid = tiny.git("rev-parse", f"{LEDGER}:{path}")
    packs = tiny.path / ".git" / "objects" / "pack"
    for pack in packs.glob("*.pack"):
        moved = pack.rename(tiny.path / ".git" / pack.name)
        pack.with_suffix(".idx").unlink()
        with moved.open("rb") as file:
            subprocess.run(["git", "unpack-objects", "-q"], cwd=tiny.path, stdin=file, check=True)
        moved.unlink()
    (tiny.path / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    log = tiny.paribus("log", "--json")
    assert named(log) == {Path(path).stem}
    assert len(log.json["experiments"]) == 1
    assert tiny.paribus(*COMMAND).code == 0
    assert len(tiny.paribus("log", "--json").json["experiments"]) == 2


@pytest.mark.parametrize(
    "damage",
    [
        "a ref to nothing",
        pytest.param("a blob", marks=pytest.mark.slow),
        pytest.param("garbage in the ref", marks=pytest.mark.slow),
        pytest.param("a commit of something else", marks=pytest.mark.slow),
    ],
)
def test_a_ledger_that_is_none(damage: str, tiny: Workspace) -> None:
    """What was recorded here is kept beside the branch, and comes back; or it is said what to do."""
    ref = tiny.path / ".git" / LEDGER
    content = {
        "a ref to nothing": "f" * 40,
        "a blob": tiny.git("rev-parse", "HEAD:train.sh"),
        "garbage in the ref": "garbage",
        "a commit of something else": tiny.git("rev-parse", "HEAD"),
    }[damage]
    ref.write_text(f"{content}\n")
    log = tiny.paribus("log", "--json")
    assert log.code in (0, 2, 6), log
    if log.code == 0:
        assert str(0.6) in {str(row["change"]["new"]) for row in log.json["experiments"]}, log
    else:
        assert log.json["error"]["code"] not in ("bug", "usage")
        assert log.json["next"]
    told = tiny.paribus(*COMMAND, "--json")
    assert told.code in (0, 2, 6), told
    if told.code == 0:
        assert listed(tiny) == {"0.6": "judged", "0.7": "judged"}
