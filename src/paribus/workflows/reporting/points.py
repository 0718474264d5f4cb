"""Experiments as points: each in the few words and numbers that an overview has of it, by the index."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from paribus.core.change import Kind
from paribus.core.ended import FAILED, RUNNING
from paribus.core.experiment import Registration
from paribus.core.metrics import is_number
from paribus.core.verdict import Hold, Verdict
from paribus.ledger.index.query import Listing, listing, unended
from paribus.ledger.index.rows import Entry
from paribus.ledger.index.wanted import Wanted
from paribus.ledger.promotions import Promotions
from paribus.reports.notebook.content import Point, Step
from paribus.reports.standing import Place, became
from paribus.workflows.asking import running
from paribus.workflows.project import Project
from paribus.workflows.reporting.diffs import parts_of
from paribus.workflows.standing import Standing, by_experiment

_TOGETHER = 1000
"""Rows of the index that are in memory at once."""


class Places:
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


def points_of(
    connection: sqlite3.Connection, project: Project, wanted: Wanted, places: Places
) -> tuple[list[Point], Listing]:
    """Experiments that can be read as points, in the order that is asked for.

    Only some of the rows are in memory at once.

    Returns:
        The points, and the last piece of the list, which tells how many there are.
    """
    alive = running(project, unended(connection))
    points: list[Point] = []
    rest = wanted.limit
    while True:
        some = _TOGETHER if rest is None else min(rest, _TOGETHER)
        found = listing(connection, project.prefix, replace(wanted, limit=some), alive)
        points += (
            _point(entry, entry.registration, short, places, is_running=entry.id in alive)
            for entry, short in found.entries
            if entry.registration is not None
        )
        rest = None if rest is None else rest - some
        if len(found.entries) < some or rest == 0:
            return points, found
        wanted = replace(wanted, offset=wanted.offset + some)


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


def _point(
    entry: Entry, registration: Registration, short: str, places: Places, *, is_running: bool
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
