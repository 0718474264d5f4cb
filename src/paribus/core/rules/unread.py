"""Params that nothing reads: no change, and often a typing mistake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from paribus.core.change import Change, Kind, NotCounted, Warned
from paribus.core.names import Found, is_read_by
from paribus.core.pipeline import Stage
from paribus.core.sides import Finding, Sides
from paribus.core.snapshot import Snapshot
from paribus.core.values import MISSING, dotted


def without_unread(sides: Sides, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, in which a param that no stage and no code reads is no change but a warning."""
    for finding in findings:
        if isinstance(finding, Found) and _is_unread(sides, finding.change):
            name = dotted(finding.change.path)
            yield NotCounted(finding.change.file, f"{name} (nothing reads it)")
            message = (
                f"no stage and no code reads {name} in {finding.change.file}: a typing mistake?"
            )
            yield Warned("unread-param", finding.change.file, message)
        else:
            yield finding


# Private functions


def _is_unread(sides: Sides, change: Change) -> bool:
    if change.kind is not Kind.PARAM or not change.path or not sides.is_params_file(change.file):
        return False
    there = [
        snapshot
        for snapshot, value in ((sides.old, change.old), (sides.new, change.new))
        if value is not MISSING
    ]
    return all(not _is_read(snapshot, change) for snapshot in there)


def _is_read(snapshot: Snapshot, change: Change) -> bool:
    pipeline, reach = snapshot.pipeline, snapshot.reach
    for stage in pipeline.param_readers(change.file, change.path):
        # A mapping that a stage declares may hold a key that came by a typing mistake, and is read by
        # nothing; an old key of it is taken to be read.
        if MISSING not in (change.old, change.new) or _names_it(stage, change):
            return True
    if not reach.is_complete or not reach.files or not change.path[-1].isidentifier():
        return True
    return _could_be_read(snapshot, change)


def _names_it(stage: Stage, change: Change) -> bool:
    """Whether a stage declares a param itself, or part of it, or is filled in with it."""
    name = ".".join(change.path)
    named = [key for use in stage.params if use.file == change.file for key in use.keys or ()]
    return stage.refers_to(change.path) or any(
        key == name or key.startswith(name + ".") for key in named
    )


def _could_be_read(snapshot: Snapshot, change: Change) -> bool:
    # Syntax is loaded only where there is such a param.
    from paribus.core.python.holders import hides_reads  # noqa: PLC0415
    from paribus.core.python.mentions import chains  # noqa: PLC0415
    from paribus.core.python.syntax import code_cells, parsed  # noqa: PLC0415

    trees = []
    for path, content in snapshot.reach.sources():
        source = code_cells(content) if path.endswith(".ipynb") else content
        tree = parsed(source) if source is not None else None
        if tree is None:
            return True
        trees.append(tree)
    if snapshot.reach.code_names(change.path[-1]) and any(
        is_read_by(change.path, read) for read in chains(trees)
    ):
        return True
    return hides_reads(trees, change.path)
