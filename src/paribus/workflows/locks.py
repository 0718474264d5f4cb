"""Holds the lock files of both sides against what lies beside them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from paribus.core.change import Warned
from paribus.core.errors import Problem
from paribus.core.lock import LARGEST_LOCK, edited_metrics, mismatches
from paribus.core.sides import Sides
from paribus.core.snapshot import FileDelta
from paribus.workflows.candidate import Candidate
from paribus.workflows.reading import Reader, Tree


def stale_lock(candidate: Candidate) -> list[Warned]:
    """The baseline's metrics may belong to another tree than the one that is compared."""
    file = candidate.reader.lock_file
    found = lock_mismatches(candidate.reader, candidate.baseline_tree)
    if not found:
        return []
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    message = (
        f"the lock of the baseline does not match its tree ({found[0]}{more}): "
        "its metrics belong to another tree"
    )
    return [Warned("stale-lock", file, message)]


def edited_metric(
    candidate: Candidate, sides: Sides, deltas: Sequence[FileDelta], *, committed: bool | None
) -> list[Warned]:
    """Metrics that the pipeline did not write: to commit them would be to make a result up.

    Raises:
        Problem: `edited-metric`, where they are committed, or about to be.
    """
    lock, tree = candidate.reader.lock_file, candidate.tree
    found = _edited(candidate.reader, tree, sides, deltas)
    if not found:
        return []
    message = f"{found[0]} is not what the pipeline wrote: its hash is not the one in {lock}"
    if not (tree.revision is not None if committed is None else committed):
        return [Warned("edited-metric", found[0], message)]
    files = shlex.join(found[:5])
    raise Problem(
        "edited-metric",
        f"{message} of {tree.name}",
        f"write it anew     dvc repro && git add {files} {shlex.quote(lock)}",
        f"or take it back   git checkout {candidate.baseline.commit[:12]} -- {files}",
    )


def lock_mismatches(reader: Reader, tree: Tree) -> list[str]:
    """Where a tree's lock file does not match the tree, so that its metrics belong to another one."""
    try:
        pipeline = reader.pipeline(tree)
    except Problem:
        return []  # it has pipelines in other folders alone
    if len(reader.raw(tree, pipeline.lock) or b"") > LARGEST_LOCK:
        return []
    lock = reader.lock(tree, pipeline)
    params = reader.params(tree, pipeline) if lock else {}
    return mismatches(pipeline, lock, reader.files(tree), params)


# Private functions


def _edited(reader: Reader, tree: Tree, sides: Sides, deltas: Sequence[FileDelta]) -> list[str]:
    pipeline = sides.new.pipeline.alone()
    metrics = set(pipeline.metrics_files())
    contents = {
        delta.path: data
        for delta in deltas
        if delta.path in metrics and (data := sides.contents(delta.path)[1].data) is not None
    }
    # Most judgements have no metrics to look at, and read no lock.
    return edited_metrics(pipeline, reader.lock(tree, pipeline), contents) if contents else []
