"""What has to be known of a recorded run to make it again: its tree, and what that declares."""

from __future__ import annotations

from dataclasses import dataclass

from paribus.core.clauses import Predictions
from paribus.core.errors import Problem
from paribus.core.paths import joined
from paribus.core.pipeline import Pipeline
from paribus.core.protocol import Protocol
from paribus.git.objects import Objects
from paribus.git.revisions import Baseline
from paribus.workflows.candidate import Candidate
from paribus.workflows.project import Project
from paribus.workflows.reading import Reader, Tree
from paribus.workflows.subjects import read_files
from paribus.workflows.verification.chosen import Recorded


@dataclass(frozen=True, slots=True)
class Tested:
    """The tree of a recorded run.

    Attributes:
        tree: its id.
        commit: SHA that the run starts from; None where it is not here any more.
        pipeline: what the tree declares.
        metric: the primary metric; None where the tree names none, and no registration does.
        predictions: where a run leaves a row for each evaluation example; None if nowhere.
        guarded: files that a run must leave as they are.
    """

    tree: str
    commit: str | None
    pipeline: Pipeline
    metric: str | None
    predictions: Predictions | None
    guarded: tuple[str, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """What is wanted of a run: its metrics and its predictions, from the repository's top."""
        given = self.predictions
        # The pipeline's file is at the project's top, wherever that is in the repository.
        own = () if given is None else (joined(self.pipeline.folder, given.file),)
        return (*self.pipeline.metrics_files(), *own)


def tested(project: Project, objects: Objects, recorded: Recorded) -> Tested:
    """Reads the tree of a recorded run.

    Raises:
        Problem: the tree is not in this repository, or belongs to another project.
    """
    registration = recorded.registration
    if registration is not None and registration.project != project.prefix:
        raise Problem(
            "other-project",
            f"this experiment belongs to the DVC project in {registration.project or 'the top folder'}",
            "go there, and try again",
        )
    reader = Reader(project, objects)
    commit = _here(objects, recorded.commit, "commit")
    tree = _tree(objects, recorded, commit)
    base = tree if commit is None else Tree(objects.tree_of(commit), commit, "the baseline")
    sides, _ = reader.sides(base, tree)
    protocol, pipeline = sides.protocol, sides.new.pipeline
    return Tested(
        tree.id,
        commit,
        pipeline,
        _metric(recorded, protocol),
        protocol.predictions,
        read_files(_candidate(objects, reader, base, tree), tree, pipeline),
    )


# Private functions


def _tree(objects: Objects, recorded: Recorded, commit: str | None) -> Tree:
    registration = recorded.registration
    if recorded.of_baseline or registration is None:
        if commit is None:
            raise _gone(f"the baseline's commit {(recorded.commit or '?')[:7]}")
        return Tree(objects.tree_of(commit), commit, "the baseline")
    if _here(objects, registration.tree, "tree") is None:
        raise _gone(f"the tree that was tested ({registration.tree[:7]})")
    return Tree(registration.tree, None, "the tested tree")


def _here(objects: Objects, oid: str | None, kind: str) -> str | None:
    """The id of an object, if the repository has it."""
    return None if oid is None else objects.identify(f"{oid}^{{{kind}}}")


def _gone(what: str) -> Problem:
    return Problem(
        "missing-object",
        f"{what} is not in this repository",
        "bring what others have   git fetch --all --tags",
    )


def _metric(recorded: Recorded, protocol: Protocol) -> str | None:
    registration = recorded.registration
    return protocol.metric if registration is None else registration.plan.metric


def _candidate(objects: Objects, reader: Reader, base: Tree, tree: Tree) -> Candidate:
    named = Baseline(base.revision or base.id, base.name, "recorded")
    return Candidate(tree, named, base, (), reader, objects, given=True, overridden=False)
