"""Lock files: DVC writes them, but an input that nothing else accounts for shows in them alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from paribus.core.change import Change, Kind, NotCounted
from paribus.core.lock import Hash
from paribus.core.names import Found
from paribus.core.paths import within
from paribus.core.ruler import is_ruler
from paribus.core.sides import Finding, Sides
from paribus.core.snapshot import FileDelta, Snapshot


def lock_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims the lock files of the pipelines."""
    locks = {each.lock for pipeline in sides.pipelines for each in pipeline.each()}
    if delta.path not in locks:
        return None
    return list(_changed_inputs(sides, delta.path)) or [NotCounted(delta.path, "written by DVC")]


# Private functions


def _changed_inputs(sides: Sides, file: str) -> Iterator[Found]:
    """Dependencies that have another hash, each once, by the first stage that reads it."""
    before, after = (side.locks.get(file, {}) for side in (sides.old, sides.new))
    seen: set[str] = set()
    for name in (name for name in before if name in after):
        old, new = before[name].deps, after[name].deps
        for path in (path for path in old if path in new and path not in seen):
            if _differs(old[path], new[path]) and not _is_accounted_for(sides, path):
                seen.add(path)
                yield _found(sides, file, (name, path), old[path], new[path])


def _differs(old: Hash, new: Hash) -> bool:
    return old.kind == new.kind and old.value != new.value


def _is_accounted_for(sides: Sides, path: str) -> bool:
    """Whether a stage writes an input, Git tracks it, or a `.dvc` file points to it."""
    return any(
        _is_written(side, path) or _is_tracked(side, path) or _is_pointed_to(side, path)
        for side in (sides.old, sides.new)
    )


def _is_written(side: Snapshot, path: str) -> bool:
    """Whether a stage writes an input, the folder that it is in, or something in it."""
    written = (out for stage in side.pipeline.stages for out in (*stage.outs, *stage.metrics))
    return side.pipeline.is_output(path) or any(within(out, path) for out in written)


def _is_tracked(side: Snapshot, path: str) -> bool:
    if "://" in path or path.startswith(("/", "../")):
        return False
    return path in side.files or any(within(each, path) for each in side.files)


def _is_pointed_to(side: Snapshot, path: str) -> bool:
    parts = path.split("/")
    return any(f"{'/'.join(parts[:end])}.dvc" in side.files for end in range(1, len(parts) + 1))


def _found(sides: Sides, file: str, place: tuple[str, str], old: Hash, new: Hash) -> Found:
    path = place[1]
    change = Change(Kind.DATA, file, place, old.value, new.value, f"{path} changed ({file})")
    if is_ruler(sides, replace(change, file=path)):
        change = replace(change, kind=Kind.RULER)
    return Found(change)
