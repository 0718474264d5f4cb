"""`paribus log`: every experiment, by the index."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from paribus.core.ended import RUNNING
from paribus.git.revisions import resolve
from paribus.ledger.branch import Branch
from paribus.ledger.index.opening import Index
from paribus.ledger.index.query import Listing, has_baseline, listing, promotions, unended
from paribus.ledger.index.wanted import Wanted
from paribus.ledger.notebook import Notebook
from paribus.ledger.promotions import Promotions
from paribus.reports.listed import Listed
from paribus.reports.log import LogReport
from paribus.workflows.asking import open_index, running
from paribus.workflows.project import Project
from paribus.workflows.standing import by_experiment, standing
from paribus.workflows.unregistered import unregistered


def log(project: Project, wanted: Wanted) -> LogReport:
    """The experiments of the project that are wanted, and after them those of DVC's own."""
    index = open_index(project)
    known = resolved(project, index, wanted)

    def question(connection: sqlite3.Connection) -> tuple[Listing, Promotions, set[str]]:
        alive = running(project, unended(connection))
        found = listing(connection, project.prefix, known, alive)
        return found, promotions(connection), alive

    found, every, alive = index.ask(question)
    others = unregistered(project, index, known)
    begin = max(0, known.offset - found.total)
    room = None if known.limit is None else begin + max(0, known.limit - len(found.entries))
    return LogReport(
        experiments=_listed(project, found, every, alive),
        total=found.total,
        unreadable=found.unreadable,
        wanted=None if replace(wanted, outcome=None).is_filtered else wanted.outcome,
        every=found.every,
        is_filtered=wanted.is_filtered,
        unregistered=others[begin:room],
        unregistered_total=len(others),
        offset=wanted.offset,
    )


def resolved(project: Project, index: Index, wanted: Wanted) -> Wanted:
    """With the baseline's commit, where it is not called as experiments have it.

    Raises:
        Problem: nothing is called so.
    """
    name = wanted.baseline
    if name is None or index.ask(lambda connection: has_baseline(connection, name)):
        return wanted
    return replace(wanted, baseline=resolve(project.repository, name))


# Private functions


def _listed(
    project: Project, found: Listing, every: Promotions, alive: set[str]
) -> tuple[Listed, ...]:
    if not found.entries:
        return ()
    stands = standing(project, Notebook(Branch(project.repository.git)), every)
    of_each, others = by_experiment(stands), replace(stands, promotions=Promotions())
    return tuple(
        Listed(
            registration=entry.registration,
            short=short,
            verdict=entry.verdict,
            status=RUNNING if entry.id in alive else entry.status,
            place=of_each.get(entry.registration.id, others).place(entry.registration),
        )
        for entry, short in found.entries
        if entry.registration is not None
    )
