"""What the notebook page shows at once: the staircase, every experiment as a point, what is next."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from paribus import __version__
from paribus.core.errors import Problem
from paribus.core.experiment import Registration
from paribus.git.dates import commit_date
from paribus.ledger.branch import Branch
from paribus.ledger.index.query import Listing, firsts, promotions
from paribus.ledger.index.wanted import Wanted
from paribus.ledger.notebook import Notebook
from paribus.reports.notebook.content import NoiseBudget, Overview, Point, Share, Step
from paribus.reports.shares import source_name
from paribus.reports.status import StatusReport
from paribus.reports.status_text import stalled
from paribus.workflows.asking import open_index
from paribus.workflows.project import Project
from paribus.workflows.reporting.points import Places, points_of
from paribus.workflows.reporting.steps import steps
from paribus.workflows.standing import standing
from paribus.workflows.unregistered import unregistered


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the current agreement says, or the last that anybody had; `effect` may be unknown."""

    metric: str | None
    higher_is_better: bool
    effect: float | None


def overview(project: Project) -> Overview:
    """All that the page needs at once, by the index; nothing of it is the time of day."""
    index, branch = open_index(project), Branch(project.repository.git)
    begun, every = index.ask(
        lambda connection: (firsts(connection, project.prefix), promotions(connection))
    )
    first = [one.registration for one in begun if one.registration is not None]
    stands, status = standing(project, Notebook(branch), every), _status(project)
    ground = _ground(status, first)
    stairs = steps(project, branch, stands, first, ground.metric) or _unbeaten(project, status)
    places = Places(stands, stairs)

    def question(connection: sqlite3.Connection) -> tuple[list[Point], Listing]:
        return points_of(connection, project, Wanted(descending=False), places)

    points, found = index.ask(question)
    tip = branch.tip()
    return Overview(
        project=project.root.name,
        folder=project.prefix,
        ledger=tip,
        recorded=commit_date(project.repository.git, tip) if tip else None,
        version=__version__,
        metric=ground.metric,
        higher_is_better=ground.higher_is_better,
        effect=ground.effect,
        steps=stairs,
        points=tuple(points),
        noise=_noise(status),
        stall=tuple(line.strip() for line in stalled(status)) if status else (),
        next=_next(status),
        unreadable=tuple(dict.fromkeys((*found.unreadable, *every.unreadable))),
        unregistered=len(unregistered(project, index, Wanted())),
    )


# Private functions


def _status(project: Project) -> StatusReport | None:
    """None where no experiment can be judged now, such as without a metric. What was tried is told still.

    Without the time-box, of which more is over each day.
    """
    from paribus.workflows.status import status  # noqa: PLC0415 (scipy)

    try:
        return replace(status(project, None), time_box=None)
    except Problem:
        return None


def _ground(status: StatusReport | None, first: Sequence[Registration]) -> _Ground:
    if status is not None:
        plan = status.plan
        return _Ground(plan.metric, plan.higher_is_better, plan.effect or None)
    if first:
        plan = first[-1].plan
        return _Ground(plan.metric, plan.higher_is_better, plan.effect)
    return _Ground(None, True, None)


def _unbeaten(project: Project, status: StatusReport | None) -> tuple[Step, ...]:
    """The current baseline, where it was measured and nothing was tried against it yet."""
    if status is None or status.mean is None:
        return ()
    given = commit_date(project.repository.git, status.commit) or ""
    name = status.commit[:7] if status.commit.startswith(status.name) else status.name
    return (
        Step(
            name, status.commit, None, None, given, status.mean, status.sd, None, None,
            status.runs, status.unconfirmed,
        ),
    )  # fmt: skip


def _noise(status: StatusReport | None) -> NoiseBudget | None:
    if status is None or status.mean is None:
        return None
    return NoiseBudget(
        sd=status.sd,
        runs=status.runs,
        effect=status.plan.effect,
        detectable=status.detectable,
        cap=status.plan.looks[-1],
        sources=_sources(status),
    )


def _sources(status: StatusReport) -> tuple[Share, ...]:
    from paribus.core.statistics.variance import Source  # noqa: PLC0415 (scipy)

    parts = status.noise.parts if status.noise else ()
    seeds = [part.name for part in parts if part.source is Source.SEED]
    called = {part.name: source_name(part, seeds) for part in parts}
    return tuple(
        Share(
            name=called[part.name],
            sd=None if part.variance is None else max(part.variance, 0.0) ** 0.5,
            low=part.low,
            high=part.high,
            share=part.share,
            within=tuple(called.get(name, name) for name in part.within),
        )
        for part in parts
    )


def _next(status: StatusReport | None) -> tuple[tuple[str, str], ...]:
    from paribus.reports.advice import next_steps  # noqa: PLC0415 (what status needs)

    return tuple((step.why, step.command) for step in next_steps(status)) if status else ()
