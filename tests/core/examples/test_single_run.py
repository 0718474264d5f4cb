"""One run's interval and sampling variance, against scipy, closed forms and simulation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from paribus.core.examples.bootstrap import bootstrap
from paribus.core.examples.measures import weighted
from paribus.core.examples.model import Examples
from paribus.core.examples.proportion import wilson
from paribus.core.examples.single import clustered, metric_interval, sampling_variance
from paribus.core.statistics.looks import Interval

Make = Callable[..., Examples]


@pytest.mark.parametrize("level", [0.05, 0.0128, 0.2])
@pytest.mark.parametrize(("right", "total"), [(0, 9), (1, 9), (9, 9), (341, 360), (1, 2)])
def test_wilson_as_scipy_has_it(make: Make, right: int, total: int, level: float) -> None:
    expected = stats.binomtest(right, total).proportion_ci(1 - level, method="wilson")
    found = metric_interval(make([1] * right + [0] * (total - right)), level)
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=1e-12)


def expanded(size: int, level: float = 0.05) -> float:
    """The confidence at which scipy's interval has the expansion."""
    return float(
        1 - 2 * stats.norm.cdf(stats.t.ppf(level / 2, size - 1) * np.sqrt(size / (size - 1)))
    )


@pytest.mark.parametrize("size", [20, 40, 300])
def test_bca_as_scipy_has_it(make: Make, size: int) -> None:
    values = np.random.default_rng(1).exponential(1, size)
    expected = stats.bootstrap(
        (values,),
        np.mean,
        confidence_level=expanded(size),
        n_resamples=30_000,
        rng=np.random.default_rng(2),
    )
    found, width = metric_interval(make(values)), expected.standard_error
    assert found.low == pytest.approx(expected.confidence_interval.low, abs=0.1 * width)
    assert found.high == pytest.approx(
        expected.confidence_interval.high, abs=0.35 * width
    )  # 0.1 is its noise


def test_bias_and_acceleration_as_scipy_has_them(make: Make) -> None:
    """A root of squares is biased and skewed."""
    values = np.random.default_rng(1).exponential(1, 60)

    def root(weights: np.ndarray) -> np.ndarray:
        return np.asarray(np.sqrt(weights @ values**2 / weights.sum(axis=1)))

    expected = stats.bootstrap(
        (values,), lambda x, axis: np.sqrt((x**2).mean(axis=axis)), confidence_level=expanded(60), n_resamples=30_000, rng=np.random.default_rng(2)
    )  # fmt: skip
    found = bootstrap(root, 60, None)
    interval, width = found.interval(0.05), expected.standard_error
    assert found.corrected
    assert interval.low == pytest.approx(expected.confidence_interval.low, abs=0.1 * width)
    assert interval.high == pytest.approx(
        expected.confidence_interval.high, abs=0.35 * width
    )  # 0.1 is its noise
    percentile = np.quantile(found.drawn, (0.025, 0.975))
    assert interval.low - percentile[0] > 0.2 * width  # the correction is no small thing here


def test_many_examples_are_not_corrected(make: Make) -> None:
    values = np.random.default_rng(1).exponential(1, 2000)
    found = bootstrap(weighted(values, None, "mean"), 2000, None)
    interval = found.interval(0.05)
    assert not found.corrected
    assert (interval.low, interval.high) == pytest.approx(
        np.quantile(found.drawn, (0.025, 0.975)), abs=1e-4
    )


@pytest.mark.parametrize("level", [0.3, 0.05, 0.01])
def test_p_and_interval_agree(level: float) -> None:
    """The interval excludes 0 exactly where p is at most the level."""
    values = np.random.default_rng(4).exponential(1, 80)
    excluded = []
    for shift in np.linspace(0.5, 1.5, 41):
        found = bootstrap(weighted(values - shift, None, "mean"), 80, None)
        interval, p = found.interval(level), found.p_zero()
        assert (interval.low > 0 or interval.high < 0) == (p <= level)
        excluded.append(p <= level)
    assert 0 < sum(excluded) < 41


def test_clusters_widen(make: Make) -> None:
    clusters = np.repeat(np.arange(30), 10)
    values = np.random.default_rng(3).random(30).round()[clusters]
    alone, together = (
        metric_interval(make(values)),
        metric_interval(make(values, clusters=clusters)),
    )
    assert together.half_width == pytest.approx(alone.half_width * np.sqrt(10), rel=0.15)


def test_nothing_wrong_is_no_proof(make: Make) -> None:
    """The bootstrap of what is always the same has no width; the proportion's interval has."""
    clusters = np.repeat(np.arange(7), 3)
    assert metric_interval(make(np.ones(21), clusters=clusters)) == wilson(7, 7, 0.05)
    perfect = make(np.arange(20), [0] * 16 + [1] * 4, measure="auc")
    assert metric_interval(perfect) == wilson(4, 4, 0.05)
    assert metric_interval(make([2.5, 2.5, 2.5])) == Interval(2.5, 2.5)


@pytest.mark.parametrize("measure", ["mean", "auc", "f1"])
@pytest.mark.parametrize("in_clusters", [False, True])
def test_sampling_variance_is_the_bootstraps(make: Make, measure: str, in_clusters: bool) -> None:
    rng = np.random.default_rng(7)
    sizes = rng.integers(1, 9, 120)
    clusters = np.repeat(np.arange(120), sizes) if in_clusters else None
    m = int(sizes.sum())
    shared = np.repeat(rng.standard_normal(120), sizes)
    labels = (rng.random(m) < 0.4).astype(int)
    if measure == "f1":
        labels = rng.integers(0, 3, m)
        values = (
            np.where(shared + rng.standard_normal(m) > -0.5, labels, rng.integers(0, 4, m)) * 1.0
        )
    else:
        values = labels + shared + rng.standard_normal(m)
    found = make(values, None if measure == "mean" else labels, clusters, measure)
    drawn = bootstrap(weighted(found.values, found.labels, measure), m, found.clusters).drawn
    assert sampling_variance(found) == pytest.approx(drawn.var(), rel=0.08)


def test_sampling_variance_of_independent_values(make: Make) -> None:
    assert sampling_variance(make([1, 0, 0, 0])) == pytest.approx(0.25 / 4)
    each = make([1, 0, 0, 0], clusters=[0, 1, 2, 3])
    assert sampling_variance(each) == pytest.approx(0.25 / 4)


def test_clustered_keeps_means() -> None:
    parts = np.random.default_rng(1).random((3, 10))
    found = clustered(parts, np.array([0, 1, 2, 0, 0, 0, 3, 3, 1, 0]))
    assert found.shape == (3, 4)
    assert found.mean(axis=1) == pytest.approx(parts.mean(axis=1))
