"""Planning, against published tables, scipy.stats and simulation."""

from __future__ import annotations

import math
from statistics import variance

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from paribus.core.plan import LOOKS
from paribus.core.statistics.looks import level
from paribus.core.statistics.planning import (
    detectable_at_looks,
    minimum_detectable,
    minimum_detectable_unpaired,
    paired_sd,
    paired_spread,
    pairs_for_probability,
    pairs_needed,
    power,
    runs_needed_unpaired,
)


@pytest.mark.parametrize(
    ("effect", "correlation", "pairs"),
    [
        (0.5, 0.0, 65),
        (0.5, 0.5, 34),
        (0.5, 0.8, 15),
        (1.0, 0.0, 18),
        (1.0, 0.5, 10),
        (1.0, 0.8, 6),
        (2.0, 0.0, 7),
        (2.0, 0.5, 5),
        (2.0, 0.8, 4),
    ],
)
def test_pairs_of_the_planning_table(effect: float, correlation: float, pairs: int) -> None:
    sd = paired_sd(1.0, correlation)
    assert sd == pytest.approx(math.sqrt(2 * (1 - correlation)))
    assert pairs_needed(sd, effect) == pairs
    assert minimum_detectable(sd, pairs) <= effect < minimum_detectable(sd, pairs - 1)


@pytest.mark.parametrize("alpha", [0.05, 0.0128, 0.0017])
@pytest.mark.parametrize("n", [2, 3, 5, 8, 12, 20, 100])
def test_detectable_difference_has_eighty_percent_power(n: int, alpha: float) -> None:
    shift = minimum_detectable(3.0, n, alpha) / 3.0 * math.sqrt(n)
    wanted = stats.nct.sf(stats.t.ppf(1 - alpha / 2, n - 1), n - 1, shift)
    assert wanted == pytest.approx(0.8, abs=1e-4)
    assert power(minimum_detectable(3.0, n, alpha), 3.0, n, alpha) == pytest.approx(0.8, abs=1e-4)


@pytest.mark.parametrize(("alpha", "found"), [(0.05, 0.636), (level(LOOKS), 0.827)])
def test_power_of_the_looks_at_the_detectable_difference(alpha: float, found: float) -> None:
    """Why a verdict plans at c: a single test's number would promise more than the looks hold."""
    shift = minimum_detectable(1.0, LOOKS[-1], alpha)
    drawn = np.random.default_rng(5).standard_normal((40_000, LOOKS[-1])) + shift
    improved = np.zeros(len(drawn), dtype=bool)
    for n in LOOKS:
        t = drawn[:, :n].mean(1) / drawn[:, :n].std(1, ddof=1) * math.sqrt(n)
        improved |= t > stats.t.ppf(1 - level(LOOKS) / 2, n - 1)
    assert improved.mean() == pytest.approx(found, abs=0.008)


def test_detectable_difference_scales_and_needs_spread() -> None:
    assert minimum_detectable(2.0, 20) == pytest.approx(2 * 0.6604, abs=1e-3)
    assert minimum_detectable(0.0, 20) == 0
    with pytest.raises(ValueError, match="at least 2"):
        minimum_detectable(1.0, 1)


def test_a_hopeless_plan_has_no_number_of_pairs() -> None:
    assert pairs_needed(1.0, 0.09) is not None
    assert pairs_needed(1.0, 0.08) is None
    assert pairs_needed(1e200, 1e-200) is None
    assert pairs_needed(0.0, 1e-9) == 2
    with pytest.raises(ValueError, match="above 0"):
        pairs_needed(1.0, 0.0)


# At the default looks, in standard deviations of one paired difference.
WORTH = {3: 6.47, 5: 2.46, 8: 1.52, 12: 1.12, 20: 0.81}

# Simulated powers of "improved" by a paired t test, section 4a of the specification.
SIMULATED = [
    (3, 0.0, 0.5, 0.06),
    (3, 0.0, 1.0, 0.12),
    (3, 0.5, 1.0, 0.18),
    (3, 0.0, 2.0, 0.29),
    (3, 0.5, 2.0, 0.47),
    (5, 0.0, 0.5, 0.09),
    (5, 0.0, 1.0, 0.23),
    (5, 0.5, 1.0, 0.40),
    (5, 0.0, 2.0, 0.66),
    (5, 0.5, 2.0, 0.91),
    (10, 0.0, 0.5, 0.17),
    (10, 0.0, 1.0, 0.52),
    (10, 0.5, 1.0, 0.81),
    (10, 0.0, 2.0, 0.98),
]


@pytest.mark.parametrize(("n", "correlation", "effect", "found"), SIMULATED)
def test_power_is_what_was_simulated(
    n: int, correlation: float, effect: float, found: float
) -> None:
    assert power(effect, paired_sd(1.0, correlation), n) == pytest.approx(found, abs=0.0075)


@pytest.mark.parametrize("n", [2, 3, 10, 20, 101, 1000])
@pytest.mark.parametrize("shift", [0.0, 0.5, 3.0, 20.0, 36.0, 39.0, 50.0, 1e4])
def test_power_is_that_of_scipy(n: int, shift: float) -> None:
    got = power(shift / math.sqrt(n), 1.0, n, 0.0128)
    want = stats.nct.sf(stats.t.ppf(1 - 0.0128 / 2, n - 1), n - 1, shift)
    if math.isfinite(want):
        assert got == pytest.approx(want, abs=1e-6)
    else:  # scipy cannot tell, and the shift is far beyond any quantile
        assert got == pytest.approx(1.0, abs=1e-9)


@given(st.floats(0, 1e6), st.floats(1e-6, 1e6), st.integers(2, 500))
def test_power_is_a_chance_and_grows_with_the_effect(effect: float, sd: float, n: int) -> None:
    chance, more = power(effect, sd, n), power(2 * effect, sd, n)
    assert -1e-9 <= chance <= more + 1e-9 <= 1 + 2e-9


def test_power_without_effect_or_spread() -> None:
    assert power(0.0, 1.0, 8) == pytest.approx(0.025)
    assert power(0.0, 0.0, 8) == 0.0
    assert power(1e-9, 0.0, 8) == 1.0
    for effect, sd in ((-1.0, 1.0), (1.0, -1.0)):
        with pytest.raises(ValueError, match="at least 0"):
            power(effect, sd, 8)
    with pytest.raises(ValueError, match="1 pairs have no spread"):
        power(1.0, 1.0, 1)


@pytest.mark.parametrize("correlation", [-1.5, 1.01, float("nan")])
def test_no_such_correlation(correlation: float) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        paired_sd(1.0, correlation)


# The spread that pairs had.


def test_the_spread_of_pairs_is_pooled_within_experiments() -> None:
    one, other = (0.0, 0.2, 0.1), (10.5, 10.5, 10.1, 10.7, 10.6)
    idle, constant, single = (0.0, 0.0, 0.0), (0.3, 0.3), (0.7,)
    found = paired_spread([one, idle, other, constant, single, ()])
    assert found is not None
    assert found.sd == pytest.approx(math.sqrt((2 * variance(one) + 4 * variance(other)) / 6))
    assert (found.pairs, found.experiments, found.freedom) == (8, 2, 6)


@pytest.mark.parametrize(
    ("experiments", "freedom"),
    [
        ([(0.1, 0.2, 0.3)], None),
        ([(0.1, 0.2), (0.1, 0.2)], None),
        ([(0.1, 0.2, 0.3), (0.1, 0.2)], 3),
        ([(0.1, 0.2, 0.3, 0.5)], 3),
        ([], None),
    ],
)
def test_too_few_pairs_tell_no_spread(
    experiments: list[tuple[float, ...]], freedom: int | None
) -> None:
    found = paired_spread(experiments)
    assert (found and found.freedom) == freedom


@pytest.mark.parametrize(("pairs", "rough"), [(4, True), (10, True), (11, False), (101, False)])
def test_the_spread_of_few_pairs_is_rough(pairs: int, rough: bool) -> None:
    found = paired_spread([[float(at % 2) for at in range(pairs)]])
    assert found is not None
    assert found.is_rough is rough
    low, high = found.interval
    assert [
        stats.chi2.cdf((pairs - 1) * (found.sd / end) ** 2, pairs - 1) for end in (low, high)
    ] == (pytest.approx([0.95, 0.05]))
    assert (high / low > 2.2) is rough


def test_the_interval_of_the_spread_holds_the_true_one() -> None:
    """Three experiments of 3, 4 and 5 pairs, whose effects differ by far more than their pairs."""
    random = np.random.default_rng(8)
    held = 0
    for _ in range(2000):
        found = paired_spread([random.normal(100 * n, 0.7, n).tolist() for n in (3, 4, 5)])
        assert found is not None
        low, high = found.interval
        held += low <= 0.7 <= high
    assert held / 2000 == pytest.approx(0.9, abs=0.02)


def test_what_each_look_detects() -> None:
    found = detectable_at_looks(0.004, LOOKS)
    assert list(found) == list(LOOKS)
    for n, effect in found.items():
        assert power(effect, 0.004, n, 0.0128) == pytest.approx(0.8, abs=1e-4)
    assert {n: round(effect / 0.004, 2) for n, effect in found.items()} == WORTH
    with pytest.raises(ValueError, match="at least one"):
        detectable_at_looks(1.0, ())


@pytest.mark.parametrize(("effect", "runs"), [(0.5, 64), (1.0, 17), (2.0, 6)])
def test_runs_a_side_of_the_published_table(effect: float, runs: int) -> None:
    """Cohen's (1988) and G*Power's numbers for a two-sample t test."""
    assert runs_needed_unpaired(1.0, effect) == runs
    assert minimum_detectable_unpaired(1.0, runs) <= effect
    assert minimum_detectable_unpaired(1.0, runs - 1) > effect


@pytest.mark.parametrize(("n", "effect"), [(3, 3.07), (5, 2.02), (10, 1.32), (20, 0.91)])
def test_detectable_difference_of_unpaired_runs(n: int, effect: float) -> None:
    assert minimum_detectable_unpaired(1.0, n) == pytest.approx(effect, abs=0.005)


def test_unpaired_plans_have_limits_too() -> None:
    assert runs_needed_unpaired(1.0, 0.1) is None
    assert runs_needed_unpaired(0.0, 0.1) == 2
    with pytest.raises(ValueError, match="above 0"):
        runs_needed_unpaired(1.0, -1.0)
    with pytest.raises(ValueError, match="at least 2"):
        minimum_detectable_unpaired(1.0, 1)


def test_noether_has_bouthilliers_twenty_nine() -> None:
    assert pairs_for_probability(0.75) == 29
    assert pairs_for_probability(0.501) is None
    assert pairs_for_probability(1.0) == 8
    for probability in (0.5, 0.2, 1.01, float("nan")):
        with pytest.raises(ValueError, match="no winner"):
            pairs_for_probability(probability)
