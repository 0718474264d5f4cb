"""Reads trees and blobs through one `git cat-file --batch`, never by checkout."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Self

from paribus.core.errors import Problem
from paribus.core.snapshot import Entry, FileDelta
from paribus.git.command import Git, clean_environment

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
        self._git = git
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
        """A blob by object id or `tree:path`; None where there is no such blob.

        Raises:
            Problem: the blob is larger than any file that a person writes.
        """
        header = self._ask(name)
        if header is None:
            return None
        if header.size > LARGEST_BLOB:
            self._abandon()
            raise Problem("file-too-large", f"{name}: {header.size} bytes are too many to judge")
        content = self._rest(header)
        return content if header.kind == "blob" else None

    def identify(self, name: str) -> str | None:
        """The id of the object that a name stands for; None where there is none."""
        header = self._ask(name)
        if header is None:
            return None
        self._rest(header)
        return header.oid

    def tree_of(self, commit: str) -> str:
        """The id of a commit's tree; the commit is given by its SHA, and exists."""
        tree = self.identify(f"{commit}^{{tree}}")
        if tree is None:
            raise Problem("missing-object", f"the repository does not hold the tree of {commit}")
        return tree

    def tree(self, treeish: str, *paths: str) -> dict[str, Entry]:
        """Every file of a tree (below `paths`, if given) by its path."""
        listing = self._git.run("ls-tree", "-r", "-z", "--full-tree", treeish, "--", *paths)
        return dict(_entries(listing))

    def changed(self, old: str, new: str) -> tuple[FileDelta, ...]:
        """The files in which two trees differ, in the order of their paths; renames are not guessed."""
        raw = self._git.run(
            "diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff",
            "--no-textconv", "--ignore-submodules=none", old, new, "--",
        )  # fmt: skip
        return tuple(_deltas(raw))

    def _ask(self, name: str) -> _Header | None:
        if "\n" in name:
            return None
        stdin, stdout = self._pipes()
        stdin.write(name.encode("utf-8", "surrogateescape") + b"\n")
        stdin.flush()
        return _parsed(stdout.readline())

    def _rest(self, header: _Header) -> bytes:
        _, stdout = self._pipes()
        content = stdout.read(header.size)
        stdout.read(1)
        return content

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process is None:
            self._process = subprocess.Popen(
                self._git.arguments("cat-file", "--batch"),
                cwd=self._git.directory,
                env=clean_environment(self._git.extra),
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
