"""What somebody else wrote may have the right keys, and under them what would stop us later.

Every check raises `TypeError`, by which a reader of records tells one that it cannot use. They are short
of words where all is well, since a ledger has a million records.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

_MOST = 2**31
"""No count of runs, pairs or examples comes near to it, and every database and format can hold it."""

_LARGEST = sys.float_info.max
_TEXT = frozenset({str})
_TEXT_OR_NONE = frozenset({str, type(None)})


def require(*wanted: tuple[object, type | tuple[type, ...]]) -> None:
    """Each value must be of its kind."""
    for value, kind in wanted:
        if not isinstance(value, kind):
            raise TypeError(f"{value!r} is no {kind}")


def require_texts(*values: object, optional: bool = False) -> None:
    """Each must be a text."""
    if not (_TEXT_OR_NONE if optional else _TEXT).issuperset(map(type, values)):
        raise TypeError(f"{values!r} are not all texts")


def require_numbers(*values: object, optional: bool = False) -> None:
    """Each must be a finite number; a truth value is none."""
    for value in values:
        if type(value) in (float, int) and -_LARGEST <= value <= _LARGEST:  # type: ignore[operator]
            continue
        if value is not None or not optional:
            raise TypeError(f"{value!r} is no number")


def require_counts(*values: object, optional: bool = False) -> None:
    """Each must be a whole number as counts are."""
    for value in values:
        if type(value) is int and -_MOST < value < _MOST:
            continue
        if value is not None or not optional:
            raise TypeError(f"{value!r} is no count")


def pairs_of_texts(values: Iterable[tuple[object, object]]) -> tuple[tuple[str, str], ...]:
    """Two texts each; raises `ValueError` where there are more or fewer."""
    found = []
    for first, second in values:
        if not (isinstance(first, str) and isinstance(second, str)):
            raise TypeError(f"{(first, second)!r} are no texts")
        found.append((first, second))
    return tuple(found)
