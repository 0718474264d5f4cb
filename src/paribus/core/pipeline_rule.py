"""Pipeline: what in a `dvc.yaml` can move a metric is a change; the rest is bookkeeping."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from paribus.core.change import Change, Kind, NotCounted
from paribus.core.sides import Finding, Sides
from paribus.core.snapshot import FileDelta
from paribus.core.values import MISSING, Value, same, spelled

MOVING = ("cmd", "wdir", "foreach", "matrix", "vars", "frozen")
"""Keys of a stage that can move a metric; deps, outs, metrics, plots and words about them cannot."""


def pipeline_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims the project's `dvc.yaml`."""
    if delta.path not in {pipeline.file for pipeline in sides.pipelines}:
        return None
    old, new = (_parts(pipeline.document) for pipeline in sides.pipelines)
    lines = sides.contents(delta.path)[1].lines
    found: list[Finding] = []
    for path in dict.fromkeys([*old, *new]):
        left, right = old.get(path, MISSING), new.get(path, MISSING)
        if not same(left, right):
            summary = f"{'.'.join(path)} {_shown(left)} -> {_shown(right)}"
            line = lines.get(("stages", *path), lines.get(path))
            found.append(Change(Kind.PIPELINE, delta.path, path, left, right, summary, line))
    return found or [NotCounted(delta.path, "bookkeeping of the pipeline only")]


# Private functions


def _parts(document: Mapping[str, Value] | None) -> dict[tuple[str, ...], Value]:
    """What can move a metric, by (stage, key); a stage that only one side has is a part as a whole."""
    parts: dict[tuple[str, ...], Value] = {}
    if document is None:
        return parts
    if document.get("vars"):
        parts["vars",] = document["vars"]
    stages = document.get("stages")
    for name, definition in (stages or {}).items() if isinstance(stages, Mapping) else ():
        body = definition if isinstance(definition, Mapping) else {}
        body = {**body, **_inner(body)}
        for key in MOVING:
            if key in body:
                parts[str(name), key] = _command(body[key]) if key == "cmd" else body[key]
    return parts


def _inner(body: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = body.get("do")
    return inner if isinstance(inner, Mapping) else {}


def _command(value: Value) -> Value:
    """Commands as parsed words: a lost space that swallows an option shows, an extra one does not."""
    if isinstance(value, list):
        return [_command(line) for line in value]
    try:
        return " ".join(map(shlex.quote, shlex.split(str(value))))
    except ValueError:
        return str(value)


def _shown(value: Value) -> str:
    text = value if isinstance(value, str) else spelled(value)
    return text if len(text) <= 60 else text[:57] + "..."
