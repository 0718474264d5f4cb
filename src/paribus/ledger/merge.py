"""The union of two ledgers.

Files are written once, and a record's name follows from its content, so there is nothing to decide:
what only one side has is taken. Folders that only one side has are taken whole, by their object id, so
that this costs as much as the two sides differ.

Damage or tampering can put two contents at one path. Then the better one stays, by an order in which
the sides do not matter, so that clones which meet in any order end with the same tree.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from paribus.core.entries import Entry
from paribus.core.errors import Problem
from paribus.git.objects import Objects
from paribus.ledger.stream import FOLDER_MODE

TREES = "trees"
RECORD_NAME = re.compile(r"[a-z][a-z-]*-(?P<hash>[0-9a-f]{16})\.json")

_GENUINE, _FOLDER, _OTHER = range(3)


@dataclass(frozen=True, slots=True)
class Union:
    """What one ledger needs to become the union with another.

    Attributes:
        entries: by path; folders that the other side alone has are one entry.
        replaced: paths at which both sides had something else, sorted. What gave way is in the history
            of the side that had it; a tested tree that gave way stands below another name.
    """

    entries: Mapping[str, Entry]
    replaced: tuple[str, ...] = ()


def union(objects: Objects, ours: str, theirs: str) -> Union:
    """Compares two ledgers.

    Args:
        ours, theirs: their commits, or trees, as SHAs.

    Raises:
        Problem: a folder in which they differ is not here.
    """
    walk = _Walk(objects, ours, theirs)
    walk.compare()
    return Union(walk.entries, tuple(sorted(walk.replaced)))


def kept_tree(tree: str) -> str:
    """The folder in which the ledger keeps a tested tree."""
    return f"{TREES}/{tree[:2]}/{tree}"


def is_genuine(path: str, content: bytes) -> bool:
    """Whether a record's name follows from its content."""
    named = RECORD_NAME.fullmatch(path.rpartition("/")[2])
    return named is not None and hashlib.sha256(content).hexdigest().startswith(named["hash"])


# Private functions


@dataclass(slots=True)
class _Walk:
    """Walks down where both sides have a folder, and the two differ."""

    objects: Objects
    ours: str
    theirs: str
    entries: dict[str, Entry] = field(default_factory=dict)
    replaced: list[str] = field(default_factory=list)
    gave_way: list[str] = field(default_factory=list)
    """Tested trees that another one took the place of."""

    def compare(self) -> None:
        tree_of = self.objects.tree_of
        waiting = [("", tree_of(self.ours), tree_of(self.theirs))]
        while waiting:
            path, mine, other = waiting.pop()
            if mine != other:
                waiting += self._compare(path, self._listed(mine), self._listed(other))
        while self.gave_way:
            self._give_place(self.gave_way.pop())

    def _compare(
        self, folder: str, mine: Mapping[str, Entry], other: Mapping[str, Entry]
    ) -> Iterator[tuple[str, str, str]]:
        """Takes what the other side alone has; yields the folders in which the two differ."""
        for name, new in other.items():
            path, old = f"{folder}/{name}".lstrip("/"), mine.get(name)
            if old is None:
                self.entries[path] = new
            elif old != new and _are_folders(old, new) and not _is_kept_tree(path):
                yield path, old.oid, new.oid
            elif old != new:
                self._choose(path, old, new)

    def _choose(self, path: str, old: Entry, new: Entry) -> None:
        """The order follows from the entries alone, so that any two clones agree on it."""
        stays, gives_way = sorted(
            (old, new), key=lambda entry: (self._rank(path, entry), entry.oid, entry.mode)
        )
        self.replaced.append(path)
        if stays is new:
            self.entries[path] = new
        if _is_kept_tree(path) and gives_way.mode == FOLDER_MODE:
            self.gave_way.append(gives_way.oid)

    def _rank(self, path: str, entry: Entry) -> int:
        is_folder = entry.mode == FOLDER_MODE
        if _is_kept_tree(path):
            named = path.endswith(f"/{entry.oid}")
        else:
            named = not is_folder and is_genuine(path, self._content(entry))
        if named:
            return _GENUINE
        return _FOLDER if is_folder else _OTHER

    def _give_place(self, tree: str) -> None:
        """Puts a tested tree where its own id names it; what stood there falsely gives way in turn."""
        path = kept_tree(tree)
        there = self.entries.get(path) or self._at(self.ours, path) or self._at(self.theirs, path)
        wanted = Entry(FOLDER_MODE, tree)
        if there == wanted:
            return
        self.entries[path] = wanted
        if there is not None and there.mode == FOLDER_MODE:
            self.gave_way.append(there.oid)

    def _at(self, side: str, path: str) -> Entry | None:
        folder, _, name = path.rpartition("/")
        return (self.objects.listing(f"{side}:{folder}") or {}).get(name)

    def _content(self, entry: Entry) -> bytes:
        """Nothing for what cannot be read, which then gives way to what can."""
        try:
            return self.objects.read(entry.oid) or b""
        except Problem:
            return b""

    def _listed(self, tree: str) -> dict[str, Entry]:
        found = self.objects.listing(tree)
        if found is None:
            raise Problem(
                "missing-object",
                f"a folder of the ledger is not here: {tree}",
                "a damaged repository   git fsck",
            )
        return found


def _are_folders(*entries: Entry) -> bool:
    return all(entry.mode == FOLDER_MODE for entry in entries)


def _is_kept_tree(path: str) -> bool:
    """Whether a tested tree stands at a path; it is one thing, and nobody looks into it."""
    return path.startswith(f"{TREES}/") and path.count("/") == 2
