"""`paribus baseline`: what is to be beaten, why, and what is known of it."""

from __future__ import annotations

from statistics import fmean

from paribus.core.declared import Declared
from paribus.core.pairing import seeds_wired
from paribus.core.policy import judge
from paribus.core.run import Run
from paribus.git.identity import identity
from paribus.ledger.notebook import Notebook
from paribus.reports.baseline import BaselineReport
from paribus.workflows.candidate import Candidate, opened
from paribus.workflows.experiments import note_interrupted, open_notebook
from paribus.workflows.judging import Judged
from paribus.workflows.listening import Listener
from paribus.workflows.measuring import (
    RUNS_FOR_SPREAD,
    Series,
    anchor,
    null_control,
    null_controls_missing,
    require_all,
    require_success,
    spread,
)
from paribus.workflows.project import Project, now
from paribus.workflows.runner import running
from paribus.workflows.subjects import Ground, baseline_series, require_ground


def show(project: Project, revision: str | None) -> BaselineReport:
    """What the baseline is, why it is that one, and what was measured of it."""
    with opened(project, None, revision) as candidate:
        notebook = open_notebook(project)
        ground = _ground(project, candidate)
        series = baseline_series(candidate, ground, notebook.baseline(ground.key))
        series.trusted = {run.intent.session for run in series.runs}
        return _report(notebook, candidate, ground, series)


def measure(
    project: Project, revision: str | None, pairs: int | None, jobs: int, listener: Listener
) -> BaselineReport:
    """Runs the baseline with its screening seeds, and the null control.

    Args:
        pairs: numbers of seeds; None for as many as a spread needs.
    """
    with opened(project, None, revision) as candidate:
        notebook = open_notebook(project)
        ground = _ground(project, candidate)
        page = notebook.baseline(ground.key)
        note_interrupted(project, listener, page)
        series = baseline_series(candidate, ground, page)
        with running(project, notebook, jobs, listener) as runner:
            anchor(series, runner)
            wanted = series.missing(pairs or RUNS_FOR_SPREAD)
            made = runner.carry_out([*wanted, *null_controls_missing(series)], _failed)
        series.runs += made
        require_success(series)
        require_all(made)
        return _report(notebook, candidate, ground, series)


def declare(project: Project, declared: Declared) -> str:
    """Records an outside baseline; returns the ledger's commit that holds it."""
    who = identity(project.repository.git)
    author = f"{who['GIT_AUTHOR_NAME']} <{who['GIT_AUTHOR_EMAIL']}>"
    return open_notebook(project).declare(declared, now(), author)


# Private functions


def _failed(run: Run) -> bool:
    return not run.succeeded


def _ground(project: Project, candidate: Candidate) -> Ground:
    """The baseline judged against itself: nothing differs, and it is read as any other revision."""
    sides, deltas = candidate.reader.sides(candidate.baseline_tree, candidate.baseline_tree)
    if sides.old.protocol is None:
        sides, deltas = candidate.reader.sides(candidate.baseline_tree, candidate.tree)
    candidate.reader.require_params(candidate.baseline_tree, sides.old.pipeline)
    return require_ground(project, Judged(sides, judge(sides, deltas), candidate))


def _report(
    notebook: Notebook, candidate: Candidate, ground: Ground, series: Series
) -> BaselineReport:
    runs = series.succeeded()
    values = [run.metrics[ground.metric] for run in runs if ground.metric in run.metrics]
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
        sd=spread(runs, ground.metric),
        controls=null_control(series),
        seeds_wired=seeds_wired(runs),
        declared=tuple(notebook.declarations()),
    )
