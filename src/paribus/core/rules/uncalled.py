"""Functions and classes that nothing calls: what they hold cannot move a metric."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from paribus.core.change import Kind, NotCounted
from paribus.core.names import Found
from paribus.core.sides import Finding, Sides
from paribus.core.snapshot import Snapshot
from paribus.core.values import MISSING

PLAIN = re.compile(r"\w+ = [^(\[{]*")
"""A variable that is given a value on one line, without a call, a lookup or a bracket left open."""

ONLY_ITS_OWN = 1
"""How often a name stands in the code that stages reach, if nothing but its definition has it."""


def without_uncalled(sides: Sides, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, in which what is inside of a definition that nothing names is no change."""
    for finding in findings:
        if isinstance(finding, Found) and _is_uncalled(sides, finding):
            name = _definition(finding)
            yield NotCounted(finding.change.file, f"{name} (nothing calls it)")
        else:
            yield finding


# Private functions


def _definition(found: Found) -> str:
    """The top-level function or class that a change is in, or the only name that it defines."""
    if found.change.path:
        return found.change.path[0].partition(".")[0].partition("#")[0]
    defined = [
        name.rpartition(".")[2]
        for name in found.old.defines | found.new.defines
        if name.startswith("def ")
    ]
    return defined[0] if len(defined) == 1 else ""


def _is_uncalled(sides: Sides, found: Found) -> bool:
    """Whether nothing names the definition on the sides that have it."""
    change, name = found.change, _definition(found)
    if change.kind is not Kind.CODE or not change.file.endswith(".py") or not name:
        return False
    inside = bool(found.touches)
    there = [
        snapshot
        for snapshot, value in ((sides.old, change.old), (sides.new, change.new))
        if inside or value is not MISSING
    ]
    return all(_stands_alone(snapshot, change.file, name) for snapshot in there)


def _stands_alone(snapshot: Snapshot, file: str, name: str) -> bool:
    reach = snapshot.reach
    if (
        name.startswith("__")
        or not reach.is_complete
        or file not in reach.files
        or reach.calls_by_name(name)
    ):
        return False
    lines = snapshot.files[file].decode("utf-8", "replace").splitlines()
    starts = (
        f"def {name}(",
        f"async def {name}(",
        f"class {name}:",
        f"{name} = ",
    )
    at = next((at for at, line in enumerate(lines) if line.startswith(starts)), None)
    # A decorator registers what it stands above; a call may do something whoever uses its value.
    if at is None or (at and lines[at - 1].startswith(("@", ")"))):
        return False
    if lines[at].startswith(f"{name} = ") and not PLAIN.fullmatch(lines[at]):
        return False
    return reach.naming(name) == {file: ONLY_ITS_OWN}
