"""The working tree as a Git tree, without touching index, HEAD, stash or a single file."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from paribus.core.errors import Exit, Problem
from paribus.git.command import Git, GitError
from paribus.git.own_objects import own_objects, written_to
from paribus.git.repository import Repository


@dataclass(frozen=True, slots=True)
class Capture:
    """The tracked files as they are now, staged or not.

    Attributes:
        tree: the id of the tree that holds them.
        untracked: files that Git neither tracks nor ignores, which are therefore not in the tree.
        git: reads the tree; its new objects may be in a temporary place.
    """

    tree: str
    untracked: tuple[str, ...]
    git: Git


@contextmanager
def scratch(repository: Repository, *, keep: bool) -> Iterator[Git]:
    """Git whose new objects go where clones see them, or to a temporary directory that is gone afterwards.

    Neither is the repository's own place for objects, from which `git gc` could take them away.
    """
    common_dir = repository.common_dir
    if keep:
        kept = own_objects(common_dir)
        kept.mkdir(parents=True, exist_ok=True)
        yield repository.git.with_environment(written_to(kept, common_dir))
        return
    with tempfile.TemporaryDirectory(prefix="paribus-") as name:
        yield repository.git.with_environment(written_to(Path(name), common_dir))


@contextmanager
def captured(repository: Repository, *, keep: bool) -> Iterator[Capture]:
    """Writes the working tree through a private index.

    Args:
        keep: whether new objects go where clones see them (to run them) or to a temporary directory
            that is gone afterwards (to read them).

    Raises:
        Problem: a merge is under way, or a file cannot be read.
    """
    with (
        tempfile.TemporaryDirectory(prefix="paribus-") as name,
        scratch(repository, keep=keep) as writing,
    ):
        index = Path(name) / "index"
        git = writing.with_environment({"GIT_INDEX_FILE": str(index)})
        _copy_index(repository, index, git)
        if git.run("ls-files", "--unmerged"):
            raise conflicts()
        try:
            git.run("add", "--update", "--", ":/")
            tree = git.text("write-tree")
        except GitError as error:
            raise _unreadable(error) from error
        untracked = git.run("ls-files", "--others", "--exclude-standard", "-z", "--full-name")
        yield Capture(
            tree,
            tuple(os.fsdecode(path) for path in untracked.split(b"\0")[:-1]),
            git,
        )


def conflicts() -> Problem:
    """Git would take the files as they lie there, conflict markers and all."""
    return Problem(
        "merge-under-way",
        "files are still in conflict from a merge",
        "finish it   git merge --continue",
        "or undo it   git merge --abort",
    )


# Private functions


def _copy_index(repository: Repository, index: Path, git: Git) -> None:
    """A copy keeps the cached file times, so that only edited files are hashed again.

    `copy2` keeps the index's own time too: git uses it to tell which entries are too young to trust.
    """
    original = repository.git_dir / "index"
    if original.exists():
        shutil.copy2(original, index)
    elif git.lookup("rev-parse", "--verify", "--quiet", "HEAD"):
        git.run("read-tree", "HEAD")


def _unreadable(error: GitError) -> Problem:
    """Or it cannot be written, as an object of the repository: no fault of the working tree's."""
    signs = "repository database", "temporary file", "loose object"
    if error.code < 0 or any(sign in error.stderr for sign in signs):
        return Problem(
            "not-recorded",
            f"git cannot write the working tree as an object: {error.detail}",
            "see that the disk has room and .git is writable, then run the same command again",
            status=Exit.NOT_RECORDED,
            retryable=True,
        )
    return Problem("unreadable-working-tree", f"git cannot read the working tree: {error.detail}")
