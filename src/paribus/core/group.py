"""Grouping: the user thinks in ideas, not in files.

Changes are one idea when a name ties them together: a name that one of them brings (or takes) and the
other begins (or ceases) to mention, a definition that one of them edits and the other names where it
changes, a param that comes with the code that reads it. Nothing else ties: edits that do not touch each
other are two changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from paribus.core.change import Change, Kind
from paribus.core.names import Found, Names, is_read_by
from paribus.core.rules.params import params_named
from paribus.core.sides import Sides
from paribus.core.values import MISSING, KeyPath, dotted

VALUES = (".yaml", ".yml", ".json", ".toml")


@dataclass(frozen=True, slots=True)
class Tie:
    """Two changes that are one idea, by their summaries, and why."""

    left: str
    right: str
    reason: str

    def as_json(self) -> dict[str, str]:
        """Strict JSON."""
        return {"left": self.left, "right": self.right, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Grouping:
    """Changes after grouping, and what tied them together.

    Attributes:
        changes: in the order of the files.
        ties: one for each two changes that were joined.
    """

    changes: tuple[Change, ...]
    ties: tuple[Tie, ...]


def group(sides: Sides, found: Sequence[Found]) -> Grouping:
    """Joins what is one idea."""
    groups = list(range(len(found)))
    ties = []
    for left, right, reason in _ties(sides, found):
        first, second = sorted((groups[left], groups[right]))
        if first != second:
            groups = [first if each == second else each for each in groups]
            ties.append(Tie(found[left].change.summary, found[right].change.summary, reason))
    members: dict[int, list[Change]] = defaultdict(list)
    for at, each in zip(groups, found, strict=True):
        members[at].append(each.change)
    return Grouping(tuple(_merged(changes) for changes in members.values()), tuple(ties))


# Private functions

_Pair = tuple[int, int, str]
_Side = Callable[[Found], Names]


def _ties(sides: Sides, found: Sequence[Found]) -> Iterator[_Pair]:
    yield from _coupled(sides, found)
    yield from _moving_names(found)
    yield from _edited_definitions(found)
    yield from _next_to_one_another(found)
    yield from _params_with_readers(found)
    yield from _new_mappings(found)
    yield from _selected(found)
    yield from _unnamed_package(found)
    yield from _same_measure(found)


def _coupled(sides: Sides, found: Sequence[Found]) -> Iterator[_Pair]:
    """Params that the protocol says belong together."""
    for listed in sides.protocol.coupled:
        members = params_named(sides, listed)
        here = [
            at for at, each in enumerate(found) if (each.change.file, each.change.path) in members
        ]
        yield from ((here[0], other, "coupled in paribus.yaml") for other in here[1:])


def _moving_names(found: Sequence[Found]) -> Iterator[_Pair]:
    """A name that comes, or goes, ties what defines it to what begins, or ceases, to mention it."""
    for side, verb in ((_new, "brings"), (_old, "takes away")):
        defining: dict[str, list[int]] = defaultdict(list)
        for at, each in enumerate(found):
            for name in _moving(each, side):
                defining[name].append(at)
        for at, each in enumerate(found):
            for name in sorted(side(each).mentions - _other(each, side).mentions):
                for definer in defining.get(name, ()):
                    if definer != at:
                        yield definer, at, f"{verb} `{_told(name)}`"
        for name, several in sorted(defining.items()):
            if name.startswith(("def ", "local ", "file ")):
                yield from ((several[0], other, f"{verb} `{_told(name)}`") for other in several[1:])


def _edited_definitions(found: Sequence[Found]) -> Iterator[_Pair]:
    """An edited function ties to an edited line that calls it.

    Of a function that has several edits, only those of its arguments do.
    """
    editors: dict[str, list[int]] = defaultdict(list)
    for at, each in enumerate(found):
        for name in each.touches:
            editors[name].append(at)
    for at, each in enumerate(found):
        for name in sorted((each.old.mentions | each.new.mentions) - each.touches):
            if not name.startswith("def "):
                continue
            inside, signature = editors.get(name, []), editors.get("sig" + name[3:], [])
            tied = signature or (inside if len(inside) == 1 else [])
            yield from ((other, at, f"edits `{_told(name)}`") for other in tied if other != at)


def _next_to_one_another(found: Sequence[Found]) -> Iterator[_Pair]:
    """Neighbouring statements that came or went and use the same variable."""
    blocks: dict[str, list[int]] = defaultdict(list)
    for at, each in enumerate(found):
        if each.block is not None:
            blocks[each.block].append(at)
    for members in blocks.values():
        for place, left in enumerate(members):
            for right in members[place + 1 :]:
                shared = found[left].variables & found[right].variables
                if shared:
                    yield left, right, f"next to it, with `{_told('def ' + min(shared))}`"


def _params_with_readers(found: Sequence[Found]) -> Iterator[_Pair]:
    """A param that comes or goes belongs to the change that begins or ceases to read it.

    Where one reads it by a longer chain of keys than another, the longer one is meant.
    """
    for side in (_new, _old):
        for at, each in enumerate(found):
            keys = side(each).keys
            if not keys:
                continue
            readers = [
                (max(len(read) for read in reads), other)
                for other, another in enumerate(found)
                if other != at and not side(another).keys
                if (reads := [*_read_keys(keys, another, side)])
            ]
            best = max((depth for depth, _ in readers), default=0)
            for depth, other in readers:
                if depth == best:
                    yield at, other, f"reads `{dotted(each.change.path)}`"


def _read_keys(keys: Iterable[KeyPath], found: Found, side: _Side) -> Iterator[KeyPath]:
    begun = side(found).reads - _other(found, side).reads
    for read in begun:
        if any(is_read_by(key, read) for key in keys):
            yield read


def _new_mappings(found: Sequence[Found]) -> Iterator[_Pair]:
    """Params of a mapping that came or went as a whole."""
    for side in (_new, _old):
        holders: dict[tuple[str, KeyPath], int] = {}
        for at, each in enumerate(found):
            for key in side(each).keys - {each.change.path}:
                first = holders.setdefault((each.change.file, key), at)
                if first != at:
                    yield first, at, f"of the same mapping `{dotted(key)}`"


def _selected(found: Sequence[Found]) -> Iterator[_Pair]:
    """Keys that come and go beside a name that changed: a model's kind, and that model's own settings."""
    params = [
        (at, each.change)
        for at, each in enumerate(found)
        if each.change.kind in (Kind.PARAM, Kind.RULER) and each.change.path
    ]
    for at, change in params:
        others = [(other, each) for other, each in params if other != at]
        beside = [(other, each) for other, each in others if _is_beside(change, each)]
        edited = [each for _, each in beside if _is_selector(each)]
        if _is_selector(change) and not edited:
            for other, each in beside:
                if (each.old is MISSING) != (each.new is MISSING):
                    yield at, other, f"belongs to `{dotted(change.path)}`"


def _unnamed_package(found: Sequence[Found]) -> Iterator[_Pair]:
    """The only package that comes, with the only import that begins, though their names differ."""
    for side, verb in ((_new, "begins to import"), (_old, "ceases to import")):
        moving = {
            name: at
            for at, each in enumerate(found)
            for name in _moving(each, side)
            if name.startswith("package ")
        }
        begun: dict[str, int] = {}
        for at, each in enumerate(found):
            for name in side(each).mentions - _other(each, side).mentions:
                if name.startswith("package ") and each.change.kind is not Kind.ENVIRONMENT:
                    begun.setdefault(name, at)
        packages = {at for name, at in moving.items() if name not in begun}
        imports = {at for name, at in begun.items() if name not in moving}
        if len(packages) == 1 == len(imports):
            yield packages.pop(), imports.pop(), verb


def _same_measure(found: Sequence[Found]) -> Iterator[_Pair]:
    """Edits of one function that measures: the numbers are not comparable after any of them."""
    first: dict[str, int] = {}
    for at, each in enumerate(found):
        if each.change.kind is Kind.RULER:
            for name in sorted(each.touches):
                if first.setdefault(name, at) != at:
                    yield first[name], at, "measures in the same function"


def _is_selector(change: Change) -> bool:
    return isinstance(change.old, str) and isinstance(change.new, str)


def _is_beside(change: Change, other: Change) -> bool:
    parent = change.path[:-1]
    beside = other.path[: len(parent)] == parent if parent else len(other.path) == 1
    return other.file == change.file and beside


def _moving(found: Found, side: _Side) -> frozenset[str]:
    return side(found).defines - _other(found, side).defines


def _new(found: Found) -> Names:
    return found.new


def _old(found: Found) -> Names:
    return found.old


def _other(found: Found, side: _Side) -> Names:
    return found.old if side is _new else found.new


def _told(name: str) -> str:
    return name.partition(" ")[2].rpartition("::")[2].rpartition(".")[2] or name


def _merged(changes: Sequence[Change]) -> Change:
    """Several changes as one, told by the first of them and at most two more.

    Params that come or go with what reads them are told after it.
    """
    if len(changes) == 1:
        return changes[0]
    parts = tuple(sorted(changes, key=_comes_along))
    head, told = parts[0], [_brief(change) for change in parts]
    more = len(told) - 3
    summary = f"{told[0]}, with {'; '.join(told[1:3])}"
    return replace(head, summary=summary + (f"; and {more} more" if more > 0 else ""), parts=parts)


def _comes_along(change: Change) -> bool:
    """Whether it is a param, or a value of `vars`, that comes or goes."""
    is_value = change.kind is Kind.PARAM or "vars" in change.path[:2]
    is_value |= (
        change.kind is Kind.RULER and change.file.endswith(VALUES) and "cmd" not in change.path
    )
    return is_value and bool(change.path) and MISSING in (change.old, change.new)


def _brief(change: Change) -> str:
    if _comes_along(change) and change.old is MISSING and " -> " in change.summary:
        return f"{dotted(change.path)} = {change.summary.split(' -> ', 1)[1]} (new)"
    return change.summary
