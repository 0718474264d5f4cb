"""Names that follow from content, so that the same idea tried twice is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from paribus.core.change import Change, plain
from paribus.core.ids import ID_LENGTH, SHORTEST, shortened
from paribus.core.paths import matches
from paribus.core.pipeline import Pipeline
from paribus.core.protocol import ALWAYS_NEUTRAL, FILE, Protocol
from paribus.core.ruler import measuring_stages
from paribus.core.snapshot import Entry
from paribus.core.values import MISSING, Value

__all__ = [
    "ID_LENGTH", "SHORTEST", "digest", "evaluation_key", "experiment_id", "idea_key", "is_aside", "shortened",
    "snapshot_key",
]  # fmt: skip


def digest(value: Any) -> str:
    """A hex name of a JSON value, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]


def snapshot_key(files: Mapping[str, Entry], pipeline: Pipeline, protocol: Protocol) -> str:
    """The name of everything at one revision that can move a metric.

    Two commits that differ in neutral files, consequences and the protocol have the same key, so
    that an edited README does not throw away a measured baseline.

    Args:
        files: every file of the revision's tree.
    """
    neutral = (*ALWAYS_NEUTRAL, *protocol.neutral)
    pipeline = pipeline.alone()  # whatever it was compared with, a revision has one name
    moving = [
        [path, entry.mode, entry.oid]
        for path, entry in sorted(files.items())
        if path.rpartition("/")[2] != FILE and not is_aside(path, pipeline, neutral)
    ]
    return digest(moving)


def is_aside(path: str, pipeline: Pipeline, neutral: tuple[str, ...]) -> bool:
    """Whether a file cannot move a metric: it is neutral, or the pipeline writes it.

    Args:
        neutral: patterns, the usual ones among them.
    """
    if path == pipeline.lock or pipeline.is_output(path):
        return True
    declared = bool(pipeline.readers(path)) or path in pipeline.params_files()
    return not declared and not path.endswith(".dvc") and matches(path, neutral)


def experiment_id(
    baseline_key: str, changes: Iterable[Change], protocol: Protocol, project: str
) -> str:
    """The name of one idea against one baseline, judged by one measurement.

    Args:
        baseline_key: the baseline's `snapshot_key`.
        project: folder of the DVC project from the top of the repository.
    """
    parts = [_identifying(part) for change in changes for part in change.single()]
    return digest(
        {
            "baseline": baseline_key,
            "changes": sorted(parts, key=json.dumps),
            "measurement": protocol.measurement(),
            "project": project,
        }
    )


def idea_key(change: Change) -> str:
    """The name of one change, whatever it is tried against and however it is judged."""
    return digest(sorted((_identifying(part) for part in change.single()), key=json.dumps))


def evaluation_key(files: Mapping[str, Entry], pipeline: Pipeline, protocol: Protocol) -> str:
    """The name of what measures: the inputs of the measuring stages, as far as Git knows them.

    Args:
        files: every file of the revision's tree.
    """
    names = set(measuring_stages(pipeline, protocol))
    inputs = {dep for stage in pipeline.stages if stage.name in names for dep in stage.deps}
    found = {path: files.get(path) or files.get(f"{path}.dvc") for path in inputs}
    predictions = protocol.predictions.as_json() if protocol.predictions else None
    return digest(
        {
            "inputs": [[path, entry and entry.oid] for path, entry in sorted(found.items())],
            "predictions": predictions,
            "stages": sorted(names),
        }
    )


# Private functions


def _identifying(change: Change) -> list[Any]:
    sides = [_tagged(change.old), _tagged(change.new)]
    return [change.kind.value, change.file, list(change.path), *sides]


def _tagged(value: Value) -> Any:
    """A value as JSON, such that no two values that differ look alike."""
    if value is MISSING:
        return {"absent": True}
    if isinstance(value, list):
        return [_tagged(item) for item in value]
    if isinstance(value, Mapping):
        members = [[_tagged(key), _tagged(value[key])] for key in value]
        return {"mapping": sorted(members, key=json.dumps)} if members else {}
    told = plain(value)
    return told if type(told) is type(value) else {type(value).__name__: told}
