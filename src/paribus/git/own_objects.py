"""Objects that no reference names yet, in a place of their own that no garbage collection enters.

A tree that is captured is in no commit until it is registered: a `git gc --prune=now` beside us would
take its objects out of the repository, however young they are.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from paribus.git.beside_gc import run_again
from paribus.git.command import Git

KEEP = "paribus"
"""What a file says that keeps one of our packs."""
_SAID = f"{KEEP}\n".encode()

_FETCHING = re.compile(r"fetch-pack (?P<pid>[1-9]\d*) on (?P<host>\S+)\n")
_LONGEST = 1000

HOUR = 3600.0
SOON = 60.0
"""Seconds within which whoever brings a pack home has taken hold of it."""

DAYS = 7.0
"""For which they stay: longer than any run that needs them without its experiment being registered."""


def own_objects(common_dir: Path) -> Path:
    """Where they are, in the Git directory of all working trees."""
    return common_dir / "paribus" / "objects"


def written_to(objects: Path, common_dir: Path) -> dict[str, str]:
    """Variables by which git writes to a folder what the repository does not have.

    Args:
        objects: the folder; it exists.
    """
    sources = [_quoted(common_dir / "objects")]
    if directory := os.environ.get("GIT_OBJECT_DIRECTORY"):
        sources.append(_quoted(Path.cwd() / directory))
    if inherited := os.environ.get("GIT_ALTERNATE_OBJECT_DIRECTORIES"):
        sources.append(inherited)
    return {
        "GIT_OBJECT_DIRECTORY": str(objects),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": os.pathsep.join(sources),
    }


@contextmanager
def at_home(git: Git, tree: str, like: str) -> Iterator[None]:
    """Brings a tree into the repository, and keeps it there until the block ends.

    By then a reference should lead to it. It comes as a pack that garbage collection is told to leave,
    by a file beside it; a lock on that file says that somebody still needs it.

    Args:
        git: in the user's repository.
        tree: the id of a tree, of the repository or of ours.
        like: a commit, whose objects the repository has.
    """
    if git.lookup("cat-file", "-e", f"{tree}^{{tree}}") is not None:
        yield
        return
    common_dir = Path(git.text("rev-parse", "--path-format=absolute", "--git-common-dir"))
    reading = git.with_environment(_read_from(own_objects(common_dir)))
    wanted = f"{tree}\n^{like}^{{tree}}\n".encode()
    pack = reading.run("pack-objects", "--revs", "--stdout", "--quiet", stdin=wanted)
    writing = "-c", "core.fsync=committed", "index-pack", "--stdin", f"--keep={KEEP}"
    named = run_again(git, *writing, stdin=pack)
    name = named.decode().split()[-1]
    with _needed(common_dir / "objects" / "pack" / f"pack-{name}.keep"):
        yield


def remove_old_objects(common_dir: Path, days: float = DAYS) -> None:
    """Removes what has been there for longer, and what no registration has asked for since.

    Gives the packs to garbage collection, too, that a registration which was killed has left.
    """
    oldest = time.time() - days * 86_400
    for file in own_objects(common_dir).rglob("*"):
        with contextlib.suppress(OSError):
            if file.is_file() and file.stat().st_mtime < oldest:
                file.unlink()
    for file in keeps_left(common_dir):
        release(file)


def keeps_left(common_dir: Path) -> list[Path]:
    """Files that keep a pack from garbage collection for somebody who is gone: ours, or a fetch."""
    found = sorted((common_dir / "objects" / "pack").glob("pack-*.keep"))
    return [file for file in found if _with_left(file, lambda: None)]


def release(keep: Path) -> bool:
    """Removes such a file, unless somebody has come to need it; returns whether it did."""
    return _with_left(keep, keep.unlink)


# Private functions


def _read_from(objects: Path) -> Mapping[str, str]:
    return {"GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(objects)}


@contextmanager
def _needed(keep: Path) -> Iterator[None]:
    """Holds the file while the block lasts; the last who holds it removes it."""
    file = _held(keep)
    try:
        yield
    finally:
        file.close()
        _with_left(keep, keep.unlink, soon=0.0)


def _held(keep: Path) -> IO[bytes]:
    while True:
        file = keep.open("ab")  # it is made, should another have removed it in this moment
        fcntl.flock(file, fcntl.LOCK_SH)
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), keep.stat()):
                if keep.stat().st_size == 0:
                    file.write(_SAID)
                    file.flush()
                return file
        file.close()


def _with_left(keep: Path, do: Callable[[], object], soon: float = SOON) -> bool:
    """Does something while nobody can take hold of a file that was left; returns whether it was left."""
    with contextlib.suppress(OSError), keep.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        age = time.time() - os.fstat(file.fileno()).st_mtime
        said = file.read(_LONGEST)
        if (said == _SAID and age >= soon) or (_is_of_dead_fetch(said) and age >= HOUR):
            do()
            return True
    return False


def _is_of_dead_fetch(said: bytes) -> bool:
    """Whether git was fetching here, in a process that is gone."""
    told = _FETCHING.fullmatch(said.decode("utf-8", "replace"))
    if told is None or told["host"] != socket.gethostname():
        return False
    try:
        os.kill(int(told["pid"]), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def _quoted(directory: Path) -> str:
    """As Git reads a list of directories, one of which may have a colon in its name."""
    escaped = str(directory).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
