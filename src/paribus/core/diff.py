"""Compares two snapshots: each file in which they differ goes to the first rule that claims it.

The tie-breaker behind every rule: could a clean, full rerun give another metric value, randomness aside?
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from paribus.core.change import Change, Kind, NotCounted
from paribus.core.file_rules import (
    consequence,
    data_file,
    data_pointer,
    environment_file,
    neutral_file,
    other_file,
)
from paribus.core.param_rule import params_file
from paribus.core.pipeline_rule import pipeline_file
from paribus.core.protocol_rule import protocol_file
from paribus.core.ruler import is_ruler
from paribus.core.sides import Finding, Sides
from paribus.core.snapshot import FileDelta

RULES = (
    protocol_file,
    consequence,
    pipeline_file,
    params_file,
    data_pointer,
    neutral_file,
    environment_file,
    data_file,
    other_file,
)
"""In the order in which they are asked; the last claims whatever is left."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two snapshots, before grouping.

    Attributes:
        changes: what can move a metric, in the order of the files.
        not_counted: what cannot, and why.
    """

    changes: tuple[Change, ...]
    not_counted: tuple[NotCounted, ...]


def diff(sides: Sides, deltas: Iterable[FileDelta]) -> Difference:
    """Every minimal difference between two snapshots."""
    findings = [finding for delta in deltas for finding in _claimed(sides, delta)]
    return Difference(
        tuple(_measured(sides, found) for found in findings if isinstance(found, Change)),
        tuple(found for found in findings if isinstance(found, NotCounted)),
    )


# Private functions


def _claimed(sides: Sides, delta: FileDelta) -> Sequence[Finding]:
    for rule in RULES:
        findings = rule(sides, delta)
        if findings is not None:
            return findings
    raise AssertionError(f"no rule claims {delta.path}")


def _measured(sides: Sides, change: Change) -> Change:
    """A change of what measures, and of nothing else, is a change of the ruler."""
    if change.kind is Kind.RULER or not is_ruler(sides, change):
        return change
    return Change(
        Kind.RULER, change.file, change.path, change.old, change.new, change.summary, change.line
    )
