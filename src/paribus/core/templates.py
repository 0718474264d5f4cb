"""The `${...}` of a `dvc.yaml`, filled in from the values that it can see."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from paribus.core.values import Value

REFERENCE = re.compile(r"(?<!\\)\$\{\s*([^{}\s]+)\s*\}")
STEP = re.compile(r"[^.\[\]]+")

Context = Mapping[str, Value]

MOST_STAGES = 10_000
"""Stages of a project; more of them are a mistake, or meant to hurt."""


class TooManyStagesError(Exception):
    """A template that stands for more than MOST_STAGES stages, by its name."""


def fill(value: Value, context: Context) -> Value:
    """A value with its references filled in; a reference that names nothing stays as it is.

    A text that is one reference and nothing else takes the value itself, as DVC does it.
    """
    if isinstance(value, str):
        return _filled(value, context)
    if isinstance(value, list):
        return [fill(item, context) for item in value]
    if isinstance(value, Mapping):
        return {_key(key, context): fill(item, context) for key, item in value.items()}
    return value


def merged(contexts: Iterable[Value]) -> dict[str, Value]:
    """What several mappings say together, deep down; of two values the later one stands.

    DVC refuses two values; the order matters in no pipeline that it would run.
    """
    whole: dict[str, Value] = {}
    for context in contexts:
        if isinstance(context, Mapping):
            for key, value in context.items():
                both = isinstance(whole.get(key), Mapping) and isinstance(value, Mapping)
                whole[key] = merged([whole[key], value]) if both else value
    return whole


def references(value: Value) -> Iterator[str]:
    """Every name that a value refers to, such as `train.lr`; `layers[0]` is `layers.0`."""
    if isinstance(value, str):
        yield from (".".join(STEP.findall(name)) for name in REFERENCE.findall(value))
    elif isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from references(str(key))
            yield from references(item)


def instances(
    name: str, definition: Mapping[str, Any], context: Context
) -> Iterator[tuple[str, Any, Context]]:
    """The stages that one entry of `stages:` stands for: (name, definition, what it can see).

    An ordinary stage is itself; `foreach` and `matrix` give one stage for each item.
    """  # fmt: skip
    if "foreach" in definition:
        body = definition.get("do")
        items = _items(fill(definition["foreach"], context))
        if len(items) > MOST_STAGES:
            raise TooManyStagesError(name)
        for key, item in items:
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
    listed = [axis if isinstance(axis, list) else [axis] for axis in axes.values()]
    if math.prod(map(len, listed)) > MOST_STAGES:
        raise TooManyStagesError(name)
    choices = [enumerate(axis) for axis in listed]
    for chosen in itertools.product(*choices):
        places = list(zip(axes, chosen, strict=True))
        key = "-".join(_named(value, f"{axis}{at}") for axis, (at, value) in places)
        item = {axis: value for axis, (_, value) in places}
        yield f"{name}@{key}", definition, {**context, "item": item, "key": key}


def _items(over: Value) -> list[tuple[str, Value]]:
    if isinstance(over, Mapping):
        return [(_text(key), value) for key, value in over.items()]
    if isinstance(over, list):
        plain = all(not isinstance(value, dict | list) for value in over)
        return [(_text(value) if plain else str(at), value) for at, value in enumerate(over)]
    return []


def _named(value: Value, place: str) -> str:
    return place if isinstance(value, dict | list) else _text(value)


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _key(key: Value, context: Context) -> Value:
    filled = fill(key, context)
    return key if isinstance(filled, dict | list) else filled


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
    return _text(found)


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
