"""Finds definitions that another name or another file has now, and that are the same otherwise."""

from __future__ import annotations

import ast
import copy
from collections import defaultdict
from collections.abc import Iterable, Mapping

from paribus.core.python.program import Unit
from paribus.core.python.resolve import is_global

Key = tuple[str, str]
"""A definition: the dotted name of its module, and its name inside."""

SMALLEST = 2
"""Statements; a smaller function has the same body as another by accident."""


def moved(old: Mapping[Key, Unit], new: Mapping[Key, Unit]) -> dict[Key, Key]:
    """Top-level definitions that are gone, each with the added one that does the same.

    Only where there is no doubt: no other definition that came has the same form. Several that went
    may have become one.
    """
    gone = {key: unit for key, unit in old.items() if key not in new and _is_top(key)}
    come = {key: unit for key, unit in new.items() if key not in old and _is_top(key)}
    if not gone or not come:
        return {}
    before, after = _by_form(gone, old), _by_form(come, new)
    return {
        key: after[form][0]
        for form, keys in before.items()
        for key in keys
        if len(after.get(form, ())) == 1
        and (key[1] == after[form][0][1] or _size(gone[key], key, old) >= SMALLEST)
    }


# Private functions


def _is_top(key: Key) -> bool:
    return bool(key[1]) and "." not in key[1]


def _by_form(some: Mapping[Key, Unit], every: Mapping[Key, Unit]) -> dict[str, list[Key]]:
    found: dict[str, list[Key]] = defaultdict(list)
    for key in some:
        parts = [unit for other, unit in every.items() if other == key or _is_method(other, key)]
        found["\n".join(_form(unit, key) for unit in parts)].append(key)
    return found


def _is_method(other: Key, owner: Key) -> bool:
    return other[0] == owner[0] and other[1].startswith(owner[1] + ".")


def _size(unit: Unit, key: Key, every: Mapping[Key, Unit]) -> int:
    return len(unit.body) + sum(_is_method(other, key) for other in every)


def _form(unit: Unit, key: Key) -> str:
    """A definition without its own name, and with only the last part of the names that it uses."""
    plain = Unit("", copy.deepcopy(unit.head), copy.deepcopy(unit.body), 0)
    for node in _nodes(plain):
        if isinstance(node, ast.Name) and is_global(node):
            last = node.id.rpartition(".")[2]
            node.id = "<self>" if last == key[1] else last
    if plain.head is not None and getattr(plain.head, "name", None) == key[1]:
        plain.head.name = "<self>"  # type: ignore[attr-defined]
    return plain.form()


def _nodes(unit: Unit) -> Iterable[ast.AST]:
    return list(unit.walk())
