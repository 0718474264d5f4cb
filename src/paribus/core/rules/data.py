"""Data: what DVC tracks by its hash, and what Git tracks itself."""

from __future__ import annotations

from collections.abc import Sequence

from paribus.core.change import Kind, NotCounted
from paribus.core.names import Found
from paribus.core.paths import matches
from paribus.core.rules.whole import edited_lines, whole
from paribus.core.sides import Finding, Sides, verb
from paribus.core.snapshot import FileDelta
from paribus.core.values import same

DATA = (
    "*.csv", "*.tsv", "*.json", "*.jsonl", "*.ndjson", "*.parquet", "*.feather", "*.arrow", "*.npy",
    "*.npz", "*.h5", "*.hdf5", "*.pkl", "*.pickle", "*.joblib", "*.xls", "*.xlsx", "*.db", "*.sqlite",
    "*.txt", "*.png", "*.jpg", "*.jpeg", "*.gif", "*.tif", "*.tiff", "*.wav", "*.mp3", "*.flac",
    "*.mp4", "*.gz", "*.zip", "*.tar", "*.bz2", "*.xz", "*.zst", "*.bin", "*.xml",
)  # fmt: skip

ABOUT_DATA = (
    "size", "nfiles", "hash", "remote", "push", "cache", "persist", "desc", "type", "labels", "meta",
)  # fmt: skip
"""Keys of an output in a `.dvc` file that do not tell its content, which its hash tells alone."""


def data_pointer(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims `.dvc` files, which say by their hashes what data there is."""
    if not delta.path.endswith(".dvc"):
        return None
    old, new = sides.contents(delta.path)
    if old.document is not None and same(_pointed(old.document), _pointed(new.document)):
        return [NotCounted(delta.path, "same data")]
    return [Found(whole(Kind.DATA, delta, verb(delta)))]


def data_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims the data that Git tracks itself and a stage declares."""
    if sides.is_dependency(delta.path) and matches(delta.path, DATA):
        return [Found(whole(Kind.DATA, delta, edited_lines(sides, delta)))]
    return None


# Private functions


def _pointed(document: object) -> object:
    """What of a `.dvc` file says which data it is: not its description, nor where copies of it are."""
    if not isinstance(document, dict):
        return document
    pointed = {key: document[key] for key in ("outs", "deps", "wdir") if key in document}
    if isinstance(pointed.get("outs"), list):
        pointed["outs"] = [_content(out) for out in pointed["outs"]]
    return pointed


def _content(out: object) -> object:
    if not isinstance(out, dict):
        return out
    return {key: value for key, value in out.items() if key not in ABOUT_DATA}
