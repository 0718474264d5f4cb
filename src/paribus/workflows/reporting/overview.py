"""What the notebook page shows at once: the staircase, every experiment as a point, what is next."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from paribus import __version__
from paribus.core.change import Kind
from paribus.core.ended import FAILED, RUNNING
from paribus.core.errors import Problem
from paribus.core.experiment import Registration
from paribus.core.metrics import is_number
from paribus.core.verdict import Hold, Verdict
from paribus.git.dates import commit_date
from paribus.ledger.branch import Branch
from paribus.ledger.index.query import firsts, listing, promotions, unended
from paribus.ledger.index.rows import Entry
from paribus.ledger.index.wanted import Wanted
from paribus.ledger.notebook import Notebook
from paribus.ledger.promotions import Promotions
from paribus.reports.notebook.content import NoiseBudget, Overview, Point, Share, Step
from paribus.reports.shares import source_name
from paribus.reports.standing import Place, became
from paribus.reports.status import StatusReport
from paribus.reports.status_text import stalled
from paribus.workflows.asking import open_index, running
from paribus.workflows.project import Project
from paribus.workflows.reporting.diffs import parts_of
from paribus.workflows.reporting.steps import steps
from paribus.workflows.standing import Standing, by_experiment, standing
from paribus.workflows.unregistered import unregistered

_TOGETHER = 1000
"""Rows of the index that are in memory at once."""


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
    found = steps(project, branch, stands, first, ground.metric) or _unbeaten(project, status)
    places = _Places(stands, found)

    def question(connection: sqlite3.Connection) -> tuple[list[Point], tuple[str, ...]]:
        return _points(connection, project, places, running(project, unended(connection)))

    points, unreadable = index.ask(question)
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
        steps=found,
        points=tuple(points),
        noise=_noise(status),
        stall=tuple(line.strip() for line in stalled(status)) if status else (),
        next=_next(status),
        unreadable=tuple(dict.fromkeys((*unreadable, *every.unreadable))),
        unregistered=len(unregistered(project, index, Wanted())),
    )


# Private functions


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The numbers of a point."""

    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    baseline_mean: float | None = None
    n: int = 0
    attempted: int = 0


class _Places:
    """Where each experiment stands among the baselines."""

    def __init__(self, stands: Standing, found: Sequence[Step]) -> None:
        self._of_each = by_experiment(stands)
        self._others = replace(stands, promotions=Promotions())
        self._at = {one.key: at for at, one in reversed(list(enumerate(found)))}

    def place(self, registration: Registration) -> Place:
        """As `paribus log` tells it."""
        return self._of_each.get(registration.id, self._others).place(registration)

    def step(self, registration: Registration) -> int | None:
        """The number of the baseline that it was held against, from 0."""
        return self._at.get(registration.baseline["key"])


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


def _points(
    connection: sqlite3.Connection, project: Project, places: _Places, alive: set[str]
) -> tuple[list[Point], tuple[str, ...]]:
    """(every experiment that can be read, the earliest first; paths of records that cannot)."""
    points: list[Point] = []
    wanted = Wanted(descending=False, limit=_TOGETHER)
    while True:
        found = listing(connection, project.prefix, wanted, alive)
        points += (
            point_of(entry, entry.registration, short, places, is_running=entry.id in alive)
            for entry, short in found.entries
            if entry.registration is not None
        )
        if len(found.entries) < _TOGETHER:
            return points, found.unreadable
        wanted = replace(wanted, offset=wanted.offset + _TOGETHER)


def point_of(
    entry: Entry, registration: Registration, short: str, places: _Places, *, is_running: bool
) -> Point:
    """An experiment as a point; after a confirmation with the confirmation's numbers."""
    verdict, place = entry.verdict, places.place(registration)
    numbers = _numbers(verdict, place)
    return Point(
        id=registration.id,
        short=short,
        started=registration.started,
        author=registration.author,
        summary=registration.summary,
        hypothesis=registration.hypothesis,
        kinds=_kinds(registration),
        step=places.step(registration),
        against=registration.baseline["name"],
        status=RUNNING if is_running else entry.status,
        outcome=_outcome(entry, is_running=is_running),
        label=verdict.label if verdict else None,
        estimate=_real(numbers.estimate),
        low=_real(numbers.low),
        high=_real(numbers.high),
        mean=_real(numbers.mean),
        baseline_mean=_real(numbers.baseline_mean),
        n=numbers.n,
        attempted=numbers.attempted,
        became=became(place),
        tag=place.promoted,
        allow=registration.allow,
        broken=_broken(verdict),
        runs=entry.runs,
        seconds=round(entry.seconds, 3),
        metric=registration.plan.metric,
    )


def _numbers(verdict: Verdict | None, place: Place) -> _Numbers:
    end = place.end
    if end is not None and end.estimate is not None:
        means = end.candidate_mean, end.baseline_mean
        return _Numbers(end.estimate, end.low, end.high, *means, end.n, end.pairs)
    if verdict is None:
        return _Numbers()
    means = verdict.candidate_mean, verdict.baseline_mean
    attempted = max(verdict.attempted, verdict.n)
    return _Numbers(verdict.estimate, verdict.low, verdict.high, *means, verdict.n, attempted)


def _real(value: object) -> float | None:
    """A number as it can be drawn: what somebody else wrote may be none."""
    return float(value) if isinstance(value, int | float) and is_number(value) else None


def _kinds(registration: Registration) -> tuple[str, ...]:
    known = {kind.value for kind in Kind}
    return tuple(sorted({str(part.get("kind")) for part in parts_of(registration)} & known))


def _outcome(entry: Entry, *, is_running: bool) -> str | None:
    if entry.status == FAILED and not is_running:
        return FAILED
    return entry.verdict.outcome.value if entry.verdict else None


def _broken(verdict: Verdict | None) -> tuple[str, ...]:
    guards = verdict.guards if verdict else ()
    return tuple(guard.metric for guard in guards if guard.hold is Hold.BROKEN)


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
