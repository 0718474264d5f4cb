"""Which lines of a file a change stands in, and so which edits of the file are its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from paribus.core.change import Change
from paribus.core.python.syntax import parsed
from paribus.core.splice import Edit, Lines
from paribus.core.values import MISSING, KeyPath

OLD, NEW = 0, 1


@dataclass(frozen=True, slots=True)
class Region:
    """Some lines of one side of a file that a change may own.

    Attributes:
        owner: the number of the change.
        side: `OLD` or `NEW`.
        first, last: 1-based, both included.
    """

    owner: int
    side: int
    first: int
    last: int

    @property
    def size(self) -> int:
        """How many lines; the smaller, the surer."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Owned:
    """Whose the edits of a file are, by their place among them.

    Attributes:
        owners: changes whose line it is; several where they share it, none for imports, comments and
            whatever else no change names.
        beside: of an edit that is nobody's, the change with the next edit in the same place.
    """

    owners: tuple[frozenset[int], ...]
    beside: tuple[int | None, ...]

    def of(self, change: int) -> frozenset[int]:
        """The edits that are a change's alone."""
        return frozenset(at for at, each in enumerate(self.owners) if each == {change})

    def has(self, change: int) -> bool:
        """Whether a change owns an edit, or a share of one."""
        return any(change in each for each in self.owners)

    def near(self, change: int) -> frozenset[int]:
        """The edits that are nobody's and stand next to a change's."""
        return frozenset(at for at, each in enumerate(self.beside) if each == change)

    def free(self) -> frozenset[int]:
        """The edits that are nobody's."""
        return frozenset(at for at, each in enumerate(self.owners) if not each)

    def shared(self, change: int) -> frozenset[int]:
        """The edits of lines that a change shares with others."""
        return frozenset(
            at for at, each in enumerate(self.owners) if change in each and len(each) > 1
        )


def owned(edits: Sequence[Edit], regions: Sequence[Region]) -> Owned:
    """An edit belongs to the change with the smallest region around it."""
    sure = [_smallest(edit, regions) for edit in edits]
    blocks: dict[int, set[int]] = {}
    for edit, (owners, _) in zip(edits, sure, strict=True):
        if len(owners) == 1:
            blocks.setdefault(edit.block, set()).update(owners)
    found = []
    for edit, (owners, size) in zip(edits, sure, strict=True):
        # One line that two changes name is shared; a region that both are in may be told apart.
        around = owners & blocks.get(edit.block, set()) if len(owners) > 1 < size else owners
        found.append(frozenset(around if len(around) == 1 else owners))
    return Owned(tuple(found), tuple(_beside(at, edits, found) for at in range(len(edits))))


def python_regions(owner: int, change: Change, texts: tuple[bytes, bytes]) -> Iterator[Region]:
    """The lines of a change of code: its line, its statement, the definition that it names."""
    side = _side(change)
    if change.line is not None:
        yield Region(owner, side, change.line, change.line)
    for at, text in enumerate(texts):
        tree = parsed(text)
        if tree is None:
            continue
        name = change.path[0].partition("#")[0] if change.path else ""
        yield from (Region(owner, at, *span) for span in _definitions(tree).get(name, ()))
        if at == side and change.line is not None:
            yield from (Region(owner, at, *span) for span in _around(tree, change.line))


def key_regions(
    owner: int, change: Change, lines: tuple[Mapping[KeyPath, int], Mapping[KeyPath, int]]
) -> Iterator[Region]:
    """The lines of a key of a YAML or JSON file; of a pipeline, those of the whole stage as well."""
    inner = (*change.path[:1], "do", *change.path[1:])
    stages = [("stages", *change.path[:end]) for end in range(1, len(change.path) + 1)]
    for side, known in enumerate(lines):
        for name in (change.path, *stages, ("stages", *inner)):
            span = _extent(name, known)
            if span is not None:
                yield Region(owner, side, *span)


def text_regions(owner: int, change: Change, texts: tuple[Lines, Lines]) -> Iterator[Region]:
    """The line of a change of any other file; where it is not known, the lines that have its name."""
    if change.line is not None:
        yield Region(owner, _side(change), change.line, change.line)
    elif change.path:
        word = re.compile(rb"(?<![\w.-])%s(?![\w-])" % re.escape(change.path[-1].encode()), re.I)
        for side, text in enumerate(texts):
            places = [at for at, line in enumerate(text, 1) if word.search(line)]
            yield from (Region(owner, side, at, at) for at in places)


# Private functions


def _beside(at: int, edits: Sequence[Edit], owners: Sequence[frozenset[int]]) -> int | None:
    """Whose edit is next to one that is nobody's: one that came with it, or went, rather than others.

    Of two such edits the one below, where comments look.
    """
    if owners[at]:
        return None
    around = [
        next((place for place in places if len(owners[place]) == 1), None)
        for places in (range(at + 1, len(edits)), range(at - 1, -1, -1))
    ]
    near = [
        place for place in around if place is not None and edits[place].block == edits[at].block
    ]
    near.sort(key=lambda place: edits[place].kind != edits[at].kind)
    return next(iter(owners[near[0]])) if near else None


def _side(change: Change) -> int:
    """The side of which `Change.line` tells: the old one of what was removed."""
    return OLD if change.new is MISSING and change.old is not MISSING else NEW


def _smallest(edit: Edit, regions: Sequence[Region]) -> tuple[frozenset[int], int]:
    around = [each for each in regions if _holds(each, edit)]
    size = min((each.size for each in around), default=0)
    return frozenset(each.owner for each in around if each.size == size), size


def _holds(region: Region, edit: Edit) -> bool:
    start, stop = edit.new if region.side == NEW else edit.old
    return start < region.last and region.first <= stop and start < stop


def _definitions(tree: ast.Module) -> dict[str, list[tuple[int, int]]]:
    """The lines of each function and class, by its name as `Model.fit`; decorators included."""
    found: dict[str, list[tuple[int, int]]] = {}

    def walk(statements: Sequence[ast.stmt], outer: str) -> None:
        for each in statements:
            name = outer
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{outer}.{each.name}" if outer else each.name
                first = min([each.lineno, *(one.lineno for one in each.decorator_list)])
                found.setdefault(name, []).append((first, each.end_lineno or first))
            for block in ("body", "orelse", "finalbody"):
                walk(getattr(each, block, []), name)

    walk(tree.body, "")
    return found


def _around(tree: ast.Module, line: int) -> Iterator[tuple[int, int]]:
    """Everything that starts on a line, and the innermost statement around it, without its block."""
    inner: ast.stmt | None = None
    for node in ast.walk(tree):
        first, last = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
        if first is None or last is None or not first <= line <= last:
            continue
        if first == line:
            yield first, last
        if isinstance(node, ast.stmt) and (inner is None or first >= inner.lineno):
            inner = node
    if inner is not None:
        body = getattr(inner, "body", None)
        header = body[0].lineno - 1 if body else inner.end_lineno
        yield inner.lineno, max(inner.lineno, header or inner.lineno)
        yield inner.lineno, inner.end_lineno or inner.lineno


def _extent(path: KeyPath, lines: Mapping[KeyPath, int]) -> tuple[int, int] | None:
    """From a key's line to the line before the next key that is not below it."""
    first = lines.get(path)
    if first is None:
        return None
    later = [line for other, line in lines.items() if line > first and other[: len(path)] != path]
    return first, min(later, default=first + 1_000_000) - 1
