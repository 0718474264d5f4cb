"""Reads a Python file, or the code cells of a notebook, as a syntax tree; nothing of it is executed."""

from __future__ import annotations

import ast
import json
import re
import warnings

LARGEST = 2**18
"""Bytes; a larger file is compared by content alone, so that parsing stays quick and small."""

MOST_NODES = 100_000
"""Of a syntax tree; a file of 256 kB that a person wrote has about 60,000."""

RUN_BY = re.compile(rb"\A#!.*|^# /// script\s*\n(?:#.*\n)*?# ///", re.MULTILINE)
"""Comments that are none: an interpreter (`#!`), and the packages of a script (PEP 723)."""

MAGIC = re.compile(r"^(\s*)[%!?].*$", re.MULTILINE)


def parsed(source: bytes) -> ast.Module | None:
    """The syntax tree of a file; None where it is no Python, or too large or deep to read quickly."""
    if len(source) > LARGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a SyntaxWarning is about the user's code, not ours
            tree = ast.parse(source)
        nodes = list(ast.walk(tree))
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, int):
                str(node.value)  # a ValueError where nobody could write it again
        return tree if len(nodes) <= MOST_NODES else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def run_by(source: bytes) -> list[bytes]:
    """The comments of a file that say what runs it."""
    return [line.rstrip() for line in RUN_BY.findall(source)]


def code_cells(notebook: bytes) -> bytes | None:
    """The code of a notebook, cell after cell; outputs, prose and metadata are no program.

    Lines for the notebook itself (`%matplotlib`, `!pip install`) become calls of `__magic__`, so that
    the rest can be read and a change of them is seen.
    """
    try:
        cells = json.loads(notebook)["cells"]
        sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        texts = [text if isinstance(text, str) else "".join(text) for text in sources]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return "\n".join(map(_without_magic, texts)).encode("utf-8", "replace")


# Private functions


def _without_magic(cell: str) -> str:
    if cell.startswith("%%"):
        return f"__magic__({cell!r})"
    return MAGIC.sub(lambda line: f"{line[1]}__magic__({line[0].strip()!r})", cell)
