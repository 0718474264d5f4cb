"""The shim does what it says: otherwise every test that rests on it proves nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.faults.shim import Fault, spread

SCRIPT = """\
echo one > one; mkdir folder; mv one folder/two
git init --quiet repository
{python} -S -c 'open("three", "w").write("x" * 100)'
echo last > last
"""


def told(fault: Fault, folder: Path, script: str = SCRIPT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", script.format(python=sys.executable)], cwd=folder,
        env={**os.environ, **fault.environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "work"
    path.mkdir()
    return path


def test_it_counts_in_every_program(fault: Callable[..., Fault], folder: Path) -> None:
    counting = fault(PATH=str(folder))
    assert told(counting, folder).returncode == 0
    lines = [line.split(" ", 2) for line in counting.journal.read_text().splitlines()]
    assert [int(number) for number, _, _ in lines] == list(range(1, counting.count + 1))
    whats = [what for _, _, what in lines]
    assert {what.partition(":")[0] for what in whats} >= {"sh", "mkdir", "mv", "git"}
    assert f"mkdir: mkdir {folder}/folder" in whats
    assert f"mv: rename {folder}/folder/two" in whats
    assert any(what.endswith(f": write {folder}/three") for what in whats)
    assert any(what.startswith(f"git: open {folder}/repository/.git/HEAD") for what in whats)
    assert (counting.what, counting.left()) == ("", [])


def test_what_counts_can_be_chosen(fault: Callable[..., Fault], folder: Path) -> None:
    some = fault(PATH=str(folder), OPS="rename,mkdir", SKIP="*/repository*")
    told(some, folder)
    assert some.count == 2
    none = fault(PATH="/nowhere")
    told(none, folder, "echo a > a")
    assert none.count == 0


def test_a_kill_takes_the_process_alone(fault: Callable[..., Fault], folder: Path) -> None:
    met = fault("kill", 1, MATCH="*/folder", OPS="mkdir")
    ended = told(met, folder)
    assert met.what == f"mkdir: mkdir {folder}/folder"
    assert "Killed" in ended.stderr
    assert (ended.returncode, (folder / "last").exists()) == (0, True)


def test_or_everything_below(fault: Callable[..., Fault], folder: Path) -> None:
    met = fault("killall", 1, MATCH="*/folder", OPS="mkdir")
    assert told(met, folder, "sleep 60 & " + SCRIPT).returncode == -9
    assert not (folder / "last").exists()
    assert met.left() == []


def test_a_write_is_torn(fault: Callable[..., Fault], folder: Path) -> None:
    told(fault("kill", 1, MATCH="*/three", OPS="write"), folder)
    assert (folder / "three").read_text() == "x" * 50


@pytest.mark.parametrize(("mode", "last"), [("enospc", True), ("enospc-on", False)])
def test_no_room(mode: str, last: bool, fault: Callable[..., Fault], folder: Path) -> None:
    met = fault(mode, 1, PATH=f"{folder}/", MATCH="*", OPS="mkdir,open,write")
    ended = told(met, folder)
    assert "No space left on device" in ended.stderr or "cannot create" in ended.stderr
    assert (folder / "last").exists() is last


def test_points_are_spread_over_all() -> None:
    assert spread(1, 9) == [1]
    assert spread(3, 9) == [1, 5, 9]
    assert spread(9, 5) == [1, 2, 3, 4, 5]
