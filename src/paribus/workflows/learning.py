"""`paribus status --learning-curve`: runs the baseline on less data, to see what more would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from paribus.core.errors import Exit, Problem
from paribus.core.metrics import is_number
from paribus.core.paths import joined
from paribus.core.rules.params import param_name
from paribus.core.run import Purpose, Run, Status
from paribus.core.statistics.learning import learning_curve
from paribus.core.values import Value, dotted
from paribus.ledger.page import Page
from paribus.reports.learning import LearningReport
from paribus.reports.runs import happened, last_words
from paribus.workflows.baseline import baseline_ground
from paribus.workflows.candidate import Candidate, opened
from paribus.workflows.experiments import note_interrupted, open_notebook
from paribus.workflows.judging import judged
from paribus.workflows.listening import Listener
from paribus.workflows.measuring import (
    RUNS_FOR_SPREAD,
    Series,
    anchor,
    require_success,
    spread,
)
from paribus.workflows.project import Project
from paribus.workflows.runner import Runner, running
from paribus.workflows.subjects import (
    Draw,
    Ground,
    baseline_series,
    baseline_subject,
    experiment_subject,
    screening,
    series_of,
)
from paribus.workflows.wanted import Subject

SHARES = 6
"""Shares of the training data, each half of the next; the largest is the baseline's own."""

SEEDS = 5
"""Runs at each share."""


def learn(project: Project, revision: str | None, jobs: int, listener: Listener) -> LearningReport:
    """Runs what the curve still lacks, and fits it. Interrupted, it goes on where it was.

    Args:
        revision: the baseline; None to find it.

    Raises:
        Problem: no `train_share` is declared, its value is no share, or a run failed.
    """
    notebook = open_notebook(project)
    with opened(project, None, revision) as candidate:
        ground = baseline_ground(project, candidate)
        shares = require_shares(project, candidate, ground)
        page = notebook.baseline(ground.key)
        note_interrupted(project, listener, page)
        full = baseline_series(candidate, ground, page)
        subjects = {share: _subject(project, candidate, ground, share) for share in shares[:-1]}
        with running(project, notebook, jobs, listener) as runner:
            anchor(full, runner)
            smaller = {
                share: _series(subject, ground, page, share) for share, subject in subjects.items()
            }
            for series in smaller.values():
                series.trusted = full.trusted
            _carry_out(ground, full, smaller, runner)
        table = _table({**smaller, shares[-1]: full})
        assert table is not None
        return _report(ground, full, table)


def learned(candidate: Candidate, ground: Ground, page: Page) -> LearningReport | None:
    """The curve that the ledger has runs for; None where it is not complete. Runs nothing."""
    share = _own_share(candidate, ground)
    if share is None:
        return None
    full = baseline_series(candidate, ground, page)
    subject = baseline_subject(candidate, ground)
    every = {share: _series(subject, ground, page, share) for share in _halved(share)[:-1]}
    every[share] = full
    # As it was told when it was measured: with the runs of that session, where they are complete.
    made = [run.intent for series in every.values() for run in series.runs]
    learning = [intent for intent in made if intent.purpose is Purpose.LEARN]
    if not learning:
        return None
    latest = max(learning, key=lambda intent: intent.started).session
    for trusted in ({latest}, {intent.session for intent in made}):
        for series in every.values():
            series.trusted = trusted
        table = _table(every)
        if table is not None:
            return _report(ground, full, table)
    return None


def effect_of(ground: Ground, runs: Sequence[Run]) -> float:
    """The effect of interest: declared, or one standard deviation of the baseline's first runs."""
    if ground.protocol.effect is not None:
        return ground.protocol.effect
    return spread(runs[:RUNS_FOR_SPREAD], ground.metric) or 0.0


def require_shares(project: Project, candidate: Candidate, ground: Ground) -> tuple[float, ...]:
    """Shares of the training data, rising by factors of two to the baseline's own.

    Raises:
        Problem: no param says which share is used, or its value is no share.
    """
    name, file = ground.protocol.train_share, project.protocol_file
    if name is None:
        raise Problem(
            "no-train-share",
            f"{file} does not say which param holds the share of the training data",
            f"name it in {file}   train_share: data.train_share",
            "if there is none, add one with the value 1.0, and let the training read so many rows",
        )
    share = _own_share(candidate, ground)
    if share is None:
        value = _value(candidate, name)
        raise Problem(
            "bad-train-share",
            f"train_share: {name} is {'not there' if value is None else repr(value)} at baseline "
            f"{candidate.baseline.name}; a number above 0, and at most 1, is expected",
            f"name another param in {file}   train_share: data.train_share",
        )
    return _halved(share)


# Private functions


def _halved(share: float) -> tuple[float, ...]:
    return tuple(share / 2**times for times in reversed(range(SHARES)))


def _own_share(candidate: Candidate, ground: Ground) -> float | None:
    """The share that the baseline itself uses; None where it has none."""
    name = ground.protocol.train_share
    value = None if name is None else _value(candidate, name)
    if not isinstance(value, int | float) or not is_number(value):
        return None
    return float(value) if 0 < value <= 1 else None


def _value(candidate: Candidate, name: str) -> Value:
    file, path = param_name(name)
    found: Value = candidate.reader.document(
        candidate.baseline_tree, joined(candidate.reader.project.prefix, file)
    )
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _subject(project: Project, candidate: Candidate, ground: Ground, share: float) -> Subject:
    """The baseline's own commit with less data; its tree is kept where clones can see it."""
    name = ground.protocol.train_share
    assert name is not None
    commit = candidate.baseline.commit
    with opened(project, commit, commit, [f"{name}={share!r}"], keep=True) as smaller:
        subject = experiment_subject(judged(smaller), "", ground)
    return replace(
        subject,
        owner=f"baseline/{ground.key}",
        experiment=None,
        label="learn",
        message=f"paribus: baseline {candidate.baseline.name}, {_told(name)} {share:g}",
    )


def _series(subject: Subject, ground: Ground, page: Page, share: float) -> Series:
    """The runs of one share, under the seeds of the baseline's first pairs."""
    drawn = screening(ground, page.refreshes)
    draw = Draw(Purpose.LEARN, f"learn/{share:.6g}", drawn.key, drawn.listed)
    return series_of(subject, ground, page, draw)


def _carry_out(
    ground: Ground, full: Series, smaller: Mapping[float, Series], runner: Runner
) -> None:
    """Makes what is missing, seed by seed, so that whole seeds are there when it is interrupted."""
    every = [full, *smaller.values()]
    wanted = [run for series in every for run in series.missing(SEEDS)]
    wanted.sort(key=lambda run: run.index)
    for run in runner.carry_out(wanted, lambda run: not run.succeeded):
        owner = next(series for series in every if _holds(series, run))
        owner.runs.append(run)
        if not run.succeeded and owner is not full:
            raise _failed(ground, next(share for share in smaller if smaller[share] is owner), run)
    require_success(full)
    if _table({0.0: full}) is None:
        raise _failed(ground, None, next(run for run in full.runs if not run.succeeded))


def _holds(series: Series, run: Run) -> bool:
    return (series.purpose, series.name) == (run.intent.purpose, run.intent.series)


def _table(every: Mapping[float, Series]) -> dict[float, tuple[Run, ...]] | None:
    """The counting runs of each share by rising share; None where one is missing."""
    table = {}
    for share in sorted(every):
        counting = every[share].counting()
        runs = [counting[index] for index in range(SEEDS) if index in counting]
        if len(runs) < SEEDS or any(run.status is not Status.SUCCEEDED for run in runs):
            return None
        table[share] = tuple(runs)
    return table


def _report(ground: Ground, full: Series, table: Mapping[float, tuple[Run, ...]]) -> LearningReport:
    metric = ground.metric
    values = [[run.metrics[metric] for run in runs] for runs in table.values()]
    # The shares double, so their relative sizes are whole; the curve knows no other unit.
    sizes = [2**times for times in range(len(values))]
    assert ground.protocol.train_share is not None
    return LearningReport(
        metric=metric,
        higher_is_better=ground.protocol.higher_is_better,
        param=ground.protocol.train_share,
        shares=tuple(table),
        seeds=SEEDS,
        effect=effect_of(ground, full.succeeded()),
        curve=learning_curve(sizes, values, higher_is_better=ground.protocol.higher_is_better),
    )


def _told(name: str) -> str:
    return dotted(param_name(name)[1])


def _failed(ground: Ground, share: float | None, run: Run) -> Problem:
    param = _told(ground.protocol.train_share or "")
    at = "" if share is None else f" with {param} {share:g}"
    return Problem(
        "run-failed",
        f"a run of the baseline{at} {happened(run)}: {run.cause}; it is recorded",
        *(f"the last that it said: {line}" for line in last_words(run)[-1:]),
        "mend it and try again   paribus status --learning-curve",
        status=Exit.RUN_FAILED,
        retryable=run.status.from_outside,
    )
