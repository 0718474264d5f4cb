"""Values of params and metrics, compared strictly by type and value.

DVC's own diff reports nothing for `null` added, `1 -> true`, `1 -> 1.0` or `[1] -> "[1]"`;
each of them can move a metric, so none of them is equal here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Final

Value = Any
"""A scalar, list or mapping as a YAML, JSON or TOML file holds it."""

KeyPath = tuple[str, ...]
"""Keys from the root of a document to one leaf."""


class Missing(Enum):
    """The type of `MISSING`: a key that is not there, which is not the same as a null."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING


def same(left: Value, right: Value) -> bool:
    """Whether two values are equal in type and value, all the way down; NaN equals NaN."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and math.isnan(left):
        return math.isnan(right)
    return bool(left == right)


def leaves(document: Value, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Value]]:
    """Each leaf of a document with its path; a list and an empty mapping are leaves."""
    if isinstance(document, Mapping) and (document or not path):
        for key, value in document.items():
            yield from leaves(value, (*path, str(key)))
    else:
        yield path, document


def dotted(path: KeyPath) -> str:
    """A path as people write it: `train.C`; a key with a dot in it is quoted."""
    return ".".join(f'"{key}"' if "." in key or not key else key for key in path)


def spelled(value: Value) -> str:
    """A value as it is written in a params file, on one line; text that reads as another type is quoted."""
    if value is MISSING:
        return "(absent)"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if _reads_as_another_type(value) else value
    return json.dumps(value, ensure_ascii=False, default=str)


# Private functions


def _reads_as_another_type(text: str) -> bool:
    if not text or text != text.strip() or "\n" in text:
        return True
    if text.lower() in {"true", "false", "null", "~", ".nan", ".inf", "-.inf"}:
        return True
    try:
        float(text.replace("_", ""))
    except ValueError:
        return text[0] in "[{\"'"
    return True
