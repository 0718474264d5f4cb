"""`paribus report`: the whole notebook as one page. The same ledger gives the same bytes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from paribus.reports.notebook.content import Detail, Overview
from paribus.reports.notebook.page import page
from paribus.reports.report import Written
from paribus.workflows.project import Project
from paribus.workflows.reporting.details import details
from paribus.workflows.reporting.overview import overview
from paribus.workflows.reporting.placing import default_place, place, require_folder

Watcher = Callable[[int, int], None]
"""Is told how many experiments were read, and of how many."""


def report(project: Project, output: Path | None, watch: Watcher) -> Written:
    """Writes the page, by default below DVC's folder for temporary files: the working tree stays clean.

    Raises:
        Problem: it cannot be written.
    """
    path = Path(os.path.abspath(output or default_place(project)))  # noqa: PTH100 (links are kept)
    require_folder(path)  # before the work, and not after it
    text, shown = _page(project, watch)
    size = place(path, text)
    return Written(str(path), size, len(shown.points), len(shown.steps), shown.unreadable)


def text(project: Project, watch: Watcher) -> str:
    """The page itself."""
    return _page(project, watch)[0]


# Private functions


def _page(project: Project, watch: Watcher) -> tuple[str, Overview]:
    shown = overview(project)
    return page(shown, _watched(details(project, shown), len(shown.points), watch)), shown


def _watched(found: Iterator[Detail], total: int, watch: Watcher) -> Iterator[Detail]:
    for at, one in enumerate(found, start=1):
        watch(at, total)
        yield one
