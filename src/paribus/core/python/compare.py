"""Compares the Python files in which two snapshots differ."""

from __future__ import annotations

import ast
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from paribus.core.names import Found, Settled, is_read_by
from paribus.core.python.found import about_file, definition, imported, part, whole_file
from paribus.core.python.hunks import hunks
from paribus.core.python.pairs import Around, Pair, Source, paired
from paribus.core.python.program import BODY, Program, Unit
from paribus.core.python.syntax import parsed
from paribus.core.values import KeyPath

MOST_DEFINITIONS = 1000
"""Of one file; a file with more was generated."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found.

    Attributes:
        found: every change.
        settled: params that stand for the literals that they took the place of.
        same: files that differ in nothing that counts, each with the reason.
        unread: paths that could not be read as Python.
    """

    found: tuple[Found, ...]
    settled: tuple[Settled, ...]
    same: Mapping[str, str]
    unread: frozenset[str]


def compare(sources: Sequence[Source], around: Around) -> Compared:
    """Every change between two versions of some Python files."""
    files = paired(sources, around)
    passed = _passed(files.pairs, around)
    by_file = [(pair, tuple(_differences(pair, passed, around))) for pair in files.pairs]
    found = tuple(each for _, several in by_file for each in several)
    same = {
        path: _reason(pair, files.settled_in.get(pair.module, frozenset()))
        for pair, several in by_file
        if not several
        for path in pair.paths
    }
    settled = (Settled(key) for key in sorted(files.settled) if not _is_read(found, key))
    return Compared(found, tuple(settled), same, files.unread)


# Private functions


def _is_read(found: Iterable[Found], key: KeyPath) -> bool:
    reads = (read for each in found for side in (each.old, each.new) for read in side.reads)
    return any(is_read_by(key, read) for read in reads)


def _passed(pairs: Sequence[Pair], around: Around) -> dict[str, set[str]]:
    """Names by which some call that can be seen passes an argument, by what is called."""
    texts = (text for pair in pairs for text in around.users(pair.paths[0], 0).values())
    trees = (tree for text in texts if (tree := parsed(text)) is not None)
    nodes = [node for tree in trees for node in ast.walk(tree)]
    units = (unit for pair in pairs for side in pair.units for unit in side.values())
    nodes += [node for unit in units for node in unit.walk()]
    found: dict[str, set[str]] = defaultdict(set)
    for node in nodes:
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", "")).rpartition(".")[2]
            found[called] |= {each.arg or "**" for each in node.keywords}
    return found


def _called_as(unit: str) -> str:
    """The name by which a function is called: a class's, where it makes one."""
    owner, _, name = unit.partition("#")[0].rpartition(".")
    return owner if name == "__init__" else name


def _differences(pair: Pair, passed: Mapping[str, set[str]], around: Around) -> Iterator[Found]:
    old, new = pair.units
    comes_or_goes = None in pair.programs
    if comes_or_goes and not (old.keys() & new.keys()) - {BODY}:
        yield from whole_file(pair)
        return
    if max(len(old), len(new)) > MOST_DEFINITIONS:
        yield about_file(
            pair, "edited, too many definitions to compare", *map(_digest, pair.sources)
        )
        return
    if not comes_or_goes:
        yield from _about_the_file(pair, around)
    for name in dict.fromkeys([BODY, *old, *new]):
        was, now = old.get(name), new.get(name)
        if name == BODY or (was is not None and now is not None):
            was, now = was or _empty(), now or _empty()
            names = passed.get(_called_as(name), set())
            if not was.is_like(now) and was.form(names) != now.form(names):
                yield from (part(pair, was, now, hunk) for hunk in hunks(was, now))
        elif not _came_with_its_class(name, *((old, new) if was else (new, old))):
            yield definition(pair, was, now)


def _digest(source: bytes | None) -> str:
    return hashlib.sha256(source or b"").hexdigest()[:12]


def _empty() -> Unit:
    return Unit(BODY, None, [], 1)


def _came_with_its_class(name: str, side: Mapping[str, Unit], other: Mapping[str, Unit]) -> bool:
    """Whether a method came, or went, with its class."""
    owner = name.rpartition(".")[0]
    return bool(owner) and owner in side and owner not in other


def _about_the_file(pair: Pair, around: Around) -> Iterator[Found]:
    """What differs for the file as a whole: how it is run, what it imports, who is left behind."""
    path = pair.paths[-1]
    runs = [b"\n".join(pair.side(side).run_by).decode("utf-8", "replace") for side in (0, 1)]
    if runs[0] != runs[1] and around.starts_itself(path):
        yield about_file(pair, "runs in another way", *runs)
    if len(pair.paths) > 1:
        left = sorted(around.users(pair.paths[0], 0)) + sorted(around.users(path, 1))
        if left:
            what = f"renamed from {pair.paths[0]}, and {left[0]} is as it was"
            yield about_file(pair, what, pair.paths[0], path)
    acting = [dict(_acting(pair.side(side), path, around)) for side in (0, 1)]
    gone, come = acting[0].keys() - acting[1].keys(), acting[1].keys() - acting[0].keys()
    if len(gone) == 1 == len(come):
        old, new = gone.pop(), come.pop()
        yield about_file(pair, f"imports {new} instead of {old}", old, new)
    yield from (imported(pair, each, acting[0][each], there=False) for each in sorted(gone))
    yield from (imported(pair, each, acting[1][each], there=True) for each in sorted(come))


def _acting(program: Program, path: str, around: Around) -> Iterator[tuple[str, int]]:
    """Imports that do something by themselves: of all names, or of the project's own modules, unused."""
    for name, found in program.bindings.imports.items():
        unused = name not in program.bindings.used and not path.endswith("__init__.py")
        does = ".experimental" in found.target or _is_ours(found.target, program.module, around)
        if found.star or (unused and does):
            yield found.target, found.line


def _is_ours(target: str, module: str, around: Around) -> bool:
    folder = module.rpartition(".")[0].replace(".", "/")
    steps = target.split(".")
    for end in (len(steps), len(steps) - 1):
        path = "/".join(steps[:end])
        for root in ("", folder + "/" if folder else "", "src/"):
            if path and (around.has(f"{root}{path}.py") or around.has(f"{root}{path}/__init__.py")):
                return True
    return False


def _reason(pair: Pair, settled: frozenset[KeyPath]) -> str:
    if len(pair.paths) > 1:
        return f"renamed from {pair.paths[0]} to {pair.paths[-1]}"
    if settled:
        return "same values"
    if None in pair.programs:
        return "it does nothing, or what it holds stood elsewhere"
    return "nothing but comments, formatting, logging, imports or names of local variables"
