"""The smallest parts in which two versions of a definition differ.

Statements are matched first. Where one stands for another, it is looked into: arguments of the same
call, entries of the same mapping and elements of the same list are parts of their own, so that two
settings that change on one line are two. An expression of another shape is one part.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import zip_longest

from paribus.core.python.program import Unit
from paribus.core.python.resolve import Functions

MOST_STATEMENTS = 4000
"""Of one block; more are generated code, which is compared as a whole."""

REWRITTEN, FEWEST = 0.6, 5
"""A definition of which so large a share of the statements differs, and so many, was written anew."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """One part that differs.

    Attributes:
        old, new: the nodes on each side; empty where there are none.
        within: calls whose arguments it is in, on the new side and on the old one.
        name: of the argument or the key that it is the value of; empty where it has none.
        run: hunks that stand next to one another have the same number; None inside a statement.
        signature: whether it is an argument of the definition itself.
    """

    old: tuple[ast.AST, ...]
    new: tuple[ast.AST, ...]
    within: tuple[ast.AST, ...] = ()
    name: str = ""
    run: int | None = None
    signature: bool = False


def hunks(old: Unit, new: Unit) -> list[Hunk]:
    """Every part in which two versions of a definition differ."""
    found = [*_heads(old.head, new.head), *_numbered(_blocks(old.body, new.body))]
    whole = [each for each in found if each.run is not None]
    size = max(len(old.body), len(new.body), 1)
    touched = sum(max(len(each.old), len(each.new)) for each in whole)
    if len(whole) >= FEWEST and touched / size > REWRITTEN and old.is_definition:
        return [Hunk(tuple(old.body), tuple(new.body), run=0)]
    return found


# Private functions


def _dump(node: ast.AST | None) -> str:
    return ast.dump(node) if node is not None else ""


def _numbered(found: Iterator[Hunk]) -> list[Hunk]:
    return list(found)


def _blocks(
    old: Sequence[ast.stmt], new: Sequence[ast.stmt], runs: list[int] | None = None
) -> Iterator[Hunk]:
    """Differing statements of two blocks; those next to one another get the number of their run."""
    runs = runs if runs is not None else [0]
    left, right = [_dump(each) for each in old], [_dump(each) for each in new]
    if left == right:
        return
    if max(len(left), len(right)) > MOST_STATEMENTS:
        yield Hunk(tuple(old), tuple(new), run=0)
        return
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag != "equal":
            runs[0] += 1
            yield from _run(old[a:b], new[c:d], runs)


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
    if isinstance(statement, ast.Assign):
        return kind + "".join(map(_dump, statement.targets))
    if isinstance(statement, ast.AnnAssign | ast.AugAssign):
        return kind + _dump(statement.target)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return kind + _dump(statement.value.func)
    if isinstance(statement, Functions | ast.ClassDef):
        return kind + statement.name
    if isinstance(statement, ast.For | ast.AsyncFor):
        return kind + _dump(statement.target)
    if isinstance(statement, ast.If | ast.While | ast.With | ast.AsyncWith | ast.Try | ast.Return):
        return kind
    return kind + _dump(statement)


def _statement(old: ast.stmt, new: ast.stmt, number: int, runs: list[int]) -> Iterator[Hunk]:
    """The parts in which one statement, edited, differs."""
    if _dump(old) == _dump(new):
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
    differing = [name for name in new._fields if not _same_field(old, new, name)]
    if len(differing) != 1:
        yield whole
        return
    yield from _field(old, new, differing[0], whole)


def _same_field(old: ast.AST, new: ast.AST, name: str) -> bool:
    left, right = getattr(old, name, None), getattr(new, name, None)
    if isinstance(left, list) and isinstance(right, list):
        return list(map(_told, left)) == list(map(_told, right))
    return _told(left) == _told(right)


def _told(value: object) -> str:
    return ast.dump(value) if isinstance(value, ast.AST) else repr(value)


def _field(old: ast.AST, new: ast.AST, name: str, whole: Hunk) -> Iterator[Hunk]:
    if _same_field(old, new, name):
        return
    left, right = getattr(old, name, None), getattr(new, name, None)
    if isinstance(left, ast.expr) and isinstance(right, ast.expr):
        yield from _expression(left, right, Hunk((left,), (right,), name=_target(new)))
    else:
        yield whole


def _target(statement: ast.AST) -> str:
    """What an assignment gives a value to, by which the value is told."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        return target.id.rpartition(".")[2] if isinstance(target, ast.Name) else ast.unparse(target)
    return ""


def _expression(old: ast.expr, new: ast.expr, whole: Hunk) -> Iterator[Hunk]:
    """The parts in which two expressions differ; `whole` where they are of another shape."""
    if _dump(old) == _dump(new):
        return
    if isinstance(old, ast.Call) and isinstance(new, ast.Call):
        yield from _calls(old, new, whole)
    elif (
        isinstance(old, ast.Dict)
        and isinstance(new, ast.Dict)
        and _has_names(old)
        and _has_names(new)
    ):
        entries = [
            dict(zip(map(_dump, each.keys), zip(each.keys, each.values, strict=True), strict=True))
            for each in (old, new)
        ]
        for key in dict.fromkeys([*entries[0], *entries[1]]):
            before, after = entries[0].get(key), entries[1].get(key)
            written = (after or before or (None, None))[0]
            name = str(getattr(written, "value", ""))
            yield from _named(before and before[1], after and after[1], whole, name, written)
    elif isinstance(old, ast.List | ast.Tuple | ast.Set) and type(old) is type(new):
        yield from _elements(old.elts, new.elts, whole)
    elif isinstance(old, ast.Attribute | ast.Subscript | ast.Await | ast.Starred) and type(
        old
    ) is type(new):
        yield from _chain(old, new, whole)
    else:
        yield replace(whole, old=(old,), new=(new,))


def _chain(old: ast.expr, new: ast.expr, whole: Hunk) -> Iterator[Hunk]:
    """`a.b` or `a[b]`: where only `a` differs, it is looked into."""
    differing = [name for name in new._fields if not _same_field(old, new, name)]
    if differing == ["value"]:
        yield from _expression(old.value, new.value, whole)  # type: ignore[attr-defined]
    else:
        yield replace(whole, old=(old,), new=(new,))


def _calls(old: ast.Call, new: ast.Call, whole: Hunk) -> Iterator[Hunk]:
    """Calls of the same function: each argument is a part; of another function: one part."""
    if _dump(old.func) != _dump(new.func):
        same_arguments = list(map(_dump, [*old.args, *old.keywords])) == list(
            map(_dump, [*new.args, *new.keywords])
        )
        chained = isinstance(old.func, ast.Attribute) and isinstance(new.func, ast.Attribute)
        if chained and old.func.attr == new.func.attr:  # type: ignore[attr-defined]
            inner = list(_expression(old.func.value, new.func.value, whole))  # type: ignore[attr-defined]
            if same_arguments or _looks_alike(inner, old, new):
                yield from inner
                yield from _arguments(old, new, whole)
                return
        yield replace(whole, old=(old,), new=(new,))
        return
    yield from _arguments(old, new, replace(whole, within=(*whole.within, new.func, old.func)))


def _looks_alike(inner: Sequence[Hunk], old: ast.Call, new: ast.Call) -> bool:
    """Whether what is called was only looked into, not replaced as a whole."""
    whole = (old.func.value, new.func.value)  # type: ignore[attr-defined]
    return all((*each.old, *each.new) != whole for each in inner)


def _arguments(old: ast.Call, new: ast.Call, whole: Hunk) -> Iterator[Hunk]:
    if len(old.args) == len(new.args):
        for before, after in zip(old.args, new.args, strict=True):
            yield from _expression(
                before, after, replace(whole, old=(before,), new=(after,), name="")
            )
    else:
        yield from _elements(old.args, new.args, replace(whole, name=""))
    left, right = ({each.arg: each for each in call.keywords} for call in (old, new))
    for name in dict.fromkeys([*left, *right]):
        was, now = left.get(name), right.get(name)
        values = was.value if was else None, now.value if now else None
        yield from _named(*values, whole, name or "**", now or was)


def _named(
    old: ast.expr | None, new: ast.expr | None, whole: Hunk, name: str, written: ast.AST | None
) -> Iterator[Hunk]:
    """A setting with a name: it came, it went, or its value differs."""
    if old is not None and new is not None:
        yield from _expression(old, new, replace(whole, old=(old,), new=(new,), name=name))
        return
    nodes = tuple(each for each in (written, old or new) if each is not None)
    yield replace(
        whole, old=nodes if new is None else (), new=nodes if old is None else (), name=name
    )


def _elements(old: Sequence[ast.expr], new: Sequence[ast.expr], whole: Hunk) -> Iterator[Hunk]:
    left, right = list(map(_dump, old)), list(map(_dump, new))
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if b - a == d - c:
            for before, after in zip(old[a:b], new[c:d], strict=True):
                yield from _expression(before, after, replace(whole, old=(before,), new=(after,)))
        else:
            yield replace(whole, old=tuple(old[a:b]), new=tuple(new[c:d]))


def _has_names(mapping: ast.Dict) -> bool:
    keys = [each for each in mapping.keys if isinstance(each, ast.Constant)]
    return len(keys) == len(mapping.keys) == len({_dump(each) for each in keys})


def _heads(old: ast.stmt | None, new: ast.stmt | None) -> Iterator[Hunk]:
    """Differences of two definitions outside of their bodies."""
    if old is None or new is None or _head(old) == _head(new):
        return
    if isinstance(old, Functions) and isinstance(new, Functions):
        left, right = _signature(old), _signature(new)
        for name in dict.fromkeys([*left, *right]):
            before, after = left.get(name), right.get(name)
            if before is None or after is None or _dump(before[1]) != _dump(after[1]):
                nodes = [
                    tuple(each for each in side or () if each is not None)
                    for side in (before, after)
                ]
                yield Hunk(nodes[0], nodes[1], name=name, signature=True)
        rest = [
            [*each.decorator_list, *([each.returns] if each.returns else [])] for each in (old, new)
        ]
        if list(map(_dump, rest[0])) != list(map(_dump, rest[1])) or type(old) is not type(new):
            yield Hunk(tuple(rest[0]), tuple(rest[1]), name="decorators", signature=True)
        elif left.keys() == right.keys() and list(left) != list(right):
            yield Hunk((old.args,), (new.args,), name="order", signature=True)
        return
    pairs = [_class_head(each) for each in (old, new)]
    yield Hunk(tuple(pairs[0]), tuple(pairs[1]), signature=True)


def _head(statement: ast.stmt) -> list[str]:
    shown = [statement.args] if isinstance(statement, Functions) else _class_head(statement)
    extra = [*getattr(statement, "decorator_list", []), getattr(statement, "returns", None)]
    return [type(statement).__name__, *map(_dump, [*shown, *extra])]


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
