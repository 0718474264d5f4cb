"""The index as a Git tree: exactly what the next commit would hold."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from paribus.core.errors import Problem
from paribus.git.command import Git, GitError
from paribus.git.repository import Repository
from paribus.git.worktree import conflicts, scratch

WITHOUT_FLAGS = (2).to_bytes(4, "big")
"""The index version whose entries cannot be marked as only intended."""

NO_TIME = (0, 0)
"""An index of no time has no entry too young to trust: git would look into such files when it writes
the copy, and run the filters that their attributes name."""


@dataclass(frozen=True, slots=True)
class Staged:
    """What is staged.

    Attributes:
        tree: the id of the tree that a commit would have.
        intended: files announced by `git add --intent-to-add`, which that tree does not have.
        git: reads the tree, whose new objects are in a temporary place.
    """

    tree: str
    intended: tuple[str, ...]
    git: Git


@contextmanager
def staged(repository: Repository) -> Iterator[Staged]:
    """Writes the index's tree from a copy of the index, into a temporary object directory.

    Raises:
        Problem: there is no working tree, or files are in conflict.
    """
    if repository.bare:
        raise Problem(
            "no-working-tree", "a bare repository has no index, so nothing is staged in it"
        )
    with (
        tempfile.TemporaryDirectory(prefix="paribus-") as name,
        scratch(repository, keep=False) as writing,
    ):
        copy = Path(name) / "index"
        git = writing.with_environment({"GIT_INDEX_FILE": str(copy)})
        original = index_file(repository)
        if original.exists():
            shutil.copyfile(original, copy)
            os.utime(copy, NO_TIME)
        try:
            # A split index would be shared between the copy and the original.
            tree = git.text("-c", "core.splitIndex=false", "write-tree")
        except GitError as error:
            raise _unwritable(error) from error
        yield Staged(tree, _intended(git, copy), git)


def index_file(repository: Repository) -> Path:
    """The index that is about to be committed.

    For `git commit -a` and `git commit FILE` it is a temporary one, which git names to its hooks. A
    name that leads elsewhere was meant for another repository.
    """
    own = repository.git_dir / "index"
    named = os.environ.get("GIT_INDEX_FILE")
    if not named:
        return own
    path = repository.top / named
    return path if path.parent.resolve() == repository.git_dir.resolve() else own


# Private functions


def _intended(git: Git, index: Path) -> tuple[str, ...]:
    """To ask costs a look at every file, so it is asked only where the index could hold some."""
    if not index.exists():
        return ()
    with index.open("rb") as file:
        if file.read(8)[4:] == WITHOUT_FLAGS:
            return ()
    listed = git.run(
        "diff-files", "--name-only", "--diff-filter=A", "--ignore-submodules=all", "-z", "--"
    )
    return tuple(os.fsdecode(path) for path in listed.split(b"\0")[:-1])


def _unwritable(error: GitError) -> Problem:
    if ": unmerged (" in error.stderr:
        return conflicts()
    return Problem("unreadable-index", f"git cannot read what is staged: {error.detail}")
