"""Gets over the locks of a git that was killed while it moved a reference for us.

Git locks a reference by a file beside it, which nobody removes when it is killed; every later git then
refuses. So a mark says that we are about to move a reference. Who finds a mark that no process holds
knows that its maker was killed, and that a lock there may be removed once no git is at work.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from paribus.git.command import GitError

PATIENCE = 5.0
"""Seconds for which a git that is at work there is waited for, such as one that outlived its maker."""
PAUSE = 0.1
"""Seconds between two looks."""


@contextmanager
def moving(common_dir: Path, *refs: str, name: str = "") -> Iterator[None]:
    """Marks references as being moved, one after the other on this machine; waits for its turn.

    First removes the locks that one before us left when it was killed. A lock that is there without
    such a mark is somebody else's, and stays. Where no mark can be made, git itself says why it cannot
    write.

    Args:
        common_dir: the repository's Git directory.
        refs: full names.
        name: of what moves them, where that is not always the same ones; the mark lists them.
    """
    with contextlib.ExitStack() as held:
        try:
            mark, was_left = _marked(_path(common_dir, (name,) if name else refs), held)
            left = dict.fromkeys([*refs, *_listed(mark)] if was_left else [])
            mark.write_text("".join(f"{ref}\n" for ref in (left or refs)))
        except OSError:
            yield
            return
        for ref in left:
            _release(common_dir, common_dir / f"{ref}.lock")
        try:
            yield
        except BaseException as error:
            if not _was_cut_off(error):
                mark.unlink(missing_ok=True)
            raise
        mark.unlink(missing_ok=True)


def is_at_work(common_dir: Path) -> bool:
    """Whether a git that may write runs in this repository; one that reads objects holds no lock."""
    import psutil  # noqa: PLC0415 (costs 20 ms, and is needed after a crash alone)

    trees = [path.read_text().strip() for path in common_dir.glob("worktrees/*/gitdir")]
    tops = [common_dir, common_dir.parent, *(Path(tree).parent for tree in trees)]
    for process in psutil.process_iter(["name", "cwd", "cmdline"]):
        told = process.info
        where = Path(told["cwd"] or "/")
        if (
            (told["name"] or "").startswith("git")
            and "cat-file" not in (told["cmdline"] or ())
            and any(where.is_relative_to(top) for top in tops)
        ):
            return True
    return False


# Private functions


def _path(common_dir: Path, refs: tuple[str, ...]) -> Path:
    name = hashlib.sha256("\n".join(refs).encode()).hexdigest()[:16]
    return common_dir / "paribus" / "moving" / name


def _marked(path: Path, held: contextlib.ExitStack) -> tuple[Path, bool]:
    """The mark, locked by us, and whether it had been left by somebody who is gone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with contextlib.ExitStack() as opened:
            was_there = path.exists()
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            opened.callback(os.close, file)
            fcntl.flock(file, fcntl.LOCK_EX)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file), path.stat()):
                    held.push(opened.pop_all())
                    return path, was_there
        # Its holder removed it while we waited.


def _listed(mark: Path) -> list[str]:
    """What was being moved when its maker was killed."""
    return [ref for ref in mark.read_text().splitlines() if ref.startswith("refs/")]


def _was_cut_off(error: BaseException) -> bool:
    """Whether a git may have ended without removing its locks: killed, or not waited for."""
    if not isinstance(error, Exception):
        return True
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, GitError) and cause.code < 0:
            return True
        cause = cause.__cause__
    return False


def _release(common_dir: Path, lock: Path) -> None:
    """Removes a lock of our own user's, unless a git that may hold it stays at work."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(FileNotFoundError):
            if lock.stat().st_uid != os.geteuid():
                return
            if is_at_work(common_dir):
                time.sleep(PAUSE)
                continue
            lock.unlink()
        return
