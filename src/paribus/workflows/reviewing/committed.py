"""The metrics that the commits of a pull request have, and whether they belong to its tree."""

from __future__ import annotations

from paribus.core.errors import Problem
from paribus.reports.reviewing.model import Committed
from paribus.workflows.compare import compare
from paribus.workflows.judging import Judged
from paribus.workflows.locks import lock_mismatches
from paribus.workflows.project import Project


def committed(project: Project, found: Judged) -> Committed | None:
    """Both sides' numbers; None for a working tree, and where there are none to read."""
    candidate = found.candidate
    if candidate.tree.revision is None:
        return None
    try:
        report = compare(project, [candidate.tree.revision], candidate.baseline.commit)
    except Problem:
        return None
    old, new = report.reference, report.compared[0]
    if not old.metrics and not new.metrics:
        return None  # nobody commits any
    return Committed(old.metrics, new.metrics, _why_not(found, new.missing))


# Private functions


def _why_not(found: Judged, missing: tuple[str, ...]) -> str | None:
    if missing:
        return f"{missing[0]} is neither in Git nor in the cache here"
    wrong = lock_mismatches(found.candidate.reader, found.candidate.tree)
    if wrong:
        return f"they were written by another tree: {wrong[0]}"
    unsaid = _unsaid(found)
    return f"dvc.lock no longer says who wrote {unsaid[0]}" if unsaid else None


def _unsaid(found: Judged) -> list[str]:
    """Metrics files of which the baseline's lock file has the hash, and the head's has none."""
    candidate, sides = found.candidate, found.sides
    old, new = (
        {
            path
            for stage in candidate.reader.lock(tree, side.pipeline).values()
            for path in stage.outs
        }
        for tree, side in ((candidate.baseline_tree, sides.old), (candidate.tree, sides.new))
    )
    return [path for path in sides.new.pipeline.metrics_files() if path in old - new]
