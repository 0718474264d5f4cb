"""The files in which a candidate differs from its baseline: whose they are, and their lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from paribus.core.change import Change, NotCounted
from paribus.core.moves import moved_files
from paribus.core.regions import Owned, Region, key_regions, owned, python_regions, text_regions
from paribus.core.snapshot import LINK_MODE, SUBMODULE_MODE, Entry, FileDelta
from paribus.core.splice import Edit, edits, lines_of
from paribus.core.values import KeyPath
from paribus.git.trees import Blob, Piece
from paribus.workflows.judging import Judged

VALUES = (".yaml", ".yml", ".json", ".toml")

WHOLE = (".dvc", ".ipynb", ".lock")
"""Files whose lines mean nothing on their own."""

ASIDE = ("neutral", "written by DVC", "output of a stage", "rules of the team")
"""Reasons why a difference is not counted that hold for it alone: no change lives on such a file."""

LONGEST = 20_000
"""Lines of a file that is taken apart; a longer one was generated."""


@dataclass(frozen=True, slots=True)
class Text:
    """A file that several changes share, line by line."""

    old: Sequence[bytes]
    new: Sequence[bytes]
    edits: Sequence[Edit]
    owned: Owned


class ChangedFiles:
    """A judgement's files, each read and compared once.

    Attributes:
        deltas: in the order of their paths.
        by_path: the same by their paths.
        source: new path to old path of the files that moved.
    """

    def __init__(self, found: Judged) -> None:
        candidate = found.candidate
        self.found = found
        self.deltas = candidate.objects.changed(candidate.baseline_tree.id, candidate.tree.id)
        self.by_path = {delta.path: delta for delta in self.deltas}
        self.source = {new: old for old, new in moved_files(found.sides, self.deltas).items()}
        self._objects = candidate.objects
        self._texts: dict[str, Text] = {}

    @cached_property
    def holders(self) -> Mapping[str, set[int]]:
        """Which changes have parts in a file."""
        holders: dict[str, set[int]] = defaultdict(set)
        for number, change in enumerate(self.found.judgement.changes):
            for part in change.single():
                holders[part.file].add(number)
        return holders

    @cached_property
    def aside(self) -> frozenset[str]:
        """Files whose differences are none of anybody's: documents, results, seeds."""
        every = self.found.judgement.not_counted
        alive = {each.file for each in every if not _is_aside(each)}
        return frozenset({each.file for each in every} - alive - self.holders.keys())

    @cached_property
    def leaving(self) -> frozenset[str]:
        """Old paths of moved files, which go with the new ones."""
        return frozenset(self.source.values()) - self.holders.keys()

    def parts(self, which: int, file: str) -> list[Change]:
        """What of a change is in a file."""
        every = self.found.judgement.changes[which].single()
        return [part for part in every if part.file == file]

    def counted(self, file: str) -> set[KeyPath]:
        """The keys of a file that some change is about."""
        return {part.path for which in self.holders[file] for part in self.parts(which, file)}

    def before(self, delta: FileDelta) -> Entry | None:
        """The file as the baseline has it, at its old path where it moved."""
        source = self.by_path.get(self.source.get(delta.path, delta.path))
        return source.old if source else delta.old

    def both(self, delta: FileDelta) -> tuple[bytes, bytes]:
        """A file's bytes on both sides; none where it is not there."""
        entries = self.before(delta), delta.new
        old, new = (self._objects.read(each.oid) if each else b"" for each in entries)
        return old or b"", new or b""

    def content(self, piece: Piece) -> bytes:
        """The bytes of what is to stand in a tree."""
        if isinstance(piece, Blob):
            return piece.data
        return (self._objects.read(piece.oid) if piece else None) or b""

    def has_lines(self, delta: FileDelta) -> bool:
        """Whether a file can be taken apart by its lines."""
        entries = [each for each in (self.before(delta), delta.new) if each]
        if delta.path.endswith(WHOLE) or any(
            each.mode in (LINK_MODE, SUBMODULE_MODE) for each in entries
        ):
            return False
        sides = self.both(delta)
        return not any(b"\0" in each or each.count(b"\n") > LONGEST for each in sides)

    def text(self, delta: FileDelta) -> Text:
        """A file line by line, with whose the edits are."""
        if delta.path not in self._texts:
            old, new = map(lines_of, self.both(delta))
            every = edits(old, new)
            self._texts[delta.path] = Text(old, new, every, owned(every, self._regions(delta)))
        return self._texts[delta.path]

    # Private methods

    def _regions(self, delta: FileDelta) -> list[Region]:
        data = self.both(delta)
        old, new = (lines_of(each) for each in data)
        contents = self.found.sides.contents(delta.path)
        found: list[Region] = []
        for which in self.holders[delta.path]:
            for part in self.parts(which, delta.path):
                if delta.path.endswith(".py"):
                    found += python_regions(which, part, data)
                elif delta.path.endswith(VALUES) and any(each.lines for each in contents):
                    found += key_regions(which, part, (contents[0].lines, contents[1].lines))
                if not delta.path.endswith(".py"):
                    found += text_regions(which, part, (old, new))
        return found


# Private functions


def _is_aside(each: NotCounted) -> bool:
    return each.reason.startswith(ASIDE) or "declared seed" in each.reason
