"""The pairs on which a verdict or a confirmation rests, with the numbers of their runs."""

from __future__ import annotations

from collections.abc import Iterable

from paribus.core.metrics import looked_up
from paribus.core.run import Run
from paribus.reports.notebook.content import PairPoint

LARGEST = 1e300
"""A metric that is not below it is a failed measurement, as `core.sample.Pair` has it."""


def pair_points(
    pairs: Iterable[tuple[str, str]], runs: Iterable[Run], metric: str
) -> tuple[PairPoint, ...]:
    """Pairs in their order, as far as their runs are known and have the metric.

    Args:
        pairs: ids of runs, (baseline, candidate).
        runs: of both sides; others may be among them.
        metric: its name.
    """
    known = {run.intent.id: run for run in runs}
    found = []
    for beside, identifier in pairs:
        old, new = known.get(beside), known.get(identifier)
        if old is None or new is None:
            continue
        values = [looked_up(run.metrics, metric) for run in (old, new)]
        numbers = [float(value) for value in values if isinstance(value, int | float)]
        if len(numbers) == 2 and all(abs(number) < LARGEST for number in numbers):
            before, after = numbers
            place = new.intent.index + 1
            found.append(PairPoint(place, new.intent.seeds, before, after, identifier, beside))
    return tuple(sorted(found, key=lambda one: one.pair))
