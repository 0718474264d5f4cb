"""Data: what DVC tracks by its hash, and what Git tracks itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from paribus.core.change import Kind, NotCounted
from paribus.core.names import Found
from paribus.core.paths import joined, matches, within
from paribus.core.rules.whole import edited_lines, whole
from paribus.core.sides import Finding, Sides, verb
from paribus.core.snapshot import FileDelta, Snapshot
from paribus.core.values import same

DATA = (
    "*.csv", "*.tsv", "*.json", "*.jsonl", "*.ndjson", "*.parquet", "*.feather", "*.arrow", "*.npy",
    "*.npz", "*.h5", "*.hdf5", "*.pkl", "*.pickle", "*.joblib", "*.xls", "*.xlsx", "*.db", "*.sqlite",
    "*.txt", "*.png", "*.jpg", "*.jpeg", "*.gif", "*.tif", "*.tiff", "*.wav", "*.mp3", "*.flac",
    "*.mp4", "*.gz", "*.zip", "*.tar", "*.bz2", "*.xz", "*.zst", "*.bin", "*.xml",
)  # fmt: skip

MODEL = re.compile(r"\.(pkl|pickle|joblib|pth?|onnx|ckpt|keras|safetensors|mlem)$", re.IGNORECASE)
"""What a trained model is kept in."""

SAVES = re.compile(rb"\b(?:dump|save|save_model|to_pickle|export)\b")

ABOUT_DATA = (
    "size", "nfiles", "hash", "remote", "push", "cache", "persist", "desc", "type", "labels", "meta",
)  # fmt: skip
"""Keys of an output in a `.dvc` file that do not tell its content, which its hash tells alone."""


def data_pointer(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims `.dvc` files, which say by their hashes what data there is."""
    if not delta.path.endswith(".dvc"):
        return None
    old, new = (content.document for content in sides.contents(delta.path))
    if old is not None and same(_pointed(old), _pointed(new)):
        return [NotCounted(delta.path, "same data")]
    outs = {*_outs(delta.path, old), *_outs(delta.path, new)}
    if outs and not any(_is_read(side, out) for side in (sides.old, sides.new) for out in outs):
        return [NotCounted(delta.path, "no stage reads it")]
    return [Found(whole(Kind.DATA, delta, verb(delta)))]


def data_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims the data that Git tracks itself and a stage declares."""
    if sides.is_dependency(delta.path) and matches(delta.path, DATA):
        return [Found(whole(Kind.DATA, delta, edited_lines(sides, delta)))]
    return None


# Private functions


def _outs(file: str, document: object) -> list[str]:
    """The data that a `.dvc` file points to, from the top of the repository."""
    if not isinstance(document, dict) or not isinstance(document.get("outs"), list):
        return []
    base = joined(file.rpartition("/")[0], str(document.get("wdir") or "."))
    return [
        joined(base, str(out["path"]))
        for out in document["outs"]
        if isinstance(out, dict) and "path" in out
    ]


def _is_read(side: Snapshot, out: str) -> bool:
    """Whether a stage declares some data, or a command, code or another pipeline has its name."""
    name = out.rpartition("/")[2]
    word = re.compile(rb"(?<![\w.-])%s(?![\w-])" % re.escape(name.encode()))
    stages, reach = side.pipeline.stages, side.reach
    read = [path for stage in stages for path in stage.deps] + [*side.pipeline.params_files()]
    if not stages or any(within(path, out) or within(out, path) for path in read):
        return True
    if any(word.search(command.encode()) for stage in stages for command in stage.commands):
        return True
    if not reach.is_complete:
        return True
    # A model that code names and no stage declares is one that a stage wrote.
    naming = [text for _, text in reach.sources() if word.search(text)]
    named = any(not (MODEL.search(name) and SAVES.search(text)) for text in naming)
    return named or any(word.search(text) for text in _other_pipelines(side))


def _other_pipelines(side: Snapshot) -> Iterator[bytes]:
    """What the `dvc.yaml` files of other folders say; only this question lists the tree."""
    known = {each.file for each in side.pipeline.each()}
    listed = [path for path in side.files if path.endswith("/dvc.yaml") or path == "dvc.yaml"]
    return (side.files.get(path, b"") for path in listed if path not in known)


def _pointed(document: object) -> object:
    """What of a `.dvc` file says which data it is: not its description, nor where copies of it are."""
    if not isinstance(document, dict):
        return document
    pointed = {key: document[key] for key in ("outs", "deps", "wdir") if key in document}
    for key in ("outs", "deps"):
        if isinstance(pointed.get(key), list):
            pointed[key] = [_content(each) for each in pointed[key]]
    if pointed.get("deps"):  # what is not frozen is fetched anew
        pointed["frozen"] = document.get("frozen") is True
    return pointed


def _content(out: object) -> object:
    if not isinstance(out, dict):
        return out
    return {key: value for key, value in out.items() if key not in ABOUT_DATA}
