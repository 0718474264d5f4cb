"""Params in a Python file, read as DVC reads them: assignments of literals, never executed.

They may stand at the top of the file, in a class, or in an `__init__` as `self.name`.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from paribus.core.values import KeyPath, Value

LARGEST = 2**18
"""Bytes; a larger file is one of data, and is not read as params."""

DEEPEST = 100
"""Levels of lists and mappings, as many as in a YAML file."""


@dataclass(frozen=True, slots=True)
class PythonParams:
    """What a Python file holds as params.

    Attributes:
        value: tuples and sets are lists, the latter sorted.
        lines: the 1-based line of each key.
        rest: all of the program but the values of its params, as a text to compare.
    """

    value: Mapping[str, Value]
    lines: Mapping[KeyPath, int]
    rest: str


def read_python(data: bytes) -> PythonParams | None:
    """The params of a Python file; None where it is no Python, or too large or deep to read."""
    if len(data) > LARGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
        top = _Level()
        _read(tree.body, top)
        lines = dict(top.lines(()))
        value = top.value()
        top.blank()
        return PythonParams(value, lines, ast.dump(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


# Private functions


@dataclass(slots=True)
class _Assigned:
    statement: ast.Assign | ast.AnnAssign
    value: Value
    holders: str


@dataclass(slots=True)
class _Level:
    """What a module or a class assigns, in the order in which it does."""

    found: dict[str, _Assigned | _Level] = field(default_factory=dict)
    line: int = 0
    repeated: set[str] = field(default_factory=set)

    def add(self, name: str, item: _Assigned | _Level) -> None:
        if name in self.found:
            self.repeated.add(name)
        self.found[name] = item

    def value(self) -> dict[str, Value]:
        """As DVC has it: what is assigned last counts."""
        return {
            name: item.value() if isinstance(item, _Level) else item.value
            for name, item in self.found.items()
        }

    def lines(self, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
        for name, item in self.found.items():
            inner = (*path, name)
            if isinstance(item, _Level):
                yield inner, item.line
                yield from item.lines(inner)
            else:
                yield inner, item.statement.lineno
                yield from _key_lines(item.statement.value, inner)

    def blank(self) -> None:
        """Takes the values out of the program, which keeps those that are assigned more than once."""
        for name, item in self.found.items():
            if name in self.repeated:
                continue
            if isinstance(item, _Level):
                item.blank()
            else:
                item.statement.value = ast.Constant(item.holders)


def _read(statements: list[ast.stmt], level: _Level, *, of_self: bool = False) -> None:
    for statement in statements:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            name = _name(statement, of_self=of_self)
            assigned = _assigned(statement) if name else None
            if name and assigned:
                level.add(name, assigned)
        elif isinstance(statement, ast.ClassDef):
            inner = _Level(line=statement.lineno)
            _read(statement.body, inner)
            level.add(statement.name, inner)
        elif isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            _read(statement.body, level, of_self=True)


def _name(statement: ast.Assign | ast.AnnAssign, *, of_self: bool) -> str | None:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    target = targets[0]
    if len(targets) > 1:
        return None
    if isinstance(target, ast.Name):
        return None if of_self else target.id
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        return target.attr if target.value.id == "self" else None
    return None


def _assigned(statement: ast.Assign | ast.AnnAssign) -> _Assigned | None:
    """An assignment of a literal; None of anything that would have to be computed."""
    if statement.value is None:
        return None
    try:
        literal = ast.literal_eval(statement.value)
    except (ValueError, TypeError, SyntaxError):
        return None
    holders: set[str] = set()
    value = _plain(literal, holders, 0)
    return _Assigned(statement, value, " ".join(sorted(holders)))


def _plain(value: object, holders: set[str], depth: int) -> Value:
    """A value as a YAML file could hold it; the types that it would lose there are noted."""
    if depth > DEEPEST:
        raise ValueError("too deep")
    if isinstance(value, dict):
        return {
            key if isinstance(key, str | int | float | None) else repr(key): _plain(
                item, holders, depth + 1
            )
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set):
        holders.add(type(value).__name__)
        listed = sorted(value, key=repr) if isinstance(value, set) else value
        return [_plain(item, holders, depth + 1) for item in listed]
    if isinstance(value, str | int | float | None):
        return value
    holders.add(type(value).__name__)
    return repr(value)


def _key_lines(node: ast.expr | None, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
    if not isinstance(node, ast.Dict):
        return
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant):
            inner = (*path, str(key.value))
            yield inner, key.lineno
            yield from _key_lines(value, inner)
