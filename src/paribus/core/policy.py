"""Policy: an experiment has one change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from paribus.core.change import Change, Kind, NotCounted, Warned
from paribus.core.diff import diff
from paribus.core.group import Tie, group
from paribus.core.sides import Sides
from paribus.core.snapshot import FileDelta


class Count(StrEnum):
    """How many changes a revision has against its baseline."""

    ONE = "one"
    NONE = "none"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a revision changes against its baseline.

    Attributes:
        outcome: one, none or many.
        changes: after grouping, in the order of the files.
        not_counted: differences that are no change, and why.
        warnings: what a person wants to know.
        ties: why changes were joined.
    """

    outcome: Count
    changes: tuple[Change, ...]
    not_counted: tuple[NotCounted, ...]
    warnings: tuple[Warned, ...] = ()
    ties: tuple[Tie, ...] = ()

    @property
    def moves_ruler(self) -> bool:
        """Whether numbers before and after cannot be compared."""
        parts = [part for change in self.changes for part in change.single()]
        return any(part.kind is Kind.RULER for part in parts)


def judge(sides: Sides, deltas: Sequence[FileDelta]) -> Judgement:
    """Snapshot, diff, group, policy: the first half of the sentence."""
    difference = diff(sides, deltas)
    grouped = group(sides, difference.found)
    outcome = {0: Count.NONE, 1: Count.ONE}.get(len(grouped.changes), Count.MANY)
    return Judgement(
        outcome, grouped.changes, difference.not_counted, difference.warnings, grouped.ties
    )


def undeclared(sides: Sides, changes: Sequence[Change]) -> tuple[str, ...]:
    """Changed files that no stage declares, so that DVC would not notice that it must run anything."""
    parts = [part for change in changes for part in change.single()]
    return tuple(part.file for part in parts if not _is_declared(sides, part))


# Private functions


def _is_declared(sides: Sides, part: Change) -> bool:
    pipeline = sides.new.pipeline
    if sides.is_pipeline_file(part.file):
        return True
    if part.path and pipeline.param_readers(part.file, part.path):
        return True
    return bool(pipeline.readers(part.file) or pipeline.readers(part.file.removesuffix(".dvc")))
