"""Locks that a killed git left: removed where the mark of a killed writer is, and nowhere else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paribus.git.command import GitError
from paribus.git.locks import moving

if TYPE_CHECKING:
    from tests.conftest import Workspace

REF = "refs/heads/ours"
OTHER = "refs/heads/other"

KILLED = """\
import os, signal, sys
from pathlib import Path
from paribus.git.locks import moving

with moving(Path(sys.argv[1]), *sys.argv[3:], name=sys.argv[2]):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def a_killed_writer(git_dir: Path, *refs: str, name: str = "") -> None:
    """One that was killed while it moved references, and left its locks."""
    command = [sys.executable, "-c", KILLED, str(git_dir), name, *refs]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    for ref in refs:
        (git_dir / f"{ref}.lock").parent.mkdir(parents=True, exist_ok=True)
        (git_dir / f"{ref}.lock").touch()


def marks(git_dir: Path) -> list[Path]:
    return list((git_dir / "paribus" / "moving").iterdir())


def test_what_a_killed_writer_left_is_removed(project: Workspace) -> None:
    git_dir = project.path / ".git"
    a_killed_writer(git_dir, REF, OTHER)
    with moving(git_dir, REF, OTHER):
        project.git("update-ref", REF, "HEAD")
        project.git("update-ref", OTHER, "HEAD")
    assert marks(git_dir) == []


def test_what_moves_others_each_time_removes_what_it_left(project: Workspace) -> None:
    """A fetch: the mark lists what it moved, and a second one that is killed forgets nothing."""
    git_dir, own = project.path / ".git", git_lock(project, "refs/heads/my-own")
    own.touch()
    a_killed_writer(git_dir, OTHER, name="of origin")
    git_lock(project, OTHER).unlink()
    a_killed_writer(git_dir, REF, name="of origin")
    git_lock(project, OTHER).touch()
    with moving(git_dir, "refs/heads/my-own", name="of backup"):
        assert git_lock(project, REF).exists()
    with moving(git_dir, "refs/heads/third", name="of origin"):
        project.git("update-ref", REF, "HEAD")
        project.git("update-ref", OTHER, "HEAD")
    assert own.exists()
    assert marks(git_dir) == []


def git_lock(project: Workspace, ref: str) -> Path:
    return project.path / ".git" / f"{ref}.lock"


def test_a_lock_without_a_mark_is_somebody_elses(project: Workspace) -> None:
    git_dir = project.path / ".git"
    a_killed_writer(git_dir, OTHER)
    lock = git_dir / f"{REF}.lock"
    lock.touch()
    with moving(git_dir, REF):
        assert lock.exists()
    with moving(git_dir, REF):
        assert lock.exists()
    assert (git_dir / f"{OTHER}.lock").exists()


def test_a_git_that_is_still_at_work_is_waited_for(project: Workspace) -> None:
    """As one that outlived its killed maker for a moment, in a linked working tree."""
    git_dir = project.path / ".git"
    project.git("worktree", "add", "--quiet", "--detach", str(project.path.parent / "linked"))
    a_killed_writer(git_dir, REF)
    reader = subprocess.Popen(
        ["git", "cat-file", "--batch"], cwd=project.path, stdin=subprocess.PIPE
    )
    writer = subprocess.Popen(
        ["git", "hash-object", "--stdin"], cwd=project.path.parent / "linked",
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    timer = threading.Timer(1.0, writer.communicate)
    timer.start()
    began = time.monotonic()
    with moving(git_dir, REF):
        assert 0.5 < time.monotonic() - began < 4
        assert not (git_dir / f"{REF}.lock").exists()
    timer.join()
    reader.communicate()


def test_a_git_that_stays_at_work_keeps_its_lock(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paribus.git.locks.PATIENCE", 0.5)
    git_dir = project.path / ".git"
    a_killed_writer(git_dir, REF)
    writer = subprocess.Popen(
        ["git", "hash-object", "--stdin"], cwd=project.path,
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    with moving(git_dir, REF):
        assert (git_dir / f"{REF}.lock").exists()
    writer.communicate()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_lock_stays(project: Workspace) -> None:
    git_dir = project.path / ".git"
    a_killed_writer(git_dir, REF)
    os.chown(git_dir / f"{REF}.lock", 65534, 65534)
    with moving(git_dir, REF):
        assert (git_dir / f"{REF}.lock").exists()


def test_one_after_the_other(project: Workspace) -> None:
    git_dir, order = project.path / ".git", []

    def second() -> None:
        with moving(git_dir, REF):
            order.append("second")

    thread = threading.Thread(target=second)
    with moving(git_dir, REF):
        thread.start()
        thread.join(0.3)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert marks(git_dir) == []


@pytest.mark.parametrize(
    ("error", "left"),
    [
        (GitError(("update-ref",), 128, "fatal: no"), 0),
        (GitError(("update-ref",), -9, ""), 1),
        (ValueError("something else"), 0),
        (KeyboardInterrupt(), 1),
    ],
)
def test_the_mark_stays_where_a_git_may_have_been_cut_off(
    error: BaseException, left: int, project: Workspace
) -> None:
    git_dir = project.path / ".git"
    with pytest.raises(type(error)), moving(git_dir, REF):
        raise error
    assert len(marks(git_dir)) == left
    try:
        with moving(git_dir, REF):
            raise RuntimeError("as the workflows tell it") from error
    except RuntimeError:
        assert len(marks(git_dir)) == (1 if isinstance(error, GitError) and left else 0)


def test_where_no_mark_can_be_made_git_itself_is_asked(tmp_path: Path) -> None:
    (tmp_path / "paribus").write_text("a file in the way")
    with moving(tmp_path, REF):
        assert (tmp_path / "paribus").is_file()
