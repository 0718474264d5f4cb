"""How parts of a program are told to people, and what they are called."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence

from paribus.core.python.expressions import Hunk
from paribus.core.python.program import Program, Unit
from paribus.core.python.resolve import Functions, is_imported

WIDEST = 48
"""Characters of code in a summary."""


def called(unit: Unit) -> str:
    """`build()` for a function, `class Model` for a class."""
    if unit.head is None:
        return "the module's own code"
    return f"{unit.name}()" if isinstance(unit.head, Functions) else f"class {unit.name}"


def part(hunk: Hunk, unit: Unit, old: Program, new: Program) -> str:
    """A part that differs in one line: where it is, and `old -> new`."""
    place = f"{called(unit)}: " if unit.is_definition else ""
    before, after = _shown(hunk, hunk.old, old), _shown(hunk, hunk.new, new)
    if before == after:  # the same words, which mean something else
        before, after = (unparsed(side) or "" for side in (hunk.old, hunk.new))
    if hunk.name == "order" and hunk.old == hunk.new:
        return f"{place}the order of {len(hunk.new)} statements"
    if hunk.signature:
        return f"{place}{_signature(hunk, before, after)}"
    if len(hunk.old) + len(hunk.new) > 2 and hunk.old and hunk.new:
        return f"{place}{len(hunk.old)} statements -> {len(hunk.new)}"
    if not hunk.old:
        return f"{place}+ {_named(hunk, after)}"
    if not hunk.new:
        return f"{place}- {_named(hunk, before)}"
    name = f"{hunk.name} " if hunk.name else ""
    return f"{place}{name}{before} -> {after}"


def line_of(nodes: Sequence[ast.AST]) -> int | None:
    """The first line of some nodes."""
    return min((node.lineno for node in nodes if hasattr(node, "lineno")), default=None)


def variables(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Names of the variables that some nodes use, those of what was imported excepted."""
    return frozenset(
        node.id
        for each in nodes
        for node in ast.walk(each)
        if isinstance(node, ast.Name) and not is_imported(node)
    )


def unparsed(nodes: Iterable[object]) -> str | None:
    """Some nodes as code in one way of writing it; None where there are none."""
    listed = [node for node in nodes if isinstance(node, ast.AST)]
    if not listed:
        return None
    return "\n".join(_unparsed(node) for node in listed)


# Private functions


def _unparsed(node: ast.AST) -> str:
    try:
        if isinstance(node, Functions | ast.ClassDef) and not node.body:
            return node.name
        return ast.unparse(node)
    except (RecursionError, ValueError):
        return ast.dump(node)


def _signature(hunk: Hunk, before: str, after: str) -> str:
    if hunk.old and hunk.new:
        return f"{hunk.name or 'bases'} {before} -> {after}"
    return f"argument {hunk.name} {'added' if hunk.new else 'removed'}"


def _named(hunk: Hunk, text: str) -> str:
    if hunk.name.endswith("()"):
        return f"{hunk.name[:-1]}{text})"
    if not hunk.name or re.match(rf"{re.escape(hunk.name)}\W", text):
        return text
    return f"{hunk.name}={text}"


def _shown(hunk: Hunk, nodes: Sequence[ast.AST], program: Program) -> str:
    """Some nodes as they are written; of a setting the value, which stands behind its name."""
    shown = nodes[-1:] if hunk.name else nodes
    text = ", ".join(map(program.source, shown))
    return text if len(text) <= WIDEST else text[: WIDEST - 3] + "..."
