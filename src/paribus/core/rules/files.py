"""Files that are judged as a whole: what runs write, neutral files, and whatever no other rule claims."""

from __future__ import annotations

import re
from collections.abc import Sequence

from paribus.core.change import Kind, NotCounted
from paribus.core.names import Found, Names, names
from paribus.core.paths import matches, within
from paribus.core.pipeline import Pipeline
from paribus.core.protocol import ALWAYS_NEUTRAL
from paribus.core.reach import Reach
from paribus.core.rules.data import DATA
from paribus.core.rules.whole import edited_lines, whole
from paribus.core.sides import Finding, Sides, same_mode
from paribus.core.snapshot import FileDelta

AS_SYNTAX = (".py", ".ipynb")
"""Files that have a rule of their own, which knows better when they are the same."""

CODE = ("*.py", "*.ipynb", "*.sh", "*.bash", "*.R", "*.r", "*.jl")

READ = (*DATA, "*.html", "*.pdf", "*.svg", "*.drawio", "*.yaml", "*.yml", "*.toml", "*.ini")
"""What no program reads unless it names it, or the folder that it is in."""

PROSE = (".md", ".rst", ".adoc", ".template", ".example", ".sample")
"""What a program may read as a prompt, or as a template, if it has the file's name."""

PICTURES = ("*.png", "*.jpg", "*.jpeg", "*.svg", "*.gif", "*.pdf", "*.html")

RUN_AS_TEXT = ("*.sh", "*.bash", "Makefile", "Dockerfile*")
"""Files to whose readers a carriage return is one more character of a word."""

WORD = re.compile(rb"[A-Za-z_]\w*")


def consequence(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims what a run writes: the lock file, metrics, stage outputs."""
    if delta.path in {pipeline.lock for pipeline in sides.pipelines}:
        return [NotCounted(delta.path, "written by DVC")]
    written = [_is_written(pipeline, delta.path) for pipeline in sides.pipelines]
    edited = delta.old is not None and delta.new is not None
    # Or a revision could hide an edit of its code by calling the file an output.
    if all(written) or (any(written) and not edited):
        return [NotCounted(delta.path, "output of a stage")]
    return None


def neutral_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims what cannot move a metric, unless a stage declares that it reads it."""
    if sides.is_dependency(delta.path) or sides.is_params_file(delta.path):
        return None
    if not matches(delta.path, (*ALWAYS_NEUTRAL, *sides.protocol.neutral)):
        return None
    by_default = not matches(delta.path, sides.protocol.neutral)
    if by_default and any(_is_used(side.reach, delta.path) for side in (sides.old, sides.new)):
        return None
    return [NotCounted(delta.path, "neutral")]


def unreached_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims files that no stage declares and no code that a stage runs can read."""
    if _is_declared(sides, delta.path) or not matches(delta.path, (*CODE, *READ)):
        return None
    if delta.path in sides.moves or delta.path in sides.moves.values():
        return None
    if not matches(delta.path, CODE) and _lies_among_outputs(sides, delta.path):
        return [NotCounted(delta.path, "it lies among what stages write")]
    is_code, is_picture = matches(delta.path, CODE), matches(delta.path, PICTURES)
    for snapshot, entry in ((sides.old, delta.old), (sides.new, delta.new)):
        reach = snapshot.reach
        if is_picture and reach.is_complete and reach.spells(delta.path.rpartition("/")[2]):
            continue  # code that names a single picture draws it
        if entry and (reach.can_run(delta.path) if is_code else reach.can_open(delta.path)):
            return None
    return [NotCounted(delta.path, "no stage reaches it")]


def renamed_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims files that have another path now: the same, if all that named them names them anew."""
    path = delta.path
    source = next((old for old, new in sides.moves.items() if new == path), path)
    target = sides.moves.get(source)
    if target is None or path.endswith(AS_SYNTAX) or not _is_same(sides, source, target):
        return None
    if not _is_named(sides.old.pipeline, source):
        return None
    if path == source:
        return []
    if _is_named(sides.new.pipeline, source) or not _is_named(sides.new.pipeline, target):
        return None
    return [NotCounted(target, f"renamed from {source}")]


def same_text(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims text of which only the line endings differ, unless a shell or a kernel reads it."""
    old, new = (content.data for content in sides.contents(delta.path))
    if old is None or new is None or not same_mode(delta) or old.startswith(b"#!"):
        return None
    if matches(delta.path, RUN_AS_TEXT) or b"\0" in old:
        return None
    if old.replace(b"\r\n", b"\n") != new.replace(b"\r\n", b"\n"):
        return None
    return [NotCounted(delta.path, "line endings only")]


def other_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims the rest: nothing is neutral by accident, so an unknown kind of file counts as code."""
    change = whole(Kind.CODE, delta, edited_lines(sides, delta))
    old, new = (frozenset(_words(content.data)) for content in sides.contents(delta.path))
    here = names("file", [delta.path])
    return [
        Found(
            change,
            Names(
                here if delta.new is None else frozenset(),
                names("word", old - new),
                reads=_reads(old - new),
            ),
            Names(
                here if delta.old is None else frozenset(),
                names("word", new - old),
                reads=_reads(new - old),
            ),
        )
    ]


# Private functions


def _is_used(reach: Reach, path: str) -> bool:
    """Whether code imports a file that is usually neutral, or has its name as text: a prompt, say."""
    if path.endswith(".py"):
        return path in reach.files
    name = path.rpartition("/")[2]
    quoted = (f'{name}"', f"{name}'")
    return path.endswith(PROSE) and any(map(reach.spells, quoted))


def _is_written(pipeline: Pipeline, path: str) -> bool:
    results = any(within(path, folder) for folder in pipeline.result_folders())
    return pipeline.is_output(path) or (results and not pipeline.readers(path))


def _is_declared(sides: Sides, path: str) -> bool:
    """Whether a stage reads a file as a dependency, for its params or to fill in `${...}`."""
    return any(
        pipeline.readers(path) or path in pipeline.stage_params_files()
        for pipeline in sides.pipelines
    )


def _lies_among_outputs(sides: Sides, path: str) -> bool:
    """Whether stages write into a file's folder, read nothing else of it, and no code spells its name."""
    folder, _, name = path.rpartition("/")
    for snapshot in (sides.old, sides.new):
        stages = snapshot.pipeline.stages
        outs = {out for stage in stages for out in (*stage.outs, *stage.metrics)}
        read = {dep for stage in stages for dep in stage.deps} - outs
        beside = any(out.rpartition("/")[0] == folder for out in outs)
        if (
            not folder
            or not beside
            or any(within(dep, folder) or within(folder, dep) for dep in read)
        ):
            return False
        if not snapshot.reach.is_complete or snapshot.reach.spells(name):
            return False
    return True


def _is_same(sides: Sides, source: str, target: str) -> bool:
    return sides.contents(source)[0].data == sides.contents(target)[1].data


def _is_named(pipeline: Pipeline, path: str) -> bool:
    """Whether a stage declares a file itself, or its command names it."""
    name = path.removeprefix(f"{pipeline.folder}/") if pipeline.folder else path
    return any(
        path in stage.deps or name in str(stage.body.get("cmd")).split()
        for stage in pipeline.stages
    )


def _words(data: bytes | None) -> set[str]:
    return {word.decode() for word in WORD.findall(data or b"")}


def _reads(words: frozenset[str]) -> frozenset[tuple[str, ...]]:
    return frozenset((word,) for word in words)
