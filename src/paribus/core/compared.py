"""Values of many revisions under names that mean the same in each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from paribus.core.values import KeyPath, Value, dotted, leaves

Leaves = tuple[tuple[str, Value], ...]
"""Each value of a file with its name inside it."""

LONGEST_LIST = 64
"""A longer list is one value: nobody reads its elements one by one."""

MOST_LEAVES = 10_000
"""Of one file."""


class TooManyValuesError(ValueError):
    """A file has more values than anybody compares."""


def leaves_of(document: Value) -> Leaves:
    """Each value of a document; an element of a list is told by its index: `recall[0]`.

    Raises:
        TooManyValuesError: there are more than `MOST_LEAVES`.
    """
    found: list[tuple[str, Value]] = []
    _gather(document, "", found)
    return tuple(found)


def params_of(document: Value) -> Leaves:
    """Each param of a document; a list is one value."""
    return tuple((_name(path), value) for path, value in leaves(document))


def named_alike(
    revisions: Iterable[Mapping[str, Leaves]], *, always: bool = False
) -> tuple[list[dict[str, Value]], dict[str, frozenset[str]]]:
    """Values by name; the file is named where some revision has two files with the same key.

    Args:
        revisions: the values of each file of each revision.
        always: whether the file is named in any case.

    Returns:
        The values of each revision, and the files that each name is from.
    """
    listed = list(revisions)
    shared = {key for files in listed for key in _shared(files)}
    named: list[dict[str, Value]] = []
    origins: defaultdict[str, set[str]] = defaultdict(set)
    for files in listed:
        values: dict[str, Value] = {}
        for file, found in files.items():
            for key, value in found:
                name = f"{file}:{key}" if always or key in shared else key
                values[name] = value
                origins[name].add(file)
        named.append(values)
    return named, {name: frozenset(files) for name, files in origins.items()}


# Private functions


def _gather(value: Value, name: str, found: list[tuple[str, Value]]) -> None:
    if len(found) >= MOST_LEAVES:
        raise TooManyValuesError(f"more than {MOST_LEAVES:,} values")
    if isinstance(value, Mapping) and (value or not name):
        for key, inner in value.items():
            own = _key(str(key))
            _gather(inner, f"{name}.{own}" if name else own, found)
    elif isinstance(value, list) and 0 < len(value) <= LONGEST_LIST:
        for index, inner in enumerate(value):
            _gather(inner, f"{name}[{index}]", found)
    else:
        found.append((name, value))


@lru_cache(maxsize=4096)
def _name(path: KeyPath) -> str:
    return dotted(path)


@lru_cache(maxsize=4096)  # revisions have the same keys again and again
def _key(key: str) -> str:
    return dotted((key,))


def _shared(files: Mapping[str, Leaves]) -> set[str]:
    """Keys that more than one file has."""
    if len(files) < 2:
        return set()
    seen: set[str] = set()
    shared: set[str] = set()
    for found in files.values():
        own = {key for key, _ in found}
        shared |= own & seen
        seen |= own
    return shared
