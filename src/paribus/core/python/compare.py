"""Compares the Python files in which two snapshots differ."""

from __future__ import annotations

import ast
import hashlib
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from paribus.core.names import Found, Settled, is_read_by
from paribus.core.python.expressions import Hunk
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
    nodes = _seen(files.pairs, around)
    passed, handed_on = _passed(nodes), _handed_on(nodes)
    by_file = [(pair, tuple(_differences(pair, passed, handed_on, around))) for pair in files.pairs]
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


def _seen(pairs: Sequence[Pair], around: Around) -> list[ast.AST]:
    """Every node of the files that differ, and of those that import them."""
    texts = (text for pair in pairs for text in around.users(pair.paths[0], 0).values())
    trees = (tree for text in texts if (tree := parsed(text)) is not None)
    nodes = [node for tree in trees for node in ast.walk(tree)]
    units = (unit for pair in pairs for side in pair.units for unit in side.values())
    return nodes + [node for unit in units for node in unit.walk()]


def _passed(nodes: Iterable[ast.AST]) -> dict[str, set[str]]:
    """Names by which some call passes an argument, by what is called."""
    found: dict[str, set[str]] = defaultdict(set)
    for node in nodes:
        if isinstance(node, ast.Call):
            found[_last(node.func)] |= {each.arg or "**" for each in node.keywords}
    return found


def _handed_on(nodes: Sequence[ast.AST]) -> set[str]:
    """Names of what is used without being called at once, such as a function given to another."""
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    return {
        _last(node)
        for node in nodes
        if isinstance(node, ast.Name | ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and id(node) not in called
    }


def _last(function: ast.AST) -> str:
    name = getattr(function, "attr", getattr(function, "id", ""))
    return str(name).rpartition(".")[2]


def _called_as(unit: str) -> str:
    """The name by which a function is called: a class's, where it makes one."""
    owner, _, name = unit.partition("#")[0].rpartition(".")
    return owner if name == "__init__" else name


def _differences(
    pair: Pair, passed: Mapping[str, set[str]], handed_on: Container[str], around: Around
) -> Iterator[Found]:
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
            if _called_as(name) in handed_on:
                names = {"**"}  # whoever gets the function may pass its arguments by name
            if not was.is_like(now) and was.form(names) != now.form(names):
                # What no part shows differs all the same: the order of entries, the kind of an argument.
                whole = Hunk(tuple(was.body), tuple(now.body), run=0)
                yield from (part(pair, was, now, hunk) for hunk in hunks(was, now) or [whole])
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
    yield from _bound_otherwise(pair)
    acting = [dict(_acting(pair.side(side), path, around)) for side in (0, 1)]
    gone, come = acting[0].keys() - acting[1].keys(), acting[1].keys() - acting[0].keys()
    if len(gone) == 1 == len(come):
        old, new = gone.pop(), come.pop()
        yield about_file(pair, f"imports {new} instead of {old}", old, new)
    yield from (imported(pair, each, acting[0][each], there=False) for each in sorted(gone))
    yield from (imported(pair, each, acting[1][each], there=True) for each in sorted(come))


def _bound_otherwise(pair: Pair) -> Iterator[Found]:
    """Names that a module imports from another place, and does not use itself: others may, through it."""
    old, new = (pair.side(side).bindings for side in (0, 1))
    for name in sorted(old.imports.keys() & new.imports.keys() - old.used - new.used):
        was, now = old.imports[name].target, new.imports[name].target
        if was != now and not old.imports[name].star:
            yield about_file(pair, f"imports {name} from {now} instead of {was}", was, now)
    stars = [[each.target for each in side.imports.values() if each.star] for side in (old, new)]
    if stars[0] != stars[1] and sorted(stars[0]) == sorted(stars[1]):
        yield about_file(pair, "imports all names in another order", *map(" ".join, stars))


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
