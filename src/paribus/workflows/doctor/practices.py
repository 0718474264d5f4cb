"""Practices that make runs comparable and repeatable, as the working tree follows them."""

from __future__ import annotations

from collections.abc import Iterator

from paribus.core.errors import Problem
from paribus.core.protocol import Protocol
from paribus.core.reach import Reach
from paribus.git.objects import Objects
from paribus.git.worktree import captured
from paribus.workflows.candidate import WORKING_TREE
from paribus.workflows.doctor.ailment import Ailment
from paribus.workflows.doctor.declared import (
    check_code,
    check_data,
    check_params,
)
from paribus.workflows.doctor.environment import check_environment
from paribus.workflows.doctor.ground import Ground
from paribus.workflows.doctor.practised import Practised
from paribus.workflows.doctor.seeds import check_seeds
from paribus.workflows.reading import Reader, Tree

NOT_NOW = {"merge-under-way", "no-pipeline"}
"""Problems for which nobody needs a doctor."""


def check_practices(ground: Ground) -> Iterator[Ailment]:
    """Looks at the tracked files as they are now, through Git objects that are gone afterwards."""
    if not ground.has_project:
        return
    try:
        with (
            captured(ground.project.repository, keep=False) as capture,
            Objects(capture.git) as objects,
        ):
            tree = Tree(capture.tree, None, WORKING_TREE)
            practised = _read(ground, Reader(ground.project, objects), tree, objects)
            for check in (check_environment, check_data, check_code, check_params):
                yield from check(practised)
            yield from check_seeds(practised, ground.survey.baseline)
    except Problem as problem:
        if problem.code not in NOT_NOW:
            raise


# Private functions


def _read(ground: Ground, reader: Reader, tree: Tree, objects: Objects) -> Practised:
    pipeline = reader.pipeline(tree)
    files = reader.files(tree)
    return Practised(
        top=ground.project.repository.top,
        prefix=ground.project.prefix,
        pipeline=pipeline,
        protocol=reader.protocol(tree) or Protocol(),
        paths=frozenset(objects.tree(tree.id)),
        files=files,
        params=reader.params(tree, pipeline),
        reach=Reach(pipeline, files),
        document=lambda path: reader.document(tree, path),
    )
