"""The ruler: what measures. When it differs, two numbers are not comparable."""

from __future__ import annotations

import re
from collections.abc import Iterable

from paribus.core.change import Change, Kind
from paribus.core.paths import within
from paribus.core.pipeline import Pipeline, Stage
from paribus.core.protocol import Protocol
from paribus.core.sides import Sides
from paribus.core.snapshot import Snapshot
from paribus.core.values import KeyPath

SOUNDS_LIKE_MEASURING = re.compile(
    r"eval|(?<![a-z])test|scor|valid|measur|metric|benchmark", re.IGNORECASE
)
SOUNDS_LIKE_TRAINING = re.compile(r"train|(?<![a-z])(fit|tun(e|ing))|learn", re.IGNORECASE)


def measuring_stages(pipeline: Pipeline, protocol: Protocol) -> tuple[str, ...]:
    """Names of the stages that measure: the protocol's, else those that write metrics and sound like it."""
    if protocol.ruler is not None:
        named = set(protocol.ruler)
        return tuple(
            stage.name
            for stage in pipeline.stages
            if named & {stage.name, stage.name.split("@")[0], stage.definition}
        )
    found = tuple(stage.name for stage in pipeline.stages if _measures(stage))
    # Where every stage measures, the ruler would be all that there is, and no change comparable.
    return () if len(found) == len(pipeline.stages) else found


def is_ruler(sides: Sides, change: Change) -> bool:
    """Whether a change reaches measuring stages, and nothing else, on either side."""
    return any(
        _feeds_only_ruler(snapshot, sides.protocol, change) for snapshot in (sides.old, sides.new)
    )


# Private functions


def _feeds_only_ruler(snapshot: Snapshot, protocol: Protocol, change: Change) -> bool:
    readers = {stage.name for stage in _readers(snapshot.pipeline, change)}
    if change.kind is Kind.CODE:
        # Whoever imports it reads it, declared or not; code that runs unseen could read it as well.
        readers |= snapshot.reach.stages(change.file)
        readers = _callers(snapshot, change) or readers
    return bool(readers) and readers <= set(measuring_stages(snapshot.pipeline, protocol))


def _callers(snapshot: Snapshot, change: Change) -> set[str]:
    """Stages that reach the only files that name the function that a change is in; none in doubt."""
    name = change.path[0].partition(".")[0] if change.path else ""
    reach = snapshot.reach
    if not name.isidentifier() or not reach.is_complete or reach.calls_by_name(name):
        return set()
    text = snapshot.files.get(change.file, b"")
    if not re.search(rb"^(?:async )?(?:def|class) %s\b" % name.encode(), text, re.MULTILINE):
        return set()  # no function: a variable's name, or an argument's, may stand anywhere
    naming = reach.naming(name)
    # A name that stands twice in its own file may be used there, by whoever uses that file.
    if naming.pop(change.file, 0) != 1:
        return set()
    return {stage for path in naming for stage in reach.stages(path)}


def _measures(stage: Stage) -> bool:
    """A stage that trains as well is no ruler: an experiment is to change it."""
    name = stage.name.rpartition("dvc.yaml:")[2]
    return bool(
        stage.metrics
        and SOUNDS_LIKE_MEASURING.search(name)
        and not SOUNDS_LIKE_TRAINING.search(name)
    )


def _readers(pipeline: Pipeline, change: Change) -> Iterable[Stage]:
    if change.kind is Kind.PARAM:
        declared = pipeline.param_readers(change.file, change.path)
        return declared or pipeline.readers(change.file)
    if change.kind is Kind.PIPELINE:
        return _defined(pipeline.stages_of(change.file), change.path)
    readers = pipeline.readers(change.file)
    if not readers and change.kind is Kind.DATA and change.file.endswith(".dvc"):
        data = change.file.removesuffix(".dvc")
        parts = [stage for stage in pipeline.stages if any(within(dep, data) for dep in stage.deps)]
        return (*pipeline.readers(data), *parts)
    return readers


def _defined(stages: Iterable[Stage], path: KeyPath) -> Iterable[Stage]:
    """The stages that a part of `dvc.yaml` is about: those of a name, or those that a value fills in."""
    if path[0] == "vars":
        return [stage for stage in stages if path[1:] and stage.refers_to(path[1:])]
    return [stage for stage in stages if path[0] == stage.definition]
