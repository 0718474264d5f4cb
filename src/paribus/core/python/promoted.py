"""Puts the values of params that come or go into the code that reads them.

A literal that becomes a param of the same value, with all the lines that load it, moves nothing: with
the value put in, both versions of the program are the same. Where the value differs, what is left
differs in that value alone.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Container, Iterable, Mapping
from typing import Any

from paribus.core.names import is_read_by
from paribus.core.python.mentions import chain
from paribus.core.python.program import Program
from paribus.core.python.resolve import Functions, is_global
from paribus.core.values import KeyPath, Value

LOADS = frozenset(
    {"open", "load", "loads", "safe_load", "full_load", "params_show", "YAML", "Path", "read",
     "read_text", "read_bytes", "join", "ArgumentParser", "parse_args", "parse_known_args",
     "Box", "AttrDict", "SimpleNamespace", "create", "Namespace"}
)  # fmt: skip
"""Last names of what is called to load params, and for nothing else."""

MOST_NAMES, MOST_LOADERS = 8, 4
"""Names through which a value may pass one after the other, and statements that load it one by one."""


def put_in(
    program: Program, values: Mapping[KeyPath, Value], other: Program | None
) -> set[KeyPath]:
    """Puts the values of params into a program, in place; the params that it read.

    Statements that did nothing but load those params go, unless the other side has them too.
    """
    if not values:
        return set()
    values = _without_converted(program.tree, values)
    others = list(ast.walk(other.tree)) if other else []
    putter = _Putter(values, {ast.dump(node) for node in others})
    putter.visit(program.tree)
    if not putter.found:
        return set()
    theirs = {ast.dump(node) for node in others if isinstance(node, ast.stmt)}
    functions = (node for node in ast.walk(program.tree) if isinstance(node, Functions))
    blocks = [program.tree, *functions]
    for _ in range(MOST_NAMES):
        spread = [_spread(block, program.tree, theirs) for block in blocks]
        if not any(spread):
            break
    for _ in range(MOST_LOADERS):
        for block in reversed(blocks):
            _drop(block, program.tree, theirs, putter.found)
    return putter.found


def literal(value: Value, key: KeyPath, at: ast.AST) -> ast.expr:
    """A value as the syntax that spells it, marked with the param that it is."""
    node = ast.parse(repr(value), mode="eval").body
    for inner in ast.walk(node):
        ast.copy_location(inner, at)
    node.param = key  # type: ignore[attr-defined]
    return node


# Private functions


def _without_converted(tree: ast.Module, values: Mapping[KeyPath, Value]) -> dict[KeyPath, Value]:
    """The values, without those that an option of the command line makes something else of."""
    converted = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "add_argument":
            settings = {each.arg: each.value for each in node.keywords}
            name = str(getattr(node.args[0], "value", "")) if node.args else ""
            made = getattr(settings.get("type"), "id", "str")
            plain = not settings.keys() & {"action", "nargs", "choices"}
            for key, value in values.items():
                is_it = name.lstrip("-").replace("-", "_") == key[-1]
                if is_it and not (plain and type(value).__name__ == made != "bool"):
                    converted.add(key)
    return {key: value for key, value in values.items() if key not in converted}


class _Putter(ast.NodeTransformer):
    def __init__(self, values: Mapping[KeyPath, Value], kept: Container[str]) -> None:
        self._values = values
        self._kept = kept  # what both sides read is no param that came or went
        self.found: set[KeyPath] = set()

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        return self._put(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return self._put(node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if chain(node)[0]:
            return self._put(node)
        if isinstance(node.func, ast.Attribute):
            node.func.value = self.visit(node.func.value)
        else:
            node.func = self.visit(node.func)
        node.args = [self.visit(each) for each in node.args]
        node.keywords = [self.visit(each) for each in node.keywords]
        return node

    def _put(self, node: Any) -> ast.expr:
        keys, _ = chain(node)
        stored = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
        meant = [key for key in self._values if keys and is_read_by(key, keys)]
        if meant and ast.dump(node) in self._kept:
            meant = []
        if (
            len(meant) == 1
            and not stored
            and len(keys) <= len(meant[0])
            and _is_plain(self._values[meant[0]])
        ):
            self.found.add(meant[0])
            return literal(self._values[meant[0]], meant[0], node)
        self.generic_visit(node)
        found: ast.expr = node
        return found


def _is_plain(value: Value) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return (
        value is None
        or isinstance(value, bool | int | str)
        or (isinstance(value, float) and value - value == 0)
    )


def _key(node: ast.AST | None) -> KeyPath | None:
    return getattr(node, "param", None)


def _spread(block: Any, tree: ast.Module, theirs: Iterable[str]) -> bool:
    """Puts a value that a name was given into the places where the name is used."""
    known: dict[str, ast.expr] = {}
    for statement in list(block.body):
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        target = statement.targets[0]
        if (
            isinstance(target, ast.Name)
            and _key(statement.value)
            and ast.dump(statement) not in theirs
        ):
            scope: ast.AST = tree if is_global(target) else block
            if _count(scope, target.id, ast.Store) == 1 and not _assigned(theirs, target):
                known[target.id] = statement.value
                block.body.remove(statement)
    if not known:
        return False
    _Spreader(known).visit(tree if block is tree else block)
    block.body = block.body or [ast.Pass()]
    return True


def _assigned(theirs: Iterable[str], target: ast.Name) -> bool:
    """Whether the other side gives a value to this name, too."""
    start = f"Assign(targets=[{ast.dump(target)}]"
    return any(text.startswith(start) for text in theirs)


class _Spreader(ast.NodeTransformer):
    def __init__(self, known: Mapping[str, ast.expr]) -> None:
        self._known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self._known.get(node.id)
        if value is None or not isinstance(node.ctx, ast.Load):
            return node
        found = copy.deepcopy(value)
        for inner in ast.walk(found):
            ast.copy_location(inner, node)
        return found


def _count(scope: ast.AST, name: str, context: type[ast.expr_context]) -> int:
    return sum(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, context)
        for node in ast.walk(scope)
    )


def _drop(block: Any, tree: ast.Module, theirs: Iterable[str], keys: Iterable[KeyPath]) -> None:
    """Takes out new statements that only loaded what is put in now."""
    kept = []
    for statement in block.body:
        if ast.dump(statement) in theirs or not _only_loads(statement, block, tree, keys, theirs):
            kept.append(statement)
    block.body = kept or ([ast.Pass()] if not isinstance(block, ast.Module) else [])


def _had_option(call: ast.Call, theirs: Iterable[str]) -> bool:
    """Whether the other side defines the same option, in another way."""
    option = ast.dump(call.args[0])
    return any("add_argument" in text and option in text for text in theirs)


def _only_loads(
    statement: ast.stmt,
    block: Any,
    tree: ast.Module,
    keys: Iterable[KeyPath],
    theirs: Iterable[str],
) -> bool:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return _defines_option(statement.value, keys) and not _had_option(statement.value, theirs)
    if isinstance(statement, ast.With):
        inner = [*statement.body]
        if not all(isinstance(each, ast.Assign) for each in inner):
            return False
    elif not isinstance(statement, ast.Assign):
        return False
    stored = [
        node
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    within = {id(node) for node in ast.walk(statement)}
    scope: ast.AST = tree if any(is_global(node) for node in stored) else block
    if any(_assigned(theirs, node) for node in stored):
        return False
    names = {node.id for node in stored}
    outside = any(
        isinstance(node, ast.Name) and node.id in names and id(node) not in within
        for node in ast.walk(scope)
    )
    stores_only_names = not any(
        isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store)
        for node in ast.walk(statement)
    )
    return bool(stored) and not outside and stores_only_names and _calls_only_loaders(statement)


def _calls_only_loaders(statement: ast.stmt) -> bool:
    for node in ast.walk(statement):
        if isinstance(node, ast.Call):
            name = (
                node.func.attr
                if isinstance(node.func, ast.Attribute)
                else getattr(node.func, "id", "")
            )
            if name.rpartition(".")[2] not in LOADS:
                return False
        elif isinstance(node, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr):
            return False
    return True


def _defines_option(call: ast.Call, keys: Iterable[KeyPath]) -> bool:
    """Whether a call adds an option of the command line by which a param arrives."""
    if getattr(call.func, "attr", "") != "add_argument" or not call.args:
        return False
    option = getattr(call.args[0], "value", None)
    return isinstance(option, str) and option.lstrip("-").replace("-", "_") in {
        key[-1] for key in keys
    }
