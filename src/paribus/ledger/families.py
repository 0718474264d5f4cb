"""Experiments that were tried together: who looks at the best of many must know how many there were."""

from __future__ import annotations

from collections.abc import Sequence

from paribus.core.record import Record
from paribus.ledger.branch import Branch, Write

FAMILIES = "families"


def record_family(branch: Branch, members: Sequence[str], how: str) -> None:
    """Writes a family to the folder of each member; told a second time, nothing is written.

    Args:
        members: ids of experiments.
        how: `values` of params, or `split` of a confounded change.
    """
    known = sorted(members)
    if tuple(known) in read_families(branch, known[0]):
        return
    record = Record("family", {"members": known, "how": how})
    writes = [Write(_folder(member), record) for member in known]
    branch.append(writes, f"{len(known)} experiments tried together")


def read_families(branch: Branch, experiment: str) -> tuple[tuple[str, ...], ...]:
    """For each family of an experiment the ids of its members, its own among them."""
    found = (item.record for item in branch.read(_folder(experiment)))
    return tuple(
        tuple(map(str, record.body["members"]))
        for record in found
        if record is not None
        and record.kind == "family"
        and isinstance(record.body.get("members"), list)
    )


# Private functions


def _folder(experiment: str) -> str:
    return f"{FAMILIES}/{experiment[:2]}/{experiment}"
