"""The index of the project's ledger, and what it cannot know: which experiments are being run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from paribus.ledger.branch import Branch
from paribus.ledger.index.building import place_of, read_pages
from paribus.ledger.index.marks import last_touching
from paribus.ledger.index.opening import Index
from paribus.ledger.index.query import Overview, overview, promotions, short_id
from paribus.ledger.index.rows import Entry
from paribus.ledger.page import Page
from paribus.reports.text import clean
from paribus.workflows.project import Project

_CLAIM = "experiment-"


@dataclass(frozen=True, slots=True)
class Known:
    """What the index knows of a project and of one baseline.

    Attributes:
        overview: of all that were tried.
        against: the pages of those that were tried against the baseline, the earliest first.
        shorts: ids as they are shown: of these, and of those that became baselines.
    """

    overview: Overview
    against: tuple[Page, ...]
    shorts: Mapping[str, str]


def known_of(project: Project, key: str) -> Known:
    """What there is of a baseline, by its snapshot key; of the ledger no more than that is read."""

    def question(connection: sqlite3.Connection) -> tuple[Overview, dict[str, str]]:
        found = overview(connection, project.prefix, key)
        every = promotions(connection)
        promoted = (one.experiment for one in every.promotions)
        tried = (one.start.experiment for one in every.attempts)
        names = {*found.against, *promoted, *tried}
        return found, {name: short_id(connection, name) for name in names}

    found, shorts = open_index(project).ask(question)
    git = project.repository.git
    pages = {page.id: page for page in read_pages(git, Branch(git).tips(), found.against)}
    there = tuple(pages[name] for name in found.against if name in pages)
    return Known(found, there, shorts)


def open_index(project: Project) -> Index:
    """The index; what had to be mended is told as a warning."""
    return Index(project.repository.git, project.state, project.make_state, _warn)


def recorded(project: Project, identifier: str) -> str | None:
    """The ledger's commit that holds the last record of an experiment."""
    return last_touching(project.repository.git, open_index(project), place_of(identifier))


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


# Private functions


def _warn(told: str) -> None:
    import logging  # noqa: PLC0415 (seldom needed, and it costs a start 5 ms)

    logging.getLogger(__name__).warning("warning: %s", clean(told))
