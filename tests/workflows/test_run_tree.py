"""An experiment for a tree that others have put together, which is no commit and no working tree."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from typing import TYPE_CHECKING

import pytest

from paribus.cli.progress import Progress
from paribus.core.errors import Exit, Problem
from paribus.reports.check import CheckReport
from paribus.reports.dry_run import DryRun
from paribus.reports.run import RunReport
from paribus.workflows.project import open_project
from paribus.workflows.reading import Tree
from paribus.workflows.run import RunOptions, run_tree

if TYPE_CHECKING:
    from tests.conftest import Workspace

GAIN = "params.json:train.gain"


def prepared(project: Workspace, **values: object) -> Tree:
    """A tree with params set, and nothing that names it."""
    for name, value in values.items():
        project.set_param(f"train.{name}", value)
    project.git("add", "params.json")
    tree = project.git("write-tree")
    project.git("reset", "--quiet", "--hard")
    return Tree(tree, None, "a prepared tree")


def ran(project: Workspace, tree: Tree, options: RunOptions) -> RunReport | CheckReport | DryRun:
    with redirect_stderr(io.StringIO()):
        return run_tree(open_project(project.path), options, Progress(quiet=True), tree)


def test_it_is_run_and_found_as_the_same_idea(measured: Workspace) -> None:
    tree = prepared(measured, gain=0.3)
    measured.set_param("train.noise", 0.5)  # the user's own edits are no part of it
    before = measured.state()
    told = ran(measured, tree, RunOptions(pairs=1))
    assert isinstance(told, RunReport)
    assert (told.registration.tree, told.registration.revision) == (tree.id, None)
    assert [change["summary"] for change in told.registration.changes] == ["train.gain 0.0 -> 0.3"]
    (run,) = told.candidate_runs
    assert run.metrics["accuracy"] > 1.0
    assert measured.state() == before
    measured.git("reset", "--quiet", "--hard")
    dry = measured.paribus("run", "-S", f"{GAIN}=0.3", "--dry-run", "--json").json
    assert dry["experiment"] == told.registration.id


def test_it_is_judged_like_any_other(measured: Workspace) -> None:
    both = prepared(measured, gain=0.3, name="fancy")
    told = ran(measured, both, RunOptions())
    assert isinstance(told, CheckReport)
    assert len(told.judgement.changes) == 2
    plan = ran(measured, both, RunOptions(allow="together", dry_run=True))
    assert isinstance(plan, DryRun)
    same = Tree(measured.git("rev-parse", "HEAD^{tree}"), None, "the same")
    with pytest.raises(Problem, match="nothing differs from baseline") as caught:
        ran(measured, same, RunOptions())
    assert (caught.value.code, caught.value.status) == ("no-change", Exit.BAD_INPUT)
