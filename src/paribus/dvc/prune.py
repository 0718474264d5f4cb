"""Taking keys out of a params file and leaving the rest of it as it is.

As in `edit`, the result is read again before it is handed out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from pathlib import PurePosixPath
from typing import Any

from paribus.core.errors import Problem
from paribus.core.values import KeyPath, Value, dotted, same
from paribus.dvc.documents import parse


def without_keys(path: str, data: bytes, removed: Collection[KeyPath]) -> bytes:
    """The bytes of a YAML, JSON or TOML file without some of its keys.

    A key that is not there is none to remove. In YAML the lines of the keys go and all others stay;
    JSON is written anew with its indentation; TOML keeps its comments.

    Raises:
        Problem: `unreadable-file`; `uneditable-file` where a key shares its lines with others.
    """
    before = parse(path, data).value
    wanted = before
    for keys in removed:
        wanted = _less(wanted, keys)
    if same(wanted, before):
        return data
    for written in _attempts(path, data, removed, wanted):
        if _holds(path, written, wanted):
            return written
    names = ", ".join(map(dotted, removed))
    raise Problem(
        "uneditable-file",
        f"{path}: {names} cannot be taken out with everything else left as it is",
        f"edit {path} by hand",
    )


# Private functions


def _less(document: Value, keys: KeyPath) -> Value:
    """A copy of a document without one key."""
    if not isinstance(document, dict) or not keys:
        return document
    if len(keys) == 1:
        return {key: value for key, value in document.items() if str(key) != keys[0]}
    return {
        key: _less(value, keys[1:]) if str(key) == keys[0] else value
        for key, value in document.items()
    }


def _holds(path: str, data: bytes, wanted: Value) -> bool:
    try:
        return same(parse(path, data).value, wanted)
    except Problem:
        return False


def _attempts(
    path: str, data: bytes, removed: Collection[KeyPath], wanted: Value
) -> Iterator[bytes]:
    suffix = PurePosixPath(path).suffix.lower()
    if suffix == ".toml":
        yield _toml(data.decode(), removed).encode()
        return
    yield _without_lines(path, data, removed)
    if suffix == ".json":
        yield _json(data.decode(), wanted).encode()


def _without_lines(path: str, data: bytes, removed: Collection[KeyPath]) -> bytes:
    """The file without the lines from each key to the next one that is not below it."""
    known, lines = parse(path, data).lines, data.splitlines(keepends=True)
    gone: set[int] = set()
    for keys in removed:
        first = known.get(keys)
        if first is None:
            continue
        later = [
            line for other, line in known.items() if line > first and other[: len(keys)] != keys
        ]
        block = range(first, min(later, default=len(lines) + 1))
        # Comments and empty lines at the end belong to what follows.
        last = max((at for at in block if not _says_nothing(lines[at - 1])), default=first)
        gone |= set(range(first, last + 1))
    return b"".join(line for at, line in enumerate(lines, 1) if at not in gone)


def _says_nothing(line: bytes) -> bool:
    return not line.strip() or line.lstrip().startswith(b"#")


def _json(text: str, wanted: Value) -> str:
    indent = re.search(r"\n([ \t]+)\S", text)
    written = json.dumps(
        wanted, ensure_ascii="\\u" in text and text.isascii(), indent=indent[1] if indent else None
    )
    return written + ("\n" if text.endswith("\n") else "")


def _toml(text: str, removed: Collection[KeyPath]) -> str:
    import tomlkit  # noqa: PLC0415 (slow to import)

    document: Any = tomlkit.parse(text)
    for keys in removed:
        holder = document
        for key in keys[:-1]:
            holder = holder.get(key, {})
        if keys[-1] in holder:
            del holder[keys[-1]]
    return tomlkit.dumps(document)
