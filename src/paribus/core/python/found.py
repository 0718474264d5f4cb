"""Differences of programs as changes, with the names that tie them to others."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Sequence

from paribus.core.change import Change, Kind
from paribus.core.names import Found, Names, names
from paribus.core.python import tell
from paribus.core.python.expressions import Hunk
from paribus.core.python.mentions import mentioned
from paribus.core.python.pairs import Pair
from paribus.core.python.program import BODY, Unit
from paribus.core.values import MISSING, KeyPath, Value

LONGEST, SHOWN = 200, 160
"""Characters of code that a change keeps as it is; of longer code, the start and a digest."""

CALLED_BY_ITS_CLASS = (".__init__", ".__call__", ".forward")


def part(pair: Pair, was: Unit, now: Unit, hunk: Hunk) -> Found:
    """A part of a definition that is there on both sides."""
    old, new = pair.side(0), pair.side(1)
    before = mentioned([*hunk.old, *hunk.within], was, old, (now, new))
    after = mentioned([*hunk.new, *hunk.within], now, new, (was, old))
    path = tuple(each for each in (now.name, hunk.name) if each)
    line = tell.line_of(hunk.new) or tell.line_of(hunk.old) or now.line
    change = change_of(
        pair, path, (_text(hunk.old), _text(hunk.new)), tell.part(hunk, now, old, new), line
    )
    return Found(
        change,
        before,
        after,
        _touched(pair.module, now, hunk),
        f"{pair.module}::{now.name}::{hunk.run}" if hunk.run is not None else None,
        tell.variables([*hunk.old, *hunk.new]),
    )


def definition(pair: Pair, was: Unit | None, now: Unit | None) -> Found:
    """A function or class that came or went, with its methods."""
    unit = now or was
    assert unit is not None
    at = 1 if now else 0
    every = pair.units[at]
    parts = [unit, *(each for name, each in every.items() if name.startswith(unit.name + "."))]
    nodes = _nodes(parts)
    theirs = pair.programs[1 - at]
    found = mentioned(nodes, unit, pair.side(at), (None, theirs))
    # A method that comes is called by its name alone.
    word = unit.name.rpartition(".")[2]
    fresh = names("word", [word] if theirs and word not in theirs.words else [])
    defined = names("def", (f"{pair.module}.{part.name}" for part in parts))
    mine = Names(found.defines | defined | fresh, found.mentions, reads=found.reads)
    summary = f"{tell.called(unit)} {'added' if now else 'removed'}"
    return _one_sided(pair, (unit.name,), _digest(nodes), summary, unit.line, mine, there=bool(now))


def whole_file(pair: Pair) -> Iterator[Found]:
    """A file that came or went: one change, in which all that it defines came or went."""
    at = 0 if pair.programs[1] is None else 1
    program, units = pair.side(at), pair.units[at]
    nodes = _nodes(units.values())
    if not nodes:
        return  # what only imports, or is empty, does nothing itself
    found = mentioned(nodes, Unit(BODY, None, [], 1), program, (None, None))
    path = pair.paths[-1]
    defined = names("def", (f"{pair.module}.{name}" for name in units if name))
    imported = names("def", (each.target for each in program.bindings.imports.values()))
    mine = Names(
        found.defines | defined | names("def", [pair.module]) | names("file", [path]),
        found.mentions | imported,
        reads=found.reads,
    )
    summary = f"{path} {'added' if at else 'deleted'}"
    yield _one_sided(pair, (), _digest(nodes), summary, None, mine, there=bool(at))


def imported(pair: Pair, target: str, line: int, *, there: bool) -> Found:
    """An import that does something by itself, and came or went."""
    summary = f"import of {target} {'added' if there else 'removed'}"
    mine = Names(mentions=names("def", [target]))
    return _one_sided(pair, ("import",), target, summary, line, mine, there=there)


def about_file(pair: Pair, what: str, old: str, new: str) -> Found:
    """Something that differs for the whole file."""
    return Found(change_of(pair, (), (old, new), f"{pair.paths[-1]} {what}", None))


def change_of(
    pair: Pair, path: KeyPath, values: tuple[Value, Value], summary: str, line: int | None
) -> Change:
    """A change of code in this file."""
    return Change(Kind.CODE, pair.paths[-1], path, values[0], values[1], summary, line)


# Private functions


def _one_sided(
    pair: Pair,
    path: KeyPath,
    value: Value,
    summary: str,
    line: int | None,
    mine: Names,
    *,
    there: bool,
) -> Found:
    """What came (`there` now) or went."""
    if there:
        return Found(change_of(pair, path, (MISSING, value), summary, line), Names(), mine)
    return Found(change_of(pair, path, (value, MISSING), summary, line), mine, Names())


def _nodes(units: Iterable[Unit]) -> list[ast.AST]:
    return [node for unit in units for node in [unit.head, *unit.body] if node]


def _touched(module: str, unit: Unit, hunk: Hunk) -> frozenset[str]:
    if unit.name == BODY:
        return frozenset()
    owners = [unit.name]
    if unit.name.endswith(CALLED_BY_ITS_CLASS):
        owners.append(unit.name.rpartition(".")[0])
    tags = ["def", "sig"] if hunk.signature else ["def"]
    return frozenset(f"{tag} {module}.{owner}" for tag in tags for owner in owners)


def _text(nodes: Sequence[ast.AST]) -> Value:
    """Some nodes as text that is the same for the same code, however it is formatted."""
    text = tell.unparsed(nodes)
    if text is None:
        return MISSING
    return text if len(text) <= LONGEST else f"{text[:SHOWN]} ... {_digest(nodes)}"


def _digest(nodes: Sequence[ast.AST]) -> str:
    text = tell.unparsed(nodes) or ""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
