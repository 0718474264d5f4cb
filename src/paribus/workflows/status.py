"""`paribus status`: where the project stands. It reads, and runs nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from statistics import fmean

from paribus.core.plan import Plan
from paribus.core.progress import (
    State,
    Tried,
    differences_of,
    progress,
    spent,
    state_of,
)
from paribus.core.run import Run
from paribus.core.statistics.planning import PairedSpread
from paribus.git.command import Git
from paribus.ledger.index.query import Overview
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.ledger.promotions import Promotions
from paribus.reports.noise import Planned
from paribus.reports.status import Entry, GateGap, StatusReport
from paribus.workflows.again import command_of
from paribus.workflows.asking import known_of
from paribus.workflows.baseline import baseline_ground
from paribus.workflows.candidate import Candidate, opened
from paribus.workflows.experiments import is_running, open_notebook, unfinished
from paribus.workflows.known_noise import known_noise
from paribus.workflows.learning import effect_of, learned
from paribus.workflows.measuring import Series, replayed, spread
from paribus.workflows.planning import planned, spread_so_far
from paribus.workflows.project import Project, now
from paribus.workflows.standing import Standing, standing
from paribus.workflows.subjects import Ground, baseline_series

WEEK = 7 * 24 * 3600


def status(project: Project, revision: str | None) -> StatusReport:
    """What is known of the baseline, and what became of all that was tried against it.

    Args:
        revision: the baseline; None to find it.
    """
    with opened(project, None, revision) as candidate:
        notebook = open_notebook(project)
        ground = baseline_ground(project, candidate)
        page = notebook.baseline(ground.key)
        series = baseline_series(candidate, ground, page)
        series.trusted = {run.intent.session for run in series.runs}
        return _report(project, notebook, candidate, ground, page, series, revision)


# Private functions


def _report(
    project: Project,
    notebook: Notebook,
    candidate: Candidate,
    ground: Ground,
    page: Page,
    series: Series,
    revision: str | None,
) -> StatusReport:
    known = known_of(project, ground.key)
    every = notebook.promotions()
    promotions = every.among(project.prefix)
    since = [one for one in known.against if _is_ours(project, one)]
    tried = [_tried(project, one, page.runs, promotions) for one in since]
    entries = tuple(
        Entry(each, known.shorts[one.id], _command(project, one, revision))
        for each, one in zip(tried, since, strict=True)
    )
    runs = series.succeeded()
    plan = _plan(ground, runs)
    sd = spread(runs, ground.metric)
    detectable, of_pair = _detectable(
        planned(ground, sd, spread_so_far(ground, page, known.against), None)
    )
    stands = standing(project, notebook, every)
    name = candidate.baseline.name
    values = [run.metrics[ground.metric] for run in runs]
    return StatusReport(
        commit=candidate.baseline.commit,
        name=name,
        days=_days(project.repository.git, name, candidate.baseline.commit),
        unconfirmed=stands.unconfirmed.get(name),
        promoted=_promoted(promotions, name, known.shorts),
        came_since=_came_since(stands, ground),
        plan=plan,
        effect_is_default=ground.protocol.effect is None,
        runs=len(runs),
        mean=fmean(values) if values else None,
        sd=sd,
        entries=entries,
        progress=progress(tried, page.refreshes),
        superseded=known.overview.count - len(since),
        unreadable=(*known.overview.unreadable, *page.unreadable, *promotions.unreadable),
        detectable=detectable,
        spread=of_pair,
        noise=known_noise(project, notebook, ground, page, series),
        replay=replayed(plan, series),
        gate_gap=_gate_gap(promotions, {one.id for one in since}, known.shorts),
        train_share=ground.protocol.train_share is not None,
        budget=ground.protocol.budget,
        spent=_spent(notebook, known.overview, page) if ground.protocol.budget else (0, 0.0),
        time_box=ground.protocol.time_box,
        weeks=_weeks(known.overview.first),
        learning=learned(candidate, ground, page),
    )


def _is_ours(project: Project, page: Page) -> bool:
    return page.registration is not None and page.registration.project == project.prefix


def _tried(project: Project, page: Page, baseline: Sequence[Run], promotions: Promotions) -> Tried:
    assert page.registration is not None
    last = page.conclusions[-1] if page.conclusions else None
    verdict = last.verdict if last else None
    return Tried(
        registration=page.registration,
        state=state_of(
            verdict,
            (*page.runs, *unfinished(project, page)),
            running=is_running(project, page),
            stands=_stands(page.id, promotions),
        ),
        verdict=verdict,
        given=last.given if last else "",
        differences=differences_of(last, baseline, page.runs) if last else (),
    )


def _stands(experiment: str, promotions: Promotions) -> State | None:
    """What became of an experiment's confirmation; None while there is no answer."""
    if promotions.promoted(experiment) is not None:
        return State.PROMOTED
    attempt = promotions.latest(experiment)
    if attempt is None or attempt.end is None:
        return None
    return State.CONFIRMED if attempt.end.confirmed else State.NOT_CONFIRMED


def _plan(ground: Ground, runs: Sequence[Run]) -> Plan:
    """How an experiment that is registered now would be judged."""
    protocol = ground.protocol
    return Plan(
        ground.metric,
        protocol.higher_is_better,
        effect_of(ground, runs),
        protocol.goal,
        protocol.looks,
        unit=protocol.unit,
    )


def _detectable(plans: Sequence[Planned]) -> tuple[float | None, PairedSpread | None]:
    """What the cap detects with 80 % power, and the measured spread of pairs that tells it.

    Without one, by the baseline's own spread and sides that do not correlate, the careful guess.
    """
    if not plans:
        return None, None
    found = plans[-1]
    return list(found.detectable.values())[-1], found.spread


def _days(git: Git, name: str, commit: str) -> int:
    """Whole days since the baseline's tag was made; where it has none, since its commit."""
    told = git.lookup("for-each-ref", "--format=%(creatordate:unix)", f"refs/tags/{name}")
    told = told or git.text("show", "--no-patch", "--format=%ct", commit, "--")
    return max(0, int(datetime.now(UTC).timestamp() - int(told)) // (24 * 3600))


def _promoted(promotions: Promotions, name: str, shorts: Mapping[str, str]) -> str | None:
    """The experiment that a baseline came from."""
    found = [each.experiment for each in promotions.promotions if each.tag == name]
    return _short(found[-1], shorts) if found else None


def _short(identifier: str, shorts: Mapping[str, str]) -> str:
    """As it is shown; one that came at this moment is told by its first characters."""
    return shorts.get(identifier, identifier[:8])


def _came_since(stands: Standing, ground: Ground) -> str | None:
    """The latest baseline's name, where it is another one than this."""
    if stands.latest is None or stands.key in (None, ground.key):
        return None
    return stands.latest.name


def _gate_gap(
    promotions: Promotions, experiments: set[str], shorts: Mapping[str, str]
) -> GateGap | None:
    """What the last confirmation that asked the locked set said beside the fresh runs."""
    for attempt in reversed(promotions.attempts):
        end = attempt.end
        if end and end.gate and end.estimate is not None and end.experiment in experiments:
            return GateGap(_short(end.experiment, shorts), end.estimate, end.gate.difference)
    return None


def _spent(notebook: Notebook, known: Overview, page: Page) -> tuple[int, float]:
    """Runs and hours of the project's experiments, and of the baselines that they were held against."""
    pages = [page, *(notebook.baseline(key) for key in sorted(known.keys - {page.id}))]
    runs, hours = spent(run for one in pages for run in one.runs)
    return runs + known.runs, hours + known.seconds / 3600


def _weeks(first: str | None) -> float:
    """Since the project's first experiment was registered."""
    try:
        begin = datetime.fromisoformat(first or now())
    except ValueError:
        return 0.0  # what somebody else wrote is no time
    begin = begin if begin.tzinfo else begin.replace(tzinfo=UTC)
    passed = datetime.fromisoformat(now()) - begin
    return max(0.0, passed.total_seconds() / WEEK)


def _command(project: Project, page: Page, baseline: str | None) -> str | None:
    """What goes on with an experiment; None for edits that only a working tree has."""
    assert page.registration is not None
    return command_of(project, page.registration, baseline)
