"""Structured files compared leaf by leaf: each minimal difference is a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from paribus.core.change import Change, Kind
from paribus.core.names import Found, Names, names
from paribus.core.snapshot import Content
from paribus.core.values import MISSING, KeyPath, Value, dotted, leaves, same, spelled

SHORT = 60
"""Characters of a list on one line; of a longer one, the elements that differ are told."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf that differs; MISSING on the side that does not have it.

    Attributes:
        before: its path on the old side, where that is another one.
    """

    path: KeyPath
    old: Value
    new: Value
    before: KeyPath | None = None


def differing(old: Value, new: Value) -> list[Leaf]:
    """Each minimal difference between two documents. A value that becomes a mapping is one."""
    return _respelled(_differing(old, new, ()))


def leaf_change(file: str, leaf: Leaf, line: int | None) -> Change:
    """The change of one leaf."""
    return Change(Kind.PARAM, file, leaf.path, leaf.old, leaf.new, told(leaf), line)


def found_leaf(file: str, leaf: Leaf, old: Content, new: Content) -> Found:
    """A leaf that comes or goes brings its name, and that of a mapping that comes or goes with it."""
    line = (old if leaf.new is MISSING else new).lines.get(leaf.path)
    change = leaf_change(file, leaf, line)
    brings = Names(), Names()
    if leaf.before is not None:
        brings = _names(file, leaf.before, new.document), _names(file, leaf.path, old.document)
    elif leaf.old is MISSING:
        brings = Names(), _names(file, leaf.path, old.document)
    elif leaf.new is MISSING:
        brings = _names(file, leaf.path, new.document), Names()
    elif isinstance(leaf.old, str) and isinstance(leaf.new, str):
        # A name may select what the code begins to know by that name.
        was, now = (
            Names(mentions=names("word", [text]) | names("text", [text]))
            for text in (leaf.old, leaf.new)
        )
        brings = was, now
    return Found(change, *brings)


def told(leaf: Leaf) -> str:
    """A leaf's difference in one line, such as `train.lr 0.1 -> 0.2`."""
    if leaf.before is not None:
        return (
            f"{dotted(leaf.before)} {spelled(leaf.old)} -> {dotted(leaf.path)} {spelled(leaf.new)}"
        )
    summary = _elements(leaf) or f"{dotted(leaf.path)} {spelled(leaf.old)} -> {spelled(leaf.new)}"
    return f"{summary} (type only)" if leaf.old == leaf.new else summary


# Private functions


def _differing(left: Value, right: Value, path: KeyPath) -> Iterator[Leaf]:
    if _mappings(left, right):
        old, new = ({str(key): side[key] for key in side} for side in (left, right))
        for key in dict.fromkeys([*old, *new]):
            yield from _differing(old.get(key, MISSING), new.get(key, MISSING), (*path, key))
    elif left is MISSING:
        yield from (Leaf(inner, MISSING, value) for inner, value in leaves(right, path))
    elif right is MISSING:
        yield from (Leaf(inner, value, MISSING) for inner, value in leaves(left, path))
    elif not same(left, right):
        yield Leaf(path, left, right)


def _mappings(left: Value, right: Value) -> bool:
    """Whether both are mappings whose keys can be matched: those `{0: a}` and `{"0": a}` cannot."""
    if not isinstance(left, Mapping) or not isinstance(right, Mapping):
        return False
    types = {str(key): type(key) for key in left}
    return all(types.get(str(key), type(key)) is type(key) for key in right)


def _respelled(found: Iterable[Leaf]) -> list[Leaf]:
    """The key `a.b` that becomes `b` inside `a` is one difference: DVC finds the latter alone."""
    listed = list(found)
    gone = {".".join(leaf.path): leaf for leaf in listed if leaf.new is MISSING}
    come = {".".join(leaf.path): leaf for leaf in listed if leaf.old is MISSING}
    both = gone.keys() & come.keys()
    paired = []
    for leaf in listed:
        name = ".".join(leaf.path)
        if name not in both:
            paired.append(leaf)
        elif leaf is come[name]:
            paired.append(Leaf(leaf.path, gone[name].old, leaf.new, gone[name].path))
    return paired


def _elements(leaf: Leaf) -> str | None:
    """Which elements of a long list differ, where they are few."""
    old, new = leaf.old, leaf.new
    if not isinstance(old, list) or not isinstance(new, list):
        return None
    if len(spelled(old)) + len(spelled(new)) <= SHORT:
        return None
    if len(old) == len(new):
        where = [at for at in range(len(old)) if not same(old[at], new[at])]
        told = [
            f"{dotted(leaf.path)}[{at}] {spelled(old[at])} -> {spelled(new[at])}" for at in where
        ]
    else:
        told = [f"-{text}" for text in _without(old, new)] + [
            f"+{text}" for text in _without(new, old)
        ]
        told = [" ".join([dotted(leaf.path), *told, f"({len(old)} -> {len(new)} elements)"])]
    text = ", ".join(told)
    return text if text and len(text) <= 2 * SHORT else None


def _without(these: list[Value], those: list[Value]) -> list[str]:
    """The elements of one list that the other has less often."""
    left = [spelled(each) for each in those]
    found = []
    for text in map(spelled, these):
        if text in left:
            left.remove(text)
        else:
            found.append(text)
    return found


def _names(file: str, path: KeyPath, without: Value) -> Names:
    module = file.removesuffix(".py").replace("/", ".")
    defined = [".".join([module, *path])] if file.endswith(".py") else []
    return Names(defines=names("def", defined), keys=frozenset(_keys(path, without)))


def _keys(path: KeyPath, without: Value) -> tuple[KeyPath, ...]:
    for depth, key in enumerate(path):
        if not isinstance(without, dict) or key not in without:
            return tuple(path[:end] for end in range(depth + 1, len(path) + 1))
        without = without[key]
    return (path,)
