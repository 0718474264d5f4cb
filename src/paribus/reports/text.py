"""Small pieces that every report is made of."""

from __future__ import annotations

import json
import re
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

SCHEMA = 1
COMMAND = re.compile(r"^(\s*)::", re.MULTILINE)
MARKED = re.compile(r"##(?=\w*\[)")
WIDTH = 80
"""Characters of a line for people."""
TOGETHER = re.compile(r"\[[^][]*\]|\d %|\d+ of \d+")
"""What a line is not broken within: intervals, percentages, counts."""
_NO_BREAK = "\N{NO-BREAK SPACE}"
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


def wrapped(text: str, indent: str = "", *, hang: int = 2, width: int = WIDTH) -> list[str]:
    """Text in lines of at most a width; a word that is longer stands alone, since it may be pasted.

    Args:
        indent: of the first line.
        hang: so many characters further are the others indented.
    """
    glued = TOGETHER.sub(lambda found: found[0].replace(" ", _NO_BREAK), text)
    words = glued.split(" ")
    if text.isprintable() and all(words) and not indent.strip(" "):
        lines = _filled(words, indent, hang, width)
        return [line.replace(_NO_BREAK, " ") for line in lines]
    lines = textwrap.wrap(
        glued,
        width,
        initial_indent=indent,
        subsequent_indent=" " * (len(indent) + hang),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_NO_BREAK, " ") for line in lines] or [indent.rstrip()]


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


def _filled(words: Sequence[str], indent: str, hang: int, width: int) -> list[str]:
    """As `textwrap.wrap` has it for plain words, in a tenth of its time: lists are long."""
    lines, line, is_begun = [], indent, False
    for word in words:
        if is_begun and len(line) + 1 + len(word) > width:
            lines.append(line)
            line, is_begun = " " * (len(indent) + hang), False
        line, is_begun = (f"{line} {word}" if is_begun else line + word), True
    return [*lines, line]


def _encodable(text: str) -> str:
    """A path that is not UTF-8 is told by JSON escapes, which stand for the same characters."""
    return text.encode("utf-8", "backslashreplace").decode()


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
