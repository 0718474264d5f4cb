"""Enough YAML for lists of packages and services: block mappings and lists, with scalars as text.

Scalars stay text, because `1.10` is a version here and no number. What is stranger than people and tools
write in such files is not read at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from paribus.core.environment.model import UnreadableError

DEEPEST = 40
SCALAR_BELOW = re.compile(r"[|>][+-]?\d?[+-]?")
DECORATION = re.compile(r"[&!][^\s,\[\]{}]*\s*")
QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'")
FLOW = re.compile(
    rf"{QUOTED.pattern}|[\[\]{{}},]|:(?=\s|$)|[^\[\]{{}},\"'\s](?:(?!:\s)[^\[\]{{}},])*"
)
LONGEST_FLOW = 20_000


def blocks(text: str) -> Any:
    """The value of a YAML document.

    Raises:
        UnreadableError: it is more than this reads, or no YAML.
    """
    rows = list(_rows(text))
    if not rows:
        return None
    value, end = _block(_Rows(rows), 0, DEEPEST)
    if end != len(rows):
        raise UnreadableError(rows[end].text)
    return value


# Private functions


@dataclass(frozen=True, slots=True)
class _Row:
    indent: int
    text: str


@dataclass(slots=True)
class _Rows:
    listed: list[_Row]

    def indent(self, at: int) -> int:
        """Of the row at a place; -1 after the last."""
        return self.listed[at].indent if at < len(self.listed) else -1

    def text(self, at: int) -> str:
        return self.listed[at].text


def _rows(text: str) -> Iterator[_Row]:
    below: int | None = None  # the indent of what holds a scalar that runs over several lines
    for line in text.split("\n"):
        bare = line.strip()
        indent = len(line) - len(line.lstrip(" "))
        if not bare or (bare.startswith("#") and below is None):
            continue
        if below is not None and indent > below:
            yield _Row(indent, bare)
            continue
        below = None
        if line[indent] == "\t":
            raise UnreadableError("tabs")
        if bare.startswith(("---", "%")) and not indent:
            continue
        bare = _without_comment(bare)
        if bare:
            if SCALAR_BELOW.fullmatch(bare.rpartition(" ")[2]):
                below = indent
            yield _Row(indent, bare)


def _without_comment(text: str) -> str:
    if "#" not in text:
        return text
    for found in re.finditer(r"\s#", QUOTED.sub(lambda quoted: "x" * len(quoted[0]), text)):
        return text[: found.start()].rstrip()
    return "" if text.startswith("#") else text


def _is_item(text: str) -> bool:
    return text == "-" or text.startswith("- ")


def _block(rows: _Rows, at: int, depth: int) -> tuple[Any, int]:
    if not depth:
        raise UnreadableError("too deep")
    return (_items if _is_item(rows.text(at)) else _pairs)(rows, at, depth - 1)


def _items(rows: _Rows, at: int, depth: int) -> tuple[list[Any], int]:
    indent, found = rows.indent(at), []
    while rows.indent(at) == indent and _is_item(rows.text(at)):
        inner = _undecorated(rows.text(at)[1:].strip())
        if not inner:
            value, at = _below(rows, at, indent, depth)
        elif _is_item(inner) or _pair(inner):
            offset = len(rows.text(at)) - len(rows.text(at)[1:].lstrip())
            rows.listed[at] = _Row(indent + offset, rows.text(at)[offset:])
            value, at = _block(rows, at, depth)
        elif SCALAR_BELOW.fullmatch(inner):
            value, at = _lines(rows, at + 1, indent)
        else:
            value, at = _scalar(inner), at + 1
        found.append(value)
    return found, at


def _pairs(rows: _Rows, at: int, depth: int) -> tuple[dict[str, Any], int]:
    indent = rows.indent(at)
    found: dict[str, Any] = {}
    while rows.indent(at) == indent and not _is_item(rows.text(at)):
        pair = _pair(rows.text(at))
        if not pair:
            raise UnreadableError(rows.text(at))
        key, rest = pair[0], _undecorated(pair[1])
        if not rest:
            listed = rows.indent(at + 1) == indent and _is_item(rows.text(at + 1))
            value, at = _below(rows, at, indent - listed, depth)
        elif SCALAR_BELOW.fullmatch(rest):
            value, at = _lines(rows, at + 1, indent)
        else:
            value, at = _scalar(rest), at + 1
        found[key] = value
    return found, at


def _below(rows: _Rows, at: int, indent: int, depth: int) -> tuple[Any, int]:
    """What stands below a row, deeper than it; nothing where the next row is not."""
    return _block(rows, at + 1, depth) if rows.indent(at + 1) > indent else (None, at + 1)


def _undecorated(text: str) -> str:
    """A value without the anchor or the tag in front of it."""
    return DECORATION.sub("", text, count=1) if text.startswith(("&", "!")) else text


def _lines(rows: _Rows, at: int, indent: int) -> tuple[str, int]:
    start = at
    while rows.indent(at) > indent:
        at += 1
    return "\n".join(rows.text(place) for place in range(start, at)), at


def _pair(text: str) -> tuple[str, str] | None:
    """A key and what stands behind it."""
    quoted = QUOTED.match(text)
    if quoted:
        rest = text[quoted.end() :].lstrip()
        is_key = rest == ":" or rest.startswith(": ")
        return (_scalar(quoted[0]), rest[1:].strip()) if is_key else None
    if text[0] in "[{":
        return None
    key, colon, rest = text.partition(": ")
    if not colon and text.endswith(":"):
        key, colon = text[:-1], ":"
    return (key.strip(), rest.strip()) if colon else None


def _scalar(text: str) -> Any:
    if text[0] in "[{":
        return _flow(text)
    if text[0] in "\"'":
        if not QUOTED.fullmatch(text):
            raise UnreadableError(text)
        return text[1:-1].replace("''", "'") if text[0] == "'" else text[1:-1]
    return text


def _flow(text: str) -> Any:
    """A list or a mapping on one line."""
    if len(text) > LONGEST_FLOW:
        raise UnreadableError("flow")
    words = [word.strip() for word in FLOW.findall(text)]
    value, end = _flowing(words, 0, DEEPEST)
    if end != len(words) or _without_spaces("".join(words)) != _without_spaces(text):
        raise UnreadableError(text)
    return value


def _flowing(words: list[str], at: int, depth: int) -> tuple[Any, int]:
    if not depth or at >= len(words) or words[at] in ("]", "}", ",", ":"):
        raise UnreadableError("flow")
    if words[at] not in ("[", "{"):
        return str(_scalar(words[at])), at + 1
    close = "]" if words[at] == "[" else "}"
    items: list[Any] = []
    pairs: dict[str, Any] = {}
    at += 1
    while at < len(words) and words[at] != close:
        value, at = _flowing(words, at, depth - 1)
        if words[at : at + 1] == [":"]:
            pairs[str(value)], at = _flowing(words, at + 1, depth - 1)
        items.append(value)
        if words[at : at + 1] == [","]:
            at += 1
    if at >= len(words):
        raise UnreadableError("flow")
    return (items if close == "]" else pairs), at + 1


def _without_spaces(text: str) -> str:
    return re.sub(r"\s", "", text)
