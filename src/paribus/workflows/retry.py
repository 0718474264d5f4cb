"""`paribus retry`: makes runs again that something else than their own stages has ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from paribus.core.errors import Problem
from paribus.core.run import Purpose, Run, Status
from paribus.ledger.notebook import Notebook, Page
from paribus.reports.retry import Cut, Left, RetryReport
from paribus.reports.run import RunReport
from paribus.workflows.experiments import find, is_running, open_notebook, short_id, unfinished
from paribus.workflows.finishing import reopened
from paribus.workflows.listening import RunListener
from paribus.workflows.project import Project
from paribus.workflows.run import RunOptions, go_on, is_judged

SCREENING = frozenset({Purpose.MEASURE, Purpose.CONTROL})


@dataclass(frozen=True, slots=True)
class _Found:
    """An experiment with something to make again, and what."""

    page: Page
    cut: Cut


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
    pages = [find(notebook, text) for text in identifiers] or _ours(project, notebook)
    found, left = _sorted(project, notebook, pages, options, named=bool(identifiers))
    if options.dry_run:
        return RetryReport(tuple(one.cut for one in found), (), tuple(left), planned=True)
    reports: list[RunReport] = []
    for one in found:
        command = f"paribus retry {one.cut.short}{' --failed' if options.failed else ''}"
        try:
            with reopened(project, one.page) as judged:
                reports.append(go_on(project, replace(options, command=command), listener, judged))
        except Problem as problem:
            if len(found) == 1:
                raise
            left.append(Left(one.cut.short, one.cut.summary, problem.message, problem))
    return RetryReport(tuple(one.cut for one in found), tuple(reports), tuple(left))


# Private functions


def _ours(project: Project, notebook: Notebook) -> list[Page]:
    return [
        page
        for page in notebook.experiments()
        if page.registration is not None and page.registration.project == project.prefix
    ]


def _sorted(
    project: Project,
    notebook: Notebook,
    pages: Sequence[Page],
    options: RunOptions,
    *,
    named: bool,
) -> tuple[list[_Found], list[Left]]:
    """What is to be made again; and of what somebody named, why it is not."""
    found, left = [], []
    for page in {page.id: page for page in pages}.values():
        registration = page.registration
        assert registration is not None
        why = _why(project, notebook, page, failed=options.failed)
        cut = Cut(page.id, short_id(notebook, page.id), registration.summary, tuple(why))
        if why and not is_judged(page) and not is_running(project, page):
            found.append(_Found(page, cut))
        elif named:
            left.append(Left(cut.short, cut.summary, _why_not(project, page)))
    return found, left


def _why(project: Project, notebook: Notebook, page: Page, *, failed: bool) -> list[str]:
    """What speaks for making something again, a line each."""
    assert page.registration is not None
    told = [_told(run) for run in _cut(project, page, failed=failed)]
    if told or page.conclusions:
        return told
    if any(run.status is Status.FAILED for run in page.runs):
        return []
    baseline = notebook.baseline(page.registration.baseline["key"])
    told = [f"baseline {_told(run)}" for run in _cut(project, baseline, failed=failed)]
    return told or ["cut off before its verdict"]


def _cut(project: Project, page: Page, *, failed: bool) -> list[Run]:
    """The last run of each pair that was ended from outside, and that nothing has made up for."""
    last = _last((*page.runs, *unfinished(project, page)))
    return [
        run
        for run in last.values()
        if run.status.from_outside or (failed and run.status is Status.FAILED)
    ]


def _last(runs: Iterable[Run]) -> Mapping[tuple[int, Purpose, str], Run]:
    """For each pair the run that succeeded, or else the last attempt."""
    last: dict[tuple[int, Purpose, str], Run] = {}
    for run in sorted(runs, key=lambda run: run.intent.started):
        place = (run.intent.index, run.intent.purpose, run.intent.series)
        known = last.get(place)
        if run.intent.purpose in SCREENING and not (known and known.succeeded):
            last[place] = run
    return last


def _told(run: Run) -> str:
    cause = f": {run.cause}" if run.cause else ""
    return f"pair {run.intent.index + 1} {run.status.value.replace('-', ' ')}{cause}"


def _why_not(project: Project, page: Page) -> str:
    if is_running(project, page):
        return "it is being run now"
    if is_judged(page):
        return "its verdict stands"
    if any(run.status is Status.FAILED for run in _last(page.runs).values()):
        return "it failed by itself; --failed makes that again"
    return "nothing ended its runs from outside"
