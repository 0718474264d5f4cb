"""One run's results on an evaluation set, example by example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paribus.core.examples.measures import Floats, Ints, weighted


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """The m examples of an evaluation set, in the order of their ids, and what one run made of them.

    Attributes:
        measure: `accuracy`, `mean`, `squared-error`, `absolute-error`, `auc` or `f1`.
        digest: of ids and labels; runs that share it were measured on the same examples.
        values: shape (m,): an example's own value where the metric is their mean, its score for
            `auc`, the code of the predicted class for `f1`.
        labels: shape (m,): 0 or 1 for `auc`, the code of the class for `f1`; else None.
        clusters: shape (m,): codes 0, 1, ... of what belongs together; None where examples are
            independent.
    """

    measure: str
    digest: str
    values: Floats
    labels: Ints | None = None
    clusters: Ints | None = None

    @property
    def size(self) -> int:
        """The number m of examples."""
        return len(self.values)

    @property
    def additive(self) -> bool:
        """Whether the metric is the mean of the values."""
        return self.labels is None

    @property
    def binary(self) -> bool:
        """Whether the metric is a proportion: the mean of values that are 0 or 1."""
        return self.additive and bool(np.isin(self.values, (0.0, 1.0)).all())

    @property
    def bounded(self) -> bool:
        """Whether the metric lies between 0 and 1 whatever the examples."""
        return not self.additive or self.measure == "accuracy" or self.binary

    @property
    def right(self) -> NDArray[np.bool_] | None:
        """Shape (m,): which examples the run got right; None where that cannot be said."""
        if self.measure == "f1" and self.labels is not None:
            return np.equal(self.values, self.labels)
        return self.values == 1 if self.measure in ("accuracy", "mean") and self.binary else None

    def metric(self) -> float:
        """The measure over all examples."""
        if self.additive:
            return float(self.values.mean())
        return float(weighted(self.values, self.labels, self.measure)(np.ones((1, self.size)))[0])


def units(examples: Examples) -> int:
    """How many independent things the metric rests on: clusters, else examples.

    For `auc` those of the rarer label: a thousand negatives make up for no lack of positives.
    """
    clusters, labels = examples.clusters, examples.labels
    ids = np.arange(examples.size) if clusters is None else clusters
    if examples.measure != "auc" or labels is None:
        return len(np.unique(ids))
    return min(len(np.unique(ids[labels == label])) for label in (0, 1))


def same_set(runs: Sequence[Examples]) -> None:
    """Make sure that runs can be compared example by example.

    Raises:
        ValueError: they differ in examples, measure or clusters.
    """
    first = runs[0]
    for other in runs[1:]:
        if other.digest != first.digest or other.size != first.size:
            raise ValueError("measured on different evaluation sets")
        if other.measure != first.measure:
            raise ValueError(f"measured by {first.measure} and by {other.measure}")
        if not _equal(first.clusters, other.clusters):
            raise ValueError("examples belong to different clusters")


# Private functions


def _equal(old: Ints | None, new: Ints | None) -> bool:
    if old is None or new is None:
        return old is new
    return np.array_equal(old, new)
