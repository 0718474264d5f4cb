"""Params: each leaf whose type or value differs is a change, unless it is a declared seed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from paribus.core.change import NotCounted
from paribus.core.paths import joined, within
from paribus.core.pipeline import DEFAULT_PARAMS, Pipeline, Stage
from paribus.core.protocol import Protocol
from paribus.core.ruler import SOUNDS_LIKE_TRAINING, measuring_stages
from paribus.core.rules.leaves import differing, found_leaf
from paribus.core.sides import Finding, Sides
from paribus.core.snapshot import Content, FileDelta
from paribus.core.values import MISSING, KeyPath, Value, dotted, undotted

MODEL = re.compile(r"model|weights|checkpoint|\.(pkl|pickle|joblib|pth?|onnx|ckpt|keras)$", re.I)
"""What is measured, rather than what it is measured on."""


MOST_LEAVES = 2000
"""Differing values of one file that are looked at; nobody reads so many."""


def params_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims the params files of the pipeline that could be read as values."""
    if not sides.is_params_file(delta.path) or not _is_readable(sides, delta.path):
        return None
    return leaf_findings(sides, delta.path)


def leaf_findings(sides: Sides, file: str) -> Sequence[Finding]:
    """What differs in a file that both sides, where they have it, can read as a mapping."""
    old, new = (_documented(content) for content in sides.contents(file))
    seeds = params_named(sides, sides.protocol.seeds)
    findings: list[Finding] = []
    for leaf in islice(differing(old.document, new.document), MOST_LEAVES):
        if (file, leaf.path) in seeds:
            findings.append(declared_seed(sides, file, leaf.path))
        else:
            findings.append(found_leaf(file, leaf, old, new))
    return findings or [NotCounted(file, "comments, order or formatting only")]


def declared_seed(sides: Sides, file: str, path: KeyPath) -> NotCounted:
    """A seed that differs is no change; one that draws the evaluation data as well is told apart."""
    draws = any(_draws(pipeline, sides.protocol, file, path) for pipeline in sides.pipelines)
    more = "; it draws what evaluate measures on" if draws else ""
    return NotCounted(file, f"{dotted(path)} (declared seed{more})")


def moved_params(
    sides: Sides, deltas: Iterable[FileDelta]
) -> tuple[dict[KeyPath, Value], dict[KeyPath, Value]]:
    """The params that only the old side has, and those that only the new side has, with their values."""
    gone: dict[KeyPath, Value] = {}
    come: dict[KeyPath, Value] = {}
    for delta in deltas:
        if not sides.is_params_file(delta.path) or not _is_readable(sides, delta.path):
            continue
        old, new = (_documented(content) for content in sides.contents(delta.path))
        for leaf in islice(differing(old.document, new.document), MOST_LEAVES):
            if leaf.old is MISSING:
                come[leaf.path] = leaf.new
            elif leaf.new is MISSING:
                gone[leaf.path] = leaf.old
    return gone, come


def params_named(sides: Sides, names: Iterable[str]) -> set[tuple[str, KeyPath]]:
    """Params by the names that a protocol has for them, each with its file from the repository's top."""
    folder = sides.new.pipeline.folder
    return {(joined(folder, file), path) for file, path in map(param_name, names)}


def param_name(name: str) -> tuple[str, KeyPath]:
    """The file and the path of a param as people write it: `train.C`, or `conf/a.yaml:train.C`."""
    start = name.find('"')
    colon = name.rfind(":", 0, start if start >= 0 else len(name))
    return (name[:colon] if colon >= 0 else DEFAULT_PARAMS), undotted(name[colon + 1 :])


# Private functions


def _is_readable(sides: Sides, file: str) -> bool:
    """Whether both sides can be read as values, and differ in nothing else.

    A Python file may hold a program besides its params. Where that differs too, or the file is not on
    both sides, it is judged as a program, of which the params are a part.
    """
    old, new = sides.contents(file)
    if file.endswith(".py") and (old.rest is None or old.rest != new.rest):
        return False
    return all(content.data is None or isinstance(content.document, dict) for content in (old, new))


def _documented(content: Content) -> Content:
    return Content(content.data, content.document or {}, content.lines)


def _draws(pipeline: Pipeline, protocol: Protocol, file: str, path: KeyPath) -> bool:
    """Whether a stage that reads a seed writes the data that a measuring stage reads."""
    measuring = set(measuring_stages(pipeline, protocol))
    measured = [dep for stage in pipeline.stages if stage.name in measuring for dep in stage.deps]
    written = [
        out
        for stage in pipeline.param_readers(file, path)
        if stage.name not in measuring and not SOUNDS_LIKE_TRAINING.search(stage.definition)
        for out in _data(stage)
    ]
    return any(within(dep, out) or within(out, dep) for dep in measured for out in written)


def _data(stage: Stage) -> Iterator[str]:
    return (out for out in stage.outs if not MODEL.search(out.rpartition("/")[2]))
