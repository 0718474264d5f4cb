"""Small pieces that every report is made of."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

SCHEMA = 1
COMMAND = re.compile(r"^(\s*)::", re.MULTILINE)
MARKED = re.compile(r"##(?=\w*\[)")
STRICT: dict[str, Any] = {"ensure_ascii": False, "allow_nan": False}


def clean(text: str) -> str:
    """Text that cannot move a cursor, colour a screen or turn its direction: controls are shown as `?`."""
    if text.isprintable():
        return text  # at once, since a hostile text may be long
    return "".join("?" if _is_control(letter) else letter for letter in text)


def inert(text: str) -> str:
    """Text in which no CI system finds a command of its own, whatever a file or branch is called.

    GitHub's runner obeys `::` at the start of a line, indented or not, and `##[` anywhere; others
    have `##vso[` and `##teamcity[`.
    """
    return MARKED.sub("# #", COMMAND.sub(r"\1: :", text))


def clean_block(text: str) -> str:
    """Several lines, each cleaned."""
    return "\n".join(clean(line.expandtabs()) for line in text.splitlines())


def shortened(text: str, width: int) -> str:
    """Text cut to a width, with dots where something is left out."""
    return text if len(text) <= width else text[: width - 3] + "..."


def strict_json(content: Mapping[str, Any]) -> str:
    """One object, schema first, without NaN."""
    return _encodable(json.dumps({"schema": SCHEMA, **content}, indent=2, **STRICT))


def strict_line(content: Mapping[str, Any]) -> str:
    """One object on one line, for JSON Lines."""
    return _encodable(json.dumps({"schema": SCHEMA, **content}, **STRICT))


def helps(lines: Sequence[str], word: str = "help") -> list[str]:
    """What to do next, one a line, commands in a column of their own."""
    pairs = [line.split("   ", 1) for line in lines]
    width = max((len(pair[0].strip()) for pair in pairs if len(pair) == 2), default=0)
    told = []
    for pair in pairs:
        command = f"   {pair[1].strip()}" if len(pair) == 2 else ""
        told.append(f"{word}: {pair[0].strip().ljust(width if command else 0)}{command}")
    return told


def plural(count: int, word: str) -> str:
    """`1 change`, `2 changes`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


# Private functions


def _encodable(text: str) -> str:
    """A path that is not UTF-8 is told by JSON escapes, which stand for the same characters."""
    return text.encode("utf-8", "backslashreplace").decode()


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
