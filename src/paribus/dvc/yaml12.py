"""YAML 1.2 read to the same values as DVC reads, at the speed of PyYAML's C parser.

DVC reads through ruamel.yaml, which is right and slow. PyYAML is fast and follows YAML 1.1: `1e-3`
is text, `yes` is true, `010` is 8 and `12:30:00` is 45000. So only PyYAML's parser is used, and its
events become values here. Its composer is passed by for a second reason: it recurses in C without
a bound, and a file of brackets alone crashes the process.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from paribus.core.values import Value

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Where PyYAML was built without libyaml, its Python parser does the same, slowly."""

MAX_DEPTH, MAX_NODES = 100, 1_000_000
TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"
TOO_LARGE = f"more than {MAX_NODES:,} values once its aliases are expanded"


class YamlError(Exception):
    """What is wrong with a text, and at which of its lines, counted from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


@dataclass(slots=True)
class Node:
    """A value with its place in the text.

    Attributes:
        replaceable: whether `text[start:end]` spells this value and nothing else: a plain or
            quoted scalar or a flow collection, without an anchor.
        members: of a mapping, each key as text, with the line of the key and the node below it.
        weight: how many nodes it stands for once its aliases are expanded.
        height: how many levels, aliases expanded.
    """

    value: Value
    line: int
    start: int
    end: int
    replaceable: bool
    members: dict[str, tuple[int, Node]] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)
    weight: int = 1
    height: int = 1


def compose(text: str) -> Node | None:
    """The root of the only document in a text without a byte order mark; None when it is empty.

    Raises:
        YamlError: the text is not one YAML document, or one too deep, too large or ambiguous.
    """
    try:
        return _Composer(text).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(mark.line + 1 if mark else 1, error.problem or "not YAML") from error
    except yaml.reader.ReaderError as error:
        raise YamlError(text.encode().count(b"\n", 0, error.position) + 1, error.reason) from error


def plain(text: str) -> Value:
    """What a scalar without quotes stands for; raises ValueError for `+_` or `2020-13-40`."""
    return _CONSTRUCTORS[_resolve(text)](text)


# Private functions


class _Composer:
    """Builds the nodes of one document, by a recursion that MAX_DEPTH bounds."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=LOADER)
        self._anchors: dict[str, Node | None] = {}

    def document(self) -> Node | None:
        next(self._events)  # the start of the stream
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            return None
        _check(start.version in (None, (1, 2)), start, "a %YAML directive asks for another version")
        root = self._node(next(self._events), 1)
        next(self._events)  # the end of the document
        after = next(self._events)
        _check(isinstance(after, yaml.StreamEndEvent), after, "a second document starts here")
        return root

    def _node(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(event)
        _check(depth <= MAX_DEPTH, event, TOO_DEEP)
        if event.anchor:
            self._anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            node = _scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(event, depth)
        else:
            node = self._mapping(event, depth)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _aliased(self, event: Any) -> Node:
        name = event.anchor
        _check(name in self._anchors, event, f"the alias *{name} names nothing above it")
        if node := self._anchors[name]:
            return node
        raise YamlError(_line(event), f"the alias *{name} stands inside what it names")

    def _sequence(self, event: Any, depth: int) -> Node:
        node = _collection(event, "seq", [])
        while not isinstance(inner := next(self._events), yaml.SequenceEndEvent):
            child = self._node(inner, depth + 1)
            node.items.append(child)
            node.value.append(child.value)
            _grow(node, child, inner)
        return _ended(node, inner)

    def _mapping(self, event: Any, depth: int) -> Node:
        node = _collection(event, "map", {})
        own: dict[str, tuple[int, Node]] = {}
        values: dict[Any, Value] = {}
        merged = False
        while not isinstance(inner := next(self._events), yaml.MappingEndEvent):
            if _is_merge(inner):
                _check(not merged, inner, "the key << is given twice")
                merged = True
                child = self._node(next(self._events), depth + 1)
                _merge(node, child, inner)
            else:
                key = self._node(inner, depth + 1).value
                _check(not isinstance(key, list | dict), inner, "a key is a list or a mapping")
                # `1` and `"1"` are two keys to YAML and one param to DVC.
                if key in values or str(key) in own:
                    raise YamlError(_line(inner), f"the key {_short(str(key))} is given twice")
                child = self._node(next(self._events), depth + 1)
                own[str(key)] = (_line(inner), child)
                values[key] = child.value
            _grow(node, child, inner)
        # Whatever their order, the mapping's own keys win over those merged into it.
        node.value.update(values)
        node.members.update(own)
        return _ended(node, inner)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _check(good: bool, event: Any, reason: str) -> None:
    if not good:
        raise YamlError(_line(event), reason)


def _short(text: str) -> str:
    shown = text if text and text.isprintable() else ascii(text)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _grow(node: Node, child: Node, event: Any) -> None:
    node.weight += child.weight
    node.height = max(node.height, child.height + 1)
    _check(node.weight <= MAX_NODES, event, TOO_LARGE)
    _check(node.height <= MAX_DEPTH, event, TOO_DEEP)


def _ended(node: Node, event: Any) -> Node:
    node.end = event.end_mark.index
    return node


def _collection(event: Any, kind: str, value: Value) -> Node:
    if event.tag not in (None, _TAG + kind):
        raise _no_meaning(event)
    return _placed(event, value, alone=bool(event.flow_style))


def _scalar(event: Any) -> Node:
    tag = event.tag or _TAG + (_resolve(event.value) if event.implicit[0] else "str")
    kind = tag.removeprefix(_TAG)
    if not (tag.startswith(_TAG) and kind in _CONSTRUCTORS):
        raise _no_meaning(event)
    try:
        value = _CONSTRUCTORS[kind](event.value)
    except (ValueError, LookupError, OverflowError) as error:
        raise YamlError(_line(event), f"{_short(event.value)} cannot be read as {kind}") from error
    return _placed(event, value, alone=event.style not in ("|", ">"))


def _placed(event: Any, value: Value, *, alone: bool) -> Node:
    start, end = event.start_mark.index, event.end_mark.index
    return Node(value, _line(event), start, end, alone and event.anchor is None)


def _no_meaning(event: Any) -> YamlError:
    tag = _short(str(event.tag)).replace(_TAG, "!!")
    return YamlError(_line(event), f"the tag {tag} has no meaning here")


def _is_merge(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and event.implicit[0] and event.value == "<<"


def _merge(node: Node, source: Node, event: Any) -> None:
    # Of several mappings the first one wins.
    for each in reversed(source.items) if isinstance(source.value, list) else (source,):
        _check(isinstance(each.value, dict), event, "<< takes a mapping or a list of mappings")
        node.value.update(each.value)
        node.members.update(each.members)


def _resolve(text: str) -> str:
    for tag, pattern in _RESOLVERS.get(text[:1], ()):
        if pattern.fullmatch(text):
            return tag
    return "str"


def _read_int(text: str) -> int:
    sign, digits = _signed(text)
    base = {"0b": 2, "0o": 8, "0x": 16}.get(digits[:2], 10)
    value = sign * int(digits if base == 10 else digits[2:], base)
    str(value)  # a ValueError where Python could not write it again, as for decimals
    return value


def _read_float(text: str) -> float:
    sign, digits = _signed(text.lower())
    return sign * float(digits.removeprefix(".") if digits in (".inf", ".nan") else digits)


def _signed(text: str) -> tuple[int, str]:
    digits = text.replace("_", "")
    sign = -1 if digits[0] == "-" else 1
    return sign, digits[1:] if digits[0] in "+-" else digits


def _read_timestamp(text: str) -> Value:
    # Rare enough in params that DVC's reader may be loaded for it, slow as that is.
    from ruamel.yaml.util import create_timestamp, timestamp_regexp  # noqa: PLC0415

    match = timestamp_regexp.match(text)
    if match is None:
        raise ValueError(text)
    return create_timestamp(**match.groupdict())


_TAG = "tag:yaml.org,2002:"

_BOOLS = {"y": True, "yes": True, "on": True, "n": False, "no": False, "off": False}

_CONSTRUCTORS: Mapping[str, Callable[[str], Value]] = {
    # An explicit `!!bool yes` is true to ruamel.yaml, although a bare `yes` is text.
    "bool": lambda text: {**_BOOLS, "true": True, "false": False}[text.lower()],
    "float": _read_float,
    "int": _read_int,
    "null": lambda _: None,
    "str": str,
    "timestamp": _read_timestamp,
}

# The patterns of ruamel.yaml/resolver.py for version 1.2, in its order, by the first character.
_FORMS = (
    ("bool", [*"tTfF"], r"true|True|TRUE|false|False|FALSE"),
    (
        "float",
        [*"-+0123456789."],
        r"""[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?
        |[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+
        |[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?
        |[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)""",
    ),
    ("int", [*"-+0123456789"], r"[-+]?(?:0b[01_]+|0o?[0-7_]+|[0-9_]+|0x[0-9a-fA-F_]+)"),
    ("null", [*"~nN", ""], r"~|null|Null|NULL|"),
    (
        "timestamp",
        [*"0123456789"],
        r"""[0-9]{4}-[0-9]{2}-[0-9]{2}
        |[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}
        (?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?
        (?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?""",
    ),
)

_RESOLVERS: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
for _form, _firsts, _pattern in _FORMS:
    for _first in _firsts:
        _RESOLVERS.setdefault(_first, []).append((_form, re.compile(_pattern, re.VERBOSE)))
