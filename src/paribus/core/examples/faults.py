"""How a predictions file is refused: in one line, with what would mend it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from paribus.core.errors import Problem

CODE = "bad-predictions"

_LONGEST = 40
_MOST = 12


def fault(file: str, what: str, *helps: str) -> Problem:
    """The problem that a predictions file is, or has."""
    return Problem(CODE, f"{shown(file, 200)}: {what}", *helps)


def shown(text: str, longest: int = _LONGEST) -> str:
    """Some text of a file in a line: no control characters, and no more than `longest` of it."""
    line = "".join(c if c.isprintable() else "?" for c in text[:longest])
    return line if len(text) <= longest else f"{line}..."


def listed(names: Iterable[str], total: int) -> str:
    """The first of `total` column names; one without a name is said to be so."""
    first = [shown(name) or "(no name)" for name in islice(names, _MOST)]
    return (", ".join(first) or "none") + (f" and {total - _MOST} more" if total > _MOST else "")
