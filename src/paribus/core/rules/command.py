"""Commands of stages: made comparable across a commit, and taken apart by their options."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from paribus.core.commands import as_words, options
from paribus.core.paths import joined
from paribus.core.sides import Sides
from paribus.core.snapshot import Snapshot
from paribus.core.templates import fill, references
from paribus.core.values import MISSING, KeyPath, Value

OPTION = re.compile(r"\s--?[A-Za-z][\w-]*[ =]\$\{\s*([^{}\s]+)\s*\}")
OPTION_OF = r"\s--?[A-Za-z][\w-]*[ =]\$\{{\s*{}\s*\}}"
"""An option of a command whose value is a param."""

Fit = Callable[[Value], Value]
"""Makes a command comparable with one of the other side."""


def then(sides: Sides) -> Fit:
    """The old side's command, with the paths that files have now and the params that are gone put in."""
    renamed = {_from(sides, old): _from(sides, new) for old, new in sides.moves.items()}
    words = re.compile("|".join(rf"(?<![\w./-]){re.escape(old)}(?![\w./-])" for old in renamed))

    def fit(command: Value) -> Value:
        filled = _by_path(_filled(command, sides.gone), sides.old)
        if not renamed or not isinstance(filled, str):
            return filled
        return words.sub(lambda found: renamed[found[0]], filled)

    return fit


def now(sides: Sides) -> Fit:
    """The new side's command, with the params that came put in."""
    return lambda command: _by_path(_filled(command, sides.come), sides.new)


def put_in(sides: Sides, left: Value, right: Value) -> Iterator[KeyPath]:
    """The params that came, or went, by which two commands differ, and whose values make them the same."""
    read = [{tuple(name.split(".")) for name in references(value)} for value in (left, right)]
    yield from (key for key in sides.gone if key in read[0])
    yield from (key for key in sides.come if key in read[1])


def by_option(
    old: Value, new: Value, left: Value, right: Value
) -> list[tuple[tuple[str, ...], Value, Value]]:
    """The options in which two commands differ, if nothing else does; their words as they are written.

    An option that goes where another comes may be the same one, misspelt, and is not taken apart.
    """
    if not all(isinstance(each, str) for each in (old, new, left, right)):
        return []
    before, after = options(old), options(new)
    written = options(left), options(right)
    if before is None or after is None or None in written or before[0] != after[0]:
        return []
    names = [
        name for name in {**before[1], **after[1]} if before[1].get(name) != after[1].get(name)
    ]
    if {*before[1]} - {*after[1]} and {*after[1]} - {*before[1]}:
        return []
    was, now = (each[1] if each else {} for each in written)
    return [((name,), _option(was, name), _option(now, name)) for name in names]


def wires(sides: Sides, left: Value, right: Value) -> frozenset[KeyPath]:
    """The params that came, or went, as options of a command, if that is all that differs in it."""
    before, gone = _without_options(left, sides.gone)
    after, come = _without_options(right, sides.come)
    return gone | come if before == after else frozenset()


# Private functions


def _by_path(command: Value, snapshot: Snapshot) -> Value:
    """A command in which a module of the project is run by its path, as `python a/b.py`."""
    if not isinstance(command, str) or " -m " not in command:
        return command

    def path_of(found: re.Match[str]) -> str:
        path = found[1].replace(".", "/") + ".py"
        return f" {path}" if joined(snapshot.pipeline.folder, path) in snapshot.files else found[0]

    return re.sub(r" -m ([\w.]+)", path_of, command)


def _from(sides: Sides, path: str) -> str:
    folder = sides.new.pipeline.folder
    return path.removeprefix(f"{folder}/") if folder else path


def _filled(command: Value, values: Mapping[KeyPath, Value]) -> Value:
    if not values or not isinstance(command, str):
        return command
    context: dict[str, Any] = {}
    for path, value in values.items():
        holder = context
        for key in path[:-1]:
            inner = holder.setdefault(key, {})
            holder = inner if isinstance(inner, dict) else {}  # two files may disagree
        holder[path[-1]] = value
    filled = fill(command, context)
    return filled if isinstance(filled, str) else command


def _option(written: Mapping[str, str], name: str) -> Value:
    return f"{name} {written[name]}".strip() if name in written else MISSING


def _without_options(
    command: Value, values: Mapping[KeyPath, Value]
) -> tuple[Value, frozenset[KeyPath]]:
    if not isinstance(command, str):
        return (command, frozenset()) if command is not MISSING else ("", frozenset())
    command = f" {command}"
    found = {tuple(name.split(".")) for name in OPTION.findall(command)} & values.keys()
    for key in found:
        command = re.sub(OPTION_OF.format(re.escape(".".join(key))), "", command)
    return as_words(command), frozenset(found)
