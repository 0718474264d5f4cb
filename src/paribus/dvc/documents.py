"""What the params, metrics and pipeline files hold, read as DVC reads them, and safely.

And how one value is written: `as_yaml` is the inverse of what `parse` reads.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from paribus.core.errors import Problem
from paribus.core.values import KeyPath, Value
from paribus.dvc import yaml12

MAX_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds.

    Attributes:
        value: an empty file and a lone null are an empty mapping, as they are to DVC.
        lines: the 1-based line of each key, where known: always for YAML, never for TOML.
    """

    value: Value
    lines: Mapping[KeyPath, int]


def is_document(path: str) -> bool:
    """Whether the path has a suffix that `parse` reads."""
    return _suffix(path) in SUFFIXES


def parse(path: str, data: bytes, *, lined: bool = True) -> Document:
    """What a YAML, JSON or TOML file holds, by the suffix of its path.

    Args:
        lined: whether lines are wanted; of JSON they take ten times as long as its values.

    Raises:
        Problem: `unreadable-file`, with the path and the line where there is one.
    """
    read = SUFFIXES.get(_suffix(path))
    try:
        if read is None:
            raise _unreadable(f"its suffix is none of {' '.join(SUFFIXES)}")
        if len(data) > MAX_BYTES:
            raise _unreadable(f"larger than {MAX_BYTES // 1024 // 1024} MiB")
        document = read(_decoded(data), lined)
        _refuse_half_characters(document.value, data)
    except yaml12.YamlError as error:
        where = f"{path}:{error.line}" if error.line else path
        help_ = f"mend {path}, then try again"
        raise Problem("unreadable-file", f"{where}: {error.reason}", help_) from error
    return Document({}, {}) if document.value is None else document


def parse_scalar(text: str) -> Value:
    """A value typed on the command line, read as a YAML 1.2 params file would hold it.

    Text that starts with a bracket, a brace or a quote is YAML and must be complete. Any other
    text is one plain scalar, even where a file would need quotes: `*.csv`, `a: b`, `a #1`. Space
    around it is dropped. An empty text is an empty text: a null is typed `null`.

    Raises:
        Problem: `unreadable-value`.
    """
    stripped = text.strip()
    try:
        stripped.encode()
        if stripped[:1] in ("[", "{", '"', "'"):
            return _complete(stripped)
        return yaml12.plain(stripped) if stripped else ""
    except (yaml12.YamlError, ValueError) as error:
        reason = error.reason if isinstance(error, yaml12.YamlError) else "not a YAML scalar"
        shown = ascii(stripped if len(stripped) <= 60 else stripped[:57] + "...")
        raise Problem(
            "unreadable-value",
            f"the value {shown} cannot be read: {reason}",
            "put quotes around it to mean text",
        ) from error


def as_yaml(value: Value) -> str:
    """A value on one line, such that readers of YAML 1.1 and of YAML 1.2 agree on it.

    Raises:
        TypeError: YAML has no form for its type.
        ValueError: no file can hold it.
    """
    if value is None or isinstance(value, int):  # and a bool, which is one
        return json.dumps(value)
    if isinstance(value, float):
        return _yaml_float(value)
    if isinstance(value, str):
        return value if _is_plain(value) else as_quoted_yaml(value)
    if isinstance(value, date):  # and a datetime, which is one
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(as_yaml(each) for each in value) + "]"
    if isinstance(value, dict):
        pairs = (f"{as_yaml(key)}: {as_yaml(each)}" for key, each in value.items())
        return "{" + ", ".join(pairs) + "}"
    raise TypeError(f"a {type(value).__name__} has no form in YAML")


def as_quoted_yaml(text: str) -> str:
    """Text in double quotes, on one line; raises ValueError for half a character."""
    text.encode()
    return '"' + "".join(map(_escaped, text)) + '"'


# Private functions


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _unreadable(reason: str, line: int = 0) -> yaml12.YamlError:
    return yaml12.YamlError(line, reason)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _unreadable("not UTF-8 text", line) from error


def _complete(text: str) -> Value:
    node = yaml12.compose(text)
    if node is None or not node.replaceable:
        raise _unreadable("not one list, mapping or quoted text")
    return node.value


def _yaml(text: str, lined: bool) -> Document:
    root = yaml12.compose(text.removeprefix("\ufeff"))
    if root is None:
        return Document(None, {})
    return Document(root.value, dict(_lines(root)) if lined else {})


def _lines(node: yaml12.Node, path: KeyPath = ()) -> Iterator[tuple[KeyPath, int]]:
    for key, (line, child) in node.members.items():
        yield (*path, key), line
        yield from _lines(child, (*path, key))


def _json(text: str, lined: bool) -> Document:
    return Document(_json_value(text), _json_lines(text) if lined else {})


def _json_value(text: str) -> Value:
    try:
        value = json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise _unreadable(error.msg, error.lineno) from error
    except RecursionError as error:
        raise _too_deep() from error
    except _RepeatedKeyError as error:
        raise _repeated(text, error.args[0]) from error
    except ValueError as error:  # a whole number with more digits than Python takes
        raise _unreadable(str(error).partition(";")[0]) from error
    _refuse_depth(value)
    return value


class _RepeatedKeyError(Exception):
    """JSON lets a key stand twice in an object; which of the two counts is anyone's guess."""


def _unique(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for key, value in pairs:
        if key in found:
            raise _RepeatedKeyError(key)
        found[key] = value
    return found


def _repeated(text: str, key: str) -> yaml12.YamlError:
    try:
        yaml12.compose(text)
    except yaml12.YamlError as error:
        if error.reason.endswith("is given twice"):
            return error
    return _unreadable(f"the key {key!a} is given twice")


def _json_lines(text: str) -> Mapping[KeyPath, int]:
    # Nearly all JSON is YAML too. A long file is one of predictions, which nobody reads by line.
    if len(text) > 1024 * 1024:
        return {}
    try:
        root = yaml12.compose(text)
    except yaml12.YamlError:
        return {}
    return dict(_lines(root)) if root else {}


def _toml(text: str, lined: bool) -> Document:  # noqa: ARG001 (its reader tells no lines)
    import tomllib  # noqa: PLC0415 (most projects have no TOML, and every start would pay for it)

    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).rpartition(" (at ")
        line = re.match(r"line (\d+)", place)
        raise _unreadable(reason or str(error), int(line[1]) if line else 0) from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:  # a whole number with too many digits, or a day that is none
        raise _unreadable(str(error).partition(";")[0]) from error
    _refuse_depth(value)
    return Document(value, {})


def _too_deep() -> yaml12.YamlError:
    return _unreadable(yaml12.TOO_DEEP)


def _refuse_depth(value: Value) -> None:
    level = [value]
    for _ in range(yaml12.MAX_DEPTH):
        if not level:
            return
        children = [list(each.values()) if isinstance(each, dict) else each for each in level]
        level = [child for each in children if isinstance(each, list) for child in each]
    if level:
        raise _too_deep()


def _refuse_half_characters(value: Value, data: bytes) -> None:
    # An escape such as `\ud83d` alone is half a character: no file and no terminal can show it.
    if b"\\ud" not in data.lower():
        return
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError as error:
        raise _unreadable("an escape stands for half a character") from error


def _yaml_float(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    text = repr(value)
    return text if "." in text else text.replace("e", ".0e")


def _is_plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None and not _OTHER_TYPES.fullmatch(text)


def _escaped(character: str) -> str:
    if character in _ESCAPES or character.isprintable():
        return _ESCAPES.get(character, character)
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_PLAIN = re.compile(r"(?:[A-Za-z_/]|\.{1,2}/)[\w./+-]*(?: [\w./+-]+)*")
_OTHER_TYPES = re.compile("true|false|null|yes|no|on|off|y|n|nan|inf|infinity", re.IGNORECASE)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}

SUFFIXES: Mapping[str, Callable[[str, bool], Document]] = {
    ".yaml": _yaml,
    ".yml": _yaml,
    ".dvc": _yaml,
    ".lock": _yaml,
    ".json": _json,
    ".toml": _toml,
}
"""The suffixes that can be read, each with its reader."""
