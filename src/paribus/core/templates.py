"""The `${...}` of a `dvc.yaml`, filled in from the values that it can see."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from paribus.core.values import Value

REFERENCE = re.compile(r"(?<!\\)\$\{\s*([^{}\s]+)\s*\}")
STEP = re.compile(r"[^.\[\]]+")

Context = Mapping[str, Value]


def fill(value: Value, context: Context) -> Value:
    """A value with its references filled in; a reference that names nothing stays as it is.

    A text that is one reference and nothing else takes the value itself, as DVC does it.
    """
    if isinstance(value, str):
        return _filled(value, context)
    if isinstance(value, list):
        return [fill(item, context) for item in value]
    if isinstance(value, Mapping):
        return {key: fill(item, context) for key, item in value.items()}
    return value


def instances(
    name: str, definition: Mapping[str, Any], context: Context
) -> Iterator[tuple[str, Any, Context]]:
    """The stages that one entry of `stages:` stands for: (name, definition, what it can see).

    An ordinary stage is itself; `foreach` and `matrix` give one stage for each item.
    """  # fmt: skip
    if "foreach" in definition:
        body = definition.get("do")
        for key, item in _items(fill(definition["foreach"], context)):
            yield f"{name}@{key}", body, {**context, "item": item, "key": key}
    elif "matrix" in definition:
        axes = fill(definition["matrix"], context)
        if isinstance(axes, Mapping):
            yield from _matrix(name, definition, axes, context)
    else:
        yield name, definition, context


# Private functions


def _matrix(
    name: str, definition: Mapping[str, Any], axes: Mapping[str, Any], context: Context
) -> Iterator[tuple[str, Any, Context]]:
    choices = [axis if isinstance(axis, list) else [axis] for axis in axes.values()]
    for chosen in itertools.product(*choices):
        item = dict(zip(axes, chosen, strict=True))
        key = "-".join(str(value) for value in chosen)
        yield f"{name}@{key}", definition, {**context, "item": item, "key": key}


def _items(over: Value) -> list[tuple[str, Value]]:
    if isinstance(over, Mapping):
        return [(str(key), value) for key, value in over.items()]
    if isinstance(over, list):
        plain = all(not isinstance(value, dict | list) for value in over)
        return [(str(value) if plain else str(at), value) for at, value in enumerate(over)]
    return []


def _filled(text: str, context: Context) -> Value:
    whole = REFERENCE.fullmatch(text)
    if whole:
        found = _lookup(whole[1], context)
        return text if found is None else found
    return REFERENCE.sub(lambda match: _spelled(match, context), text)


def _spelled(match: re.Match[str], context: Context) -> str:
    found = _lookup(match[1], context)
    if found is None or isinstance(found, dict | list):
        return match[0]
    return str(found).lower() if isinstance(found, bool) else str(found)


def _lookup(reference: str, context: Context) -> Value:
    value: Value = context
    for step in STEP.findall(reference):
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
