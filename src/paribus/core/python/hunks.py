"""The smallest parts in which two versions of a definition differ.

Statements are matched first. Where one stands for another, it is looked into.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from paribus.core.python.expressions import Hunk, differing_fields, dump, expression
from paribus.core.python.program import Unit
from paribus.core.python.resolve import Functions

MOST_STATEMENTS = 4000
"""Of one block; more are generated code, which is compared as a whole."""

REWRITTEN, FEWEST = 0.6, 5
"""A definition of which so large a share of the statements differs, and so many, was written anew."""

KNOWN_BY_KIND = (ast.If, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Return)
KNOWN_BY_TARGET = (ast.AnnAssign, ast.AugAssign, ast.For, ast.AsyncFor)


def hunks(old: Unit, new: Unit) -> list[Hunk]:
    """Every part in which two versions of a definition differ."""
    found = [*_heads(old.head, new.head), *_blocks(old.body, new.body)]
    whole = [each for each in found if each.run is not None]
    size = max(len(old.body), len(new.body), 1)
    touched = sum(max(len(each.old), len(each.new)) for each in whole)
    if len(whole) >= FEWEST and touched / size > REWRITTEN:
        return [Hunk(tuple(old.body), tuple(new.body), run=0)]
    return found


# Private functions


def _blocks(
    old: Sequence[ast.stmt], new: Sequence[ast.stmt], runs: list[int] | None = None
) -> Iterator[Hunk]:
    """Differing statements of two blocks; those next to one another get the number of their run."""
    runs = runs if runs is not None else [0]
    left, right = [dump(each) for each in old], [dump(each) for each in new]
    if left == right:
        return
    if max(len(left), len(right)) > MOST_STATEMENTS:
        yield Hunk(tuple(old), tuple(new), run=0)
        return
    opcodes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    edits = [(a, b, c, d) for tag, a, b, c, d in opcodes if tag != "equal"]
    placed = _placed_elsewhere(left, right, edits)
    moved = [new[at] for _, _, c, d in edits for at in range(c, d) if right[at] in placed]
    if not all(_stands_anywhere(each, old) and _stands_anywhere(each, new) for each in moved):
        yield Hunk(tuple(moved), tuple(moved), name="order")
    for a, b, c, d in edits:
        runs[0] += 1
        was = [each for each, text in zip(old[a:b], left[a:b], strict=True) if text not in placed]
        now = [each for each, text in zip(new[c:d], right[c:d], strict=True) if text not in placed]
        yield from _run(was, now, runs)


def _placed_elsewhere(
    left: Sequence[str], right: Sequence[str], edits: Sequence[tuple[int, int, int, int]]
) -> set[str]:
    """Statements that went from one place of a block and came, as they were, to another."""
    gone = Counter(text for a, b, _, _ in edits for text in left[a:b])
    come = Counter(text for _, _, c, d in edits for text in right[c:d])
    return {text for text in gone if gone[text] == come[text]}


def _stands_anywhere(statement: ast.stmt, block: Sequence[ast.stmt]) -> bool:
    """Whether a statement does the same in another place: it gives a name a constant, before any use."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Constant):
        return False
    if not all(isinstance(target, ast.Name) for target in statement.targets):
        return False  # what an object is given may be seen through another name of it
    targets = {dump(target) for target in statement.targets}
    text = dump(statement)
    for each in block:
        if dump(each) == text:
            return True
        if any(dump(node).replace("Load", "Store") in targets for node in ast.walk(each)):
            return False
    return False


def _run(old: Sequence[ast.stmt], new: Sequence[ast.stmt], runs: list[int]) -> Iterator[Hunk]:
    """Statements that stand where others stood: matched by what they are, the rest came or went."""
    number = runs[0]
    left, right = [_label(each) for each in old], [_label(each) for each in new]
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            for before, after in zip(old[a:b], new[c:d], strict=True):
                yield from _statement(before, after, number, runs)
        elif b - a == d - c == 1 and type(old[a]) is type(new[c]) and _is_plain(old[a]):
            yield from _statement(old[a], new[c], number, runs)
        elif tag == "replace" and b - a == d - c == 1:
            yield Hunk((old[a],), (new[c],), run=number)
        else:
            yield from (Hunk((each,), (), run=number) for each in old[a:b])
            yield from (Hunk((), (each,), run=number) for each in new[c:d])


def _is_plain(statement: ast.stmt) -> bool:
    """Whether a lone statement for a lone statement is the same one, edited."""
    return isinstance(statement, ast.Return | ast.Raise | ast.Assert)


def _label(statement: ast.stmt) -> str:
    """What a statement is recognised by: its kind, with what it assigns or calls."""
    kind = type(statement).__name__
    value = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(statement, Functions | ast.ClassDef):
        return kind + statement.name
    if isinstance(statement, KNOWN_BY_KIND):
        return kind
    if isinstance(statement, ast.Assign):
        return kind + "".join(map(dump, statement.targets))
    if isinstance(statement, KNOWN_BY_TARGET):
        return kind + dump(statement.target)
    return kind + dump(value.func if isinstance(value, ast.Call) else statement)


def _statement(old: ast.stmt, new: ast.stmt, number: int, runs: list[int]) -> Iterator[Hunk]:
    """The parts in which one statement, edited, differs."""
    if dump(old) == dump(new):
        return
    whole = Hunk((old,), (new,), run=number)
    if type(old) is not type(new):
        yield whole
    elif isinstance(new, Functions | ast.ClassDef):
        yield from _heads(old, new)
        yield from _blocks(old.body, new.body, runs)  # type: ignore[attr-defined]
    elif hasattr(new, "body"):
        yield from _compound(old, new, runs, whole)
    else:
        yield from _fields(old, new, whole)


def _compound(old: ast.stmt, new: ast.stmt, runs: list[int], whole: Hunk) -> Iterator[Hunk]:
    blocks = [name for name in ("body", "orelse", "finalbody") if hasattr(new, name)]
    heads = [name for name in new._fields if name not in blocks]
    inner = [
        hunk for name in blocks for hunk in _blocks(getattr(old, name), getattr(new, name), runs)
    ]
    outer = [hunk for name in heads for hunk in _field(old, new, name, whole)]
    yield from dict.fromkeys([*outer, *inner])


def _fields(old: ast.AST, new: ast.AST, whole: Hunk) -> Iterator[Hunk]:
    differing = differing_fields(old, new)
    if len(differing) != 1:
        yield whole
        return
    yield from _field(old, new, differing[0], whole)


def _field(old: ast.AST, new: ast.AST, name: str, whole: Hunk) -> Iterator[Hunk]:
    if name not in differing_fields(old, new):
        return
    left, right = getattr(old, name, None), getattr(new, name, None)
    if isinstance(left, ast.expr) and isinstance(right, ast.expr):
        yield from expression(left, right, Hunk((left,), (right,), name=_target(new)))
    else:
        yield whole


def _target(statement: ast.AST) -> str:
    """What an assignment gives a value to, by which the value is told."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        return target.id.rpartition(".")[2] if isinstance(target, ast.Name) else ast.unparse(target)
    return ""


def _heads(old: ast.stmt | None, new: ast.stmt | None) -> Iterator[Hunk]:
    """Differences of two definitions outside of their bodies."""
    if old is None or new is None or _head(old) == _head(new):
        return
    if isinstance(old, Functions) and isinstance(new, Functions):
        left, right = _signature(old), _signature(new)
        for name in dict.fromkeys([*left, *right]):
            before, after = left.get(name), right.get(name)
            if before is None or after is None or dump(before[1]) != dump(after[1]):
                nodes = [
                    tuple(each for each in side or () if each is not None)
                    for side in (before, after)
                ]
                yield Hunk(nodes[0], nodes[1], name=name, signature=True)
        rest = [
            [*each.decorator_list, *([each.returns] if each.returns else [])] for each in (old, new)
        ]
        if list(map(dump, rest[0])) != list(map(dump, rest[1])) or type(old) is not type(new):
            yield Hunk(tuple(rest[0]), tuple(rest[1]), name="decorators", signature=True)
        elif left.keys() == right.keys() and list(left) != list(right):
            yield Hunk((old.args,), (new.args,), name="order", signature=True)
        return
    pairs = [_class_head(each) for each in (old, new)]
    yield Hunk(tuple(pairs[0]), tuple(pairs[1]), signature=True)


def _head(statement: ast.stmt) -> list[str]:
    shown = [statement.args] if isinstance(statement, Functions) else _class_head(statement)
    extra = [*getattr(statement, "decorator_list", []), getattr(statement, "returns", None)]
    return [type(statement).__name__, *map(dump, [*shown, *extra])]


def _class_head(statement: ast.AST) -> list[ast.AST]:
    return [
        *getattr(statement, "bases", []),
        *getattr(statement, "keywords", []),
        *getattr(statement, "decorator_list", []),
    ]


def _signature(function: Functions) -> dict[str, tuple[ast.AST | None, ast.AST | None]]:
    """Each argument by its name, with its default; its place counts by the order of the names."""
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [*[None] * (len(plain) - len(arguments.defaults)), *arguments.defaults]
    found: dict[str, tuple[ast.AST | None, ast.AST | None]] = {
        each.arg: (each, default) for each, default in zip(plain, defaults, strict=True)
    }
    found |= {
        each.arg: (each, default)
        for each, default in zip_longest(arguments.kwonlyargs, arguments.kw_defaults)
    }
    if arguments.vararg:
        found["*" + arguments.vararg.arg] = (arguments.vararg, None)
    if arguments.kwarg:
        found["**" + arguments.kwarg.arg] = (arguments.kwarg, None)
    return found
