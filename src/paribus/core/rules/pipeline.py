"""Pipeline: what in a `dvc.yaml` can move a metric is a change; the rest is bookkeeping."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from typing import Any

from paribus.core.change import Change, Kind, NotCounted
from paribus.core.commands import TOOLS, as_words, programs
from paribus.core.names import Found, Names, Settled, names
from paribus.core.paths import joined
from paribus.core.pipeline import Pipeline
from paribus.core.rules.command import Fit, by_option, now, put_in, then, wires
from paribus.core.sides import Finding, Sides
from paribus.core.snapshot import FileDelta
from paribus.core.templates import references
from paribus.core.values import MISSING, KeyPath, Value, dotted, leaves, same, spelled

MOVING = ("cmd", "wdir", "foreach", "matrix", "vars", "frozen")
"""Keys of a stage that can move a metric; deps, outs, metrics, plots and words about them cannot."""

CODE = (".py", ".ipynb", ".sh", ".R", ".r", ".jl")
"""Files that a stage runs; what it reads besides ties it to no other stage."""

BOOKKEEPING = "bookkeeping of the pipeline only"

WITHOUT_EFFECT = (("wdir", "."), ("frozen", False))
"""What goes without saying."""


def pipeline_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims the project's `dvc.yaml`."""
    if not sides.is_pipeline_file(delta.path):
        return None
    fits = then(sides), now(sides)
    before, after = map(_definitions, sides.pipelines, fits)
    before, after = _without_renamed(before, after)
    both = before.keys() & after.keys()
    raw = [_parts(pipeline, _definitions(pipeline), both) for pipeline in sides.pipelines]
    old = _parts(sides.old.pipeline, before, both)
    new = _parts(sides.new.pipeline, after, both)
    findings: list[Finding] = []
    for path in dict.fromkeys([*old, *new]):
        left, right = (side.get(path, MISSING) for side in raw)
        if not same(old.get(path, MISSING), new.get(path, MISSING)):
            several = by_option(old.get(path), new.get(path), left, right)
            findings += [
                _found(sides, delta.path, (*path, *part), *values)
                for part, *values in several or [((), left, right)]
            ]
        elif not same(left, right):
            findings += [Settled(key) for key in put_in(sides, left, right)]
    counted = any(isinstance(finding, Found) for finding in findings)
    return findings if counted else [*findings, NotCounted(delta.path, BOOKKEEPING)]


# Private functions

_Definitions = Mapping[str, Mapping[str, Value]]
"""What can move a metric of each stage, by the stage's name."""


def _without_renamed(
    before: _Definitions, after: _Definitions
) -> tuple[_Definitions, _Definitions]:
    """Leaves out stages that have another name and are the same otherwise."""
    gone = [name for name in before if name not in after]
    come = [name for name in after if name not in before]
    pairs = [
        (old, new) for old in gone for new in come if before[old] and same(before[old], after[new])
    ]
    renamed = {name for pair in pairs for name in pair}
    return (
        {name: moving for name, moving in before.items() if name not in renamed},
        {name: moving for name, moving in after.items() if name not in renamed},
    )


def _as_is(command: Value) -> Value:
    return command


def _definitions(pipeline: Pipeline, fit: Fit = _as_is) -> _Definitions:
    stages = (pipeline.document or {}).get("stages")
    named = stages.items() if isinstance(stages, Mapping) else ()
    moving = {str(name): _moving(_mapping(definition), fit) for name, definition in named}
    return {name: each for name, each in moving.items() if not _only_looks(each.get("cmd"))}


def _only_looks(command: Value) -> bool:
    """Whether a command only runs tools that look at code, such as a linter."""
    listed = command if isinstance(command, list) else [command]
    started = [program for each in listed for program in programs(str(each))]
    return command is not None and bool(started) and all(program in TOOLS for program in started)


def _moving(definition: Mapping[str, Value], fit: Fit) -> Mapping[str, Value]:
    body = {**definition, **_mapping(definition.get("do"))}
    moving = {
        key: as_words(_fitted(body[key], fit)) if key == "cmd" else body[key]
        for key in MOVING
        if body.get(key) is not None
    }
    return {key: value for key, value in moving.items() if (key, value) not in WITHOUT_EFFECT}


def _fitted(command: Value, fit: Fit) -> Value:
    return [fit(each) for each in command] if isinstance(command, list) else fit(command)


def _parts(
    pipeline: Pipeline, definitions: _Definitions, shared: Container[str]
) -> dict[KeyPath, Value]:
    """What can move a metric, by its path; a stage that only one side has is a part as a whole."""
    parts = _vars((), (pipeline.document or {}).get("vars"))
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


def _found(sides: Sides, file: str, path: KeyPath, left: Value, right: Value) -> Found:
    change = _change(sides, file, path, left, right)
    old, new = (
        _names(pipeline, path, value)
        for pipeline, value in zip(sides.pipelines, (left, right), strict=True)
    )
    handed = wires(sides, left, right) if "cmd" in path[2:] else frozenset()
    return Found(change, old, new, wires=handed)


def _names(pipeline: Pipeline, path: KeyPath, value: Value) -> Names:
    """Files and keys that a part names; a whole stage brings its outputs, a value of `vars` its key."""
    if value is MISSING:
        return Names()
    words = [word for text in _texts(value) for word in re.split(r"[\s='\";:,]+", text) if word]
    files = [joined(pipeline.folder, word) for word in words if not word.startswith(("/", "$"))]
    options = [word.lstrip("-").replace("-", "_") for word in words if word.startswith("--")]
    reads = [tuple(name.split(".")) for name in references(value)]
    whole = path[0] == "stages" and len(path) == 2
    stages = [stage for stage in pipeline.stages if whole and stage.name.split("@")[0] == path[1]]
    outs = [out for stage in stages for out in (*stage.outs, *stage.metrics)]
    deps = [dep for stage in stages for dep in stage.deps if dep.endswith(CODE)]
    over = [f"dvc.yaml::foreach::{spelled(value)}"] if path[-1] in ("foreach", "matrix") else []
    item = [f"{path[1]}::item" for name in references(value) if name.partition(".")[0] == "item"]
    params = [
        tuple(key.split(".")) for stage in stages for use in stage.params for key in use.keys or ()
    ]
    at = path.index("vars") + 1 if "vars" in path else len(path)
    return Names(
        defines=names("file", outs)
        | names("word", outs)
        | names("local", [*over, *(f"{path[1]}::item" for _ in over)]),
        mentions=names("file", [*files, *deps])
        | names("def", map(_module, [*words, *files]))
        | names("word", options)
        | names("local", item),
        keys=frozenset([path[at:]]) if path[at:] else frozenset(),
        reads=frozenset([*reads, *((option,) for option in options), *params]),
    )


def _texts(value: Value) -> list[str]:
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def _module(word: str) -> str:
    return word.removesuffix(".py").replace("/", ".")


def _change(sides: Sides, file: str, path: KeyPath, left: Value, right: Value) -> Change:
    shown = path[1:] if path[0] == "stages" else path
    named = shown[: shown.index("cmd") + 1] if "cmd" in shown else shown
    name = f"stage {shown[0]}" if len(shown) == 1 and shown != path else dotted(named)
    summary = f"{name} {_shown(left)} -> {_shown(right)}"
    old, new = (content.lines for content in sides.contents(file))
    line = _line(old if right is MISSING else new, path)
    return Change(Kind.PIPELINE, file, shown, left, right, summary, line)


def _line(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """A part's line; that of the list of `vars`, or of the command, where the part stands in it."""
    places = [path, (*path[:2], "do", *path[2:])]
    for holder in ("vars", "cmd"):
        places += [place[: place.index(holder) + 1] for place in places if holder in place]
    return next((lines[place] for place in places if place in lines), None)


def _mapping(value: Value) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _shown(value: Value) -> str:
    told = value.get("cmd", value) if isinstance(value, Mapping) else value
    text = told if isinstance(told, str) else spelled(told)
    return text if len(text) <= 60 else text[:57] + "..."
