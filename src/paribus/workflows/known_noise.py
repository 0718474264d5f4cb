"""Where the baseline's spread comes from, by the runs that there are. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from paribus.core.metrics import looked_up
from paribus.core.paths import joined
from paribus.core.rules.params import param_name
from paribus.core.run import Purpose, Run
from paribus.core.statistics.variance import EvaluationSet, Noise, decompose
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.reports.noise import Unknown
from paribus.workflows.evaluation import Measured, evaluation_set
from paribus.workflows.measuring import Series, null_control
from paribus.workflows.project import Project
from paribus.workflows.subjects import Ground
from paribus.workflows.wanted import Wanted

FEWEST = 3
"""Runs of a series below which nothing is told of it."""


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


@dataclass(frozen=True, slots=True)
class Found:
    """What the runs say of the spread.

    Attributes:
        measured: the runs that say it.
        noise: its parts.
        evaluation, unknown: of the evaluation set, or why it is unknown.
        undeclared: seeds that no stage declares, so that DVC runs nothing for another value.
        cached: whether runs with other seeds may be one run, taken from the cache, and show no sd.
    """

    measured: Measured
    noise: Noise
    evaluation: EvaluationSet
    unknown: Unknown | None
    undeclared: tuple[str, ...]
    cached: bool


def seeds_alone(together: Series, page: Page) -> list[OneSeed]:
    """A series for each seed, with the runs that succeeded; which count is still `together`'s word.

    A single seed alone is that seed together: there is none then.
    """
    return [_one_seed(together, seed, page) for seed in together.seeds if len(together.seeds) > 1]


def reruns_of(together: Series) -> list[Run]:
    """The reruns of pair 0 that count and gave numbers."""
    return [run for run in together.controls() if run.succeeded and run.intent.index == 0]


def found_in(
    project: Project,
    notebook: Notebook,
    ground: Ground,
    together: Series,
    alone: Sequence[OneSeed],
) -> Found:
    """Takes the spread apart.

    Args:
        together: the screening runs; the one of pair 0 succeeded.
        alone: of each seed, where there are several.
    """
    runs, metric = together.succeeded(), ground.metric
    measured = Measured(
        runs,
        {series.varied: [runs[0], *series.succeeded()] for series in alone},
        reruns_of(together),
    )
    evaluation, unknown = evaluation_set(notebook, ground, measured)
    undeclared = _undeclared(project, ground)
    # Nothing but the cache made their numbers alike, or its absence different.
    cached = bool(together.seeds) and undeclared == together.seeds and null_control(together)[0] > 0
    noise = decompose(
        [] if cached else _values(runs, metric),
        {seed: _values(measured.alone.get(seed, ()), metric) for seed in together.seeds},
        _values(measured.reruns, metric),
        evaluation,
    )
    return Found(measured, noise, evaluation, unknown, undeclared, cached)


def known_noise(
    project: Project, notebook: Notebook, ground: Ground, page: Page, together: Series
) -> Noise | None:
    """The parts of the baseline's spread; None where they were not measured.

    Args:
        together: the baseline's screening runs, with the sessions that count.
    """
    alone = seeds_alone(together, page)
    for series in alone:
        series.trusted = together.trusted | {run.intent.session for run in series.runs}
    sides = [*(len(series.succeeded()) + 1 for series in alone), len(reruns_of(together))]
    if not together.seeds or 0 not in _succeeded(together):
        return None
    if min(len(together.succeeded()), *sides) < FEWEST:
        return None
    return found_in(project, notebook, ground, together, alone).noise


# Private functions


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


def _succeeded(series: Series) -> set[int]:
    return {run.intent.index for run in series.succeeded()}


def _undeclared(project: Project, ground: Ground) -> tuple[str, ...]:
    names = {seed: param_name(seed) for seed in ground.protocol.seeds}
    files = {seed: (joined(project.prefix, file), path) for seed, (file, path) in names.items()}
    return tuple(
        seed
        for seed, (file, path) in files.items()
        if not ground.pipeline.param_readers(file, path) and not ground.pipeline.readers(file)
    )


def _values(runs: Iterable[Run], metric: str) -> list[float]:
    return [run.metrics[metric] for run in runs]
