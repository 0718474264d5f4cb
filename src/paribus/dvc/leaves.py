"""A params file with some of the leaves in which two versions of it differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from paribus.core.errors import Problem
from paribus.core.rules.leaves import Leaf
from paribus.core.values import MISSING, KeyPath, Value, same
from paribus.dvc.documents import parse
from paribus.dvc.edit import set_values
from paribus.dvc.prune import without_keys


def mapping(path: str, data: bytes) -> dict[Any, Value] | None:
    """The mapping that a file holds, an empty one for no bytes; None where it holds something else."""
    if not data:
        return {}
    try:
        value = parse(path, data).value
    except Problem:
        return None
    return value if isinstance(value, dict) else None


def with_leaves(
    path: str, data: bytes, leaves: Sequence[Leaf], new: Value, lined: Iterable[bytes]
) -> bytes | None:
    """The old file with some leaves as they are on the new side; None where no way of writing it does.

    Args:
        data: the old file; empty where there is none.
        new: what the new file holds.
        lined: guesses at the result, the best first: one that holds the wanted values is taken, as it
            has the comments and the places that new keys were given.
    """
    wanted = {leaf.path: leaf.new for leaf in leaves if leaf.new is not MISSING}
    target = _target(path, data, leaves, new)
    gone = [_emptied(leaf.path, target) for leaf in leaves if leaf.new is MISSING]
    comes_or_goes = gone or any(leaf.old is MISSING for leaf in leaves)
    written: bytes | None
    try:
        pruned = without_keys(path, data or _EMPTY.get(path[-5:], b""), gone)
        written = set_values(path, pruned, wanted)
    except Problem:
        written = None
    # Lines keep comments and the place of a new key; what they come to is read again.
    guesses = [*lined, written] if comes_or_goes else [written]
    for each in guesses:
        if each is not None and same(mapping(path, each), target):
            return each
    return None


# Private functions

_EMPTY = {".json": b"{}\n"}


def _target(path: str, data: bytes, leaves: Sequence[Leaf], new: Value) -> Value:
    document = mapping(path, data)
    for leaf in leaves:
        document = _put(document, leaf.path, leaf.new, new)
    return document


def _put(document: Value, path: KeyPath, value: Value, new: Value) -> Value:
    """A copy with a leaf set or removed; mappings that the new side has not either go when empty."""
    held = document if isinstance(document, dict) else {}
    key = next((key for key in held if str(key) == path[0]), path[0])
    other = new.get(key, MISSING) if isinstance(new, dict) else MISSING
    if len(path) == 1:
        inner = value
    else:
        inner = _put(held.get(key, {}), path[1:], value, other)
        if inner == {} and other is MISSING:
            inner = MISSING
    if inner is MISSING:
        return {each: held[each] for each in held if each != key}
    return {**held, key: inner}


def _emptied(path: KeyPath, document: Value) -> KeyPath:
    """A key that goes, or the outermost mapping around it that is not to be there either."""
    for end, key in enumerate(path, 1):
        if not isinstance(document, dict) or key not in document:
            return path[:end]
        document = document[key]
    return path
