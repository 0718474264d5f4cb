"""Files that are judged as a whole: consequences, neutral files, data, environment, code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from paribus.core.change import Change, Kind, NotCounted
from paribus.core.paths import matches
from paribus.core.protocol import ALWAYS_NEUTRAL
from paribus.core.python_code import same_program
from paribus.core.sides import Finding, Sides, same_mode, short_id, verb
from paribus.core.snapshot import FileDelta
from paribus.core.values import same

ENVIRONMENT = (
    "requirements*.txt", "requirements*.in", "requirements/", "constraints*.txt", "pyproject.toml",
    "setup.py", "setup.cfg", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile", "Pipfile.lock",
    "environment*.yml", "environment*.yaml", "conda-lock.yml", "pixi.toml", "pixi.lock",
    "Dockerfile*", "*.dockerfile", ".dockerignore", "docker-compose*.yml", ".python-version",
    "runtime.txt", "renv.lock", "DESCRIPTION",
)  # fmt: skip

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


def consequence(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims what a run writes: the lock file, metrics, stage outputs."""
    if delta.path in {pipeline.lock for pipeline in sides.pipelines}:
        return [NotCounted(delta.path, "written by DVC")]
    written = [pipeline.is_output(delta.path) for pipeline in sides.pipelines]
    edited = delta.old is not None and delta.new is not None
    # Or a revision could hide an edit of its code by calling the file an output.
    if all(written) or (any(written) and not edited):
        return [NotCounted(delta.path, "output of a stage")]
    return None


def data_pointer(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims `.dvc` files, which say by their hashes what data there is."""
    if not delta.path.endswith(".dvc"):
        return None
    old, new = sides.contents(delta.path)
    if old.document is not None and same(_pointed(old.document), _pointed(new.document)):
        return [NotCounted(delta.path, "same data")]
    return [_whole(Kind.DATA, delta, verb(delta))]


def neutral_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims what cannot move a metric, unless a stage declares that it reads it."""
    if sides.is_dependency(delta.path) or sides.is_params_file(delta.path):
        return None
    if matches(delta.path, (*ALWAYS_NEUTRAL, *sides.protocol.neutral)):
        return [NotCounted(delta.path, "neutral")]
    return None


def environment_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims requirements, lock files, interpreters and containers."""
    if sides.is_dependency(delta.path) or not matches(delta.path, ENVIRONMENT):
        return None
    return [_whole(Kind.ENVIRONMENT, delta, _lines(sides, delta))]


def data_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims the data that Git tracks itself and a stage declares."""
    if sides.is_dependency(delta.path) and matches(delta.path, DATA):
        return [_whole(Kind.DATA, delta, _lines(sides, delta))]
    return None


def other_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims the rest: nothing is neutral by accident, so an unknown kind of file counts as code."""
    old, new = sides.contents(delta.path)
    edited = delta.path.endswith(".py") and verb(delta) == "edited"
    if edited and same_mode(delta) and same_program(old.data, new.data):
        return [NotCounted(delta.path, "comments or formatting only")]
    return [_whole(Kind.CODE, delta, _lines(sides, delta))]


# Private functions


def _whole(kind: Kind, delta: FileDelta, what: str) -> Change:
    old, new = short_id(delta.old), short_id(delta.new)
    return Change(kind, delta.path, (), old, new, f"{delta.path} {what}")


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


def _lines(sides: Sides, delta: FileDelta) -> str:
    """How a text changed, as `edited, +3 -1 lines`."""
    what = verb(delta)
    old, new = sides.contents(delta.path)
    if what != "edited" or old.data is None or new.data is None:
        return what
    if b"\0" in old.data or b"\0" in new.data:
        return "edited (binary)"
    left, right = Counter(old.data.splitlines()), Counter(new.data.splitlines())
    return f"edited, +{(right - left).total()} -{(left - right).total()} lines"
