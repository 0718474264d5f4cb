"""A change of a file as a whole."""

from __future__ import annotations

from collections import Counter

from paribus.core.change import Change, Kind
from paribus.core.sides import Sides, short_id, verb
from paribus.core.snapshot import FileDelta


def whole(kind: Kind, delta: FileDelta, what: str) -> Change:
    """The change of a file, of which nothing smaller can be told."""
    old, new = short_id(delta.old), short_id(delta.new)
    return Change(kind, delta.path, (), old, new, f"{delta.path} {what}")


def edited_lines(sides: Sides, delta: FileDelta) -> str:
    """How a text changed, as `edited, +3 -1 lines`."""
    what = verb(delta)
    old, new = sides.contents(delta.path)
    if what != "edited" or old.data is None or new.data is None:
        return what
    if b"\0" in old.data or b"\0" in new.data:
        return "edited (binary)"
    left, right = Counter(old.data.splitlines()), Counter(new.data.splitlines())
    return f"edited, +{(right - left).total()} -{(left - right).total()} lines"
