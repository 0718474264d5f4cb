"""The smallest parts in which two expressions differ.

Arguments of the same call, entries of the same mapping and elements of the same list are parts of their
own, so that two settings that change on one line are two. An expression of another shape is one part.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher


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


Several = ast.List | ast.Tuple | ast.Set
Formula = ast.BinOp | ast.BoolOp | ast.Compare | ast.IfExp | ast.UnaryOp


def dump(node: ast.AST | None) -> str:
    """A node as text that is the same for the same syntax; empty for none."""
    return ast.dump(node) if node is not None else ""


def differing_fields(old: ast.AST, new: ast.AST) -> list[str]:
    """The fields in which two nodes of one type differ."""
    return [name for name in new._fields if not _same_field(old, new, name)]


def expression(old: ast.expr, new: ast.expr, whole: Hunk) -> Iterator[Hunk]:
    """The parts in which two expressions differ; `whole` where they are of another shape."""
    if dump(old) == dump(new):
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
            dict(zip(map(dump, each.keys), zip(each.keys, each.values, strict=True), strict=True))
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


# Private functions


def _formula(old: ast.expr, new: ast.expr, whole: Hunk) -> Iterator[Hunk]:
    """A formula is one part, unless all that differs in it are settings of the calls that it has."""
    inner: list[Hunk] = []
    for name in differing_fields(old, new):
        left, right = getattr(old, name), getattr(new, name)
        both = (
            left if isinstance(left, list) else [left],
            right if isinstance(right, list) else [right],
        )
        alike = len(both[0]) == len(both[1]) and all(
            isinstance(each, ast.expr) for side in both for each in side
        )
        if not alike:
            yield replace(whole, old=(old,), new=(new,))
            return
        for before, after in zip(*both, strict=True):
            inner += expression(before, after, replace(whole, old=(before,), new=(after,)))
    if inner and all(each.within and each.within != whole.within for each in inner):
        yield from inner
    else:
        yield replace(whole, old=(old,), new=(new,))


def _chain(old: ast.expr, new: ast.expr, whole: Hunk) -> Iterator[Hunk]:
    """`a.b` or `a[b]`: where only `a` differs, it is looked into."""
    if differing_fields(old, new) == ["value"]:
        yield from expression(old.value, new.value, whole)  # type: ignore[attr-defined]
    else:
        yield replace(whole, old=(old,), new=(new,))


def _calls(old: ast.Call, new: ast.Call, whole: Hunk) -> Iterator[Hunk]:
    """Calls of the same function: each argument is a part; of another function: one part."""
    if dump(old.func) != dump(new.func):
        same_arguments = list(map(dump, [*old.args, *old.keywords])) == list(
            map(dump, [*new.args, *new.keywords])
        )
        chained = isinstance(old.func, ast.Attribute) and isinstance(new.func, ast.Attribute)
        if chained and old.func.attr == new.func.attr:  # type: ignore[attr-defined]
            inner = list(expression(old.func.value, new.func.value, whole))  # type: ignore[attr-defined]
            if same_arguments or _looks_alike(inner, old, new):
                yield from inner
                yield from _arguments(old, new, whole)
                return
        yield replace(whole, old=(old,), new=(new,))
        return
    yield from _arguments(old, new, replace(whole, within=(new.func, old.func)))


def _looks_alike(inner: Sequence[Hunk], old: ast.Call, new: ast.Call) -> bool:
    """Whether what is called was only looked into, not replaced as a whole."""
    whole = (old.func.value, new.func.value)  # type: ignore[attr-defined]
    return all((*each.old, *each.new) != whole for each in inner)


def _arguments(old: ast.Call, new: ast.Call, whole: Hunk) -> Iterator[Hunk]:
    left, right = ({each.arg: each for each in call.keywords} for call in (old, new))
    if len(old.args) != len(new.args) and left.keys() != right.keys():
        # What was passed by its place may be passed by its name now.
        yield replace(whole, old=(old,), new=(new,))
        return
    called = f"{_last_name(new.func)}()"
    if len(old.args) == len(new.args):
        for before, after in zip(old.args, new.args, strict=True):
            yield from expression(
                before, after, replace(whole, old=(before,), new=(after,), name="")
            )
    else:
        yield from _elements(old.args, new.args, replace(whole, name=called))
    for name in dict.fromkeys([*left, *right]):
        was, now = left.get(name), right.get(name)
        values = was.value if was else None, now.value if now else None
        yield from _named(*values, whole, name or "**", now or was)


def _named(
    old: ast.expr | None, new: ast.expr | None, whole: Hunk, name: str, written: ast.AST | None
) -> Iterator[Hunk]:
    """A setting with a name: it came, it went, or its value differs."""
    if old is not None and new is not None:
        yield from expression(old, new, replace(whole, old=(old,), new=(new,), name=name))
        return
    nodes = tuple(each for each in (written, old or new) if each is not None)
    yield replace(
        whole, old=nodes if new is None else (), new=nodes if old is None else (), name=name
    )


def _last_name(function: ast.expr) -> str:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return str(name).rpartition(".")[2]


def _is_plain(elements: Sequence[ast.expr]) -> bool:
    return all(isinstance(each, ast.Constant | ast.UnaryOp) for each in elements)


def _label(element: ast.expr) -> str:
    """What an element is recognised by, when its own arguments differ."""
    return dump(element.func) if isinstance(element, ast.Call) else dump(element)


def _elements(old: Sequence[ast.expr], new: Sequence[ast.expr], whole: Hunk) -> Iterator[Hunk]:
    for tag, a, b, c, d in _matched(old, new, dump):
        if tag == "equal":
            continue
        if b - a == d - c:
            for before, after in zip(old[a:b], new[c:d], strict=True):
                yield from expression(before, after, replace(whole, old=(before,), new=(after,)))
        else:
            yield from _unequal(old[a:b], new[c:d], whole)


def _unequal(old: Sequence[ast.expr], new: Sequence[ast.expr], whole: Hunk) -> Iterator[Hunk]:
    """Elements for elements, more or fewer: those that call the same function are the same."""
    for tag, a, b, c, d in _matched(old, new, _label):
        if tag == "equal":
            for before, after in zip(old[a:b], new[c:d], strict=True):
                yield from expression(before, after, replace(whole, old=(before,), new=(after,)))
        else:
            yield replace(whole, old=tuple(old[a:b]), new=tuple(new[c:d]))


def _matched(
    old: Sequence[ast.expr], new: Sequence[ast.expr], label: Callable[[ast.expr], str]
) -> Sequence[tuple[str, int, int, int, int]]:
    left, right = list(map(label, old)), list(map(label, new))
    return SequenceMatcher(None, left, right, autojunk=False).get_opcodes()


def _has_names(mapping: ast.Dict) -> bool:
    keys = [each for each in mapping.keys if isinstance(each, ast.Constant)]
    return len(keys) == len(mapping.keys) == len({dump(each) for each in keys})


def _same_field(old: ast.AST, new: ast.AST, name: str) -> bool:
    left, right = getattr(old, name, None), getattr(new, name, None)
    if isinstance(left, list) and isinstance(right, list):
        return list(map(_told, left)) == list(map(_told, right))
    return _told(left) == _told(right)


def _told(value: object) -> str:
    return ast.dump(value) if isinstance(value, ast.AST) else repr(value)
