"""`paribus compare`: metrics and params of any revisions against one baseline."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from paribus.core.errors import Problem
from paribus.core.identity import experiment_id, snapshot_key
from paribus.core.metrics import named
from paribus.core.policy import judge
from paribus.core.verdict import Verdict
from paribus.git.objects import Objects
from paribus.git.revisions import find_baseline, resolve
from paribus.git.worktree import captured
from paribus.reports.compare import Compared, CompareReport
from paribus.workflows.candidate import WORKING_TREE, working_tree
from paribus.workflows.experiments import open_notebook
from paribus.workflows.project import Project
from paribus.workflows.reading import Reader, Tree

WORKSPACE = "workspace"
"""How the working tree is called where a revision is expected, as in DVC."""


def compare(project: Project, revisions: Sequence[str], baseline: str | None) -> CompareReport:
    """Reads every revision's metrics and params, and the verdict that the ledger has of it.

    Args:
        revisions: at least one; `workspace` is the working tree.

    Raises:
        Problem: the baseline or a revision does not exist or cannot be read.
    """
    repository = project.repository
    commits = [None if name == WORKSPACE else resolve(repository, name) for name in revisions]
    first = next((commit for commit in commits if commit), None) or resolve(repository, "HEAD")
    base = find_baseline(repository, first, baseline)
    with ExitStack() as stack:
        git, working = repository.git, Tree("", None, WORKING_TREE)
        if None in commits:
            capture = stack.enter_context(captured(repository, keep=False))
            git, working = capture.git, working_tree(project, capture)
        objects = stack.enter_context(Objects(git))
        trees = [
            Tree(objects.tree_of(commit), commit, name) if commit else working
            for name, commit in zip(revisions, commits, strict=True)
        ]
        base_tree = Tree(objects.tree_of(base.commit), base.commit, f"baseline {base.name}")
        comparison = _Comparison(project, objects, base_tree)
        return CompareReport(
            baseline=base.commit,
            baseline_name=base.name,
            reference=comparison.read(base_tree, base.name, judged=False),
            compared=tuple(
                comparison.read(tree, name) for tree, name in zip(trees, revisions, strict=True)
            ),
            metric=comparison.protocol.metric,
            higher_is_better=comparison.protocol.higher_is_better,
        )


# Private functions


class _Comparison:
    """Reads revisions beside one baseline."""

    def __init__(self, project: Project, objects: Objects, base: Tree) -> None:
        self._project = project
        self._objects = objects
        self._base = base
        self._reader = Reader(project, objects)
        self._notebook = open_notebook(project)
        self._known = self._notebook.tip() is not None
        self._key: str | None = None
        self.protocol = self._reader.sides(base, base)[0].protocol

    def read(self, tree: Tree, name: str, *, judged: bool = True) -> Compared:
        pipeline = self._reader.pipeline(tree)
        return Compared(
            revision=tree.revision,
            name=name,
            metrics=self._reader.metrics(tree, pipeline),
            params=named(self._reader.params(tree, pipeline)),
            missing=tuple(
                path for path in pipeline.metrics_files() if self._reader.raw(tree, path) is None
            ),
            verdict=self._verdict(tree) if judged and self._known else None,
        )

    def _verdict(self, tree: Tree) -> Verdict | None:
        """The ledger's last verdict on exactly this change of this baseline."""
        try:
            sides, deltas = self._reader.sides(self._base, tree)
        except Problem:
            return None  # it can be shown without being judged
        changes = judge(sides, deltas).changes
        if not changes:
            return None
        if self._key is None:
            files = self._objects.tree(self._base.id)
            self._key = snapshot_key(files, sides.old.pipeline, sides.protocol)
        identifier = experiment_id(self._key, changes, sides.protocol, self._project.prefix)
        conclusions = self._notebook.experiment(identifier).conclusions
        return conclusions[-1].verdict if conclusions else None
