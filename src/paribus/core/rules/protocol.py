"""The protocol itself: what measures in it is part of the ruler; the rest is the team's bookkeeping."""

from __future__ import annotations

from collections.abc import Sequence

from paribus.core.change import Change, Kind, NotCounted
from paribus.core.names import Found
from paribus.core.paths import joined
from paribus.core.protocol import FILE
from paribus.core.sides import Finding, Sides
from paribus.core.snapshot import FileDelta
from paribus.core.values import MISSING, spelled


def protocol_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims `paribus.yaml`."""
    if delta.path.rpartition("/")[2] != FILE:
        return None
    if delta.path not in {joined(pipeline.folder, FILE) for pipeline in sides.pipelines}:
        return [NotCounted(delta.path, "the protocol of another project")]
    old, new = sides.old.protocol, sides.new.protocol
    if old is None or new is None:
        return [NotCounted(delta.path, "the protocol came or went")]
    before, after = old.measurement(), new.measurement()
    lines = sides.contents(delta.path)[1].lines
    changed: list[Finding] = [
        Found(
            Change(
                Kind.RULER,
                delta.path,
                (key,),
                before.get(key, MISSING),
                after.get(key, MISSING),
                f"{key} {spelled(before.get(key, MISSING))} -> {spelled(after.get(key, MISSING))}",
                lines.get((key,)),
            )
        )
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    ]
    return changed or [NotCounted(delta.path, "rules of the team; the baseline's apply")]
