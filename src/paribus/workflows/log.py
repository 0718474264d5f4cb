"""`paribus log` and `paribus show`: every experiment, and one in full."""

from __future__ import annotations

from paribus.core.identity import shortened
from paribus.ledger.notebook import Page
from paribus.reports.log import LogReport
from paribus.reports.run import RunReport, status_word
from paribus.reports.verdict import FAILED
from paribus.workflows.experiments import (
    find,
    is_running,
    open_notebook,
    report_of,
    unfinished,
)
from paribus.workflows.project import Project
from paribus.workflows.standing import Standing, standing


def log(project: Project, wanted: str | None, limit: int | None) -> LogReport:
    """Every experiment of the project, the latest first.

    Args:
        wanted: only those with this verdict, or `failed`; whatever failed has no other.
        limit: at most so many.
    """
    notebook = open_notebook(project)
    pages = [page for page in notebook.experiments() if _is_ours(project, page)]
    known = [page for page in pages if page.registration is not None]
    identifiers, stands = [page.id for page in known], standing(project, notebook)
    every = [_brief(project, page, identifiers, stands) for page in reversed(known)]
    reports = [one for one in every if wanted is None or _outcome(one) == wanted]
    unreadable = [path for page in pages for path in page.unreadable]
    return LogReport(tuple(reports[:limit]), len(reports), tuple(unreadable), wanted, len(every))


def show(project: Project, identifier: str) -> RunReport:
    """One experiment; raises `Problem` where no id, or more than one, starts with these characters."""
    notebook = open_notebook(project)
    return report_of(notebook, project, find(notebook, identifier), found=True)


# Private functions


def _is_ours(project: Project, page: Page) -> bool:
    """Whether an experiment belongs to this DVC project; what cannot be read is listed everywhere."""
    return page.registration is None or page.registration.project == project.prefix


def _outcome(report: RunReport) -> str | None:
    """As the list shows it: what failed is no more than that."""
    if status_word(report) == FAILED:
        return FAILED
    return report.verdict.outcome.value if report.verdict else None


def _brief(project: Project, page: Page, identifiers: list[str], stands: Standing) -> RunReport:
    """An experiment as a list shows it, without reading its baseline."""
    assert page.registration is not None
    conclusion = page.conclusions[-1] if page.conclusions else None
    return RunReport(
        registration=page.registration,
        short=shortened(page.id, identifiers),
        baseline_runs=(),
        candidate_runs=(*page.runs, *unfinished(project, page)),
        trail=(),
        verdict=conclusion.verdict if conclusion else None,
        controls=conclusion.null_control if conclusion else (0, 0),
        recorded=None,
        found=True,
        running=is_running(project, page),
        place=stands.place(page.registration),
    )
