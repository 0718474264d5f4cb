"""Writing new values into a params file and leaving the rest of it as it is.

Whatever way a file is written, the result is read again before it is handed out: it holds the old
values with the asked changes and no others, or there is a Problem.
"""

from __future__ import annotations

import io
import json
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import permutations
from pathlib import PurePosixPath
from typing import Any

from paribus.core.errors import Problem
from paribus.core.values import KeyPath, Value, dotted, same, spelled
from paribus.dvc import yaml12
from paribus.dvc.documents import as_quoted_yaml, as_yaml, parse

Changes = Mapping[KeyPath, Value]


def set_values(path: str, data: bytes, changes: Changes) -> bytes:
    """The bytes of a YAML, JSON or TOML file with new values at some of its keys.

    In YAML and JSON, where each change replaces a value that stands on its own, such as `0.1` or
    `[1, 2]`, all other bytes stay. Otherwise the file is written by a library that keeps the order
    of keys and, but for JSON, the comments. Mappings that are missing on the way to a key are made.

    Raises:
        Problem: `unreadable-file`; `unknown-param` where a key would stand below a value that is
            no mapping; `unwritable-value` where the format has no such value;
            `uneditable-file` where other values would change too, as happens through aliases.
    """
    wanted = before = parse(path, data).value
    _refuse_overlaps(changes)
    for keys, value in changes.items():
        wanted = _replaced(wanted, keys, value, path)
    if same(wanted, before):
        return data
    for written in _attempts(path, data.decode("utf-8"), changes, wanted):
        if _holds(path, written, wanted):
            return written
    names = ", ".join(dotted(keys) for keys in changes)
    raise Problem(
        "uneditable-file",
        f"{path}: {names} cannot be set with everything else left as it is",
        f"edit {path} by hand; what anchors and aliases share has to be written out",
    )


# Private functions


def _refuse_overlaps(changes: Changes) -> None:
    for outer, inner in permutations(changes, 2):
        if inner[: len(outer)] == outer:
            raise Problem(
                "unknown-param",
                f"{dotted(inner)} and {dotted(outer)}, which holds it, cannot both be set",
                "set one of the two",
            )


def _replaced(document: Value, keys: KeyPath, value: Value, path: str, depth: int = 0) -> Value:
    """A copy of a document with one value set, and no other even where aliases share it."""
    if depth == len(keys):
        return value
    if not isinstance(document, dict):
        name = f"{dotted(keys[:depth])} in {path}" if depth else path
        raise Problem(
            "unknown-param",
            f"{dotted(keys)} cannot be set: {name} holds {spelled(document)}, not a mapping",
            f"set {dotted(keys[:depth])} itself" if depth else f"make {path} a mapping",
        )
    key = _key(document, keys[depth])
    return {**document, key: _replaced(document.get(key, {}), keys, value, path, depth + 1)}


def _key(mapping: Mapping[Any, Value], name: str) -> Any:
    # A path holds as text what the file may hold as a number.
    return next((key for key in mapping if str(key) == name), name)


def _holds(path: str, data: bytes, wanted: Value) -> bool:
    try:
        return same(parse(path, data).value, wanted)
    except Problem:
        return False


def _attempts(path: str, text: str, changes: Changes, wanted: Value) -> Iterator[bytes]:
    """The file written in one way after another, first the one that keeps most of it."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    for write in _WRITERS.get(PurePosixPath(path).suffix.lower(), _YAML):
        try:
            written = write(text.removeprefix(mark), changes, wanted)
            data = None if written is None else (mark + written).encode()
        except (TypeError, ValueError) as error:
            message = f"{path} cannot hold one of the values: {error}"
            raise Problem("unwritable-value", message, "put quotes around it") from error
        if data is not None:
            yield data


def _splice(text: str, changes: Changes, over: Callable[[Value, str], str]) -> str | None:
    """The text with only the values themselves replaced, or None where they do not stand alone."""
    try:
        root = yaml12.compose(text)
    except yaml12.YamlError:  # nearly all JSON is YAML, not all of it
        return None
    spans = []
    for keys, value in changes.items():
        node = _find(root, keys)
        if node is None or not node.replaceable:
            return None
        spans.append((node.start, node.end, over(value, text[node.start : node.end])))
    return _with(text, spans)


def _with(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    pieces, at = [], 0
    for start, end, new in sorted(spans):
        pieces += [text[at:start], new]
        at = end
    return "".join([*pieces, text[at:]])


def _find(root: yaml12.Node | None, keys: KeyPath) -> yaml12.Node | None:
    node = root
    for key in keys:
        if node is None or key not in node.members:
            return None
        _, node = node.members[key]
    return node


def _splice_yaml(text: str, changes: Changes, _: Value) -> str | None:
    return _splice(text, changes, _yaml_over)


def _splice_json(text: str, changes: Changes, _: Value) -> str | None:
    return _splice(text, changes, lambda value, _: json.dumps(value, ensure_ascii=_ascii(text)))


def _rewrite_yaml(text: str, changes: Changes, _: Value) -> str | None:
    """The text through ruamel.yaml, or None where it fails.

    It keeps comments, and no number is safe with it: it writes 5.662888023083397e+16 as another
    number, 1e-05, which PyYAML takes for text, and a null as nothing. So it is given names in the
    place of the values, and the values, old and new, are put in the place of the names afterwards.
    """
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415 (slow to import)

    body = text.replace("\r\n", "\n")
    stem = "paribus"
    while stem in body:
        stem += "x"
    root = yaml12.compose(body)
    spans = sorted(set(_untouched(root, body, (), changes))) if root else []
    texts = [*(body[start:end] for start, end in spans), *map(as_yaml, changes.values())]
    names = [f"{stem}-{index}-value" for index in range(len(texts))]
    masked = _with(body, [(*span, name) for span, name in zip(spans, names, strict=False)])
    try:
        named = dict(zip(changes, names[len(spans) :], strict=True))
        written = _round_trip(masked, named)
    except (YAMLError, RecursionError, AttributeError, TypeError, ValueError):
        return None
    return _ended_like(text, re.sub(stem + r"-(\d+)-value", lambda m: texts[int(m[1])], written))


def _untouched(
    node: yaml12.Node, text: str, path: KeyPath | None, changes: Changes
) -> Iterator[tuple[int, int]]:
    """The spans of the values that stand on their own and that no change is about."""
    touched = path is not None and any(keys[: len(path)] == path for keys in changes)
    shares = isinstance(node.value, list | dict) and set(text[node.start : node.end]) & set("&*")
    if node.replaceable and node.start < node.end and not touched and not shares:
        yield node.start, node.end
        return
    for key, (_, child) in node.members.items():
        yield from _untouched(child, text, None if path is None else (*path, key), changes)
    for child in node.items:
        yield from _untouched(child, text, None, changes)


def _round_trip(body: str, names: Mapping[KeyPath, str]) -> str:
    from ruamel.yaml import YAML  # noqa: PLC0415 (slow to import)
    from ruamel.yaml.scalarstring import PlainScalarString  # noqa: PLC0415

    # ruamel.yaml drops the comments above the line that starts the document.
    start = re.search(r"^---[ \t]*\n", body, re.MULTILINE)
    head, body = (body[: start.end()], body[start.end() :]) if start else ("", body)
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    nested, listed = _NESTED.search(body), _LISTED.search(body)
    offset = len(listed[2]) if listed else 0
    yaml.indent(mapping=len(nested[2]) if nested else 2, sequence=offset + 2, offset=offset)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about an anchor that is defined twice
        document = yaml.load(body)
    if document is None:  # there is nothing to keep the comments in
        head, document = _whole_lines(head + body), {}
    for keys, name in names.items():
        _put(document, keys, PlainScalarString(name))  # a str would take over the old one's quotes
    out = io.StringIO()
    yaml.dump(document, out)
    return head + out.getvalue()


def _rewrite_json(text: str, _: Changes, wanted: Value) -> str:
    indent = re.search(r"\n([ \t]+)\S", text)
    tight = indent is None and re.search(r'":\S', text) is not None
    written = json.dumps(
        wanted,
        ensure_ascii=_ascii(text),
        indent=indent[1] if indent else None,
        separators=(",", ":") if tight else None,
    )
    return _ended_like(text, written + "\n")


def _rewrite_toml(text: str, changes: Changes, _: Value) -> str | None:
    import tomlkit  # noqa: PLC0415 (slow to import)
    from tomlkit.exceptions import ParseError  # noqa: PLC0415

    try:
        document = tomlkit.parse(_whole_lines(text.replace("\r\n", "\n")))
    except ParseError:
        return None
    for keys, value in changes.items():
        _put(document, keys, value)
    return _ended_like(text, tomlkit.dumps(document))


def _put(document: Any, keys: KeyPath, value: Value) -> None:
    """Sets a value in place, for the documents of the libraries, which keep the comments."""
    *outer, last = keys
    for name in outer:
        document = document.setdefault(_key(document, name), {})
    document[_key(document, last)] = value


def _whole_lines(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _ended_like(text: str, written: str) -> str:
    if text and not text.endswith("\n"):
        written = written.removesuffix("\n")
    return written.replace("\n", "\r\n") if "\r\n" in text else written


def _ascii(text: str) -> bool:
    return "\\u" in text and text.isascii()


def _yaml_over(value: Value, old: str) -> str:
    """A value as YAML in the place of an old one, in the old one's quotes where both are text."""
    if not old:  # a key with nothing after its colon
        return f" {as_yaml(value)}"
    if isinstance(value, str) and value.isprintable() and old[0] == "'":
        return "'" + value.replace("'", "''") + "'"
    return as_quoted_yaml(value) if isinstance(value, str) and old[0] == '"' else as_yaml(value)


_NESTED = re.compile(r"^( *)[^\s#-].*:[ \t]*(?:#.*)?\n\1( +)[^\s#-]", re.MULTILINE)
_LISTED = re.compile(r"^( *)[^\s#-].*:[ \t]*(?:#.*)?\n\1( *)- ", re.MULTILINE)

_YAML = (_splice_yaml, _rewrite_yaml)
_WRITERS: Mapping[str, tuple[Callable[[str, Changes, Value], str | None], ...]] = {
    ".json": (_splice_json, _rewrite_json),
    ".toml": (_rewrite_toml,),
}
