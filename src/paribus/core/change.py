"""A change: one minimal difference between two snapshots, of one kind."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from paribus.core.values import MISSING, KeyPath, Value, dotted


class Kind(StrEnum):
    """What kind of thing changed."""

    PARAM = "param"
    CODE = "code"
    DATA = "data"
    PIPELINE = "pipeline"
    ENVIRONMENT = "environment"
    RULER = "ruler"


@dataclass(frozen=True, slots=True)
class Change:
    """One change, after grouping.

    Attributes:
        kind: of the change.
        file: where it is, from the top of the repository.
        path: the key within the file; empty where the whole file is meant.
        old, new: values for a key, short object ids for a file; MISSING where it is absent.
        summary: the change in one line, such as `train.C 1.0 -> 0.3`.
        line: 1-based line of the new side (of the old one where it was removed), if known.
        parts: what was grouped into it; empty for a change that stands alone.
    """

    kind: Kind
    file: str
    path: KeyPath
    old: Value
    new: Value
    summary: str
    line: int | None = None
    parts: tuple[Change, ...] = ()

    @property
    def where(self) -> str:
        """`file:line`, or the file alone."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def single(self) -> tuple[Change, ...]:
        """The changes that were grouped into it, or itself."""
        return self.parts or (self,)

    def as_json(self) -> dict[str, Any]:
        """Strict JSON; an absent side is null, and `summary` tells it from a null value."""
        return {
            "kind": self.kind.value,
            "file": self.file,
            "path": dotted(self.path) or None,
            "old": plain(self.old),
            "new": plain(self.new),
            "summary": self.summary,
            "line": self.line,
            "parts": [part.as_json() for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class NotCounted:
    """A difference that is no change, and why."""

    file: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Strict JSON."""
        return {"file": self.file, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that is no change, and that a person wants to know.

    Attributes:
        code: stable and kebab-case, such as `unread-param`.
        file: that it is about.
        message: one line that stands alone, without a full stop.
    """

    code: str
    file: str
    message: str

    def as_json(self) -> dict[str, Any]:
        """Strict JSON."""
        return {"code": self.code, "file": self.file, "message": self.message}


def plain(value: Value) -> Value:
    """A value as strict JSON can hold it: NaN, infinities and dates become text."""
    if value is MISSING:
        return None
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)
