"""Intervals and levels, against scipy.stats, published tables and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from paribus.core.plan import LOOKS
from paribus.core.statistics.looks import (
    Interval,
    last_look,
    level,
    next_look,
    repeated_interval,
    t_quantile,
)

TABLE = {
    (3, 5, 8, 12, 20): 0.0128,
    (3, 5, 10): 0.0190,
    (5, 10, 20): 0.0198,
    tuple(range(3, 11)): 0.0119,
    tuple(range(3, 21)): 0.0077,
    tuple(range(3, 31)): 0.0062,
}

# Data and p-value from R, as statsmodels' test_tost.py has them.
FIRST = (2.84, 2.51, 2.41, 2.95, 3.14, 3.79, 4.14, 3.85, 3.02, 3.45, 5.37, 3.81, 4.19, 3.16, 3.84)
SECOND = (2.60, 2.82, 2.18, 3.46, 4.01, 3.04, 3.47, 4.06, 2.91, 3.59, 4.51, 3.16, 3.86, 3.31, 3.02)
TOST_P = 0.003166881489265

values = st.floats(-100, 100, allow_subnormal=False)


def smallest_p(looks: tuple[int, ...], paths: int, seed: int) -> NDArray[np.float64]:
    """The smallest two-sided paired-t p-value over the looks of null paths, shape (paths,)."""
    differences = np.random.default_rng(seed).standard_normal((paths, looks[-1]))
    sums, squares = differences.cumsum(1), (differences**2).cumsum(1)
    smallest = np.ones(paths)
    for n in looks:
        mean = sums[:, n - 1] / n
        error = np.sqrt((squares[:, n - 1] / n - mean**2) / (n - 1))
        np.minimum(smallest, 2 * stats.t.sf(abs(mean / error), n - 1), out=smallest)
    return smallest


@pytest.mark.parametrize(("looks", "c"), TABLE.items(), ids=lambda item: str(item)[:24])
def test_level_of_the_table(looks: tuple[int, ...], c: float) -> None:
    assert level(looks) == c
    assert level(list(looks)) == c


@pytest.mark.parametrize("looks", TABLE, ids=str)
def test_all_looks_together_err_in_five_percent(looks: tuple[int, ...]) -> None:
    rate = (smallest_p(looks, 60_000, seed=1) <= level(looks)).mean()
    assert rate == pytest.approx(0.05, abs=0.003)  # 3.4 standard errors


def test_default_level_is_the_calibrated_one() -> None:
    assert np.quantile(smallest_p(LOOKS, 200_000, seed=2), 0.05) == pytest.approx(0.0128, abs=5e-4)


def test_peeking_without_a_level_errs_as_often_as_feared() -> None:
    """11.3 % are called improved, and as many worse: what the looks are there against."""
    assert (smallest_p(tuple(range(3, 21)), 60_000, seed=3) <= 0.05).mean() == pytest.approx(
        2 * 0.113, abs=0.006
    )


def test_other_schedules_share_the_error_evenly() -> None:
    assert level((4, 8, 16)) == pytest.approx(0.05 / 3)
    assert level((20,)) == 0.05
    with pytest.raises(ValueError, match="at least one"):
        level(())


def test_walking_through_the_looks() -> None:
    assert [last_look(n, LOOKS) for n in (0, 2, 3, 4, 19, 20, 50)] == [None, None, 3, 3, 12, 20, 20]
    assert [next_look(n, LOOKS) for n in (0, 2, 3, 4, 19, 20, 50)] == [3, 3, 5, 5, 20, None, None]


@given(st.lists(st.tuples(values, values), min_size=2, max_size=20), st.sampled_from([0.0128, 0.1]))
def test_interval_is_that_of_scipy(pairs: list[tuple[float, float]], c: float) -> None:
    differences = [candidate - baseline for baseline, candidate in pairs]
    if np.std(differences) < 1e-6:
        return  # scipy warns of lost precision
    got = repeated_interval(differences, c)
    candidate, baseline = [pair[1] for pair in pairs], [pair[0] for pair in pairs]
    want = stats.ttest_rel(candidate, baseline).confidence_interval(1 - c)
    scale = max(abs(want.low), abs(want.high))
    assert got.low == pytest.approx(want.low, rel=1e-9, abs=1e-9 * scale)
    assert got.high == pytest.approx(want.high, rel=1e-9, abs=1e-9 * scale)


def test_interval_inside_the_bounds_is_two_one_sided_tests() -> None:
    differences = [a - b for a, b in zip(FIRST, SECOND, strict=True)]
    ninety = repeated_interval(differences, 0.10)
    assert -0.6 < ninety.low < ninety.high < 0.6
    # The p-value of the two tests is the level at which the interval just touches a bound.
    touching = repeated_interval(differences, 2 * TOST_P)
    assert max(-touching.low, touching.high) == pytest.approx(0.6, abs=1e-9)


@pytest.mark.parametrize("differences", [(), (1.0,)])
def test_no_interval_from_fewer_than_two(differences: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="at least"):
        repeated_interval(differences, 0.05)


def test_no_spread_is_no_width() -> None:
    assert repeated_interval((0.5, 0.5, 0.5), 0.05) == Interval(0.5, 0.5)


def test_quantiles_are_those_of_scipy() -> None:
    for df in (1, 2.5, 19):
        assert t_quantile(0.9936, df) == pytest.approx(stats.t.ppf(0.9936, df))
