"""Two models on the same examples: published numbers, brute force, and what must hold for any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from paribus.core.examples.model import Examples
from paribus.core.examples.paired import ExampleFinding, compare, delong
from paribus.core.examples.proportion import mcnemar, paired_difference

Make = Callable[..., Examples]


def ends(found: ExampleFinding) -> tuple[float, float, float]:
    return found.estimate, found.low, found.high


def excludes_zero(found: ExampleFinding) -> bool:
    return found.low > 0 or found.high < 0


def counted(make: Make, risen: int, fallen: int, total: int) -> tuple[Examples, Examples]:
    old = np.repeat([0, 1, 1], [risen, fallen, total - risen - fallen])
    new = np.repeat([1, 0, 1], [risen, fallen, total - risen - fallen])
    return make(old, measure="accuracy"), make(new, measure="accuracy")


def test_mcnemar_of_the_textbook() -> None:
    assert mcnemar(1, 11) == pytest.approx(0.006348, abs=5e-7)
    assert mcnemar(25, 15) == pytest.approx(stats.binomtest(15, 40).pvalue)
    # The corrected chi-squared of the textbooks approximates it: 2.025, p = .1547.
    corrected = (abs(25 - 15) - 1) ** 2 / 40
    assert corrected == 2.025
    assert stats.chi2.sf(corrected, 1) == pytest.approx(0.1547, abs=5e-5)
    assert mcnemar(25, 15) == pytest.approx(0.1547, abs=0.001)
    assert mcnemar(0, 0) == 1


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_is_a_binomial_test(risen: int, fallen: int) -> None:
    assume(risen + fallen > 0)
    assert mcnemar(risen, fallen) == pytest.approx(stats.binomtest(risen, risen + fallen).pvalue)


def test_proportions(make: Make) -> None:
    old, new = counted(make, 11, 1, 100)
    found = compare(old, new)
    share = stats.binomtest(11, 12).proportion_ci(method="exact")
    assert found.low == pytest.approx(0.12 * (2 * share.low - 1))
    estimate, half = (
        10 / 102,
        stats.norm.ppf(0.975) * np.sqrt(13 / 102 - (10 / 102) ** 2) / np.sqrt(102),
    )
    assert found.high == pytest.approx(estimate + half)
    assert found.low < estimate - half
    assert (found.estimate, found.newly_right, found.newly_wrong, found.m) == (0.1, 11, 1, 100)
    assert (found.p_two_sided, found.method) == (mcnemar(11, 1), "exact McNemar")


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 60), st.floats(0.001, 0.3))
def test_an_interval_that_excludes_zero_has_mcnemars_consent(
    risen: int, fallen: int, equal: int, level: float
) -> None:
    assume(risen + fallen + equal > 0)
    total = risen + fallen + equal
    found = paired_difference(risen, fallen, total, level)
    assert found.low < (risen - fallen) / total < found.high or total == max(risen, fallen)
    if found.low > 0 or found.high < 0:
        assert mcnemar(risen, fallen) <= level
    mirrored = paired_difference(fallen, risen, total, level)
    assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low))


def synthetic() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The scores of the specification's simulation."""
    rng = np.random.default_rng(3)
    labels = rng.random(400) < 0.4
    shared = rng.standard_normal(400)
    first = labels * 1.2 + shared + 0.6 * rng.standard_normal(400)
    return labels.astype(int), first, labels + shared + 0.6 * rng.standard_normal(400)


def test_delong(make: Make) -> None:
    labels, better, other = synthetic()
    old, new = make(other, labels, measure="auc"), make(better, labels, measure="auc")
    difference, error = delong(old, new)
    assert error == pytest.approx(0.0170, abs=5e-5)
    assert difference == pytest.approx(new.metric() - old.metric())
    found = compare(old, new)
    assert ends(found) == pytest.approx(
        (difference, difference - 1.959964 * error, difference + 1.959964 * error)
    )
    assert found.p_two_sided == pytest.approx(2 * stats.norm.sf(difference / error))
    assert astuple(found)[4:] == (None, None, 400, "DeLong")
    # The bootstrap, with every example a cluster of its own, agrees.
    alone = np.arange(400)
    resampled = compare(make(other, labels, alone, "auc"), make(better, labels, alone, "auc"))
    assert resampled.method == "paired BCa bootstrap of clusters"
    assert ends(resampled) == pytest.approx(ends(found), abs=0.003)


def test_other_means(make: Make) -> None:
    rng = np.random.default_rng(5)
    old = rng.exponential(1, 200)
    new = old + rng.normal(0.1, 0.5, 200)
    found, expected = compare(make(old), make(new)), stats.ttest_rel(new, old)
    assert ends(found) == pytest.approx(
        (float((new - old).mean()), *expected.confidence_interval()), abs=0.006
    )
    assert found.p_two_sided == pytest.approx(expected.pvalue, abs=0.01)
    assert astuple(found)[4:] == (None, None, 200, "paired BCa bootstrap")
    many = compare(make(np.tile(old, 3)), make(np.tile(new, 3)))
    assert many.method == "paired percentile bootstrap"


def test_f1_counts_what_turned(make: Make) -> None:
    labels = [0, 1, 2, 0, 1, 2, 0, 1]
    old = make([0, 1, 2, 1, 1, 2, 3, 0], labels, measure="f1")
    new = make([0, 1, 2, 0, 2, 2, 4, 1], labels, measure="f1")
    found = compare(old, new)
    assert (found.newly_right, found.newly_wrong) == (2, 1)
    assert found.estimate == pytest.approx(new.metric() - old.metric())


def test_clusters_are_what_counts(make: Make) -> None:
    """Forty conversations of ten: each goes up or down as a whole."""
    clusters = np.repeat(np.arange(40), 10)
    old, new = np.repeat([0, 1], [250, 150]), np.repeat([1, 0], [250, 150])
    assert compare(make(old), make(new)).p_two_sided < 1e-6
    found = compare(make(old, clusters=clusters), make(new, clusters=clusters))
    assert found.method == "paired BCa bootstrap of clusters"
    assert found.p_two_sided == pytest.approx(mcnemar(25, 15), abs=0.05)
    assert not excludes_zero(found)


@pytest.mark.parametrize(
    ("old", "new"),
    [([0.0, 0.0], [0.3, 0.3]), ([0.0, 0.1, 0.0, 0.5], [0.3, 0.4, 0.35, 0.5]), ([1, 2], [1, 2.5])],
)
def test_a_few_that_agree_are_no_proof(make: Make, old: list[float], new: list[float]) -> None:
    found = compare(make(old), make(new))
    assert not excludes_zero(found)
    assert found.p_two_sided >= 0.25


def test_one_positive_shows_no_spread(make: Make) -> None:
    labels = [1] + [0] * 200
    old = make(np.arange(201), labels, measure="auc")
    new = make(-np.arange(201), labels, measure="auc")
    found = compare(old, new)
    assert (*ends(found), found.p_two_sided) == (1, -1, 1, 1)


def test_no_spread_at_all(make: Make) -> None:
    labels = [1] * 20 + [0] * 20
    old, new = (make(scores, labels, measure="auc") for scores in ([0] * 40, labels))
    found = compare(old, new)
    assert ends(found) == (0.5, 0.5, 0.5)
    assert found.p_two_sided == 2.0**-19


def test_other_sets_are_not_compared(make: Make) -> None:
    other = Examples("mean", "another", np.zeros(3))
    with pytest.raises(ValueError, match=r"^measured on different evaluation sets$"):
        compare(make([1, 2, 3]), other)


def test_one_cluster_shows_no_spread(make: Make) -> None:
    with pytest.raises(ValueError, match=r"^one example or cluster shows no spread$"):
        compare(make([1, 0], clusters=[0, 0]), make([1, 1], clusters=[0, 0]))


kinds = st.sampled_from(["accuracy", "mean", "auc", "f1"])


@given(st.data(), kinds, st.booleans(), st.integers(2, 40))
@settings(max_examples=60, deadline=None)
def test_what_holds_for_any(
    make: Make, data: st.DataObject, measure: str, in_clusters: bool, m: int
) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    level = data.draw(st.sampled_from([0.05, 0.0128, 0.2]))
    codes = np.r_[0, 1, rng.integers(0, m, m - 2)]
    clusters = np.unique(codes, return_inverse=True)[1] if in_clusters else None
    labels = None
    if measure in ("auc", "f1"):
        labels = np.r_[0, 1, rng.integers(0, 2, m - 2)]
    draws: dict[str, Callable[[], Any]] = {
        "accuracy": lambda: rng.integers(0, 2, m),
        "mean": lambda: rng.normal(0, 1, m).round(2),
        "auc": lambda: rng.integers(0, 6, m),
        "f1": lambda: rng.integers(0, 3, m),
    }
    old, new = (make(draws[measure](), labels, clusters, measure) for _ in range(2))
    found, mirrored, same = (
        compare(old, new, level),
        compare(new, old, level),
        compare(old, old, level),
    )
    assert ends(mirrored) == pytest.approx((-found.estimate, -found.high, -found.low), abs=1e-9)
    assert mirrored.p_two_sided == pytest.approx(found.p_two_sided)
    assert (mirrored.newly_right, mirrored.newly_wrong) == (found.newly_wrong, found.newly_right)
    assert same.estimate == 0
    assert same.p_two_sided == 1
    assert same.low <= 0 <= same.high
    assert 0 < found.p_two_sided <= 1
    if excludes_zero(found):
        assert found.p_two_sided <= level
    if measure == "mean":
        scaled = compare(
            make(old.values * 1000, None, clusters), make(new.values * 1000, None, clusters), level
        )
        assert ends(scaled) == pytest.approx(tuple(1000 * end for end in ends(found)), abs=1e-6)
        assert scaled.p_two_sided == pytest.approx(found.p_two_sided)


@pytest.mark.slow
@pytest.mark.parametrize("measure", ["accuracy", "mean", "f1", "auc"])
def test_identical_populations_err_as_often_as_said(make: Make, measure: str) -> None:
    rng, m, wrong = np.random.default_rng(11), 120, 0
    for _ in range(300):
        labels, hard = rng.integers(0, 2, m), rng.random(m)
        pair = []
        for _ in range(2):
            right = rng.random(m) > hard
            values = {
                "accuracy": right * 1.0,
                "mean": rng.exponential(1, m) + hard,
                "f1": np.where(right, labels, 1 - labels),
                "auc": labels + hard + rng.standard_normal(m),
            }[measure]
            pair.append(make(values, labels if measure in ("f1", "auc") else None, None, measure))
        wrong += compare(pair[0], pair[1]).p_two_sided <= 0.05
    assert wrong / 300 <= 0.09  # .05 and three standard errors
