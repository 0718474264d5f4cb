"""All files of a Git tree as a mapping from path to bytes, each read when it is asked for."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from paribus.core.errors import Problem
from paribus.core.snapshot import LINK_MODE, SUBMODULE_MODE, Entry
from paribus.git.objects import Objects

LARGEST_KEPT = 2**20
"""Bytes; a larger file is read anew each time, so that memory does not grow with the data."""

LONGEST_LINK = 4096
"""Bytes that the text of a symbolic link has at most."""


class TreeFiles(Mapping[str, bytes]):
    """Plain files alone: a link, a submodule and a file too large to read are not there.

    One file costs one question to the object database, and no listing of the tree. What is iterated
    over are names: a file among them that is too large to read is still not there when asked for.
    """

    def __init__(self, objects: Objects, tree: str) -> None:
        self._objects = objects
        self._tree = tree
        self._read: dict[str, bytes | None] = {}
        self._entries: Mapping[str, Entry] | None = None

    def __getitem__(self, path: str) -> bytes:
        if path in self._read:
            data = self._read[path]
        else:
            data = self._content(path)
            if data is None or len(data) <= LARGEST_KEPT:
                self._read[path] = data
        if data is None:
            raise KeyError(path)
        return data

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed())

    def __len__(self) -> int:
        return len(self._listed())

    # Private methods

    def _content(self, path: str) -> bytes | None:
        if not _is_plain(path):
            return None
        name = f"{self._tree}:{path}"
        if self._entries is not None:
            if path not in self._entries:
                return None
            name = self._entries[path].oid
        try:
            data = self._objects.read(name)
        except Problem as problem:
            if problem.code == "file-too-large":
                return None
            raise
        if data is None or (self._entries is None and self._is_link(path, data)):
            return None
        return data

    def _is_link(self, path: str, data: bytes) -> bool:
        """Whether a blob is a link's text: Git tells its mode in listings alone, which cost a process."""
        if not data or len(data) > LONGEST_LINK or data.endswith(b"\n") or b"\0" in data:
            return False
        entry = self._objects.tree(self._tree, path).get(path)
        return entry is None or entry.mode == LINK_MODE

    def _listed(self) -> Mapping[str, Entry]:
        if self._entries is None:
            self._entries = {
                path: entry
                for path, entry in self._objects.tree(self._tree).items()
                if entry.mode not in (LINK_MODE, SUBMODULE_MODE)
            }
        return self._entries


# Private functions


def _is_plain(path: str) -> bool:
    """Whether a path can be one that a tree holds; others, such as `../x`, Git would resolve anew."""
    leads_out = path.startswith(("/", "../")) or path in ("", ".", "..")
    return not leads_out and "\0" not in path and posixpath.normpath(path) == path
