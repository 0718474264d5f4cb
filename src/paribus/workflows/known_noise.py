"""Where the baseline's spread comes from, by the runs that `paribus noise` left. Runs nothing."""

from __future__ import annotations

from dataclasses import replace

from paribus.core.metrics import looked_up
from paribus.core.run import Purpose, Run
from paribus.core.variance import Noise, decompose
from paribus.ledger.notebook import Notebook, Page
from paribus.workflows.evaluation import Measured, evaluation_set
from paribus.workflows.measuring import Series
from paribus.workflows.noise import OneSeed
from paribus.workflows.subjects import Ground

FEWEST = 3
"""Runs of a series below which nothing is told of it."""


def known_noise(notebook: Notebook, ground: Ground, page: Page, together: Series) -> Noise | None:
    """The parts of the baseline's spread; None where they were not measured.

    Args:
        together: the baseline's screening runs, with the sessions that count.
    """
    runs, reruns = together.succeeded(), _reruns(together)
    alone = {series.varied: [*runs[:1], *series.succeeded()] for series in _alone(page, together)}
    measured = all(len(made) >= FEWEST for made in (runs, reruns, *alone.values()))
    if not measured or not together.seeds:
        return None
    metric = ground.metric
    evaluation, _ = evaluation_set(notebook, ground, Measured(runs, alone, reruns))
    return decompose(
        [run.metrics[metric] for run in runs],
        {seed: [run.metrics[metric] for run in alone.get(seed, ())] for seed in together.seeds},
        [run.metrics[metric] for run in reruns],
        evaluation,
    )


# Private functions


def _alone(page: Page, together: Series) -> list[OneSeed]:
    """A series for each seed that was varied alone, where there are several."""
    return [_one_seed(page, together, seed) for seed in together.seeds if len(together.seeds) > 1]


def _one_seed(page: Page, together: Series, seed: str) -> OneSeed:
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
        value, intent = looked_up(run.metrics, metric), run.intent
        named = (intent.purpose, intent.series) == (Purpose.NOISE, series.name)
        ours = named and intent.seeds == series.seeds_of(intent.index)
        if ours and run.succeeded and isinstance(value, int | float):
            series.runs.append(replace(run, metrics={**run.metrics, metric: float(value)}))
            series.trusted = series.trusted | {intent.session}
    return series


def _reruns(together: Series) -> list[Run]:
    return [run for run in together.controls() if run.succeeded and run.intent.index == 0]
