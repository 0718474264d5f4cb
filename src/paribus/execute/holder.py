"""A lock that a process holds while it lives: how an interrupted run is told from a running one.

A file lock, since the kernel drops it when its holder dies, however it dies; a process id may have
been given to somebody else meanwhile.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def held(directory: Path, name: str | None = None) -> Iterator[str]:
    """Holds a lock for the length of the block; yields the name by which others can ask for it.

    Args:
        name: of a lock that only one process may hold; None for a new one.

    Raises:
        BlockingIOError: another process holds the lock of this name.
    """
    directory.mkdir(parents=True, exist_ok=True)
    name = name or secrets.token_hex(8)
    path = directory / f"{name}.lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _is_at(file, path):  # its last holder removed it meanwhile
            raise BlockingIOError(f"{path} was given up at this moment")
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


# Private functions


def _is_at(file: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
