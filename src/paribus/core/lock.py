"""What a `dvc.lock` says of the run that wrote it, held against a tree."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from paribus.core.commands import as_words
from paribus.core.paths import joined
from paribus.core.pipeline import Pipeline, Stage
from paribus.core.values import Value, same

LARGEST_LOCK = 256_000
"""Bytes; a larger lock file is not held against its tree, so that a check stays quick."""

LARGEST_TRACKED = 2_000_000
MOST_TRACKED = 200
"""Of the files whose hashes are made for it, the size of each, and their number."""

HASHES = ("md5", "etag", "checksum", "version_id")

LFS = b"version https://git-lfs"
"""How a file begins that stands for one which Git keeps elsewhere."""


@dataclass(frozen=True, slots=True)
class Hash:
    """A content by its hash.

    Attributes:
        kind: of the hash, with DVC's mark of how it was made; two kinds cannot be compared.
        size: in bytes, where it is known.
    """

    kind: str
    value: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class LockedStage:
    """One stage as it was run; paths are from the top of the repository."""

    name: str
    command: Value
    deps: Mapping[str, Hash] = field(default_factory=dict)
    outs: Mapping[str, Hash] = field(default_factory=dict)
    params: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)


def read_lock(document: Value, pipeline: Pipeline) -> dict[str, LockedStage]:
    """The stages of a lock file that its `dvc.yaml` still has; what cannot be understood is left out."""
    listed = _mapping(_mapping(document).get("stages"))
    return {
        stage.name: _stage(stage, _mapping(listed[stage.name]))
        for stage in pipeline.alone().stages
        if stage.name in listed
    }


def is_content(data: bytes, recorded: Hash) -> bool:
    """Whether a file has the content of a hash, as DVC 3 makes it or as DVC 2 did.

    DVC 2 hashed text with plain line ends; DVC 3 hashes what lies on disk, where Git for Windows puts
    carriage returns that the repository does not have.
    """
    if not recorded.kind.startswith("md5") or data.startswith(LFS):
        return True  # nothing can be said
    hashes = {_md5(data)}
    if b"\0" not in data:
        text = data.replace(b"\r\n", b"\n")
        hashes |= {_md5(text), _md5(text.replace(b"\n", b"\r\n"))}
    return recorded.value in hashes


def edited_metrics(
    pipeline: Pipeline, lock: Mapping[str, LockedStage], contents: Mapping[str, bytes]
) -> list[str]:
    """Metrics files whose content is not the one that the run wrote.

    Args:
        contents: the files to look at.
    """
    written = {path: each for stage in lock.values() for path, each in stage.outs.items()}
    return [
        path
        for path in pipeline.alone().metrics_files()
        if path in contents and path in written and not is_content(contents[path], written[path])
    ]


def mismatches(
    pipeline: Pipeline,
    lock: Mapping[str, LockedStage],
    files: Mapping[str, bytes],
    params: Mapping[str, Value],
) -> list[str]:
    """Where a lock and the tree beside it differ, each as `stage train: src/train.py differs`.

    Args:
        params: the values of the tree's params files.
    """
    found = []
    looked_at = 0
    for stage in pipeline.alone().stages:
        locked = lock.get(stage.name)
        if locked is None:
            continue
        what = [*_command(stage, locked), *_params(locked, pipeline, params)]
        for path, recorded in locked.deps.items():
            if looked_at >= MOST_TRACKED or (recorded.size or 0) > LARGEST_TRACKED:
                continue
            data = files.get(path)
            if data is not None:
                looked_at += 1
                what += [] if is_content(data, recorded) else [f"{path} differs"]
        found += [f"stage {stage.name}: {each}" for each in what]
    return found


# Private functions


def _stage(stage: Stage, body: Mapping[str, Any]) -> LockedStage:
    params = _mapping(body.get("params"))
    return LockedStage(
        stage.name,
        body.get("cmd"),
        dict(_hashes(stage, body.get("deps"))),
        dict(_hashes(stage, body.get("outs"))),
        {joined(stage.folder, str(file)): _mapping(params[file]) for file in params},
    )


def _hashes(stage: Stage, entries: Value) -> Iterator[tuple[str, Hash]]:
    for entry in entries if isinstance(entries, list) else ():
        about = _mapping(entry)
        path = str(about.get("path", ""))
        kind = next((kind for kind in HASHES if about.get(kind)), None)
        if not path or kind is None:
            continue
        size = about.get("size")
        # DVC 2 made another md5 of text, and did not say `hash`.
        recorded = Hash(
            f"{kind} {about.get('hash', '')}".strip(),
            str(about[kind]),
            size if isinstance(size, int) else None,
        )
        yield path if "://" in path else joined(stage.folder, path), recorded


def _command(stage: Stage, locked: LockedStage) -> Iterator[str]:
    ours = stage.commands
    theirs = locked.command if isinstance(locked.command, list) else [locked.command]
    if not ours or any("${" in command for command in ours):
        return
    if [as_words(each) for each in ours] != [as_words(each) for each in theirs]:
        yield "its command differs"


def _params(locked: LockedStage, pipeline: Pipeline, params: Mapping[str, Value]) -> Iterator[str]:
    for file, values in locked.params.items():
        if file in params and not pipeline.is_output(file):
            for key, value in values.items():
                there = _looked_up(params[file], str(key))
                if not _is_equal(there, value):
                    yield f"{_place(there, value, str(key))} differs"


def _place(left: Value, right: Value, key: str) -> str:
    """The first key inside two mappings whose values differ."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for inner in [*right, *left]:
            there, here = left.get(inner), right.get(inner)
            if not _is_equal(there, here):
                return _place(there, here, f"{key}.{inner}")
    return key


def _is_equal(left: Value, right: Value) -> bool:
    return bool(left == right) or same(left, right)


def _looked_up(document: Value, key: str) -> Value:
    """A key as DVC looks for it; one that has dots in it stands for itself where it is there."""
    if isinstance(document, Mapping) and key in document:
        return document[key]
    for step in key.split("."):
        if isinstance(document, Mapping):
            named = {str(name): value for name, value in document.items()}
            document = named.get(step)
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _mapping(value: Value) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
