"""Which references are results that the ledger tells of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from paribus.core.errors import Problem
from paribus.core.record import decoded
from paribus.git.command import Git
from paribus.git.objects import Objects
from paribus.ledger.stream import FOLDER_MODE

RESULT = re.compile(r"refs/exps/[0-9a-f]{2}/[0-9a-f]{38,62}/(?P<name>\w[\w.@+-]*)", re.ASCII)
"""A result as DVC publishes it; not what it keeps for itself: exec, stash, celery, temp."""
OURS = re.compile(r"paribus-(?P<label>.+)-\d+-[0-9a-f]+")
LABELS_OF_BASELINES = ("baseline", "learn")


def recorded_results(git: Git, tips: Iterable[str], wanted: Iterable[str]) -> dict[str, str]:
    """The commits that runs in the ledger left at some references, as their records have them.

    Looks only at the experiments that the references are named for, so that the cost grows with what is
    asked, not with the ledger.

    Args:
        tips: of the ledger.
        wanted: full names.
    """
    asked = set(wanted)
    labels = {named["label"] for ref in asked if (named := OURS.fullmatch(ref.rpartition("/")[2]))}
    found: dict[str, str] = {}
    with Objects(git) as objects:
        for tip in tips if labels else ():
            for folder in _folders(objects, tip, labels):
                found |= {ref: sha for ref, sha in _left(objects, folder) if ref in asked}
    return found


# Private functions


def _folders(objects: Objects, tip: str, labels: Iterable[str]) -> Iterator[str]:
    """The ids of the trees with the records of those experiments, and of all baselines if need be."""
    experiments = {label for label in labels if label not in LABELS_OF_BASELINES}
    for start in sorted({label[:2] for label in experiments}):
        for name, entry in (objects.listing(f"{tip}:experiments/{start}") or {}).items():
            if name[:8] in experiments:
                yield entry.oid
    if len(experiments) < len(set(labels)):
        for fan in (objects.listing(f"{tip}:baselines") or {}).values():
            pages = objects.listing(fan.oid) if fan.mode == FOLDER_MODE else None
            yield from (entry.oid for entry in (pages or {}).values())


def _left(objects: Objects, folder: str) -> Iterator[tuple[str, str]]:
    """(reference, commit) of each run with a result."""
    for name, entry in (objects.listing(folder) or {}).items():
        if not name.startswith("run-"):
            continue
        try:
            record = decoded(objects.read(entry.oid) or b"")
        except Problem:
            continue  # damaged; it is said elsewhere
        if record is not None and record.kind == "run":
            ref, commit = record.body.get("ref"), record.body.get("commit")
            if isinstance(ref, str) and isinstance(commit, str):
                yield ref, commit
