"""An output of a stage at one revision: as Git has it, else as the project's DVC cache has it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from paribus.core.errors import Problem
from paribus.core.lock import HASHES
from paribus.core.paths import joined
from paribus.core.pipeline import Pipeline
from paribus.core.values import Value
from paribus.dvc.cache_folder import cache_folder
from paribus.dvc.cached import MOST, Lack, folder_files, look_up, placed_file
from paribus.workflows.reading import Reader, Tree

DIRECTORY = ".dir"
"""How DVC marks the hash of a folder."""

MOST_FILES = 1000
"""Of a folder that are looked at."""


@dataclass(frozen=True, slots=True)
class Output:
    """What could be had of a file.

    Attributes:
        data: its bytes; None where they cannot be had.
        digest: the md5 by which DVC tracks it; None where Git has it, or where nothing says it.
        lack: why there are no bytes; None where there are some. A file that neither Git nor DVC knows
            is absent, too, and has no digest.
        target: what `dvc fetch` calls it, from the repository's top: the file, or the folder that DVC
            tracks it in; None where DVC does not track it.
    """

    data: bytes | None
    digest: str | None = None
    lack: Lack | None = None
    target: str | None = None


def output_of(
    reader: Reader,
    tree: Tree,
    path: str,
    *,
    pipeline: Pipeline | None = None,
    most: int = MOST,
) -> Output:
    """A file of a tree, from Git, else from the DVC cache by the hash that the tree's lock file has.

    Git's object is believed as it is; what comes from the cache has the content of its hash. Of the
    working tree the file that lies there counts: Git ignores what DVC tracks. Nothing is fetched.

    Args:
        path: from the repository's top; also of a file inside a folder that DVC tracks.
        pipeline: that declares it; None for the project's own.
        most: bytes; a larger file is told as too large.

    Raises:
        Problem: the tree's `dvc.yaml` is missing or broken, or Git misses objects.
    """
    data = reader.files(tree).get(path)
    if data is not None:
        return Output(data) if len(data) <= most else Output(None, lack=Lack.TOO_LARGE)
    project = reader.project
    cache = cache_folder(project.root)
    digest = tracked_digest(reader, tree, path, pipeline or reader.pipeline(tree))
    if tree.revision is None and not project.repository.bare:
        placed = placed_file(project.repository.top, path, cache, most)
        if placed is not Lack.ABSENT:
            return _output(placed, digest)
    return _cached(cache, digest, most) if digest is not None else Output(None, lack=Lack.ABSENT)


def outputs_below(
    reader: Reader, tree: Tree, folder: str, *, pipeline: Pipeline, most: int = MOST
) -> dict[str, Output]:
    """As `output_of` for every file of a folder that DVC tracks, by its path from the repository's top.

    Nothing for what is no such folder; the folder itself, lacking, where its list cannot be had.
    """
    cache = cache_folder(reader.project.root)
    if tree.revision is None and not reader.project.repository.bare:
        here = _placed_below(reader.project.repository.top, folder, cache, most)
        if here:
            return here
    digest = tracked_digest(reader, tree, folder, pipeline, whole=True)
    if digest is None:
        return {}
    files = folder_files(cache, digest.md5)
    if isinstance(files, Lack):
        return {folder: Output(None, digest.md5, files, digest.target)}
    return {
        f"{folder}/{inside}": _output(look_up(cache, md5, most), Tracked(md5, digest.target))
        for inside, md5 in list(files.items())[:MOST_FILES]
    }


@dataclass(frozen=True, slots=True)
class Tracked:
    """A hash of a lock file or `.dvc` file.

    Attributes:
        md5: of the file, or of the folder that holds it, with `.dir`.
        target: the path that DVC tracks.
        inside: path of the file in that folder; empty where the hash is the path's own.
    """

    md5: str
    target: str
    inside: str = ""


def tracked_digest(
    reader: Reader, tree: Tree, path: str, pipeline: Pipeline, *, whole: bool = False
) -> Tracked | None:
    """The hash by which DVC tracks a file in a tree; None where it does not, or by no md5.

    Args:
        whole: whether the path is a folder that DVC tracks as a whole.
    """
    outs = {
        out: recorded
        for one in pipeline.each()
        for stage in reader.lock(tree, one).values()
        for out, recorded in stage.outs.items()
    }
    for target, inside in _targets(path):
        recorded = outs.get(target)
        if recorded is not None:
            md5 = recorded.value if recorded.kind.startswith("md5") else None
        else:
            md5 = _of_dvc_file(reader, tree, target)
        if md5 is not None:
            # A folder's hash is of no use for a file, nor a file's for what is below it.
            is_folder = bool(inside) or whole
            return Tracked(md5, target, inside) if is_folder == md5.endswith(DIRECTORY) else None
        if recorded is not None:
            return None
    return None


# Private functions


def _targets(path: str) -> Iterator[tuple[str, str]]:
    """The path itself, and each folder above it with what is left of the path."""
    parts = path.split("/")
    for count in range(len(parts), 0, -1):
        yield "/".join(parts[:count]), "/".join(parts[count:])


def _of_dvc_file(reader: Reader, tree: Tree, path: str) -> str | None:
    file = f"{path}.dvc"
    if file not in reader.files(tree):
        return None
    try:
        document = reader.document(tree, file)
    except Problem:
        return None
    outs = document.get("outs") if isinstance(document, dict) else None
    folder = joined(path.rpartition("/")[0], _text(document, "wdir") or ".")
    for out in outs if isinstance(outs, list) else ():
        kind = next((kind for kind in HASHES if _text(out, kind)), None)
        if joined(folder, _text(out, "path")) == path:
            return _text(out, "md5") if kind == "md5" else None
    return None


def _text(mapping: Value, key: str) -> str:
    value = mapping.get(key) if isinstance(mapping, dict) else None
    return value if isinstance(value, str) else ""


def _placed_below(top: Path, folder: str, cache: Path, most: int) -> dict[str, Output]:
    """Files of a folder of the working tree, where no link leads away."""
    found: dict[str, Output] = {}
    if folder.startswith(("/", "../")):
        return found
    for above, folders, names in os.walk(top / folder):
        folders.sort()
        for name in sorted(names):
            path = Path(above, name).relative_to(top).as_posix()
            data = placed_file(top, path, cache, most)
            if data is not Lack.ABSENT and len(found) < MOST_FILES:
                found[path] = _output(data, None)
        if len(found) >= MOST_FILES:
            break
    return found


def _cached(cache: Path, digest: Tracked, most: int) -> Output:
    if not digest.inside:
        return _output(look_up(cache, digest.md5, most), digest)
    files = folder_files(cache, digest.md5)
    if isinstance(files, Lack):
        return _output(files, digest)
    if digest.inside not in files:
        return Output(None, lack=Lack.ABSENT)
    md5 = files[digest.inside]
    return _output(look_up(cache, md5, most), Tracked(md5, digest.target))


def _output(found: bytes | Lack, digest: Tracked | None) -> Output:
    md5, target = (digest.md5, digest.target) if digest else (None, None)
    if isinstance(found, Lack):
        return Output(None, md5, found, target)
    return Output(found, md5, target=target)
