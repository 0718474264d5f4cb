"""Values of params and metrics, compared strictly by type and value.

DVC's own diff reports nothing for `null` added, `1 -> true`, `1 -> 1.0` or `[1] -> "[1]"`;
each of them can move a metric, so none of them is equal here.
"""

from __future__ import annotations

import json
import math
import re
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
        return _typed_keys(left) == _typed_keys(right) and all(
            same(left[key], right[key]) for key in left
        )
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
    """A path as people write it: `train.C`; a key that would not read back alone is quoted."""
    return ".".join(key if _PLAIN_KEY.fullmatch(key) else json.dumps(key) for key in path)


def undotted(text: str) -> KeyPath:
    """The path that `dotted` wrote; of any other text, what stands between its dots."""
    if not _DOTTED.fullmatch(text):
        return tuple(text.split("."))
    try:
        return tuple(json.loads(key) if key[0] == '"' else key for key in _KEY.findall(text))
    except ValueError:
        return tuple(text.split("."))


def spelled(value: Value) -> str:
    """A value on one line, as YAML 1.2 reads it; text that reads as another type is quoted."""
    if value is MISSING:
        return "(absent)"
    if isinstance(value, str) and _is_plain(value):
        return value
    return _spelled(value)


# Private functions

_KEY = re.compile(r'"(?:[^"\\]|\\.)*"|[^."]+')
_DOTTED = re.compile(rf"(?:{_KEY.pattern})(?:\.(?:{_KEY.pattern}))*")
_PLAIN_KEY = re.compile(r'[^.":=\s](?:[^.":=]*[^.":=\s])?')

_OTHER_TYPE = re.compile(
    r"""true|false|null|~|[-+]?\.?(?:nan|inf)|[-+]?infinity
    |[-+]?0(?:b[01_]+|o[0-7_]+|x[0-9a-f_]+)
    |[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9_]+)(?:e[-+]?[0-9]+)?|[-+][0-9_]+
    |[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[t\s].*)?""",
    re.VERBOSE | re.IGNORECASE,
)
"""Text that a reader of YAML, or a person, takes for something else than text."""


def _typed_keys(mapping: Mapping[Any, Value]) -> set[tuple[type, Any]]:
    return {(type(key), key) for key in mapping}


def _is_plain(text: str) -> bool:
    bare = bool(text) and text == text.strip() and text.isprintable() and text[0] not in "[{\"'"
    return bare and not _OTHER_TYPE.fullmatch(text)


def _spelled(value: Value) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_spelled(key)}: {_spelled(value[key])}" for key in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_spelled, value)) + "]"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    try:
        return json.dumps(value) if isinstance(value, int | float | None) else str(value)
    except ValueError:
        return f"(a number of {value.bit_length()} bits)"


def _quoted(text: str) -> str:
    return "".join(map(_shown, json.dumps(text, ensure_ascii=False)))


def _shown(letter: str) -> str:
    if letter.isprintable():
        return letter
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
