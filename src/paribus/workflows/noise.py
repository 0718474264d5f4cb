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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from paribus.core.metrics import looked_up
from paribus.core.paths import joined
from paribus.core.rules.params import param_name
from paribus.core.run import Purpose, Run, Status
from paribus.core.variance import decompose
from paribus.ledger.notebook import Notebook, Page
from paribus.reports.noise import NoiseReport
from paribus.workflows.baseline import baseline_ground
from paribus.workflows.candidate import Candidate, opened
from paribus.workflows.evaluation import Measured, evaluation_set
from paribus.workflows.experiments import note_interrupted, open_notebook
from paribus.workflows.listening import Listener
from paribus.workflows.measuring import (
    Series,
    anchor,
    null_control,
    require_all,
    require_success,
)
from paribus.workflows.planning import effect_of_interest, planned
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
    """

    baseline: str | None = None
    runs: int = 5
    reruns: int = 3
    effect: float | None = None
    jobs: int = 1


@dataclass(slots=True)
class OneSeed(Series):
    """The baseline with one seed varied, and the others held at pair 0's values.

    Its pair 0 is that of the screening runs, and is not run again.
    """

    varied: str = ""

    def seeds_of(self, index: int) -> dict[str, int]:
        """The seeds of pair 0, with pair `index`'s value of the one that varies."""
        own = Series.seeds_of(self, index)[self.varied]
        return Series.seeds_of(self, 0) | {self.varied: own}

    def missing(self, count: int) -> list[Wanted]:
        """Runs that the pairs from the second to the `count`-th still need."""
        return [wanted for wanted in Series.missing(self, count) if wanted.index]


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
        alone = _alone(together, page)
        with running(project, notebook, options.jobs, listener) as runner:
            anchor(together, runner)
            _run_together(together, runner, options)
            _run_alone(together, alone, runner, options.runs)
        return _report(project, notebook, candidate, ground, options, together, alone)


# Private functions


def _alone(together: Series, page: Page) -> list[OneSeed]:
    """A series for each seed; a single seed alone is that seed together, and is not run twice."""
    return [_one_seed(together, seed, page) for seed in together.seeds if len(together.seeds) > 1]


def _one_seed(together: Series, seed: str, page: Page) -> OneSeed:
    series = OneSeed(
        together.subject,
        together.key,
        together.seeds,
        [],
        together.trusted,
        together.fixed,
        Purpose.NOISE,
        f"noise/{seed}",
        seed,
    )
    metric = together.subject.metric
    for run in page.runs:
        value = looked_up(run.metrics, metric)
        ours = (
            run.intent.purpose is series.purpose
            and run.intent.series == series.name
            # Other seeds are those that the baseline had before they were drawn anew.
            and run.intent.seeds == series.seeds_of(run.intent.index)
        )
        if ours and run.succeeded and value is not None:
            series.runs.append(replace(run, metrics={**run.metrics, metric: value}))
    return series


def _run_together(together: Series, runner: Runner, options: NoiseOptions) -> None:
    """The screening runs with the reruns between them, so that a slow drift falls on both."""
    missing = max(0, options.reruns - len(_reruns(together)))
    controls = [together.wanted(0, Purpose.CONTROL)] * missing
    seeds = together.missing(options.runs)
    turns = [*enumerate(seeds), *enumerate(controls)]
    wanted = [one for _, one in sorted(turns, key=lambda turn: turn[0])]
    together.runs += runner.carry_out(wanted, _killed)
    require_success(together)
    require_all([together.counting()[0]])


def _run_alone(together: Series, alone: Sequence[OneSeed], runner: Runner, count: int) -> None:
    """One run of each seed in turn."""
    exact = null_control(together)[0] == 0
    for series in alone:
        series.trusted = together.trusted
        series.subject = replace(series.subject, fresh=series.subject.fresh or not exact)
    wanted = [one for series in alone for one in series.missing(count)]
    by_name = {series.name: series for series in alone}
    for run in runner.carry_out(sorted(wanted, key=lambda one: one.index), _killed):
        by_name[run.intent.series].runs.append(run)
    for series in alone:
        require_success(series)


def _killed(run: Run) -> bool:
    return run.status is Status.KILLED


def _reruns(together: Series) -> list[Run]:
    return [
        run
        for run in together.controls()
        if run.succeeded and run.intent.index == 0 and run.intent.session in together.trusted
    ]


def _report(
    project: Project,
    notebook: Notebook,
    candidate: Candidate,
    ground: Ground,
    options: NoiseOptions,
    together: Series,
    alone: Sequence[OneSeed],
) -> NoiseReport:
    first = together.counting()[0]
    measured = Measured(
        together.succeeded(),
        {series.varied: [first, *series.succeeded()] for series in alone},
        _reruns(together),
    )
    evaluation, unknown = evaluation_set(notebook, ground, measured)
    metric = ground.metric
    undeclared = _undeclared(project, ground)
    # Nothing but the cache made their numbers alike, or its absence different.
    cached = bool(together.seeds) and undeclared == together.seeds and null_control(together)[0] > 0
    found = decompose(
        [] if cached else _values(measured.together, metric),
        {seed: _values(measured.alone.get(seed, ()), metric) for seed in together.seeds},
        _values(measured.reruns, metric),
        evaluation,
    )
    effect = effect_of_interest(ground, options.effect, found.sd)
    runs = [run for series in (together, *alone) for run in series.runs]
    return NoiseReport(
        commit=candidate.baseline.commit,
        name=candidate.baseline.name,
        metric=metric,
        higher_is_better=ground.protocol.higher_is_better,
        seeds=together.seeds,
        noise=found,
        mean=fmean(_values(measured.together, metric)),
        together=len(measured.together),
        reruns=len(measured.reruns),
        runs=tuple(measured.all()),
        cached=cached,
        undeclared=undeclared,
        failed=tuple(run for run in runs if run.status is Status.FAILED),
        controls=null_control(together),
        evaluation=evaluation,
        unknown=unknown,
        effect=effect,
        planned=planned(notebook, ground, found.sd, effect),
    )


def _undeclared(project: Project, ground: Ground) -> tuple[str, ...]:
    """Seeds that no stage declares, so that DVC sees no reason to run anything for another value."""
    names = {seed: param_name(seed) for seed in ground.protocol.seeds}
    files = {seed: (joined(project.prefix, file), path) for seed, (file, path) in names.items()}
    return tuple(
        seed
        for seed, (file, path) in files.items()
        if not ground.pipeline.param_readers(file, path) and not ground.pipeline.readers(file)
    )


def _values(runs: Iterable[Run], metric: str) -> list[float]:
    return [run.metrics[metric] for run in runs]
