"""What a source file imports, wherever in it, and which files its notebook commands run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from paribus.core.python.syntax import code_cells, parsed

RUNS = re.compile(r"[%!]\s*(?:run|python3?)\s+([\w./-]+)")


class Imported(NamedTuple):
    """One import: a module, the dots in front of it, and the names that are taken from it."""

    module: str
    level: int
    names: tuple[str, ...]


def imports(path: str, source: bytes) -> list[Imported] | None:
    """Every import of a file; None where it cannot be read as Python."""
    code = code_cells(source) if path.endswith(".ipynb") else source
    tree = parsed(code) if code is not None else None
    return None if tree is None else list(_found(tree))


def runs(path: str, source: bytes) -> list[str]:
    """The files that a notebook runs by its own commands."""
    if not path.endswith(".ipynb"):
        return []
    return RUNS.findall(source.decode("utf-8", "replace"))


# Private functions


def _found(tree: ast.Module) -> Iterator[Imported]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Imported(alias.name, 0, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names if alias.name != "*")
            yield Imported(node.module or "", node.level, names)
