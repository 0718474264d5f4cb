"""The names that a part of a program defines and mentions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from paribus.core.names import Names, names
from paribus.core.python.program import Program, Unit
from paribus.core.python.resolve import Functions, is_global, is_imported
from paribus.core.values import KeyPath

DOTTED = re.compile(r"-{0,2}[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*")
"""Text that could be a name: of a key, a column or an option."""

OPTION = ("add_argument", "option", "argument")
"""Calls that define an option of the command line."""


def mentioned(
    nodes: Iterable[ast.AST],
    unit: Unit,
    program: Program,
    other: tuple[Unit | None, Program | None],
) -> Names:
    """The names of some nodes, of those local and textual ones that the other side does not have.

    Args:
        nodes: parts of the unit.
        unit: the definition that they are in.
        program: the file that it is in.
        other: that definition and that file as the other side has them.
    """
    listed = list(nodes)
    theirs = frozenset(_locals(other[0])) if other[0] else frozenset()
    words = other[1].words if other[1] else frozenset()
    place = f"{program.module}::{unit.name}::"
    fresh = frozenset(word for word in _defined_words(listed) if word not in words)
    local = {name for name in _stored(listed) if name not in theirs}
    used = {name for name in _loaded(listed) if name not in theirs}
    said = frozenset(word for word in _used_words(listed) if word not in words)
    return Names(
        defines=names("local", (place + name for name in local))
        | names("word", fresh)
        | names("text", (text for text in _compared(listed) if text not in words))
        | names("def", _stored_globals(listed)),
        mentions=names("local", (place + name for name in used))
        | names("word", said)
        | names("def", _globals(listed))
        | names("def", _own_methods(listed, unit, program))
        | names("package", _packages(listed)),
        reads=frozenset(chains(listed)),
    )


def chains(nodes: Iterable[ast.AST]) -> Iterator[KeyPath]:
    """Keys that are read one inside the other: `params["train"]["lr"]`, `cfg.train.lr`, `get("lr")`.

    Also options of a command line, and text that may be a key's name.
    """
    todo = list(nodes)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Call) and getattr(node, "param", None) is None:
            keys, base = chain(node)
            if keys:
                yield keys
                todo.append(base)
                todo.extend([*node.args[1:], *node.keywords])
            else:
                # What is called is a method, not a key; what it is called on may be one.
                method = isinstance(node.func, ast.Attribute)
                todo.extend([node.func.value if method else node.func])  # type: ignore[attr-defined]
                todo.extend([*node.args, *node.keywords])
            continue
        key = getattr(node, "param", None)
        if key is not None:
            yield key
            continue
        keys, base = chain(node)
        if keys:
            yield keys
            todo.append(base)
            continue
        if is_imported(node) and "." in getattr(node, "id", ""):
            yield (node.id.rpartition(".")[2],)  # type: ignore[attr-defined]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if DOTTED.fullmatch(node.value):
                yield tuple(node.value.lstrip("-").replace("-", "_").split("."))
        elif isinstance(node, ast.arg):
            yield (node.arg,)
        todo.extend(ast.iter_child_nodes(node))


def chain(node: ast.AST) -> tuple[KeyPath, ast.AST]:
    """The keys by which something is picked, and what it is picked from; no keys where it is not."""
    keys: list[str] = []
    while True:
        if isinstance(node, ast.Subscript) and _text(node.slice) is not None:
            keys.append(str(_text(node.slice)))
            node = node.value
        elif isinstance(node, ast.Attribute):
            keys.append(node.attr)
            node = node.value
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get"
            and node.args
            and _text(node.args[0]) is not None
        ):
            keys.append(str(_text(node.args[0])))
            node = node.func.value
        else:
            break
    path = [part for key in reversed(keys) for part in key.split(".")]
    return tuple(path), node


# Private functions


def _walk(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        yield from ast.walk(node)


def _text(node: ast.AST) -> str | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else None


def _locals(unit: Unit) -> Iterator[str]:
    yield from _stored(unit.walk())
    yield from _loaded(unit.walk())


def _stored(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in _walk(nodes):
        if isinstance(node, ast.Name) and not is_global(node) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, Functions):
            yield node.name


def _loaded(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in _walk(nodes):
        if isinstance(node, ast.Name) and not is_global(node) and isinstance(node.ctx, ast.Load):
            yield node.id


def _stored_globals(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in _walk(nodes):
        if isinstance(node, ast.Name) and is_global(node) and isinstance(node.ctx, ast.Store):
            yield node.id


def _globals(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in _walk(nodes):
        if isinstance(node, ast.Name) and is_global(node):
            parts = node.id.split(".")
            yield from (".".join(parts[:end]) for end in range(2, len(parts) + 1))


def _own_methods(nodes: Iterable[ast.AST], unit: Unit, program: Program) -> Iterator[str]:
    """`self.step` inside a method is that class's `step`."""
    owner = unit.name.rpartition(".")[0]
    if not owner:
        return
    for node in _walk(nodes):
        holder = node.value if isinstance(node, ast.Attribute) else None
        if isinstance(node, ast.Attribute) and getattr(holder, "id", "") in ("self", "cls"):
            yield f"{program.module}.{owner}.{node.attr}"


def _packages(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in _walk(nodes):
        if is_imported(node):
            yield node.id.split(".")[0]  # type: ignore[attr-defined]


def _defined_words(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Names of attributes, columns, keys, arguments and options that are set here."""
    for node in _walk(nodes):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            if (text := _text(node.slice)) is not None:
                yield text
        elif isinstance(node, ast.Dict):
            yield from (text for key in node.keys if key and (text := _text(key)) is not None)
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in OPTION:
            texts = [text for each in node.args if (text := _text(each)) is not None]
            yield from (text.lstrip("-").replace("-", "_") for text in texts)


def _compared(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Text that something is compared with: a name that a param may choose."""
    for node in _walk(nodes):
        if isinstance(node, ast.Compare):
            yield from (text for each in node.comparators if (text := _text(each)) is not None)


def _used_words(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in _walk(nodes):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.attr
        elif (text := _text(node)) is not None and DOTTED.fullmatch(text):
            yield text.lstrip("-").replace("-", "_")
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg
