"""Seeds x examples: by hand, by simulation, and what must hold for any."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from paribus.core.examples.crossed import TwoWay, crossed, two_way
from paribus.core.examples.model import Examples

Make = Callable[..., Examples]
seeds = st.integers(0, 10**6)


def drawn(rng: np.random.Generator, n: int, m: int) -> np.ndarray:
    """Differences whose population mean is 0: an example's, a seed's, and those of both."""
    each = rng.standard_normal(m) * 0.3 + rng.standard_normal((n, 1)) * 0.02
    return np.asarray(each + rng.standard_normal((n, m)) * 0.4)


def test_by_hand() -> None:
    found = two_way(np.array([[1.0, 2.0, 6.0], [2.0, 5.0, 8.0]]))
    # Rows 3, 5; columns 1.5, 3.5, 7; residuals +-.5, -+.5, 0: S 6, E 2 * 7.75, R .5.
    spread = 6 + 15.5 - 0.5
    assert found.estimate == 4
    assert found.se == pytest.approx(np.sqrt(spread / 6))
    assert found.df == pytest.approx(spread**2 / (36 / 1 + 15.5**2 / 2 + 0.25 / 2))
    interval = found.interval(0.05)
    assert interval is not None
    assert interval.half_width == pytest.approx(stats.t.ppf(0.975, found.df) * found.se)


def test_one_source_of_noise_alone() -> None:
    """Runs that the seed does not change are a t test over examples, and the other way round."""
    values = np.random.default_rng(1).standard_normal(30)
    for cells in (np.tile(values, (4, 1)), np.tile(values[:, None], (1, 7))):
        found = two_way(cells)
        assert found.se == pytest.approx(values.std(ddof=1) / np.sqrt(30))
        assert found.df == pytest.approx(29)


@pytest.mark.parametrize("ratio", [1, 6])
@pytest.mark.parametrize(("n", "m"), [(5, 200), (3, 40)])
def test_error_in_the_population(n: int, m: int, ratio: int) -> None:
    """Seeds alone err in 19 % at n = 5, m = 200; `ratio` makes examples come in clusters."""
    rng, wrong, blind = np.random.default_rng(20), 0, 0
    clusters = None if ratio == 1 else np.repeat(np.arange(m), rng.integers(1, ratio, m))
    for _ in range(1500):
        cells = drawn(rng, n, m)
        if clusters is not None:
            cells = cells[:, clusters] + 0.2 * rng.standard_normal((n, len(clusters)))
        interval = two_way(cells, clusters).interval(0.05)
        assert interval is not None
        wrong += not interval.low <= 0 <= interval.high
        rows = cells.mean(axis=1)
        blind += abs(rows.mean()) > stats.t.ppf(0.975, n - 1) * rows.std(ddof=1) / np.sqrt(n)
    assert 0.03 <= wrong / 1500 <= 0.07
    assert blind / 1500 > 0.08


@pytest.mark.parametrize("measure", ["auc", "f1"])
def test_error_of_what_is_no_mean(make: Make, measure: str) -> None:
    rng, wrong, runs = np.random.default_rng(21), 0, 400
    for _ in range(runs):
        labels, hard = rng.integers(0, 2, 150), rng.standard_normal(150)
        arms = []
        for _ in range(2):
            taste = 0.7 * rng.standard_normal(
                150
            )  # what this arm makes of an example, with any seed
            scores = [2 * labels + hard + taste + 0.5 * rng.standard_normal(150) for _ in range(5)]
            values = scores if measure == "auc" else [(one > 1) * 1 for one in scores]
            arms.append([make(one, labels, None, measure) for one in values])
        interval = crossed(*arms).interval(0.05)
        assert interval is not None
        wrong += not interval.low <= 0 <= interval.high
    assert 0.02 <= wrong / runs <= 0.085  # .05 and three standard errors


def test_crossed_is_the_difference_of_means(make: Make) -> None:
    rng = np.random.default_rng(2)
    old, new = rng.random((3, 20)), rng.random((3, 20))
    found = crossed([make(row) for row in old], [make(row) for row in new])
    assert found == two_way(new - old)
    assert found.estimate == pytest.approx(new.mean() - old.mean())
    labels = rng.integers(0, 2, 20)
    ranked = [[make(row, labels, measure="auc") for row in arm] for arm in (old, new)]
    metrics = [np.mean([one.metric() for one in arm]) for arm in ranked]
    assert crossed(*ranked).estimate == pytest.approx(metrics[1] - metrics[0])


@given(seeds, st.integers(2, 6), st.integers(2, 12), st.booleans())
def test_what_holds_for_any(seed: int, n: int, m: int, in_clusters: bool) -> None:
    rng = np.random.default_rng(seed)
    cells = drawn(rng, n, m)
    clusters = np.r_[0, 1, rng.integers(0, 2, m - 2)] if in_clusters else None
    found = two_way(cells, clusters)
    assert 0 < found.df <= n + m
    mirrored, scaled = two_way(-cells, clusters), two_way(1000 * cells, clusters)
    assert (mirrored.estimate, mirrored.se, mirrored.df) == pytest.approx(
        (-found.estimate, found.se, found.df)
    )
    assert (scaled.estimate, scaled.se, scaled.df) == pytest.approx(
        (1000 * found.estimate, 1000 * found.se, found.df)
    )
    order = rng.permutation(m)
    shuffled = two_way(cells[:, order], None if clusters is None else clusters[order])
    assert (shuffled.se, shuffled.df) == pytest.approx((found.se, found.df))


def test_clusters_of_one_are_examples() -> None:
    cells = drawn(np.random.default_rng(4), 4, 9)
    found = two_way(cells, np.arange(9))
    assert (found.se, found.df) == pytest.approx((two_way(cells).se, two_way(cells).df))


def test_examples_written_twice_prove_no_more() -> None:
    cells = drawn(np.random.default_rng(4), 4, 9)
    found = two_way(np.repeat(cells, 3, axis=1), np.repeat(np.arange(9), 3))
    assert (found.se, found.df) == pytest.approx((two_way(cells).se, two_way(cells).df))


def test_no_noise() -> None:
    assert two_way(np.zeros((3, 5))) == TwoWay(0, 0, 2, 3)
    nothing = two_way(np.zeros((3, 5))).interval(0.05)
    assert nothing is not None
    assert (nothing.low, nothing.high) == (0, 0)
    assert two_way(np.full((3, 5), 0.1)).interval(0.05) is None
    assert two_way(np.full((5, 5), 0.1)).interval(0.05) is None
    settled = two_way(np.full((6, 5), 0.1)).interval(0.05)
    assert settled is not None
    assert (settled.low, settled.high) == pytest.approx((0.1, 0.1))


@pytest.mark.parametrize(
    ("arms", "message"),
    [
        ((1, 1), "1 seeds and 4 examples: at least 2 of each are needed"),
        ((2, 3), "2 old runs and 3 new ones are no pairs"),
        ((0, 0), "no runs"),
    ],
)
def test_refused(make: Make, arms: tuple[int, int], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        crossed(*([make(range(4))] * count for count in arms))


def test_runs_on_other_examples_are_not_crossed(make: Make) -> None:
    other = Examples("mean", "another", np.zeros(4))
    with pytest.raises(ValueError, match=r"^measured on different evaluation sets$"):
        crossed([make(range(4))] * 2, [make(range(4)), other])
