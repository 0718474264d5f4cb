"""Measures against scikit-learn, weights against repetition, contributions against derivatives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, roc_auc_score

from paribus.core.examples.measures import contributions, weighted
from paribus.core.examples.model import Examples, same_set, units

Make = Callable[..., Examples]

answers = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=2, max_size=30)
scores = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=30)


@given(answers)
def test_f1(make: Make, pairs: list[tuple[int, int]]) -> None:
    labels, predictions = zip(*pairs, strict=True)
    expected = f1_score(labels, predictions, average="macro", zero_division=0)
    found = make(predictions, labels, measure="f1")
    assert found.metric() == pytest.approx(expected, abs=1e-12)
    assert contributions(found.values, found.labels, "f1").mean() == pytest.approx(
        expected, abs=1e-12
    )


@given(scores.filter(lambda rows: len({label for label, _ in rows}) == 2))
def test_auc(make: Make, rows: list[tuple[bool, int]]) -> None:
    labels, values = zip(*rows, strict=True)
    expected = roc_auc_score(labels, values)
    found = make(values, labels, measure="auc")
    assert found.metric() == pytest.approx(expected, abs=1e-12)
    assert contributions(found.values, found.labels, "auc").mean() == pytest.approx(
        expected, abs=1e-12
    )


MEASURED = {
    "mean": (np.array([0.5, 2.0, -1.0, 3.0, 0.0, 1.0]), None),
    "auc": (np.array([0.5, 2.0, 2.0, 3.0, 0.0, 1.0]), np.array([0, 1, 0, 1, 1, 0])),
    "f1": (np.array([0.0, 1, 1, 2, 0, 3]), np.array([0, 1, 2, 2, 1, 0])),
}


@pytest.mark.parametrize("measure", MEASURED)
def test_weights_are_repetitions(measure: str) -> None:
    values, labels = MEASURED[measure]
    weights = np.random.default_rng(1).integers(0, 4, (50, 6)).astype(np.float64)
    found = weighted(values, labels, measure)(weights)
    ones = np.ones((1, 1))
    for row, metric in zip(weights.astype(int), found, strict=True):
        again = None if labels is None else labels.repeat(row)
        if measure == "auc" and len(set(again.tolist() if again is not None else ())) < 2:
            assert np.isnan(metric)
        else:
            repeated = weighted(values.repeat(row), again, measure)
            assert metric == pytest.approx(repeated(ones.repeat(row.sum(), axis=1))[0])


@pytest.mark.parametrize("measure", MEASURED)
def test_contributions_are_derivatives(measure: str) -> None:
    """A little more weight on one example moves the metric by its contribution's deviation."""
    values, labels = MEASURED[measure]
    statistic, size, step = weighted(values, labels, measure), len(values), 1e-6
    moved = statistic(np.ones((size, size)) + step * size * np.eye(size))
    slope = (moved - statistic(np.ones((1, size)))) / step
    found = contributions(values, labels, measure)
    assert found - found.mean() == pytest.approx(slope, abs=1e-4)


def test_units(make: Make) -> None:
    labels, clusters = [1, 1, 0, 0, 0, 0], [0, 0, 0, 1, 2, 2]
    assert units(make(range(6))) == 6
    assert units(make(range(6), clusters=clusters)) == 3
    assert units(make(range(6), labels, measure="auc")) == 2
    assert units(make(range(6), labels, clusters, measure="auc")) == 1


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (Examples("mean", "other", np.ones(2)), "measured on different evaluation sets"),
        (Examples("mean", "digest", np.ones(3)), "measured on different evaluation sets"),
        (Examples("accuracy", "digest", np.ones(2)), "measured by mean and by accuracy"),
        (Examples("mean", "digest", np.ones(2), None, np.arange(2)), "examples belong to different clusters"),
    ],
)  # fmt: skip
def test_not_the_same_set(make: Make, other: Examples, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        same_set((make([1, 1]), make([0, 0]), other))
