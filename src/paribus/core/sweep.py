"""Several values of a param on the command line: each combination is an experiment of its own."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from itertools import product

from paribus.core.errors import Problem
from paribus.core.rules.params import param_name

NAME_AND_VALUE = re.compile(r'((?:"(?:[^"\\]|\\.)*"|[^"=])*)=(.*)', re.DOTALL)
"""`KEY=VALUE`; a quoted part of the key may hold an equals sign."""

_PAIRS = {"[": "]", "{": "}"}
_BRACKETS = {"(": ")", **_PAIRS}
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'', re.DOTALL)


def expanded(overrides: Sequence[str]) -> list[tuple[str, ...]]:
    """`KEY=1,2` as `KEY=1` and `KEY=2`, and every combination where several keys have several values.

    The last key varies fastest. Values of a key that is given more than once are put together. Quoted
    text, `[1, 2]` and `{...}` are one value; so is whatever cannot be read, which is told when it is
    parsed.

    Raises:
        Problem: a value between two commas is empty, or has half of a pair of brackets.
    """
    values: dict[object, list[str]] = {}
    for text in overrides:
        values.setdefault(_key(text), []).extend(_each(text))
    return list(product(*values.values()))


def repeated(overrides: Sequence[str]) -> list[str]:
    """The keys that are given more than once, each as it is written first."""
    keys = [_key(text) for text in overrides]
    return [
        named(text)
        for at, text in enumerate(overrides)
        if keys.index(keys[at]) == at and keys.count(keys[at]) > 1
    ]


def named(text: str) -> str:
    """The key of an override, as it is written; of text that is none, all of it."""
    parts = NAME_AND_VALUE.fullmatch(text)
    return parts[1].strip() if parts else text


# Private functions


def _key(text: str) -> object:
    """Which param is meant, however it is spelled; of text that cannot be read, itself."""
    parts = NAME_AND_VALUE.fullmatch(text)
    return param_name(parts[1].strip()) if parts else text


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
    torn = next((each for each in values if not _is_whole(each)), None)
    if torn is not None:
        raise Problem(
            "bad-override",
            f"-S {text!r} is {len(values)} values, and {torn!r} has half of a pair of brackets",
            f"as one value, in quotes   -S {shlex.quote(f'{name}={json.dumps(value)}')}",
        )
    return [f"{name}={each}" for each in values]


def _is_whole(value: str) -> bool:
    """Whether every bracket outside quotes has its other half."""
    waiting: list[str] = []
    for letter in _QUOTED.sub("", value) if value[:1] in "\"'[{(" else value:
        if letter in _BRACKETS:
            waiting.append(_BRACKETS[letter])
        elif letter in _BRACKETS.values() and (not waiting or waiting.pop() != letter):
            return False
    return not waiting


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
