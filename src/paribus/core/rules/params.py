"""Params: each leaf whose type or value differs is a change, unless it is a declared seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from paribus.core.change import Change, Kind, NotCounted
from paribus.core.names import Found, Names
from paribus.core.paths import joined
from paribus.core.pipeline import DEFAULT_PARAMS
from paribus.core.sides import Finding, Sides
from paribus.core.snapshot import Content, FileDelta
from paribus.core.values import MISSING, KeyPath, Value, dotted, leaves, same, spelled, undotted


def params_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims the params files of the pipeline that could be read as values."""
    if not sides.is_params_file(delta.path):
        return None
    old, new = sides.contents(delta.path)
    if not _readable(old) or not _readable(new):
        return None
    seeds = params_named(sides, sides.protocol.seeds)
    findings: list[Finding] = []
    for path, left, right in _differing(old.document or {}, new.document or {}, ()):
        if (delta.path, path) in seeds:
            findings.append(NotCounted(delta.path, f"{dotted(path)} (declared seed)"))
        else:
            line = (old if right is MISSING else new).lines.get(path)
            change = _change(delta.path, path, left, right, line)
            findings.append(_found(change, old.document or {}, new.document or {}))
    return findings or [NotCounted(delta.path, "comments, order or formatting only")]


def moved_params(
    sides: Sides, deltas: Iterable[FileDelta]
) -> tuple[dict[KeyPath, Value], dict[KeyPath, Value]]:
    """The params that only the old side has, and those that only the new side has, with their values."""
    gone: dict[KeyPath, Value] = {}
    come: dict[KeyPath, Value] = {}
    for delta in deltas:
        old, new = sides.contents(delta.path)
        if not sides.is_params_file(delta.path) or not (_readable(old) and _readable(new)):
            continue
        for path, left, right in _differing(old.document or {}, new.document or {}, ()):
            if left is MISSING:
                come[path] = right
            elif right is MISSING:
                gone[path] = left
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


def _readable(content: Content) -> bool:
    return content.data is None or isinstance(content.document, dict)


def _differing(left: Value, right: Value, path: KeyPath) -> Iterator[tuple[KeyPath, Value, Value]]:
    """Each minimal difference: (path, old, new). A value that becomes a mapping is one."""
    if _mappings(left, right):
        old, new = ({str(key): side[key] for key in side} for side in (left, right))
        for key in dict.fromkeys([*old, *new]):
            yield from _differing(old.get(key, MISSING), new.get(key, MISSING), (*path, key))
    elif left is MISSING:
        yield from ((inner, MISSING, value) for inner, value in leaves(right, path))
    elif right is MISSING:
        yield from ((inner, value, MISSING) for inner, value in leaves(left, path))
    elif not same(left, right):
        yield path, left, right


def _mappings(left: Value, right: Value) -> bool:
    """Whether both are mappings whose keys can be matched: those `{0: a}` and `{"0": a}` cannot."""
    if not isinstance(left, Mapping) or not isinstance(right, Mapping):
        return False
    types = {str(key): type(key) for key in left}
    return all(types.get(str(key), type(key)) is type(key) for key in right)


def _found(change: Change, old: Value, new: Value) -> Found:
    """A param that comes or goes brings its name, and that of a mapping that comes or goes with it."""
    if change.old is not MISSING and change.new is not MISSING:
        return Found(change)
    without = old if change.old is MISSING else new
    mine = Names(keys=frozenset(_keys(change.path, without)))
    return Found(change, Names(), mine) if change.old is MISSING else Found(change, mine, Names())


def _keys(path: KeyPath, without: Value) -> tuple[KeyPath, ...]:
    for depth, key in enumerate(path):
        if not isinstance(without, dict) or key not in without:
            return tuple(path[:end] for end in range(depth + 1, len(path) + 1))
        without = without[key]
    return (path,)


def _change(file: str, path: KeyPath, left: Value, right: Value, line: int | None) -> Change:
    summary = f"{dotted(path)} {spelled(left)} -> {spelled(right)}"
    if left == right:
        summary += " (type only)"
    return Change(Kind.PARAM, file, path, left, right, summary, line)
