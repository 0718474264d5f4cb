"""Stall detection, against the exact binomial distribution."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from paribus.core.statistics.stall import Stall, rate_bound, refresh_due, row_needed, stall


@pytest.mark.parametrize(("rate", "row"), [(0.2, 14), (0.1, 29), (0.05, 59)])
def test_rows_of_the_specification(rate: float, row: int) -> None:
    assert row_needed(rate) == row


@given(st.floats(0.001, 0.999))
def test_row_is_the_first_with_ninety_five_percent_confidence(rate: float) -> None:
    row = row_needed(rate)
    assert stats.binom.pmf(0, row, rate) <= 0.05 * (1 + 1e-9)
    assert row == 1 or stats.binom.pmf(0, row - 1, rate) > 0.05 * (1 - 1e-9)


@pytest.mark.parametrize("row", [1, 2, 13, 14, 59, 1000])
def test_bound_is_the_exact_binomial_one(row: int) -> None:
    want = stats.binomtest(0, row, alternative="less").proportion_ci(0.95, method="exact").high
    assert rate_bound(row) == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize(
    ("row", "below", "next_rate", "missing"),
    [
        (0, None, 0.2, 14),
        (13, None, 0.2, 1),
        (14, 0.2, 0.1, 15),
        (16, 0.2, 0.1, 13),
        (28, 0.2, 0.1, 1),
        (29, 0.1, 0.05, 30),
        (58, 0.1, 0.05, 1),
        (59, 0.05, None, None),
        (500, 0.05, None, None),
    ],
)
def test_what_a_row_shows(
    row: int, below: float | None, next_rate: float | None, missing: int | None
) -> None:
    assert stall(row) == Stall(row, rate_bound(row), below, next_rate, missing)


@given(st.integers(0, 300))
def test_what_is_said_agrees_with_the_bound(row: int) -> None:
    found = stall(row)
    if found.below is not None:
        assert found.bound <= found.below
    if found.next_rate is not None:
        assert found.bound > found.next_rate
        assert found.missing is not None
        assert stall(row + found.missing).below == found.next_rate


def test_nothing_tried_bounds_nothing() -> None:
    assert rate_bound(0) == 1.0


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 experiments"):
        stall(-1)
    for rate in (0.0, 1.0, -0.2, float("nan")):
        with pytest.raises(ValueError, match="between 0 and 1"):
            row_needed(rate)


def test_baseline_is_refreshed_after_ten() -> None:
    assert [refresh_due(row) for row in (0, 9, 10, 23)] == [False, False, True, True]
