"""Whether two Python files are the same program, whatever their comments and formatting."""

from __future__ import annotations

import ast
import re
import warnings

LARGEST = 2**20
"""Bytes; a larger file is compared by content alone, so that parsing stays quick."""

RUN_BY = re.compile(rb"\A#!.*|^# /// script\s*\n(?:#.*\n)*?# ///", re.MULTILINE)
"""Comments that are none: an interpreter (`#!`), and the packages of a script (PEP 723)."""

WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def same_program(old: bytes | None, new: bytes | None) -> bool:
    """Whether both parse to the same syntax, docstrings aside; False where either cannot be parsed."""
    if old is None or new is None:
        return False
    if RUN_BY.findall(old) != RUN_BY.findall(new):
        return False
    before, after = _syntax(old), _syntax(new)
    return before is not None and before == after


# Private functions


def _syntax(source: bytes) -> str | None:
    if len(source) > LARGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a SyntaxWarning is about the user's code, not ours
            tree = ast.parse(source)
        for node in ast.walk(tree):
            if (
                isinstance(node, WITH_DOCSTRING)
                and ast.get_docstring(node, clean=False) is not None
            ):
                node.body = node.body[1:]
        return ast.dump(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
