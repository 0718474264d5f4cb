"""Pairs, counts, and as many digits as the noise supports."""

from __future__ import annotations

import math

import pytest

from paribus.core.numbers import decimals, number
from paribus.core.sample import Counts, Pair, Sample


def sample(*differences: float, attempted: int | None = None) -> Sample:
    pairs = tuple(Pair(index, 0.0, value) for index, value in enumerate(differences))
    return Sample(pairs, len(pairs) if attempted is None else attempted)


def test_difference_is_candidate_minus_baseline() -> None:
    two = Sample((Pair(0, 1.0, 3.0), Pair(4, 2.0, 1.0)), attempted=5)
    assert two.n == 2
    assert two.differences == (2.0, -1.0)
    assert (two.baseline_mean, two.candidate_mean) == (1.5, 2.0)


def test_nothing_measured_has_no_mean() -> None:
    empty = sample(attempted=2)
    assert (empty.n, empty.baseline_mean, empty.candidate_mean) == (0, None, None)
    assert empty.identical
    assert empty.constant


def test_better_depends_on_the_direction() -> None:
    three = sample(1.0, 0.0, -1.0, 2.0)
    assert three.counts(higher_is_better=True) == Counts(better=2, equal=1, worse=1)
    assert three.counts(higher_is_better=False) == Counts(better=1, equal=1, worse=2)


def test_the_same_difference_is_recognised_through_rounding() -> None:
    same = Sample((Pair(0, 0.8, 0.9), Pair(1, 0.7, 0.8), Pair(2, 0.3, 0.4)), 3)
    assert len(set(same.differences)) > 1
    assert same.constant
    assert not same.identical


def test_the_same_number_is_recognised_through_rounding() -> None:
    assert Sample((Pair(0, 0.3, 0.1 + 0.2),), 1).identical
    assert not Sample((Pair(0, 0.3, 0.3 + 1e-12),), 1).identical


def test_first_pairs_leave_later_ones_unattempted_but_failures_seen() -> None:
    pairs = tuple(Pair(index, 0.0, 1.0) for index in (0, 1, 3, 4))
    cut = Sample(pairs, attempted=5, candidate_failures=1).first(3)
    assert (cut.n, cut.attempted, cut.candidate_failures) == (3, 4, 1)
    assert cut.first(9) == cut


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e301])
def test_a_failed_measurement_is_no_pair(value: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        Pair(0, 0.5, value)
    with pytest.raises(ValueError, match="not finite"):
        Pair(0, value, 0.5)


@pytest.mark.parametrize("indices", [(0, 0), (1, 0)])
def test_a_pair_counts_once_and_in_order(indices: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="order of index"):
        Sample(tuple(Pair(index, 0.0, 0.0) for index in indices), 2)


@pytest.mark.parametrize(
    ("attempted", "candidate", "baseline"), [(0, 0, 0), (2, 3, 0), (2, 0, 3), (2, -1, 0)]
)
def test_counts_that_contradict_are_refused(attempted: int, candidate: int, baseline: int) -> None:
    with pytest.raises(ValueError, match=r"attempted|negative"):
        Sample((Pair(0, 0.0, 0.0),), attempted, candidate, baseline)


@pytest.mark.parametrize(
    ("half_width", "expected"),
    [
        (0.0041, 4),
        (0.0214, 3),
        (0.1, 2),
        (0.0999, 3),
        (1.5, 1),
        (12, 0),
        (4000, 0),
        (1e-9, 6),
        (0, 6),
    ],
)
def test_two_digits_of_the_noise(half_width: float, expected: int) -> None:
    assert decimals(half_width) == expected


@pytest.mark.parametrize(
    ("x", "digits", "sign", "expected"),
    [
        (0.00524, 4, True, "+0.0052"),
        (-0.00524, 4, True, "-0.0052"),
        (-0.00001, 4, True, "+0.0000"),
        (-0.0, 2, False, "0.00"),
        (0.94651, 4, False, "0.9465"),
        (3.21e-9, 6, True, "+3.2e-09"),
        (0.0, 6, False, "0.000000"),
        (1234.6, 0, False, "1235"),
    ],
)
def test_numbers_as_people_read_them(x: float, digits: int, sign: bool, expected: str) -> None:
    assert number(x, digits, sign=sign) == expected
