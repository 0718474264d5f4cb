"""Pipeline: what in a `dvc.yaml` can move a metric is a change; the rest is bookkeeping."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any

from paribus.core.change import Change, Kind, NotCounted
from paribus.core.commands import TOOLS, as_words, options, programs
from paribus.core.names import Found, Names, Settled, names
from paribus.core.paths import joined
from paribus.core.pipeline import Pipeline
from paribus.core.sides import Finding, Sides
from paribus.core.snapshot import FileDelta, Snapshot
from paribus.core.templates import fill, references
from paribus.core.values import MISSING, KeyPath, Value, dotted, leaves, same, spelled

MOVING = ("cmd", "wdir", "foreach", "matrix", "vars", "frozen")
"""Keys of a stage that can move a metric; deps, outs, metrics, plots and words about them cannot."""

CODE = (".py", ".ipynb", ".sh", ".R", ".r", ".jl")
"""Files that a stage runs; what it reads besides ties it to no other stage."""

BOOKKEEPING = "bookkeeping of the pipeline only"

OPTION = re.compile(r"\s--?[A-Za-z][\w-]*[ =]\$\{\s*([^{}\s]+)\s*\}")
OPTION_OF = r"\s--?[A-Za-z][\w-]*[ =]\$\{{\s*{}\s*\}}"
"""An option of a command whose value is a param."""

WITHOUT_EFFECT = (("wdir", "."), ("frozen", False))
"""What goes without saying."""


def pipeline_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims the project's `dvc.yaml`."""
    if not sides.is_pipeline_file(delta.path):
        return None
    fits = _then(sides), _now(sides)
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
            several = _options(old.get(path), new.get(path), left, right)
            findings += [
                _found(sides, delta.path, (*path, *part), *values)
                for part, *values in several or [((), left, right)]
            ]
        elif not same(left, right):
            findings += [Settled(key) for key in _put_in(sides, left, right)]
    counted = any(isinstance(finding, Found) for finding in findings)
    return findings if counted else [*findings, NotCounted(delta.path, BOOKKEEPING)]


# Private functions

_Definitions = Mapping[str, Mapping[str, Value]]
"""What can move a metric of each stage, by the stage's name."""


def _options(
    old: Value, new: Value, left: Value, right: Value
) -> list[tuple[tuple[str, ...], Value, Value]]:
    """The options in which two commands differ, if nothing else does; their words as they are written.

    An option that goes where another comes may be the same one, misspelt, and is not taken apart.
    """
    if not all(isinstance(each, str) for each in (old, new, left, right)):
        return []
    before, after = options(old), options(new)
    written = options(left), options(right)
    if before is None or after is None or None in written or before[0] != after[0]:
        return []
    names = [
        name for name in {**before[1], **after[1]} if before[1].get(name) != after[1].get(name)
    ]
    if {*before[1]} - {*after[1]} and {*after[1]} - {*before[1]}:
        return []
    was, now = (each[1] if each else {} for each in written)
    return [((name,), _option(was, name), _option(now, name)) for name in names]


def _option(written: Mapping[str, str], name: str) -> Value:
    return f"{name} {written[name]}".strip() if name in written else MISSING


_Fit = Callable[[Value], Value]
"""Makes a command comparable with one of the other side."""


def _then(sides: Sides) -> _Fit:
    """The old side's command, with the paths that files have now and the params that are gone put in."""
    renamed = {_from(sides, old): _from(sides, new) for old, new in sides.moves.items()}
    words = re.compile("|".join(rf"(?<![\w./-]){re.escape(old)}(?![\w./-])" for old in renamed))

    def fit(command: Value) -> Value:
        filled = _by_path(_filled(command, sides.gone), sides.old)
        if not renamed or not isinstance(filled, str):
            return filled
        return words.sub(lambda found: renamed[found[0]], filled)

    return fit


def _now(sides: Sides) -> _Fit:
    """The new side's command, with the params that came put in."""
    return lambda command: _by_path(_filled(command, sides.come), sides.new)


def _by_path(command: Value, snapshot: Snapshot) -> Value:
    """A command in which a module of the project is run by its path, as `python a/b.py`."""
    if not isinstance(command, str) or " -m " not in command:
        return command

    def path_of(found: re.Match[str]) -> str:
        path = found[1].replace(".", "/") + ".py"
        return f" {path}" if joined(snapshot.pipeline.folder, path) in snapshot.files else found[0]

    return re.sub(r" -m ([\w.]+)", path_of, command)


def _from(sides: Sides, path: str) -> str:
    folder = sides.new.pipeline.folder
    return path.removeprefix(f"{folder}/") if folder else path


def _filled(command: Value, values: Mapping[KeyPath, Value]) -> Value:
    if not values or not isinstance(command, str):
        return command
    context: dict[str, Any] = {}
    for path, value in values.items():
        holder = context
        for key in path[:-1]:
            holder = holder.setdefault(key, {})
        holder[path[-1]] = value
    return fill(command, context) if isinstance(fill(command, context), str) else command


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


def _put_in(sides: Sides, left: Value, right: Value) -> Iterator[KeyPath]:
    """The params that came, or went, by which two commands differ, and whose values make them the same."""
    read = [{tuple(name.split(".")) for name in references(value)} for value in (left, right)]
    yield from (key for key in sides.gone if key in read[0])
    yield from (key for key in sides.come if key in read[1])


def _as_is(command: Value) -> Value:
    return command


def _definitions(pipeline: Pipeline, fit: _Fit = _as_is) -> _Definitions:
    stages = (pipeline.document or {}).get("stages")
    named = stages.items() if isinstance(stages, Mapping) else ()
    moving = {str(name): _moving(_mapping(definition), fit) for name, definition in named}
    return {name: each for name, each in moving.items() if not _only_looks(each.get("cmd"))}


def _only_looks(command: Value) -> bool:
    """Whether a command only runs tools that look at code, such as a linter."""
    listed = command if isinstance(command, list) else [command]
    started = [program for each in listed for program in programs(str(each))]
    return command is not None and bool(started) and all(program in TOOLS for program in started)


def _moving(definition: Mapping[str, Value], fit: _Fit) -> Mapping[str, Value]:
    body = {**definition, **_mapping(definition.get("do"))}
    moving = {
        key: as_words(_fitted(body[key], fit)) if key == "cmd" else body[key]
        for key in MOVING
        if body.get(key) is not None
    }
    return {key: value for key, value in moving.items() if (key, value) not in WITHOUT_EFFECT}


def _fitted(command: Value, fit: _Fit) -> Value:
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
    wires = _wires(sides, left, right) if "cmd" in path[2:] else frozenset()
    return Found(change, old, new, wires=wires)


def _wires(sides: Sides, left: Value, right: Value) -> frozenset[KeyPath]:
    """The params that came, or went, as options of a command, if that is all that differs in it."""
    before, gone = _without_options(left, sides.gone)
    after, come = _without_options(right, sides.come)
    return gone | come if before == after else frozenset()


def _without_options(
    command: Value, values: Mapping[KeyPath, Value]
) -> tuple[Value, frozenset[KeyPath]]:
    if not isinstance(command, str):
        return (command, frozenset()) if command is not MISSING else ("", frozenset())
    command = f" {command}"
    found = {tuple(name.split(".")) for name in OPTION.findall(command)} & values.keys()
    for key in found:
        command = re.sub(OPTION_OF.format(re.escape(".".join(key))), "", command)
    return as_words(command), frozenset(found)


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
