"""`paribus branch`: an experiment as a branch with one commit, ready for a pull request."""

from __future__ import annotations

from paribus.core.errors import Problem
from paribus.core.run import Purpose, Run, Status
from paribus.git.refs import branch_tip, create_branch
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.reports.branch import EXPERIMENT, BranchReport, branch_name
from paribus.workflows.branch_names import require_possible
from paribus.workflows.experiments import claimed, find, open_notebook, short_id
from paribus.workflows.finishing import beside, change_alone, finished, result_of
from paribus.workflows.listening import Listener
from paribus.workflows.project import Project
from paribus.workflows.runner import running

ANOTHER = "choose another name   paribus branch ID NAME"


def branch(project: Project, identifier: str, name: str | None, listener: Listener) -> BranchReport:
    """Makes a branch at an experiment's commit; nothing is checked out.

    An experiment that failed has no results: its branch has the change alone.

    Args:
        identifier: the beginning of its id.
        name: None for `exp/<id>-<change>`.

    Raises:
        Problem: there is no such experiment, the branch points elsewhere, or the run with the tree's
            own seeds fails.
    """
    notebook = open_notebook(project)
    page = find(notebook, identifier)
    registration, short = page.registration, short_id(notebook, page.id)
    assert registration is not None
    chosen = branch_name(short, registration.summary) if name is None else name
    _require_free(project, page, chosen)
    failure = _failure(page)
    commit = change_alone(project, page) if failure else _run(project, notebook, page, listener)
    page = notebook.experiment(page.id)
    run = None if failure else result_of(project, page)
    return BranchReport(
        registration=registration,
        short=short,
        verdict=page.conclusions[-1].verdict if page.conclusions else None,
        name=chosen,
        commit=commit,
        run=run.intent.id if run else None,
        beside=beside(project, page, commit),
        cause=failure.cause if failure else None,
        made=_pointed(project, chosen, commit),
    )


# Private functions


def _run(project: Project, notebook: Notebook, page: Page, listener: Listener) -> str:
    with claimed(project, page.id), running(project, notebook, 1, listener) as runner:
        return finished(project, notebook, runner, page)


def _failure(page: Page) -> Run | None:
    """A run that failed by itself and was not made up for; of several the last."""
    measured = [run for run in page.runs if run.intent.purpose is Purpose.MEASURE]
    good = {(run.intent.series, run.intent.index) for run in measured if run.succeeded}
    bad = [
        run
        for run in measured
        if run.status is Status.FAILED and (run.intent.series, run.intent.index) not in good
    ]
    return bad[-1] if bad else None


def _require_free(project: Project, page: Page, name: str) -> None:
    """Raises `Problem` before anything is run, where a branch is there that is not this experiment's."""
    git = project.repository.git
    tip = branch_tip(git, name)
    require_possible(git, [name], ANOTHER)
    trailer = f"--format=%(trailers:key={EXPERIMENT},valueonly)"
    if (
        tip is not None
        and git.text("log", "-1", "--no-show-signature", trailer, tip).strip() != page.id
    ):
        raise _taken(name, tip)


def _pointed(project: Project, name: str, commit: str) -> bool:
    """Makes the branch; false where it points there already."""
    tip = branch_tip(project.repository.git, name)
    if tip is None:
        create_branch(project.repository.git, name, commit, "paribus branch")
    elif tip != commit:
        raise _taken(name, tip)
    return tip is None


def _taken(name: str, tip: str) -> Problem:
    return Problem(
        "branch-exists",
        f"the branch {name} is there already, at another commit ({tip[:7]})",
        ANOTHER,
    )
