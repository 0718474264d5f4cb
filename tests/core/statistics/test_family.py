"""Many experiments at once: sequential p-values and their adjustment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from paribus.core.decision import trail
from paribus.core.plan import LOOKS, Goal, Plan
from paribus.core.sample import Pair, Sample
from paribus.core.statistics.family import adjusted, sequential_p
from paribus.core.verdict import Outcome

PLAN = Plan("accuracy", True, 0.0, Goal.TWO_SIDED)


def sample(*differences: float, wired: bool = True) -> Sample:
    pairs = tuple(Pair(i, 0.0, d) for i, d in enumerate(differences))
    return Sample(pairs, len(pairs), seeds_wired=wired)


@given(st.lists(st.floats(0, 1), max_size=30))
def test_adjusted_values_are_those_of_scipy(p_values: list[float]) -> None:
    want = stats.false_discovery_control(p_values) if p_values else []
    assert adjusted(p_values) == pytest.approx(tuple(want), rel=1e-12)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_what_is_no_p_value(wrong: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjusted([0.5, wrong])


def test_sequential_p_by_hand() -> None:
    drawn = (0.1, -0.1, 0.3, 0.2, -0.05, 0.4, 0.02, -0.2)
    at_looks = [stats.ttest_1samp(drawn[:n], 0).pvalue for n in (3, 5, 8)]
    assert sequential_p(PLAN, sample(*drawn)) == pytest.approx(min(1, 5 * min(at_looks)))
    assert sequential_p(PLAN, sample(*drawn, 99.0)) == sequential_p(PLAN, sample(*drawn))


def test_nothing_counts_after_the_end() -> None:
    first = (1.0, 1.1, 0.9)
    want = 5 * stats.ttest_1samp(first, 0).pvalue
    assert trail(PLAN, sample(*first, 1.0, 1.0))[-1].n == 3
    assert sequential_p(PLAN, sample(*first, 1.0, 1.0)) == pytest.approx(want)


def test_what_is_not_known_is_one() -> None:
    assert sequential_p(PLAN, sample()) == 1
    assert sequential_p(PLAN, sample(0.5, 0.6)) == 1
    assert sequential_p(PLAN, sample(0.0, 0.0, 0.0)) == 1
    assert sequential_p(PLAN, sample(0.5, 0.6, 0.5, wired=False)) == 1
    assert sequential_p(replace(PLAN, looks=(2, 4)), sample(0.5, 0.5001)) == 1


def test_equal_differences_by_their_signs() -> None:
    assert sequential_p(PLAN, sample(*[0.5] * 8)) == 5 * 2.0**-7


numbers = st.integers(-64, 64).map(lambda k: k / 64)


@given(st.lists(numbers, max_size=20), st.sampled_from([2.0**-20, -1.0, 8.0]))
def test_sign_and_unit_change_nothing(values: list[float], scale: float) -> None:
    one = sequential_p(PLAN, sample(*values))
    assert 0 <= one <= 1
    assert sequential_p(PLAN, sample(*(v * scale for v in values))) == pytest.approx(one)


@given(st.lists(numbers, max_size=20))
def test_it_never_claims_what_the_verdict_does_not(values: list[float]) -> None:
    found = trail(PLAN, sample(*values))
    different = bool(found) and found[-1].outcome in (Outcome.IMPROVED, Outcome.WORSE)
    assert different or sequential_p(PLAN, sample(*values)) > 0.05


@pytest.mark.slow
def test_batches_against_one_baseline_err_in_five_percent() -> None:
    """All ideas null, one baseline for all, so that its luck is in every one of them."""
    rng = np.random.default_rng(6)
    false = 0
    for _ in range(400):
        baseline = rng.standard_normal(LOOKS[-1])
        ideas = (rng.standard_normal((8, LOOKS[-1])) - baseline).tolist()
        false += min(adjusted([sequential_p(PLAN, sample(*idea)) for idea in ideas])) <= 0.05
    assert false / 400 <= 0.05
