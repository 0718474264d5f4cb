"""The ruler: what measures. When it differs, two numbers are not comparable."""

from __future__ import annotations

import re
from collections.abc import Iterable

from paribus.core.change import Change, Kind
from paribus.core.pipeline import Pipeline, Stage
from paribus.core.protocol import Protocol
from paribus.core.sides import Sides

SOUNDS_LIKE_MEASURING = re.compile(r"eval|test|score|valid|measure|metric|benchmark", re.IGNORECASE)


def measuring_stages(pipeline: Pipeline, protocol: Protocol) -> tuple[str, ...]:
    """Names of the stages that measure: the protocol's, else those that write metrics and sound like it."""
    if protocol.ruler is not None:
        named = set(protocol.ruler)
        return tuple(
            stage.name
            for stage in pipeline.stages
            if stage.name in named or stage.name.split("@")[0] in named
        )
    return tuple(
        stage.name
        for stage in pipeline.stages
        if stage.metrics and SOUNDS_LIKE_MEASURING.search(stage.name)
    )


def is_ruler(sides: Sides, change: Change) -> bool:
    """Whether a change reaches measuring stages, and nothing else, on either side."""
    return any(_feeds_only_ruler(pipeline, sides.protocol, change) for pipeline in sides.pipelines)


# Private functions


def _feeds_only_ruler(pipeline: Pipeline, protocol: Protocol, change: Change) -> bool:
    readers = _readers(pipeline, change)
    measuring = set(measuring_stages(pipeline, protocol))
    return bool(readers) and all(stage.name in measuring for stage in readers)


def _readers(pipeline: Pipeline, change: Change) -> Iterable[Stage]:
    if change.kind is Kind.PARAM:
        return pipeline.param_readers(change.file, change.path)
    readers = pipeline.readers(change.file)
    if not readers and change.kind is Kind.DATA and change.file.endswith(".dvc"):
        return pipeline.readers(change.file.removesuffix(".dvc"))
    return readers
