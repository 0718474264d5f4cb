"""What is to be run: a subject, and one run of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from paribus.core.clauses import Gate, Predictions
from paribus.core.paths import joined
from paribus.core.pipeline import Pipeline
from paribus.core.run import Purpose


@dataclass(frozen=True, slots=True)
class Subject:
    """What is run: the baseline, or an experiment.

    Attributes:
        owner: where its records belong: the experiment's id, or `baseline/<snapshot key>`.
        experiment: its id, or None for the baseline.
        label: short, for the names of results.
        message: of the results' commits.
        baseline: commit that the results follow.
        tree: id of the tree to run.
        pipeline: what the tree declares.
        metric: the primary metric.
        guarded: files that a result must hold exactly as the tree does: all that a run reads.
        fresh: whether DVC must run every stage: it would not see the change, or time is measured.
        timed: whether the metric, or a guard, is a time.
        predictions: where a run leaves a row for each evaluation example; None if nowhere.
        gate: a locked evaluation set, which the runs of a confirmation ask; None if there is none.
        timeout: seconds after which a run is ended, as it was agreed; None for never.
    """

    owner: str
    experiment: str | None
    label: str
    message: str
    baseline: str
    tree: str
    pipeline: Pipeline
    metric: str
    guarded: tuple[str, ...] = ()
    fresh: bool = False
    timed: bool = False
    predictions: Predictions | None = None
    gate: Gate | None = None
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One run that is wanted; index, seeds, purpose and series are those of `Intent`.

    Attributes:
        fresh: whether DVC must run every stage for it.
    """

    subject: Subject
    index: int
    seeds: Mapping[str, int]
    purpose: Purpose = Purpose.MEASURE
    series: str = ""
    fresh: bool = False

    @property
    def asks(self) -> Gate | None:
        """The locked set, which the runs of a confirmation ask, and no others."""
        return self.subject.gate if self.purpose is Purpose.CONFIRM else None


def predictions_files(subject: Subject, prefix: str) -> tuple[str, ...]:
    """Where a run leaves its predictions, from the repository's top; empty if nowhere.

    Args:
        prefix: the project's folder from the repository's top.
    """
    given = subject.predictions
    return () if given is None else (joined(prefix, given.file),)
