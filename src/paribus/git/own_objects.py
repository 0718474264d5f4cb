"""Objects that no reference names yet, in a place of their own that no garbage collection enters.

A tree that is captured is in no commit until it is registered: a `git gc --prune=now` beside us would
take its objects out of the repository, however young they are.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from paribus.git.beside_gc import run_again
from paribus.git.command import Git

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

    By then a reference should lead to it. It comes as a pack that garbage collection is told to leave.

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
    writing = "-c", "core.fsync=committed", "index-pack", "--stdin", "--keep=paribus"
    named = run_again(git, *writing, stdin=pack)
    name = named.decode().split()[-1]
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            (common_dir / "objects" / "pack" / f"pack-{name}.keep").unlink()


def remove_old_objects(common_dir: Path, days: float = DAYS) -> None:
    """Removes what has been there for longer, and what no registration has asked for since."""
    oldest = time.time() - days * 86_400
    for file in own_objects(common_dir).glob("??/*"):
        with contextlib.suppress(OSError):
            if file.stat().st_mtime < oldest:
                file.unlink()


# Private functions


def _read_from(objects: Path) -> Mapping[str, str]:
    return {"GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(objects)}


def _quoted(directory: Path) -> str:
    """As Git reads a list of directories, one of which may have a colon in its name."""
    escaped = str(directory).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
