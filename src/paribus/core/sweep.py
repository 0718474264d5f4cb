"""Several values of a param on the command line: each combination is an experiment of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product

from paribus.core.errors import Problem

NAME_AND_VALUE = re.compile(r'((?:"(?:[^"\\]|\\.)*"|[^"=])*)=(.*)', re.DOTALL)
"""`KEY=VALUE`; a quoted part of the key may hold an equals sign."""

_PAIRS = {"[": "]", "{": "}"}
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'', re.DOTALL)


def expanded(overrides: Sequence[str]) -> list[tuple[str, ...]]:
    """`KEY=1,2` as `KEY=1` and `KEY=2`, and every combination where several keys have several values.

    The last key varies fastest. Quoted text, `[1, 2]` and `{...}` are one value; so is whatever
    cannot be read, which is told when it is parsed.

    Raises:
        Problem: a value between two commas is empty.
    """
    return list(product(*map(_each, overrides)))


# Private functions


def _each(text: str) -> list[str]:
    parts = NAME_AND_VALUE.fullmatch(text)
    if parts is None:
        return [text]
    name, value = parts.groups()
    values = [each.strip() for each in _split(value)]
    if len(values) == 1:
        return [text]
    if not all(values):
        raise Problem(
            "bad-override",
            f"-S {text!r} has an empty value among several",
            "empty text has quotes   -S 'KEY=\"\",other'",
        )
    return [f"{name}={each}" for each in values]


def _split(value: str) -> Iterator[str]:
    """The parts between commas that are in no quotes and no brackets."""
    start, at = 0, 0
    closing: list[str] = []
    while at < len(value):
        letter = value[at]
        # Within a word a quote is an apostrophe, and a bracket a letter like others.
        begins = bool(closing) or not value[start:at].strip()
        quoted = _QUOTED.match(value, at) if begins else None
        if quoted:
            at = quoted.end()
            continue
        if letter in _PAIRS and begins:
            closing.append(_PAIRS[letter])
        elif closing and letter == closing[-1]:
            closing.pop()
        elif letter == "," and not closing:
            yield value[start:at]
            start = at + 1
        at += 1
    yield value[start:]
