"""Files that a text names and that are not there: what was cut out must not lean on what was not."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from paribus.core.paths import joined
from paribus.core.python.syntax import parsed


def imported_absent(file: str, text: bytes, absent: Collection[str], project: str) -> str | None:
    """The first of some absent files that a Python file imports.

    Args:
        absent: paths from the top of the repository.
        project: folder of the DVC project, in which its code runs.
    """
    tree = parsed(text) if absent else None
    if tree is None:
        return None
    roots = (file.rpartition("/")[0], project, joined(project, "src"))
    for steps, level in _imports(tree):
        folders = [joined(file, *[".."] * level)] if level else roots
        for folder in folders:
            packages = [joined(folder, *steps[:end]) for end in range(1, len(steps) + 1)]
            files = [f"{joined(folder, *steps)}.py", *(f"{each}/__init__.py" for each in packages)]
            for each in files:
                if each in absent:
                    return each
    return None


def named_absent(text: bytes, absent: Collection[str], project: str) -> str | None:
    """The first of some absent files that a pipeline names, in its words."""
    words = {word.decode("utf-8", "replace") for word in _WORD.findall(text)}
    return next((path for path in sorted(absent) if _inside(path, project) in words), None)


# Private functions

_WORD = re.compile(rb"[^\s'\"\[\]{},:;=]+")


def _inside(path: str, project: str) -> str:
    return path.removeprefix(f"{project}/") if project else path


def _imports(tree: ast.Module) -> Iterator[tuple[list[str], int]]:
    """The parts of each imported name, and how many dots stand before it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split("."), 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            steps = node.module.split(".") if node.module else []
            yield steps, node.level
            yield from (([*steps, alias.name], node.level) for alias in node.names)
