"""What the runs of a baseline say of the evaluation set: its size, its noise, and who draws it."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from paribus.core.examples.model import Examples
from paribus.core.examples.packed import unpack
from paribus.core.examples.single import sampling_variance
from paribus.core.run import Run
from paribus.core.statistics.variance import EvaluationSet
from paribus.ledger.notebook import Notebook
from paribus.reports.noise import Unknown
from paribus.workflows.subjects import Ground

AGREES = 1e-3
"""Relative difference that rounding may make between a metric and the predictions that it is of."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The runs that count, in the order of the pairs.

    Attributes:
        together: all declared seeds vary.
        alone: by the seed that varies alone, pair 0 first; empty below two seeds.
        reruns: of pair 0, caches off.
    """

    together: Sequence[Run]
    alone: Mapping[str, Sequence[Run]]
    reruns: Sequence[Run]

    def all(self) -> list[Run]:
        """Each run once."""
        others = (run for runs in self.alone.values() for run in runs)
        unique = {run.intent.id: run for run in (*self.together, *others, *self.reruns)}
        return list(unique.values())


def evaluation_set(
    notebook: Notebook, ground: Ground, measured: Measured
) -> tuple[EvaluationSet, Unknown | None]:
    """What the runs' predictions say of the evaluation set, or why they say nothing."""
    nothing = EvaluationSet()
    if ground.protocol.predictions is None:
        return nothing, Unknown.UNDECLARED
    drawn_by, clear = _drawn_by(ground.protocol.seeds, measured)
    if not clear:
        return nothing, Unknown.UNSEEDED
    found = _examples(notebook, measured.all())
    if not found:
        return nothing, Unknown.NO_EXAMPLES
    if not all(_agrees(run.metrics[ground.metric], examples) for run, examples in found):
        return nothing, Unknown.OTHER_MEASURE
    variance = fmean(sampling_variance(examples) for _, examples in found)
    size = round(fmean(examples.size for _, examples in found))
    known = EvaluationSet(variance or None, size, drawn_by)
    return known, None if variance else Unknown.ALL_ALIKE


# Private functions


def _drawn_by(seeds: Sequence[str], measured: Measured) -> tuple[tuple[str, ...], bool]:
    """Seeds that alone change the examples, and whether they are all that changes them."""
    drawn = tuple(
        seed for seed in seeds if _digests(measured.alone.get(seed, measured.together)) > 1
    )
    repeats = _digests([*measured.reruns, measured.together[0]]) <= 1
    return drawn, repeats and (bool(drawn) or _digests(measured.all()) <= 1)


def _digests(runs: Iterable[Run]) -> int:
    return len({run.evaluation for run in runs if run.evaluation is not None})


def _examples(notebook: Notebook, runs: Sequence[Run]) -> list[tuple[Run, Examples]]:
    """Of the runs that left any; a damaged record tells nothing."""
    packed = notebook.examples([run.intent.id for run in runs])
    found = []
    for run in runs:
        with contextlib.suppress(KeyError, ValueError):
            found.append((run, unpack(packed[run.intent.id])))
    return found


def _agrees(value: float, examples: Examples) -> bool:
    return math.isclose(value, examples.metric(), rel_tol=AGREES, abs_tol=1e-12)
