"""A candidate beside a number that somebody wrote down."""

from __future__ import annotations

import math
from statistics import fmean, stdev

import pytest
from scipy import stats

from paribus.core.declared import Declared
from paribus.core.outside import against

# Data and p-value from R, as statsmodels' test_tost.py has them.
FIRST = (2.84, 2.51, 2.41, 2.95, 3.14, 3.79, 4.14, 3.85, 3.02, 3.45, 5.37, 3.81, 4.19, 3.16, 3.84)
SECOND = (2.60, 2.82, 2.18, 3.46, 4.01, 3.04, 3.47, 4.06, 2.91, 3.59, 4.51, 3.16, 3.86, 3.31, 3.02)
WELCH_TOST_P = 0.048530839762370


def test_without_spread_the_value_is_taken_for_exact() -> None:
    got = against(Declared("accuracy", 3.0, "Smith 2020, table 2"), FIRST)
    want = stats.ttest_1samp(FIRST, 3.0).confidence_interval(0.95)
    assert got == pytest.approx((fmean(FIRST) - 3.0, want.low - 3.0, want.high - 3.0))


@pytest.mark.parametrize(("n", "sd"), [(5, None), (None, 0.1)])
def test_half_a_spread_is_none(n: int | None, sd: float | None) -> None:
    exact = against(Declared("accuracy", 3.0, "a table"), FIRST)
    assert against(Declared("accuracy", 3.0, "a table", n, sd), FIRST) == exact


@pytest.mark.parametrize("kept", [2, 7, 15])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_with_spread_it_is_the_interval_of_welch(kept: int, confidence: float) -> None:
    other = SECOND[:kept]
    declared = Declared("accuracy", fmean(other), "a log", len(other), stdev(other))
    result = stats.ttest_ind(FIRST, other, equal_var=False)
    want = result.confidence_interval(confidence)
    got = against(declared, FIRST, confidence)
    assert got == pytest.approx((fmean(FIRST) - fmean(other), want.low, want.high))


def test_the_interval_of_welch_against_published_equivalence() -> None:
    declared = Declared("x", fmean(SECOND), "statsmodels, from R", len(SECOND), stdev(SECOND))
    _, low, high = against(declared, FIRST, 1 - 2 * WELCH_TOST_P)
    assert low is not None
    assert high is not None
    assert max(-low, high) == pytest.approx(0.6, abs=1e-9)


@pytest.mark.parametrize(
    ("declared", "values"),
    [
        (Declared("x", 1.0, "s"), [2.0]),
        (Declared("x", 1.0, "s", 9, 0.1), [2.0]),
        (Declared("x", 1.0, "s", 1, 0.1), [2.0, 2.1]),
        (Declared("x", 1.0, "s"), [2.0, 2.0, 2.0]),
        (Declared("x", 1.0, "s", 3, 0.0), [2.0, 2.0]),
    ],
)
def test_no_interval_where_nothing_varies_or_a_side_has_one_run(
    declared: Declared, values: list[float]
) -> None:
    estimate, low, high = against(declared, values)
    assert estimate == pytest.approx(fmean(values) - 1.0)
    assert (low, high) == (None, None)


def test_tiny_spreads_do_not_underflow() -> None:
    _, low, high = against(Declared("x", 0.0, "s", 3, 1e-120), [1e-120, 2e-120, 3e-120])
    assert low is not None
    assert high is not None
    assert 0 < high - low < 1e-118


@pytest.mark.parametrize("values", [[], [math.nan], [1.0, math.inf]])
def test_values_must_be_there_and_finite(values: list[float]) -> None:
    with pytest.raises(ValueError, match="finite"):
        against(Declared("x", 1.0, "s"), values)


@pytest.mark.parametrize(
    ("value", "n", "sd"),
    [(math.nan, None, None), (1.0, 3, math.inf), (1.0, 0, 0.1), (1.0, 3, -0.1)],
)
def test_a_declaration_must_make_sense(value: float, n: int | None, sd: float | None) -> None:
    with pytest.raises(ValueError, match="declared"):
        Declared("x", value, "s", n, sd)
