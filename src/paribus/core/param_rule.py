"""Params: each leaf whose type or value differs is a change, unless it is a declared seed."""

from __future__ import annotations

from collections.abc import Sequence

from paribus.core.change import Change, Kind, NotCounted
from paribus.core.pipeline import DEFAULT_PARAMS
from paribus.core.sides import Finding, Sides
from paribus.core.snapshot import Content, FileDelta
from paribus.core.values import MISSING, KeyPath, Value, dotted, leaves, same, spelled


def params_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims the params files of the pipeline that could be read as values."""
    if not sides.is_params_file(delta.path):
        return None
    old, new = sides.contents(delta.path)
    if not _readable(old) or not _readable(new):
        return None
    before, after = dict(leaves(old.document or {})), dict(leaves(new.document or {}))
    paths = list(dict.fromkeys([*before, *after]))
    changed = [
        path
        for path in paths
        if not same(before.get(path, MISSING), after.get(path, MISSING)) and _is_leaf(path, before, after)
    ]  # fmt: skip
    findings: list[Finding] = []
    for path in changed:
        sample = _change(delta.path, path, before, after, old, new)
        seed = is_seed(sides.protocol.seeds, delta.path, path)
        findings.append(
            NotCounted(delta.path, f"{dotted(path)} (declared seed)") if seed else sample
        )
    return findings or [NotCounted(delta.path, "comments, order or formatting only")]


def is_seed(seeds: Sequence[str], file: str, path: KeyPath) -> bool:
    """Whether a protocol's seeds, each `key` or `file:key`, name this param."""
    return any(param_name(seed) == (file, path) for seed in seeds)


def param_name(name: str) -> tuple[str, KeyPath]:
    """The file and the path of a param as people write it: `train.C`, or `conf/a.yaml:train.C`."""
    file, colon, key = name.rpartition(":")
    return (file if colon else DEFAULT_PARAMS), tuple(key.split("."))


# Private functions


def _readable(content: Content) -> bool:
    return content.data is None or isinstance(content.document, dict)


def _is_leaf(path: KeyPath, before: dict[KeyPath, Value], after: dict[KeyPath, Value]) -> bool:
    """An empty mapping that gains keys, or loses them all, is told by those keys alone."""
    for mine, other in ((before, after), (after, before)):
        if path in mine and path not in other and mine[path] == {}:
            return not any(len(key) > len(path) and key[: len(path)] == path for key in other)
    return True


def _change(
    file: str,
    path: KeyPath,
    before: dict[KeyPath, Value],
    after: dict[KeyPath, Value],
    old: Content,
    new: Content,
) -> Change:
    left, right = before.get(path, MISSING), after.get(path, MISSING)
    summary = f"{dotted(path)} {spelled(left)} -> {spelled(right)}"
    if _type_only(left, right):
        summary += " (type only)"
    line = new.lines.get(path) if right is not MISSING else old.lines.get(path)
    return Change(Kind.PARAM, file, path, left, right, summary, line)


def _type_only(left: Value, right: Value) -> bool:
    if left is MISSING or right is MISSING or isinstance(left, str) is not isinstance(right, str):
        return False
    return bool(left == right)
