"""Grouping: the user thinks in ideas, not in files."""

from __future__ import annotations

import re
from collections.abc import Sequence

from paribus.core.change import Change, Kind
from paribus.core.param_rule import param_name
from paribus.core.sides import Sides
from paribus.core.values import MISSING, dotted


def group(sides: Sides, changes: Sequence[Change]) -> tuple[Change, ...]:
    """Joins what is one idea: coupled params, and a new param with the one file that reads it."""
    coupled = _coupled(sides.protocol.coupled, changes)
    return _with_new_params(sides, coupled)


# Private functions


def _coupled(groups: Sequence[Sequence[str]], changes: Sequence[Change]) -> tuple[Change, ...]:
    result = list(changes)
    for names in groups:
        members = {param_name(name) for name in names}
        joined = [change for change in result if (change.file, change.path) in members]
        if len(joined) > 1:
            result = _replaced(result, joined, _merged(joined[0], joined, " with "))
    return tuple(result)


def _with_new_params(sides: Sides, changes: Sequence[Change]) -> tuple[Change, ...]:
    """A param that is new belongs to the code that reads it, where exactly one changed file does."""
    result = list(changes)
    for param in changes:
        if param.kind is not Kind.PARAM or param.old is not MISSING or param.parts:
            continue
        readers = [
            change
            for change in result
            if change.kind is Kind.CODE and _reads(sides, change, param.path[-1])
        ]
        if len(readers) == 1:
            joined = [*readers[0].single(), param]
            merged = _merged(readers[0].single()[0], joined, ", with ")
            result = _replaced(result, [readers[0], param], merged)
    return tuple(result)


def _reads(sides: Sides, change: Change, key: str) -> bool:
    """Whether a file names a key now that it did not name before."""
    word = re.compile(rb"(?<![\w])" + re.escape(key.encode()) + rb"(?![\w])")
    old, new = (content.data or b"" for content in sides.contents(change.file))
    return bool(word.search(new)) and not word.search(old)


def _merged(head: Change, parts: Sequence[Change], between: str) -> Change:
    summary = between.join(
        part.summary if part is head or part.kind is not Kind.PARAM else _told(part)
        for part in parts
    )
    return Change(
        head.kind, head.file, head.path, head.old, head.new, summary, head.line, tuple(parts)
    )


def _told(param: Change) -> str:
    if param.old is MISSING:
        return f"{dotted(param.path)} = {param.summary.split(' -> ', 1)[1]} (new)"
    return param.summary


def _replaced(changes: list[Change], joined: Sequence[Change], merged: Change) -> list[Change]:
    first = min(changes.index(change) for change in joined)
    kept = [change for change in changes if change not in joined]
    return [*kept[:first], merged, *kept[first:]]
