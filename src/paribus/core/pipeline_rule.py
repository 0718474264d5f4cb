"""Pipeline: what in a `dvc.yaml` can move a metric is a change; the rest is bookkeeping."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from paribus.core.change import Change, Kind, NotCounted
from paribus.core.commands import as_words
from paribus.core.sides import Finding, Sides
from paribus.core.snapshot import FileDelta
from paribus.core.values import MISSING, KeyPath, Value, dotted, leaves, same, spelled

MOVING = ("cmd", "wdir", "foreach", "matrix", "vars", "frozen")
"""Keys of a stage that can move a metric; deps, outs, metrics, plots and words about them cannot."""

WITHOUT_EFFECT = (("wdir", "."), ("frozen", False))
"""What goes without saying."""


def pipeline_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims the project's `dvc.yaml`."""
    if not sides.is_pipeline_file(delta.path):
        return None
    before, after = (_definitions(pipeline.document) for pipeline in sides.pipelines)
    both = before.keys() & after.keys()
    old = _parts(sides.old.pipeline.document, before, both)
    new = _parts(sides.new.pipeline.document, after, both)
    found = [
        _change(sides, delta.path, path, old.get(path, MISSING), new.get(path, MISSING))
        for path in dict.fromkeys([*old, *new])
        if not same(old.get(path, MISSING), new.get(path, MISSING))
    ]
    return found or [NotCounted(delta.path, "bookkeeping of the pipeline only")]


# Private functions

_Definitions = Mapping[str, Mapping[str, Value]]
"""What can move a metric of each stage, by the stage's name."""


def _definitions(document: Mapping[str, Value] | None) -> _Definitions:
    stages = (document or {}).get("stages")
    named = stages.items() if isinstance(stages, Mapping) else ()
    return {str(name): _moving(_mapping(definition)) for name, definition in named}


def _moving(definition: Mapping[str, Value]) -> Mapping[str, Value]:
    body = {**definition, **_mapping(definition.get("do"))}
    moving = {
        key: as_words(body[key]) if key == "cmd" else body[key]
        for key in MOVING
        if body.get(key) is not None
    }
    return {key: value for key, value in moving.items() if (key, value) not in WITHOUT_EFFECT}


def _parts(
    document: Mapping[str, Value] | None, definitions: _Definitions, shared: Container[str]
) -> dict[KeyPath, Value]:
    """What can move a metric, by its path; a stage that only one side has is a part as a whole."""
    parts = _vars((), (document or {}).get("vars"))
    for name, moving in definitions.items():
        if name not in shared:
            parts["stages", name] = moving
            continue
        parts |= {("stages", name, key): moving[key] for key in moving if key != "vars"}
        parts |= _vars(("stages", name), moving.get("vars"))
    return parts


def _vars(place: KeyPath, entries: Value) -> dict[KeyPath, Value]:
    """Each value that is set in the file itself, and the files that are named, as a whole."""
    listed = entries if isinstance(entries, list) else [entries]
    files = [entry for entry in listed if isinstance(entry, str)]
    parts: dict[KeyPath, Value] = {(*place, "vars"): files} if files else {}
    for entry in listed:
        if isinstance(entry, Mapping):
            parts |= {(*place, "vars", *path): value for path, value in leaves(entry)}
    return parts


def _change(sides: Sides, file: str, path: KeyPath, left: Value, right: Value) -> Change:
    shown = path[1:] if path[0] == "stages" else path
    name = f"stage {shown[0]}" if len(shown) == 1 and shown != path else dotted(shown)
    summary = f"{name} {_shown(left)} -> {_shown(right)}"
    old, new = (content.lines for content in sides.contents(file))
    line = _line(old if right is MISSING else new, path)
    return Change(Kind.PIPELINE, file, shown, left, right, summary, line)


def _line(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """A part's line; that of the list of `vars` where the part stands in it."""
    places = [path, (*path[:2], "do", *path[2:])]
    places += [place[: place.index("vars") + 1] for place in places if "vars" in place]
    return next((lines[place] for place in places if place in lines), None)


def _mapping(value: Value) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _shown(value: Value) -> str:
    told = value.get("cmd", value) if isinstance(value, Mapping) else value
    text = told if isinstance(told, str) else spelled(told)
    return text if len(text) <= 60 else text[:57] + "..."
