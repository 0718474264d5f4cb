"""`paribus baseline`: what is to be beaten, why, and what is known of it."""

from __future__ import annotations

from statistics import fmean

from paribus.core.declared import Declared
from paribus.core.outside import against
from paribus.core.pairing import seeds_wired
from paribus.core.plan import Plan
from paribus.core.policy import judge
from paribus.core.run import Run
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.reports.baseline import BaselineReport, Earlier
from paribus.workflows.candidate import Candidate, opened
from paribus.workflows.experiments import note_interrupted, open_notebook
from paribus.workflows.judging import Judged
from paribus.workflows.limits import NO_LIMITS, Limits
from paribus.workflows.listening import Listener
from paribus.workflows.measuring import (
    RUNS_FOR_SPREAD,
    Series,
    anchor,
    null_control,
    null_controls_missing,
    replayed,
    require_all,
    require_success,
    spread,
)
from paribus.workflows.project import Project, now
from paribus.workflows.registering import author
from paribus.workflows.runner import running
from paribus.workflows.standing import standing
from paribus.workflows.subjects import Ground, baseline_series, require_ground


def show(project: Project, revision: str | None) -> BaselineReport:
    """What the baseline is, why it is that one, and what was measured of it."""
    with opened(project, None, revision) as candidate:
        notebook = open_notebook(project)
        ground = baseline_ground(project, candidate)
        page = notebook.baseline(ground.key)
        series = baseline_series(candidate, ground, page)
        series.trusted = {run.intent.session for run in series.runs}
        return _report(notebook, candidate, ground, page, series)


def measure(
    project: Project,
    revision: str | None,
    pairs: int | None,
    jobs: int,
    listener: Listener,
    *,
    fresh: bool = False,
    limits: Limits = NO_LIMITS,
) -> BaselineReport:
    """Runs the baseline with its screening seeds, and the null control.

    Args:
        pairs: numbers of seeds; None for as many as a spread needs.
        fresh: whether to draw the seeds anew first: a baseline that was lucky stays so as long as
            its runs are reused. Experiments keep the seeds with which they were registered.
        limits: what runs may take.
    """
    with opened(project, None, revision) as candidate:
        notebook = open_notebook(project)
        ground = baseline_ground(project, candidate)
        page = notebook.baseline(ground.key)
        note_interrupted(project, listener, page)
        with running(project, notebook, jobs, listener, limits) as runner:
            trusted: set[str] = set()
            if fresh:
                old = baseline_series(candidate, ground, page)
                page = _refreshed(project, notebook, old, page, listener)
                # Luck can be told from drift only where this session repeats the earlier one.
                anchor(old, runner)
                require_success(old)
                trusted = old.trusted
            series = baseline_series(candidate, ground, page)
            anchor(series, runner)
            series.trusted |= trusted
            wanted = series.missing(pairs or RUNS_FOR_SPREAD)
            made = runner.carry_out([*wanted, *null_controls_missing(series)], _failed)
        series.runs += made
        if runner.stopped:
            require_all(made)
        require_success(series)
        require_all(made)
        return _report(notebook, candidate, ground, page, series)


def declare(project: Project, declared: Declared) -> str:
    """Records an outside baseline; returns the ledger's commit that holds it."""
    return open_notebook(project).declare(declared, now(), author(project))


def baseline_ground(project: Project, candidate: Candidate) -> Ground:
    """The baseline judged against itself: nothing differs, and it is read as any other revision."""
    sides, deltas = candidate.reader.sides(candidate.baseline_tree, candidate.baseline_tree)
    if sides.old.protocol is None:
        sides, deltas = candidate.reader.sides(candidate.baseline_tree, candidate.tree)
    candidate.reader.require_params(candidate.baseline_tree, sides.old.pipeline)
    return require_ground(project, Judged(sides, judge(sides, deltas), candidate))


# Private functions


def _failed(run: Run) -> bool:
    return not run.succeeded


def _refreshed(
    project: Project, notebook: Notebook, old: Series, page: Page, listener: Listener
) -> Page:
    """The page after its seeds were drawn anew; seeds that no run has used are fresh already."""
    if not any(run.succeeded for run in old.runs):
        listener.noted("no run has used the seeds that the baseline has: they are fresh")
        return page
    notebook.refresh(page.id, now(), author(project))
    return notebook.baseline(page.id)


def _report(
    notebook: Notebook, candidate: Candidate, ground: Ground, page: Page, series: Series
) -> BaselineReport:
    runs = series.succeeded()
    values = _values(series)
    sd = spread(runs, ground.metric)
    stands = standing(candidate.reader.project, notebook)
    return BaselineReport(
        commit=candidate.baseline.commit,
        name=candidate.baseline.name,
        reason=candidate.baseline.reason,
        metric=ground.metric,
        higher_is_better=ground.protocol.higher_is_better,
        effect=ground.protocol.effect,
        seeds=ground.protocol.seeds,
        committed=candidate.reader.metrics(candidate.baseline_tree, ground.pipeline),
        runs=tuple(runs),
        mean=fmean(values) if values else None,
        sd=sd,
        controls=null_control(series),
        seeds_wired=seeds_wired(runs),
        declared=tuple(notebook.declarations()),
        replay=replayed(_plan(ground, sd), series),
        generation=page.refreshes,
        earlier=_earlier(candidate, ground, page, series),
        unconfirmed=stands.unconfirmed.get(candidate.baseline.name),
        superseded=stands.since(ground.key),
    )


def _plan(ground: Ground, sd: float | None) -> Plan:
    """The rule that an experiment against this baseline would be judged by."""
    protocol = ground.protocol
    effect = sd or 0.0 if protocol.effect is None else protocol.effect
    return Plan(
        ground.metric, protocol.higher_is_better, effect, protocol.goal, protocol.looks,
        unit=protocol.unit,
    )  # fmt: skip


def _earlier(candidate: Candidate, ground: Ground, page: Page, series: Series) -> Earlier | None:
    """What the baseline reached with the seeds that it had before."""
    values = _values(series)
    if not page.refreshes or not values:
        return None
    old = baseline_series(candidate, ground, page, page.refreshes - 1)
    old.trusted = set(series.trusted)
    drift = not old.succeeded()
    if drift:
        old.trusted = {run.intent.session for run in old.runs}
    runs, before = old.succeeded(), _values(old)
    if not before:
        return None
    mean, sd = fmean(before), spread(runs, ground.metric)
    # One run has no spread: taken as declared without one, it would count as exact.
    estimate, low, high = against(
        Declared(ground.metric, mean, "earlier seeds", len(before), sd or 0.0), values
    )
    return Earlier(mean, sd, len(before), estimate, low, high, drift)


def _values(series: Series) -> list[float]:
    return [run.metrics[series.subject.metric] for run in series.succeeded()]
