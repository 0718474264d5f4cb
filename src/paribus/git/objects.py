"""Reads trees and blobs through one `git cat-file --batch`, never by checkout."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Self

from paribus.core.entries import SUBMODULE_MODE, Entry, FileDelta
from paribus.core.errors import Problem
from paribus.git.command import Git, GitError, clean_environment

LARGEST_BLOB = 64 * 2**20
"""Bytes; a larger file is nothing that a person wrote, and is not read."""

NO_ENTRY_MODE = "000000"


@dataclass(frozen=True, slots=True)
class _Header:
    oid: str
    kind: str
    size: int


class Objects:
    """A reader of one object database; close it, or use it in a `with`."""

    def __init__(self, git: Git) -> None:
        self.git = git
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the git process behind the reader."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def read(self, name: str) -> bytes | None:
        """A blob by object id or `tree:path`; None where the tree has no blob there.

        Raises:
            Problem: the blob is larger than any file that a person writes, or the repository should
                hold it and does not: it is damaged, or a partial clone.
        """
        if "\n" in name:
            return self._read_listed(*name.split(":", 1))
        header = self._ask(name)
        if header is None:
            if self._is_listed(name):
                raise missing(name)
            return None
        if header.size > LARGEST_BLOB:
            self._abandon()
            raise Problem("file-too-large", f"{name}: {header.size} bytes are too many to judge")
        content = self._rest(header, name)
        return content if header.kind == "blob" else None

    def identify(self, name: str) -> str | None:
        """The id of the object that a name stands for; None where there is none."""
        header = self._ask(name)
        if header is None:
            return None
        self._rest(header, name)
        return header.oid

    def tree_of(self, commit: str) -> str:
        """The id of a commit's tree; the commit is given by its SHA, and exists."""
        tree = self.identify(f"{commit}^{{tree}}")
        if tree is None:
            raise missing(f"the tree of {commit}")
        return tree

    def tree(self, treeish: str, *paths: str) -> dict[str, Entry]:
        """Every file of a tree (below `paths`, if given) by its path."""
        below = [f":(literal){path}" for path in paths]
        listing = self._listing("ls-tree", "-r", "-z", "--full-tree", treeish, "--", *below)
        return dict(_entries(listing))

    def listing(self, tree: str) -> dict[str, Entry] | None:
        """What is directly in a tree, folders among it, by name; None where there is no such tree.

        Cheap, since it starts no process of its own; modes have six digits, a folder's is `040000`.
        """
        header = self._ask(tree)
        if header is None:
            return None
        content = self._rest(header, tree)
        return dict(children(content, len(header.oid) // 2)) if header.kind == "tree" else None

    def changed(self, old: str, new: str) -> tuple[FileDelta, ...]:
        """The files in which two trees differ, in the order of their paths; renames are not guessed."""
        raw = self._listing(
            "diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff",
            "--no-textconv", "--ignore-submodules=none", old, new, "--",
        )  # fmt: skip
        return tuple(_deltas(raw))

    def _ask(self, name: str) -> _Header | None:
        if "\n" in name:
            return None
        stdin, _ = self._pipes()
        stdin.write(name.encode("utf-8", "surrogateescape") + b"\n")
        stdin.flush()
        return self._answer(name)

    def _answer(self, name: str) -> _Header | None:
        _, stdout = self._pipes()
        answer = stdout.readline()
        if not answer:
            self._abandon()
            raise missing(name)
        return _parsed(answer)

    def _rest(self, header: _Header, name: str) -> bytes:
        _, stdout = self._pipes()
        content = stdout.read(header.size + 1)
        if len(content) <= header.size:
            self._abandon()
            raise missing(name)
        return content[:-1]

    def _is_listed(self, name: str) -> bool:
        """Whether an object that is not here is one that a tree names; an id always is."""
        treeish, colon, path = name.partition(":")
        if not colon:
            return True
        folder, _, file = path.rpartition("/")
        header = self._ask(f"{treeish}:{folder}")
        if header is None:
            return not folder or self._is_listed(f"{treeish}:{folder}")
        listing = self._rest(header, name)
        mode, found, _ = listing.partition(b" %s\0" % os.fsencode(file))
        is_module = mode.endswith(SUBMODULE_MODE.encode())
        return header.kind == "tree" and bool(found) and not is_module

    def _read_listed(self, treeish: str, path: str = "") -> bytes | None:
        """A blob whose path has line breaks, which git cannot be asked for by name."""
        entry = self.tree(treeish, path).get(path) if path else None
        return self.read(entry.oid) if entry and entry.mode != SUBMODULE_MODE else None

    def _listing(self, *arguments: str) -> bytes:
        try:
            return self.git.run(*arguments)
        except GitError as error:
            raise missing(f"every tree that it needs: {error.detail}") from error

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process is None:
            self._process = subprocess.Popen(
                self.git.arguments("cat-file", "--batch"),
                cwd=self.git.directory,
                env=clean_environment(self.git.extra),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    def _abandon(self) -> None:
        assert self._process is not None
        self._process.kill()
        self.close()


def children(content: bytes, width: int) -> Iterator[tuple[str, Entry]]:
    """A tree object's entries: `<mode> <name>`, NUL, and so many bytes of object id."""
    at = 0
    while at < len(content):
        end = content.index(b"\0", at)
        mode, _, name = content[at:end].partition(b" ")
        at = end + 1 + width
        yield _path(name), Entry(mode.decode().zfill(6), content[end + 1 : at].hex())


def missing(what: str) -> Problem:
    """What to say of an object that the repository should hold, and does not."""
    return Problem(
        "missing-object",
        f"the repository does not hold {what}",
        "a partial clone   git fetch --refetch --no-filter (CI: fetch-depth: 0, no filter)",
        "a damaged one     git fsck",
    )


# Private functions


def _parsed(header: bytes) -> _Header | None:
    words = header.decode("utf-8", "surrogateescape").rstrip("\n").rsplit(" ", 2)
    if len(words) != 3 or not words[2].isdigit():
        return None  # "<name> missing", "<name> ambiguous"
    return _Header(words[0], words[1], int(words[2]))


def _path(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _entries(listing: bytes) -> Iterator[tuple[str, Entry]]:
    for record in listing.split(b"\0")[:-1]:
        about, _, path = record.partition(b"\t")
        mode, _, oid = about.decode().split(" ")
        yield _path(path), Entry(mode, oid)


def _deltas(raw: bytes) -> Iterator[FileDelta]:
    fields = raw.split(b"\0")[:-1]
    for about, path in zip(fields[::2], fields[1::2], strict=True):
        old_mode, new_mode, old_oid, new_oid, _ = about.decode().lstrip(":").split(" ")
        yield FileDelta(_path(path), _entry(old_mode, old_oid), _entry(new_mode, new_oid))


def _entry(mode: str, oid: str) -> Entry | None:
    return None if mode == NO_ENTRY_MODE else Entry(mode, oid)
