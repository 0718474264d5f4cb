"""What each experiment changed, as text: from the baseline's tree to the tested one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from paribus.core.errors import Problem
from paribus.core.experiment import Registration
from paribus.core.paths import joined, within
from paribus.dvc.layout import LOCK
from paribus.git.diffs import Diff, diffs
from paribus.git.objects import Objects
from paribus.workflows.project import Project
from paribus.workflows.reading import Reader, Tree

MOST = 6000
"""Characters of a change; of a larger one the first."""


def changes_as_text(
    project: Project, registrations: Sequence[Registration], outputs: Sequence[str]
) -> dict[str, Diff | None]:
    """The change of each experiment by its id; None where a tree is not here.

    Only the project's folder and the files that a change names are told, and neither `dvc.lock` nor
    what stages write: that follows from the rest.

    Args:
        outputs: what stages write, from the repository's top.
    """
    folder = project.prefix
    named = {str(part.get("file")) for one in registrations for part in parts_of(one)}
    outside = sorted(file for file in named if not within(file, folder)) if folder else []
    paths = [
        _literal(folder) if folder else ":(top)",
        *map(_literal, filter(str.isprintable, outside)),
        *(f":(top,exclude,literal){path}" for path in (joined(folder, LOCK), *outputs)),
    ]
    trees = [(str(one.baseline["commit"]), one.tree) for one in registrations]
    found = diffs(project.repository.git, trees, paths, MOST)
    return {one.id: diff for one, diff in zip(registrations, found, strict=True)}


def parts_of(registration: Registration) -> Iterator[Mapping[str, Any]]:
    """Every change of an experiment, and what was grouped into it, whatever else the record may hold."""
    for change in registration.changes:
        yield change
        parts = change.get("parts")
        yield from (part for part in parts or () if isinstance(part, Mapping))


def outputs_of(project: Project, objects: Objects) -> tuple[str, ...]:
    """What the stages of the current commit write, metrics too; nothing where that cannot be read."""
    reader = Reader(project, objects)
    try:
        head = objects.identify("HEAD^{commit}")
        if head is None:
            return ()
        pipeline = reader.pipeline(Tree(objects.tree_of(head), head, "HEAD"))
    except Problem:
        return ()
    outs = {out for stage in pipeline.stages for out in stage.outs}
    return tuple(sorted({*outs, *pipeline.metrics_files()} - {"", "."}))


# Private functions


def _literal(path: str) -> str:
    """A path that is no pattern, from the repository's top."""
    return f":(top,literal){path}"
