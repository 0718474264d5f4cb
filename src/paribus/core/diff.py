"""Compares two snapshots: each file in which they differ goes to the first rule that claims it.

The tie-breaker behind every rule: could a clean, full rerun give another metric value, randomness aside?
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from paribus.core.change import Change, Kind, NotCounted, Warned
from paribus.core.moves import moved_files, moved_outputs
from paribus.core.names import Found, Settled, is_read_by
from paribus.core.ruler import is_ruler
from paribus.core.rules.code import python_files
from paribus.core.rules.configs import config_file
from paribus.core.rules.data import data_file, data_pointer
from paribus.core.rules.environment import environment_files
from paribus.core.rules.files import (
    consequence,
    neutral_file,
    other_file,
    renamed_file,
    same_text,
    unreached_file,
)
from paribus.core.rules.hydra import hydra_files
from paribus.core.rules.locks import lock_file
from paribus.core.rules.params import moved_params, params_file
from paribus.core.rules.pipeline import pipeline_file
from paribus.core.rules.protocol import protocol_file
from paribus.core.rules.uncalled import without_uncalled
from paribus.core.rules.undeclared import lost_dependencies, undeclared_code
from paribus.core.rules.unread import without_unread
from paribus.core.sides import Finding, Rule, Sides, in_its_file, one_by_one
from paribus.core.snapshot import FileDelta
from paribus.core.values import MISSING, KeyPath, dotted

RULES: tuple[Rule, ...] = (
    one_by_one(protocol_file),
    one_by_one(lock_file),
    one_by_one(consequence),
    hydra_files,
    one_by_one(in_its_file(pipeline_file)),
    one_by_one(data_pointer),
    one_by_one(neutral_file),
    one_by_one(same_text),
    environment_files,
    one_by_one(unreached_file),
    one_by_one(params_file),
    one_by_one(config_file),
    one_by_one(renamed_file),
    one_by_one(data_file),
    python_files,
    one_by_one(other_file),
)
"""In the order in which they are asked; the last claims whatever is left."""


MOST_PARTS = 300
"""Of one file; a file with more was generated, and nobody reads them one by one."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two snapshots, before grouping.

    Attributes:
        found: what can move a metric, in the order of the files.
        not_counted: what cannot, and why.
        warnings: what a person wants to know.
    """

    found: tuple[Found, ...]
    not_counted: tuple[NotCounted, ...]
    warnings: tuple[Warned, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """What can move a metric, without what ties it together."""
        return tuple(found.change for found in self.found)


def diff(sides: Sides, deltas: Sequence[FileDelta]) -> Difference:
    """Every minimal difference between two snapshots."""
    gone, come = moved_params(sides, deltas)
    sides = replace(
        sides, moves=moved_files(sides, deltas) | moved_outputs(sides), gone=gone, come=come
    )
    findings: list[Finding] = []
    left = list(deltas)
    for rule in RULES:
        found, left = rule(sides, left)
        findings += found
    findings = list(_capped(findings))
    findings = list(without_uncalled(sides, without_unread(sides, _settled(findings))))
    findings += undeclared_code(sides, findings)
    findings += lost_dependencies(sides)
    order = {delta.path: at for at, delta in enumerate(deltas)}

    def place(finding: Finding) -> int:
        file = finding.change.file if isinstance(finding, Found) else getattr(finding, "file", "")
        return order.get(file, len(order))

    changes = sorted((each for each in findings if isinstance(each, Found)), key=place)
    aside = sorted((each for each in findings if isinstance(each, NotCounted)), key=place)
    return Difference(
        tuple(_measured(sides, each) for each in changes),
        tuple(aside),
        tuple(each for each in findings if isinstance(each, Warned)),
    )


# Private functions


def _capped(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings; of a file with more than anybody reads, the first, and one that says how many more."""
    seen: Counter[str] = Counter()
    for finding in findings:
        if isinstance(finding, Found):
            seen[finding.change.file] += 1
        if not isinstance(finding, Found) or seen[finding.change.file] <= MOST_PARTS:
            yield finding
    for file, count in seen.items():
        if count > MOST_PARTS:
            summary = f"{file}: more than {MOST_PARTS} differences"
            yield Found(Change(Kind.CODE, file, (), MISSING, count, summary))


def _settled(findings: Iterable[Finding]) -> list[Finding]:
    """A param that stands for the literal whose place it took moves nothing, if nothing else reads it."""
    listed = list(findings)
    keys = {each.key for each in listed if isinstance(each, Settled)}
    reads = [
        read
        for each in listed
        if isinstance(each, Found) and not (each.wires and each.wires <= keys)
        for side in (each.old, each.new)
        for read in side.reads
    ]
    settled = {key for key in keys if not any(is_read_by(key, read) for read in reads)}
    return [_same_value(each, settled) for each in listed if not isinstance(each, Settled)]


def _same_value(finding: Finding, settled: set[KeyPath]) -> Finding:
    if not isinstance(finding, Found):
        return finding
    change = finding.change
    if finding.wires and finding.wires <= settled:
        return NotCounted(change.file, f"{dotted(change.path)}: hands on the same values")
    comes_or_goes = bool(finding.old.keys | finding.new.keys)
    if change.kind is Kind.PARAM and comes_or_goes and change.path in settled:
        return NotCounted(change.file, f"{dotted(change.path)}: same values as in the code")
    return finding


def _measured(sides: Sides, found: Found) -> Found:
    """A change of what measures, and of nothing else, is a change of the ruler."""
    change = found.change
    if change.kind is Kind.RULER or not is_ruler(sides, change):
        return found
    return replace(found, change=replace(change, kind=Kind.RULER))
