"""`paribus log --graph`: experiments on the staircase of baselines."""

from __future__ import annotations

import sqlite3
from operator import attrgetter

from paribus.ledger.branch import Branch
from paribus.ledger.index.query import Listing, firsts, promotions
from paribus.ledger.index.wanted import Wanted
from paribus.ledger.notebook import Notebook
from paribus.reports.graph import Graph
from paribus.reports.notebook.content import Point
from paribus.workflows.asking import open_index
from paribus.workflows.log import resolved
from paribus.workflows.project import Project
from paribus.workflows.reporting.points import Places, points_of
from paribus.workflows.reporting.steps import steps
from paribus.workflows.standing import standing


def staircase(project: Project, wanted: Wanted) -> Graph | None:
    """The experiments that are wanted, and every baseline; None where nothing was ever tried.

    The metric is that of the last agreement under which something was tried.
    """
    index, branch = open_index(project), Branch(project.repository.git)
    known = resolved(project, index, wanted)
    begun, every = index.ask(
        lambda connection: (firsts(connection, project.prefix), promotions(connection))
    )
    first = [one.registration for one in begun if one.registration is not None]
    if not first:
        return None
    plan = first[-1].plan
    stands = standing(project, Notebook(branch), every)
    stairs = steps(project, branch, stands, first, plan.metric)
    places = Places(stands, stairs)

    def question(connection: sqlite3.Connection) -> tuple[list[Point], Listing]:
        return points_of(connection, project, known, places)

    points, found = index.ask(question)
    points.sort(key=attrgetter("started", "id"))
    return Graph(points, stairs, plan.metric, plan.higher_is_better, found.every, found.unreadable)
