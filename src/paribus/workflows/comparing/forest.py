"""Files of many trees, each object read once: revisions share nearly all of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from paribus.core.entries import Entry
from paribus.core.errors import Problem
from paribus.git.objects import children, missing
from paribus.git.pipelined import Pipelined

FOLDER = "040000"
FILES = ("100644", "100755", "100664")
"""Modes of plain files; where a link leads to is nobody's business."""

Entries = Mapping[str, Entry]


class Forest:
    """Trees by their ids, and the bytes of their files, by the ids of their blobs."""

    def __init__(self, objects: Pipelined) -> None:
        self._objects = objects
        self._trees: dict[str, Entries | None] = {}
        self._blobs: dict[str, bytes | Problem] = {}

    def entries(self, trees: Iterable[str]) -> list[Entries | None]:
        """What is directly in each tree, by name; None for one that is not here."""
        wanted = list(trees)
        self._load(wanted)
        return [self._trees[tree] for tree in wanted]

    def at(self, trees: Sequence[str], path: str) -> list[Entry | Problem | None]:
        """What is at a path in each of some trees: a plain file, a folder, or nothing.

        Where a folder on the way is not in the repository, that is the problem of the one tree.
        """
        *folders, name = path.split("/")
        found: list[str | Problem | None] = list(trees)
        for folder in folders:
            found = [
                each.oid if isinstance(each, Entry) and each.mode == FOLDER else _lack(each)
                for each in self._step(found, folder, path)
            ]
        return [
            each if not isinstance(each, Entry) or each.mode in (FOLDER, *FILES) else None
            for each in self._step(found, name, path)
        ]

    def read(self, oids: Iterable[str], most: int) -> None:
        """Reads blobs ahead; of those larger than `most` bytes it is only remembered that they are."""
        wanted = [oid for oid in dict.fromkeys(oids) if oid not in self._blobs]
        for oid, got in zip(wanted, self._objects.read_many(wanted, most), strict=True):
            if got is None or got.kind != "blob":
                self._blobs[oid] = missing(oid)
            elif got.data is None:
                self._blobs[oid] = Problem("file-too-large", f"more than {most:,} bytes")
            else:
                self._blobs[oid] = got.data

    def content(self, oid: str, most: int) -> bytes:
        """A blob's bytes; raises `Problem` where it is not here, or is too large."""
        self.read([oid], most)
        found = self._blobs[oid]
        if isinstance(found, Problem):
            raise found
        return found

    def forget(self) -> None:
        """Lets go of all bytes, once they are values."""
        self._blobs.clear()

    # Private methods

    def _step(
        self, trees: Sequence[str | Problem | None], name: str, path: str
    ) -> list[Entry | Problem | None]:
        """What is called so in each tree."""
        self._load(tree for tree in trees if isinstance(tree, str))
        found: list[Entry | Problem | None] = []
        for tree in trees:
            entries = self._trees[tree] if isinstance(tree, str) else {}
            if isinstance(tree, Problem):
                found.append(tree)
            elif entries is None:
                found.append(missing(f"the folder of {path}"))
            else:
                found.append(entries.get(name))
        return found

    def _load(self, trees: Iterable[str]) -> None:
        wanted = [tree for tree in dict.fromkeys(trees) if tree not in self._trees]
        for tree, got in zip(wanted, self._objects.read_many(wanted), strict=True):
            is_tree = got is not None and got.kind == "tree"
            data = got.data if got is not None and is_tree else None
            self._trees[tree] = None if data is None else dict(children(data, len(tree) // 2))


def trees_of(objects: Pipelined, commits: Iterable[str]) -> dict[str, str]:
    """The tree of each commit that the repository has, by their SHAs."""
    wanted = list(dict.fromkeys(commits))
    found = {}
    for commit, got in zip(wanted, objects.read_many(wanted), strict=True):
        if got is not None and got.kind == "commit" and got.data is not None:
            found[commit] = got.data.partition(b"\n")[0].removeprefix(b"tree ").decode()
    return found


# Private functions


def _lack(found: Entry | Problem | None) -> Problem | None:
    return found if isinstance(found, Problem) else None
