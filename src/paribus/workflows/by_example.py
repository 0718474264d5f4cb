"""What pairs of runs made of each evaluation example, read from the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from paribus.core.run import Run
from paribus.core.sample import Sample

if TYPE_CHECKING:
    from paribus.core.examples.pairs import ExamplePairs

TOLERANCE = 1e-3
"""Relative to the metric, which may have been rounded when it was written."""

Packed = Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]]
"""Gives the packed examples of runs, by the run's id."""


def example_pairs(
    sides: Mapping[int, tuple[Run, Run]], packed: Packed, *, repeats: bool
) -> ExamplePairs | None:
    """The examples of both sides of each pair; None where a run left none.

    Args:
        sides: the two runs by the pair's index.
        repeats: whether reruns of one seed of the baseline gave the same numbers.
    """
    runs = [run for side in sides.values() for run in side]
    if not runs or not all(run.evaluation for run in runs):
        return None
    from paribus.core.examples.packed import unpack  # noqa: PLC0415 (numpy, and rarely needed)
    from paribus.core.examples.pairs import ExamplePairs  # noqa: PLC0415

    records = packed([run.intent.id for run in runs])
    if any(run.intent.id not in records for run in runs):
        return None  # made elsewhere, and its examples were not shared
    found = {name: unpack(record) for name, record in records.items()}
    pairs = {
        index: (found[old.intent.id], found[new.intent.id]) for index, (old, new) in sides.items()
    }
    return ExamplePairs(pairs, repeats)


def disagreement(sample: Sample) -> str | None:
    """Why the examples cannot stand for the metric; None where they give the same numbers."""
    if sample.examples is None:
        return "examples are the unit, and not every run left its predictions"
    for pair in sample.pairs:
        values = (pair.baseline, pair.candidate)
        for value, examples in zip(values, sample.examples.sides[pair.index], strict=True):
            told = examples.metric()
            if abs(told - value) > TOLERANCE * max(1.0, abs(value)):
                return (
                    f"the predictions give {examples.measure} {told:.6g} "
                    f"where the metric is {value:.6g}: they do not measure it"
                )
    return None
