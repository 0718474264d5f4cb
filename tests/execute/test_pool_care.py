"""Clones that somebody damaged are made anew; what nobody uses goes; temporary files are private."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paribus.execute.clone import (
    LONGEST_TEMPORARY,
    Origin,
    Slot,
    discard,
    enter,
    leave,
    make_clone,
    make_temporary,
    remove_unused,
    reset,
    take_slot,
)
from paribus.execute.environment import worker_environment
from paribus.execute.executors import LocalExecutor
from paribus.execute.task import Result, Task, perform
from paribus.git.repository import discover

if TYPE_CHECKING:
    from tests.conftest import Workspace

WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.com"))
}


def origin_of(project: Workspace) -> Origin:
    found = discover(project.path)
    return Origin(found.top, found.common_dir, "")


def task_of(project: Workspace, name: str, seed: int) -> Task:
    pool = project.path / ".dvc" / "tmp" / "paribus" / "pool"
    return Task(
        name=name, message=name, origin=origin_of(project), pool=pool,
        log=pool.parent / "logs" / f"{name}.log", baseline=project.git("rev-parse", "HEAD"),
        tree=project.git("rev-parse", "HEAD^{tree}"), params={"params.json": {("seed",): seed}},
    )  # fmt: skip


def damage_git(clone: Path) -> None:
    shutil.rmtree(clone / ".git" / "refs")
    (clone / ".git" / "HEAD").write_text("nonsense")


def damage_index(clone: Path) -> None:
    (clone / ".git" / "index").write_bytes(b"nonsense")


def leave_locks(clone: Path) -> None:
    for name in (".git/index.lock", ".git/HEAD.lock", ".dvc/tmp/lock", ".dvc/tmp/rwlock"):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text("{")


def take_dvc_away(clone: Path) -> None:
    shutil.rmtree(clone / ".dvc")


def put_a_file_there(clone: Path) -> None:
    shutil.rmtree(clone)
    clone.write_text("a file where a folder belongs")


def put_a_link_there(clone: Path) -> None:
    shutil.rmtree(clone)
    clone.symlink_to("/nowhere")


def fill_with_garbage(clone: Path) -> None:
    (clone / "garbage" / "deep").mkdir(parents=True)
    (clone / "garbage" / "deep" / "x").write_text("x")
    (clone / "train.py").write_text("raise SystemExit('not this one')\n")
    (clone / ".git" / "config").write_text("[core]\n\tbare = nonsense\n")


DAMAGES = (
    damage_git, damage_index, leave_locks, take_dvc_away, put_a_file_there, put_a_link_there,
    fill_with_garbage,
)  # fmt: skip


@pytest.mark.slow
def test_a_clone_that_somebody_damaged_is_made_anew(project: Workspace) -> None:
    """Silently, and without failing the run."""
    clone = project.path / ".dvc" / "tmp" / "paribus" / "pool" / "0" / "clone"
    with LocalExecutor(1, worker_environment(WHO)) as executor:

        def ran(number: int) -> Result:
            return executor.submit(perform, task_of(project, f"paribus-{number}", number)).result(
                90
            )

        assert ran(0).cause is None
        for number, damage in enumerate(DAMAGES, 1):
            damage(clone)
            result = ran(number)
            assert result.cause is None, (damage.__name__, result)
            assert result.commit is not None


def test_another_users_clone_is_moved_aside(tmp_path: Path, project: Workspace) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give files away")
    slot = take_slot(tmp_path / "pool")
    enter(slot)
    make_clone(slot, origin_of(project))
    for path in (slot.clone, *slot.clone.rglob("*")):
        os.chown(path, 1234, 1234)
    leave(slot)
    enter(slot)
    with pytest.raises(Exception, match="dubious ownership"):
        reset(slot, project.git("rev-parse", "HEAD"), project.git("rev-parse", "HEAD^{tree}"))
    discard(slot)
    enter(slot)
    make_clone(slot, origin_of(project))
    reset(slot, project.git("rev-parse", "HEAD"), project.git("rev-parse", "HEAD^{tree}"))
    assert (slot.clone / "train.py").exists()
    slot.lock.close()


def old(path: Path, days: float) -> None:
    then = time.time() - days * 86_400
    os.utime(path, (then, then))


def test_clones_that_nobody_uses_go_and_others_stay(tmp_path: Path) -> None:
    pool = tmp_path / "pool"
    slots = [take_slot(pool) for _ in range(3)]
    for slot in slots:
        enter(slot)
        (slot.directory / "clone").mkdir()
        leave(slot)
    for slot in slots[:2]:
        old(slot.directory, 8)
    slots[1].lock.close()
    slots[2].lock.close()
    remove_unused(pool, 7)
    left = [slot.directory.exists() for slot in slots]
    assert left == [True, False, True], "held, unused, used lately"
    again = take_slot(pool)
    assert again.directory == slots[1].directory
    for slot in (again, slots[0]):
        slot.lock.close()


def test_temporary_files_of_a_run_are_gone_in_the_next(tmp_path: Path) -> None:
    slot = Slot(tmp_path / "0", (tmp_path / "lock").open("w"))
    slot.directory.mkdir()
    first = make_temporary(slot)
    assert first.stat().st_mode & 0o777 == 0o700
    (first / "left").write_text("x")
    second = make_temporary(slot)
    assert list(second.iterdir()) == []
    discard(slot)
    assert not second.exists()
    slot.lock.close()


def test_a_folder_with_a_long_path_gets_its_temporary_files_elsewhere(tmp_path: Path) -> None:
    """Libraries make sockets there, whose names have at most 107 bytes."""
    slot = Slot(tmp_path / ("x" * LONGEST_TEMPORARY), (tmp_path / "lock").open("w"))
    slot.directory.mkdir()
    first = make_temporary(slot)
    assert first.parent == Path(tempfile.gettempdir())
    assert first.stat().st_mode & 0o777 == 0o700
    second = make_temporary(slot)
    assert (first.exists(), second.exists()) == (False, True)
    discard(slot)
    assert not second.exists()
    slot.lock.close()


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch])
def test_a_link_that_somebody_put_there_is_not_followed(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    slot = Slot(tmp_path / "0", (tmp_path / "lock").open("w"))
    slot.directory.mkdir()
    precious = tmp_path / "paribus-precious"
    make(precious)
    slot.temporary.symlink_to(precious)
    make_temporary(slot)
    assert precious.exists()
    slot.lock.close()
