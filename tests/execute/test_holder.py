"""A lock tells whether the process that holds it is alive."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from paribus.execute.holder import held, is_held

HOLDER = """\
import sys, time
from pathlib import Path
from paribus.execute.holder import held, is_held

with held(Path(sys.argv[1]), *sys.argv[2:]) as name:
    print(name, is_held(Path(sys.argv[1]), name), flush=True)
    sys.stdin.readline()
"""


@contextmanager
def elsewhere(folder: Path, *name: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process that holds a lock until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder), *name],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        name_, seen = process.stdout.readline().split()
        assert seen == "True"
        yield process, name_


def test_a_lock_is_held_for_the_length_of_the_block(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "holders"
    with held(folder) as name, held(folder) as other:
        assert name != other
        assert is_held(folder, name)
        assert is_held(folder, other)
        assert not is_held(folder, "nobody")
    assert not is_held(folder, name)
    assert list(folder.iterdir()) == []


def test_a_lock_is_given_up_when_the_block_fails(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="oh"), held(tmp_path) as name:
        raise ValueError("oh")
    assert not is_held(tmp_path, name)


def test_another_process_is_seen_to_hold_one(tmp_path: Path) -> None:
    with elsewhere(tmp_path) as (process, name):
        assert is_held(tmp_path, name)
        assert is_held(tmp_path, name)
        process.communicate("\n")
    assert not is_held(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    """Whatever it left on the disk, and whoever has its process id by now."""
    with elsewhere(tmp_path) as (process, name):
        process.kill()
        process.wait()
    assert (tmp_path / f"{name}.lock").exists()
    assert not is_held(tmp_path, name)


def test_a_child_of_the_holder_does_not_hold_it(tmp_path: Path) -> None:
    with held(tmp_path) as name:
        child = subprocess.Popen(["sleep", "20"], close_fds=False)
    assert not is_held(tmp_path, name)
    (tmp_path / f"{name}.lock").touch()
    assert not is_held(tmp_path, name)
    child.kill()
    child.wait()


def test_a_named_lock_is_one_processs(tmp_path: Path) -> None:
    with elsewhere(tmp_path, "experiment") as (process, name):
        assert name == "experiment"
        with pytest.raises(BlockingIOError), held(tmp_path, "experiment"):
            raise AssertionError("held twice")
        assert is_held(tmp_path, "experiment")
        process.kill()
        process.wait()
    with held(tmp_path, "experiment"):
        assert is_held(tmp_path, "experiment")
    assert not is_held(tmp_path, "experiment")


def test_asking_does_not_take_it_from_its_holder(tmp_path: Path) -> None:
    with held(tmp_path, "experiment"):
        for _ in range(3):
            assert is_held(tmp_path, "experiment")
        with pytest.raises(BlockingIOError), held(tmp_path, "experiment"):
            raise AssertionError("held twice")
