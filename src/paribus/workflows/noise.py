"""`paribus noise`: measures where the baseline's spread comes from.

All declared seeds vary together in the screening runs, which exist already or are needed anyway. Then
each seed varies alone, the others held at pair 1's values, and one seed is rerun without caches.

What is shared. A seed takes the same values alone as together, and the screening run of pair 1 is the
first run of every seed's series, so that each costs one run less. Each variance stays unbiased. Only
their independence is lost, on which the intervals rest: simulated with two seeds, 5 runs and 3 reruns,
the nominal 90 % held the true share in 87 to 95 % of cases with the sharing, in 88 to 93 % without.

What caches would hide. In a pipeline that repeats exactly, a stage taken from the run cache is a stage
run again. In one that does not, it would take the reruns' part out of a seed's runs, from which that
part is subtracted later: there every stage of them is run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from paribus.core.errors import Exit, Problem
from paribus.core.run import Purpose, Run, Status
from paribus.ledger.notebook import Notebook
from paribus.reports.noise import NoiseReport
from paribus.reports.runs import last_words
from paribus.workflows.asking import known_of
from paribus.workflows.baseline import baseline_ground
from paribus.workflows.candidate import Candidate, opened
from paribus.workflows.experiments import note_interrupted, open_notebook
from paribus.workflows.known_noise import OneSeed, found_in, reruns_of, seeds_alone
from paribus.workflows.limits import NO_LIMITS, Limits
from paribus.workflows.listening import Listener
from paribus.workflows.measuring import (
    Series,
    anchor,
    null_control,
    require_all,
    require_success,
)
from paribus.workflows.planning import effect_of_interest, planned, spread_so_far
from paribus.workflows.project import Project
from paribus.workflows.runner import Runner, running
from paribus.workflows.subjects import Ground, baseline_series
from paribus.workflows.wanted import Wanted


@dataclass(frozen=True, slots=True)
class NoiseOptions:
    """What the caller asks for.

    Attributes:
        baseline: None to find it.
        runs: of each series; those that exist count.
        reruns: of pair 1, caches off.
        effect: the difference to plan for; None for the declared one, or one standard deviation.
        jobs: runs at once.
        limits: what runs may take.
    """

    baseline: str | None = None
    runs: int = 5
    reruns: int = 3
    effect: float | None = None
    jobs: int = 1
    limits: Limits = NO_LIMITS


def noise(project: Project, options: NoiseOptions, listener: Listener) -> NoiseReport:
    """Makes the runs that are missing, and takes the spread apart.

    Raises:
        Problem: a run was killed, pair 1 failed, or a series failed more often than not.
    """
    with opened(project, None, options.baseline) as candidate:
        notebook = open_notebook(project)
        ground = baseline_ground(project, candidate)
        page = notebook.baseline(ground.key)
        note_interrupted(project, listener, page)
        together = baseline_series(candidate, ground, page)
        alone = seeds_alone(together, page)
        with running(project, notebook, options.jobs, listener, options.limits) as runner:
            anchor(together, runner)
            _run_together(together, runner, options)
            _run_alone(together, alone, runner, options.runs)
        return _report(project, notebook, candidate, ground, options, together, alone)


# Private functions


def _run_together(together: Series, runner: Runner, options: NoiseOptions) -> None:
    """The screening runs with the reruns between them, so that a slow drift falls on both.

    The first rerun comes after the second pair, so that two jobs do not make it beside the run that
    it repeats: it would be in vain where that one fails, and both would write one cache entry.
    """
    missing = max(0, options.reruns - len(reruns_of(together)))
    controls = [together.wanted(0, Purpose.CONTROL)] * missing
    seeds = together.missing(options.runs)
    turns = [*enumerate(seeds), *enumerate(controls, start=1)]
    wanted = [one for _, one in sorted(turns, key=lambda turn: turn[0])]
    made = runner.carry_out(wanted, _from_outside, _in_vain)
    if runner.stopped:
        require_all(made)
    together.runs += made
    require_success(together)
    _require_first(together.counting()[0])


def _run_alone(together: Series, alone: Sequence[OneSeed], runner: Runner, count: int) -> None:
    """One run of each seed in turn."""
    exact = null_control(together)[0] == 0
    for series in alone:
        series.trusted = together.trusted
        series.subject = replace(series.subject, fresh=series.subject.fresh or not exact)
    wanted = [one for series in alone for one in series.missing(count)]
    by_name = {series.name: series for series in alone}
    made = runner.carry_out(sorted(wanted, key=lambda one: one.index), _from_outside)
    if runner.stopped:
        require_all(made)
    for run in made:
        by_name[run.intent.series].runs.append(run)
    for series in alone:
        require_success(series)


def _from_outside(run: Run) -> bool:
    return run.status.from_outside


def _in_vain(run: Run, waiting: Wanted) -> bool:
    """Whether a run that ended leaves nothing to repeat."""
    first = run.intent.index == 0 and run.intent.purpose is Purpose.MEASURE
    return first and not run.succeeded and waiting.purpose is Purpose.CONTROL


def _require_first(run: Run) -> None:
    """Raises `Problem` where pair 1 did not succeed."""
    if run.succeeded:
        return
    raise Problem(
        "run-failed",
        f"pair 1 of the baseline {run.status.value}: {run.cause}; each seed is varied from it, "
        "and it is what is rerun",
        *(f"the last that it said: {line}" for line in last_words(run)[-1:]),
        "if it is mended, try again   paribus noise",
        "if it cannot be mended       paribus baseline --fresh   (other seeds for every pair)",
        status=Exit.RUN_FAILED,
    )


def _report(
    project: Project,
    notebook: Notebook,
    candidate: Candidate,
    ground: Ground,
    options: NoiseOptions,
    together: Series,
    alone: Sequence[OneSeed],
) -> NoiseReport:
    found = found_in(project, notebook, ground, together, alone)
    measured, sd = found.measured, found.noise.sd
    effect = effect_of_interest(ground, options.effect, sd)
    so_far = spread_so_far(
        ground, notebook.baseline(ground.key), known_of(project, ground.key).against
    )
    runs = [run for series in (together, *alone) for run in series.runs]
    return NoiseReport(
        commit=candidate.baseline.commit,
        name=candidate.baseline.name,
        metric=ground.metric,
        higher_is_better=ground.protocol.higher_is_better,
        seeds=together.seeds,
        noise=found.noise,
        mean=fmean(run.metrics[ground.metric] for run in measured.together),
        together=len(measured.together),
        reruns=len(measured.reruns),
        runs=tuple(measured.all()),
        cached=found.cached,
        undeclared=found.undeclared,
        failed=tuple(run for run in runs if run.status is Status.FAILED),
        controls=null_control(together),
        evaluation=found.evaluation,
        unknown=found.unknown,
        effect=effect,
        planned=planned(ground, sd, so_far, effect),
    )
