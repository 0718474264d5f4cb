"""A lock that a process holds while it lives: how an interrupted run is told from a running one.

A file lock, since the kernel drops it when its holder dies, however it dies; a process id may have
been given to somebody else meanwhile.
"""

from __future__ import annotations

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(directory: Path) -> Iterator[str]:
    """Holds a new lock for the length of the block; yields the name by which others can ask for it."""
    directory.mkdir(parents=True, exist_ok=True)
    name = secrets.token_hex(8)
    path = directory / f"{name}.lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            yield name
        finally:
            path.unlink(missing_ok=True)


def is_held(directory: Path, name: str) -> bool:
    """Whether the process that holds this lock is alive on this machine."""
    path = directory / f"{name}.lock"
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
