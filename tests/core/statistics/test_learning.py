"""Learning curves, against scipy's curve_fit, simulation and general rules."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import curve_fit

from paribus.core.statistics.learning import LearningCurve, learning_curve

SIZES = (250, 500, 1000, 2000, 4000, 8000)
RELATIVE = np.asarray(SIZES) / 8000

tables = st.lists(
    st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=3, max_size=3),
    min_size=6,
    max_size=6,
)


def power_law(x: NDArray[np.float64], a: float, b: float, c: float) -> NDArray[np.float64]:
    found: NDArray[np.float64] = a + b * x**-c
    return found


def exact(a: float, b: float, c: float) -> list[list[float]]:
    """Two seeds that measure the curve without noise."""
    return [[float(value)] * 2 for value in power_law(RELATIVE, a, b, c)]


def noisy(
    rng: np.random.Generator, a: float, b: float, c: float, sd: float, luck: float = 0.0
) -> list[list[float]]:
    """Five seeds; `luck` is the spread of what a seed keeps over all sizes."""
    means = power_law(RELATIVE, a, b, c)[:, None]
    table: list[list[float]] = (
        means + sd * rng.standard_normal((6, 5)) + luck * rng.standard_normal(5)
    ).tolist()
    return table


@pytest.mark.parametrize("c", [0.02, 0.1, 0.3, 0.5, 0.8, 1.0, 1.7, 2.5])
@pytest.mark.parametrize("b", [0.05, -30.0])
def test_a_curve_without_noise_is_found(b: float, c: float) -> None:
    curve = learning_curve(SIZES, exact(0.1, b, c), higher_is_better=b < 0)
    gain = abs(b) * (1 - 2**-c)
    assert curve.gain == pytest.approx(gain, rel=1e-5)
    assert (curve.low, curve.high) == pytest.approx((curve.gain, curve.gain))
    assert curve.predicted == pytest.approx(0.1 + b * 2**-c, rel=1e-5)
    assert curve.c == pytest.approx(c, rel=1e-5)
    assert not curve.ill_behaved
    assert curve.means == pytest.approx(tuple(power_law(RELATIVE, 0.1, b, c)))
    for size, mean in zip(curve.sizes, curve.means, strict=True):
        assert curve.at(size) == pytest.approx(mean, rel=1e-5)
    assert curve.at(16000) == pytest.approx(curve.predicted)


@pytest.mark.parametrize("seed", range(8))
def test_no_worse_than_scipys_fit(seed: int) -> None:
    """Least squares by another way, from several starts."""
    table = noisy(np.random.default_rng(seed), 0.1, 0.02, 0.6, 0.003)
    curve = learning_curve(SIZES, table, higher_is_better=False)
    means = np.asarray(curve.means)
    mine = float(((means - power_law(RELATIVE, curve.a, curve.b, curve.c)) ** 2).sum())
    fits = [
        curve_fit(
            power_law,
            RELATIVE,
            means,
            p0=(0.1, 0.02, start),
            bounds=([-np.inf, -np.inf, 0.01], [np.inf, np.inf, 5]),
        )[0]
        for start in (0.1, 0.5, 2.0)
    ]
    losses = [float(((means - power_law(RELATIVE, *fit)) ** 2).sum()) for fit in fits]
    assert mine <= min(losses) * (1 + 1e-6)
    best = fits[losses.index(min(losses))]
    assert curve.gain == pytest.approx(best[1] * (1 - 2 ** -best[2]), rel=1e-3)


@pytest.mark.parametrize(
    ("a", "b", "c", "sd", "luck"),
    [
        (0.1, 2 * 8000**-0.5, 0.5, 0.005, 0.0),
        (0.1, 2 * 8000**-0.5, 0.5, 0.02, 0.0),
        (0.1, 2 * 8000**-0.5, 0.5, 0.005, 0.01),
        (0.2, 2 / 8000, 1.0, 0.005, 0.0),
        (0.1, 0.0, 0.5, 0.01, 0.02),
    ],
)
def test_intervals_are_as_rough_as_said(
    a: float, b: float, c: float, sd: float, luck: float
) -> None:
    rng = np.random.default_rng(5)
    gain, held, ill = b * (1 - 2**-c), 0, 0
    for _ in range(150):
        curve = learning_curve(SIZES, noisy(rng, a, b, c, sd, luck), higher_is_better=False)
        held += curve.low <= gain <= curve.high
        ill += curve.ill_behaved
    assert 0.75 <= held / 150 <= 0.97
    assert ill / 150 <= 0.08


def test_a_steep_curve_should_help_and_a_flat_one_seldom() -> None:
    rng = np.random.default_rng(6)
    steep, flat, enough = 0, 0, 0
    for _ in range(100):
        curve = learning_curve(
            SIZES, noisy(rng, 0.1, 0.0224, 0.5, 0.005), higher_is_better=False
        )  # gains .0066
        steep += curve.should_help(0.003)
        enough += curve.should_help(0.0066)
        level = noisy(rng, 0.1, 0.0, 0.5, 0.005)
        flat += learning_curve(SIZES, level, higher_is_better=False).should_help(0.001)
    assert steep >= 90
    assert enough <= 20
    assert flat <= 2


@pytest.mark.parametrize("value", [0.0, 0.1, -1e-300, 1e149])
def test_a_constant_gains_nothing(value: float) -> None:
    curve = learning_curve(SIZES, [[value] * 5] * 6, higher_is_better=True)
    assert (curve.gain, curve.low, curve.high) == (0, 0, 0)
    assert curve.predicted == curve.at(1000) == value
    assert curve.means == pytest.approx((value,) * 6)
    assert not curve.should_help(0.0)
    assert not curve.ill_behaved


def test_more_data_that_harms_should_not_help() -> None:
    curve = learning_curve(SIZES, exact(0.1, 0.05, 0.5), higher_is_better=True)
    assert curve.gain < 0
    assert not curve.should_help(0.0)
    assert curve.ill_behaved


def test_a_dip_beyond_noise_is_ill_behaved() -> None:
    table = noisy(np.random.default_rng(7), 0.9, -0.05, 0.5, 0.002)
    assert not learning_curve(SIZES, table, higher_is_better=True).ill_behaved
    dipping = [[value - 0.03 * (row == 3) for value in values] for row, values in enumerate(table)]
    assert learning_curve(SIZES, dipping, higher_is_better=True).ill_behaved


def test_a_sudden_rise_is_no_power_law() -> None:
    """Monotone, and yet not to be carried on."""
    step = [[value, value + 0.001] for value in (0.5, 0.501, 0.502, 0.803, 0.804, 0.805)]
    rng = np.random.default_rng(8)
    table = [[v + 0.001 * float(rng.standard_normal()) for v in row] for row in step]
    assert learning_curve(SIZES, table, higher_is_better=True).ill_behaved


def test_noise_alone_is_seldom_ill_behaved() -> None:
    rng = np.random.default_rng(9)
    ill = sum(
        learning_curve(
            SIZES, noisy(rng, 0.9, 0.0, 1.0, 0.01, luck=0.05), higher_is_better=True
        ).ill_behaved
        for _ in range(200)
    )
    assert ill <= 0.08 * 200


@given(tables, st.booleans())
def test_any_numbers_give_a_curve(table: list[list[float]], higher: bool) -> None:
    curve = learning_curve(SIZES, table, higher_is_better=higher)
    numbers = (curve.a, curve.b, curve.c, curve.predicted, curve.gain, curve.low, curve.high)
    assert all(math.isfinite(number) for number in numbers)
    assert curve.low <= curve.gain <= curve.high
    assert 0.01 <= curve.c <= 5 + 1e-9
    assert curve.at(SIZES[-1]) == pytest.approx(curve.a + curve.b)
    ahead = curve.predicted - curve.at(SIZES[-1])
    size = max(abs(curve.a), abs(curve.b), 1e-290)
    assert curve.gain == pytest.approx(ahead if higher else -ahead, abs=1e-9 * size)


def mirrored(curve: LearningCurve) -> LearningCurve:
    return replace(
        curve,
        means=tuple(-mean for mean in curve.means),
        a=-curve.a,
        b=-curve.b,
        predicted=-curve.predicted,
    )


@given(tables)
def test_a_loss_is_a_score_turned_over(table: list[list[float]]) -> None:
    turned = [[-value for value in row] for row in table]
    score = learning_curve(SIZES, table, higher_is_better=True)
    assert learning_curve(SIZES, turned, higher_is_better=False) == mirrored(score)


@given(st.integers(0, 100), st.integers(-300, 300))
def test_units_do_not_matter(seed: int, power: int) -> None:
    table, by = noisy(np.random.default_rng(seed), 0.1, 0.02, 0.5, 0.005), 2.0**power
    one = learning_curve(SIZES, table, higher_is_better=False)
    scaled = [[value * by for value in row] for row in table]
    other = learning_curve(SIZES, scaled, higher_is_better=False)
    assert (other.gain, other.low, other.high, other.predicted) == (
        one.gain * by,
        one.low * by,
        one.high * by,
        one.predicted * by,
    )
    assert other.should_help(0.004 * by) == one.should_help(0.004)
    thousands = tuple(1000 * size for size in SIZES)
    assert learning_curve(thousands, table, higher_is_better=False) == replace(one, sizes=thousands)


@pytest.mark.parametrize(
    ("sizes", "table", "message"),
    [
        (SIZES[1:], [[1.0, 2.0]] * 5, "5 sizes show no curve: at least 6"),
        ((), [], "0 sizes show no curve"),
        ((0, *SIZES[1:]), [[1.0, 2.0]] * 6, "increase, from above 0"),
        (SIZES[::-1], [[1.0, 2.0]] * 6, "increase, from above 0"),
        (SIZES, [[1.0, 2.0]] * 5, "one value for each seed"),
        (SIZES, [*[[1.0, 2.0]] * 5, [1.0]], "one value for each seed"),
        (SIZES, [[1.0]] * 6, "one seed shows no noise"),
        (SIZES, [[]] * 6, "one seed shows no noise"),
        (SIZES, [*[[1.0, 2.0]] * 5, [1.0, math.nan]], "not finite"),
        (SIZES, [*[[1.0, 2.0]] * 5, [1.0, 1e200]], "not finite"),
    ],
)
def test_what_shows_no_curve(
    sizes: tuple[int, ...], table: list[list[float]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        learning_curve(sizes, table, higher_is_better=True)


def test_no_curve_at_no_size() -> None:
    curve = learning_curve(SIZES, exact(0.1, 0.05, 0.5), higher_is_better=False)
    with pytest.raises(ValueError, match=r"math domain error|expected a positive"):
        curve.at(0)
