"""`paribus retry`: makes runs again that something else than their own stages has ended."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from paribus.core.cut import cut_off, is_cut_off, last_attempts
from paribus.core.errors import Problem
from paribus.core.run import Run, Status
from paribus.ledger.branch import Branch
from paribus.ledger.index.building import read_pages
from paribus.ledger.index.query import short_id as index_short_id
from paribus.ledger.index.query import to_make_again
from paribus.ledger.index.rows import key_of
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.reports.retry import Cut, Left, RetryReport
from paribus.reports.run import RunReport
from paribus.workflows.asking import open_index
from paribus.workflows.experiments import find, is_running, open_notebook, short_id, unfinished
from paribus.workflows.finishing import reopened
from paribus.workflows.listening import RunListener
from paribus.workflows.project import Project
from paribus.workflows.run import RunOptions, go_on, is_judged


def retry(
    project: Project, identifiers: Sequence[str], options: RunOptions, listener: RunListener
) -> RetryReport:
    """Goes on with experiments of which runs were ended from outside, or that have no verdict.

    Each is reopened from its registration, and goes on as with `paribus run`.

    Args:
        identifiers: beginnings of ids; none for every experiment of the project.
        options: `failed` takes up runs that failed by themselves, too; of the others, those that limit
            what is run.

    Raises:
        Problem: there is no such experiment.
    """
    notebook = open_notebook(project)
    if identifiers:
        found, left = _named(project, notebook, identifiers, failed=options.failed)
    else:
        found, left = _ours(project, notebook, failed=options.failed), []
    if options.dry_run:
        return RetryReport(tuple(found), (), tuple(left), planned=True)
    reports: list[RunReport] = []
    for cut in found:
        command = f"paribus retry {cut.short}{' --failed' if options.failed else ''}"
        try:
            with reopened(project, notebook.experiment(cut.id)) as judged:
                reports.append(go_on(project, replace(options, command=command), listener, judged))
        except Problem as problem:
            if len(found) == 1:
                raise
            left.append(Left(cut.short, cut.summary, problem.message, problem))
    return RetryReport(tuple(found), tuple(reports), tuple(left))


# Private functions


def _named(
    project: Project, notebook: Notebook, identifiers: Sequence[str], *, failed: bool
) -> tuple[list[Cut], list[Left]]:
    """What is to be made again of what somebody named, and why the others are not."""
    found, left = [], []
    pages = (find(notebook, text) for text in identifiers)
    for page in {page.id: page for page in pages}.values():
        cut = _cut(project, notebook, page, short_id(notebook, page.id), failed=failed)
        if _may_go_on(project, page, cut):
            found.append(cut)
        else:
            left.append(Left(cut.short, cut.summary, _why_not(project, page)))
    return found, left


def _ours(project: Project, notebook: Notebook, *, failed: bool) -> list[Cut]:
    """What is to be made again of all that the project has, the earliest first.

    The index tells where to look, and the ledger what there is.
    """

    def question(connection: sqlite3.Connection) -> dict[str, str]:
        asked = to_make_again(connection, project.prefix, failed=failed)
        return {one.id: index_short_id(connection, key_of(one.id)) for one in asked}

    shorts = open_index(project).ask(question)
    git, found = project.repository.git, dict[str, Cut]()
    for page in read_pages(git, Branch(git).tips(), list(shorts)):
        if page.registration is not None and page.registration.project == project.prefix:
            cut = _cut(project, notebook, page, shorts[page.id], failed=failed)
            if _may_go_on(project, page, cut):
                found[page.id] = cut
    return [found[name] for name in shorts if name in found]


def _cut(project: Project, notebook: Notebook, page: Page, short: str, *, failed: bool) -> Cut:
    assert page.registration is not None
    why = _why(project, notebook, page, failed=failed)
    return Cut(page.id, short, page.registration.summary, tuple(why))


def _may_go_on(project: Project, page: Page, cut: Cut) -> bool:
    return bool(cut.why) and not is_judged(page) and not is_running(project, page)


def _why(project: Project, notebook: Notebook, page: Page, *, failed: bool) -> list[str]:
    """What speaks for making something again, a line each."""
    assert page.registration is not None
    told = [_told(run) for run in cut_off(_runs(project, page), failed=failed)]
    if told or not is_cut_off(page.runs, judged=bool(page.conclusions)):
        return told
    baseline = notebook.baseline(page.registration.baseline["key"])
    cut = cut_off(_runs(project, baseline), failed=failed)
    return [f"baseline {_told(run)}" for run in cut] or ["cut off before its verdict"]


def _runs(project: Project, page: Page) -> list[Run]:
    """Those too that have no end."""
    return [*page.runs, *unfinished(project, page)]


def _told(run: Run) -> str:
    cause = f": {run.cause}" if run.cause else ""
    return f"pair {run.intent.index + 1} {run.status.value.replace('-', ' ')}{cause}"


def _why_not(project: Project, page: Page) -> str:
    if is_running(project, page):
        return "it is being run now"
    if is_judged(page):
        return "its verdict stands"
    if any(run.status is Status.FAILED for run in last_attempts(page.runs)):
        return "it failed by itself; --failed makes that again"
    return "nothing ended its runs from outside"
