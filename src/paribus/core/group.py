"""Grouping: the user thinks in ideas, not in files."""

from __future__ import annotations

import re
from collections.abc import Sequence

from paribus.core.change import Change, Kind
from paribus.core.file_rules import DATA
from paribus.core.param_rule import params_named
from paribus.core.paths import matches
from paribus.core.sides import Sides
from paribus.core.templates import references
from paribus.core.values import MISSING, KeyPath, dotted


def group(sides: Sides, changes: Sequence[Change]) -> tuple[Change, ...]:
    """Joins what is one idea: coupled params, and a param that comes or goes with what reads it."""
    return _with_their_readers(sides, _coupled(sides, changes))


# Private functions


def _coupled(sides: Sides, changes: Sequence[Change]) -> tuple[Change, ...]:
    result = list(changes)
    for names in sides.protocol.coupled:
        members = params_named(sides, names)
        joined = [
            change
            for change in result
            if any((part.file, part.path) in members for part in change.single())
        ]
        if len(joined) > 1:
            result = _replaced(result, joined, " with ")
    return tuple(result)


def _with_their_readers(sides: Sides, changes: Sequence[Change]) -> tuple[Change, ...]:
    """A param that is new belongs to what reads it, where exactly one change does.

    One that is gone belongs to what read it, so that taking an idea back is one change, too.
    """
    result = list(changes)
    for param in [part for change in changes for part in change.single()]:
        names = _names(sides, param)
        owner = next(change for change in result if param in change.single())
        readers = [
            change
            for change in result
            if any(_reads(sides, part, param, names) for part in change.single())
        ]
        if len(readers) == 1 and readers[0] is not owner:
            result = _replaced(result, [readers[0], owner], ", with ")
    return tuple(result)


def _param(sides: Sides, change: Change) -> KeyPath:
    """The path of a param, or of a value under `vars`, as what reads it has it; empty for all else."""
    if sides.is_pipeline_file(change.file):
        at = change.path.index("vars") + 1 if "vars" in change.path[:2] else len(change.path)
        return change.path[at:]
    return change.path if sides.is_params_file(change.file) else ()


def _names(sides: Sides, param: Change) -> tuple[KeyPath, ...]:
    """What can be named to read a param that comes or goes: itself, and what holds nothing else."""
    path = _param(sides, param)
    if not path or (param.old is not MISSING and param.new is not MISSING):
        return ()
    if sides.is_pipeline_file(param.file):
        return (path,)
    old, new = sides.contents(param.file)
    without = old.document if param.old is MISSING else new.document
    for depth, key in enumerate(path):
        if not isinstance(without, dict) or key not in without:
            return tuple(path[:end] for end in range(depth + 1, len(path) + 1))
        without = without[key]
    return (path,)


def _reads(sides: Sides, change: Change, param: Change, names: Sequence[KeyPath]) -> bool:
    """Whether a change names a param on that one side on which the param is there."""
    there = (param.old is not MISSING, param.new is not MISSING)
    if sides.is_pipeline_file(change.file):
        sought = {".".join(name) for name in names}
        told = tuple(bool(sought & {*references(side)}) for side in (change.old, change.new))
        return told == there
    if change.path or change.kind not in (Kind.CODE, Kind.RULER) or matches(change.file, DATA):
        return False
    old, new = (content.data or b"" for content in sides.contents(change.file))
    return any((_in(old, name[-1]), _in(new, name[-1])) == there for name in names)


def _in(source: bytes, key: str) -> bool:
    return re.search(rb"(?<!\w)" + re.escape(key.encode()) + rb"(?!\w)", source) is not None


def _replaced(changes: list[Change], joined: Sequence[Change], between: str) -> list[Change]:
    """The changes with some of them as one, which stands where the first of them stood."""
    first = min(changes.index(change) for change in joined)
    kept = [change for change in changes if change not in joined]
    return [*kept[:first], _merged(joined, between), *kept[first:]]


def _merged(joined: Sequence[Change], between: str) -> Change:
    head = joined[0].single()[0]
    parts = tuple(part for change in joined for part in change.single())
    summary = between.join([joined[0].summary, *map(_told, joined[1:])])
    return Change(head.kind, head.file, head.path, head.old, head.new, summary, head.line, parts)


def _told(change: Change) -> str:
    if change.old is MISSING and change.path and not change.parts:
        return f"{dotted(change.path)} = {change.summary.split(' -> ', 1)[1]} (new)"
    return change.summary
