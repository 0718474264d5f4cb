"""The index of the project's ledger, and what it cannot know: which experiments are being run."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from paribus.ledger.index.opening import Index
from paribus.ledger.index.rows import Entry
from paribus.ledger.notebook import Page
from paribus.reports.text import clean
from paribus.workflows.project import Project

_CLAIM = "experiment-"


def open_index(project: Project) -> Index:
    """The index; what had to be mended is told as a warning."""
    warn = logging.getLogger(__name__).warning
    return Index(
        project.repository.git,
        project.state,
        project.make_state,
        lambda told: warn("warning: %s", clean(told)),
    )


def running(project: Project, unended: Iterable[Entry]) -> set[str]:
    """Ids of the experiments on which a process works now.

    Args:
        unended: those that have runs without an end.
    """
    pages = {one.id: Page(one.id, intents=list(one.open)) for one in unended}
    for lock in project.holders.glob(f"{_CLAIM}*.lock"):
        identifier = lock.stem.removeprefix(_CLAIM)
        pages.setdefault(identifier, Page(identifier))
    if not pages:
        return set()
    # It brings all that runs need, which a list of what has ended need not wait for.
    from paribus.workflows.experiments import is_running  # noqa: PLC0415

    return {identifier for identifier, page in pages.items() if is_running(project, page)}
