"""A locked set answers with one bit, and a difference without its finer digits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.examples.model import Examples
from paribus.core.gate import ByExamples, answered, answered_by_examples
from paribus.core.plan import Goal, Plan
from paribus.core.promotion import GateAnswer
from paribus.core.sample import Pair, Sample

HIGHER = Plan("accuracy", True, 0.01)
LOWER = Plan("loss", False, 0.01)
KEPT = Plan("accuracy", True, 0.01, Goal.NONINFERIOR)


def sample(*differences: float, baseline: float = 0.5) -> Sample:
    pairs = tuple(
        Pair(index, baseline, baseline + difference) for index, difference in enumerate(differences)
    )
    return Sample(pairs, attempted=len(pairs))


GAINS = sample(0.021, 0.034, 0.028, 0.019, 0.041)
"""Mean .0286, standard deviation .0091: t = 7.0, and the interval reaches .0113 to either side."""


def test_a_gain_that_holds_on_the_locked_set() -> None:
    assert answered(HIGHER, "gate", GAINS, 0.011) == GateAnswer("gate", True, 0.03, 5)


def test_a_loss_and_a_gain_that_could_be_luck() -> None:
    assert answered(LOWER, "gate", GAINS, 0.011) == GateAnswer("gate", False, 0.03, 5)
    assert answered(HIGHER, "gate", sample(0.03, -0.02, 0.01), 0.011).passed is False
    assert answered(HIGHER, "gate", GAINS, 1e-6).passed is False


def test_noninferior_excludes_the_margin_only() -> None:
    worse = sample(-0.004, -0.003, -0.005, -0.002, -0.004)
    assert answered(HIGHER, "gate", worse, 0.011).passed is False
    assert answered(KEPT, "gate", worse, 0.011).passed is True


@pytest.mark.parametrize("differences", [(), (0.2,)])
def test_one_run_a_side_is_no_answer(differences: tuple[float, ...]) -> None:
    """However large its gain: there is no noise to hold it against."""
    with pytest.raises(ValueError, match="at least 2 pairs"):
        answered(HIGHER, "gate", sample(*differences), 0.011)


def examples(*values: float) -> Examples:
    return Examples("mean", "d1", np.array(values, dtype=np.float64))


def risen(right: int, wrong: int, size: int = 500) -> tuple[Examples, Examples]:
    """Two runs of which the second gets so many more right, and so many others wrong."""
    old = [0.0] * right + [1.0] * (size - right)
    new = [1.0] * right + [0.0] * wrong + [1.0] * (size - right - wrong)
    return examples(*old), examples(*new)


def test_examples_answer_at_the_level() -> None:
    """McNemar's exact test (1947): 9 of 10 that changed are for the better, 11 of 1024 that lucky."""
    found = answered_by_examples(HIGHER, "gate", *risen(9, 1), 0.0109)
    assert found == ByExamples(GateAnswer("gate", True, 0.02, 1), 11 / 1024)
    assert answered_by_examples(HIGHER, "gate", *risen(9, 1), 0.0107).answer.passed is False
    lost = answered_by_examples(HIGHER, "gate", *risen(9, 1)[::-1], 0.0109)
    assert (lost.answer.passed, lost.p) == (False, 1 - 11 / 1024)
    assert answered_by_examples(LOWER, "gate", *risen(9, 1)[::-1], 0.0109) == ByExamples(
        GateAnswer("gate", True, -0.02, 1), 11 / 1024
    )
    same = answered_by_examples(HIGHER, "gate", *risen(0, 0), 0.0109)
    assert (same.answer.passed, same.answer.difference) == (False, 0.0)


def test_a_gain_of_the_effect_is_not_enough() -> None:
    """It once was: with one run a side, any lucky gain of that size passed, at no cost."""
    found = answered_by_examples(HIGHER, "gate", *risen(28, 22), 0.0109)
    assert (found.answer.passed, found.answer.difference) == (False, 0.01)


def test_examples_exclude_the_margin_only() -> None:
    within, beyond = risen(3, 4, size=2_000), risen(0, 30, size=2_000)
    assert answered_by_examples(HIGHER, "gate", *within, 0.0109).answer.passed is False
    assert answered_by_examples(KEPT, "gate", *within, 0.0109) == ByExamples(
        GateAnswer("gate", True, -0.001, 1), None
    )
    assert answered_by_examples(KEPT, "gate", *beyond, 0.0109).answer.passed is False
    kept = replace(KEPT, higher_is_better=False)
    assert answered_by_examples(kept, "gate", *within[::-1], 0.0109).answer.passed is True


def test_other_examples_answer_nothing() -> None:
    with pytest.raises(ValueError, match="different evaluation sets"):
        answered_by_examples(HIGHER, "gate", examples(1, 0), examples(1, 0, 1), 0.0109)


def test_lucky_gains_pass_at_the_level() -> None:
    """500 examples of which 50 change for no reason: as the first confirmation would be judged."""
    drawn = np.random.default_rng(7).binomial(50, 0.5, 4_000).tolist()
    passed = {
        right: answered_by_examples(HIGHER, "gate", *risen(right, 50 - right), 0.0109).answer.passed
        for right in set(drawn)
    }
    rate = sum(passed[right] for right in drawn) / len(drawn)
    assert 0 < rate <= 0.0109 + 3.5 * (0.0109 / 4_000) ** 0.5


@given(st.lists(st.floats(-0.4, 0.4), min_size=3, max_size=20), st.floats(0.001, 0.05))
def test_the_difference_is_told_to_one_digit_of_its_noise(
    differences: list[float], level: float
) -> None:
    """Rounded by at most as much as the pairs leave open, in whole steps of a power of ten."""
    found = answered(HIGHER, "gate", sample(*differences), level)
    mean = sum(differences) / len(differences)
    assert found.n == len(differences)
    wide = 12.8 * max(abs(one - mean) for one in differences) + HIGHER.effect
    assert abs(found.difference - mean) <= wide
    steps = [round(found.difference / 10.0**-k, 6) for k in range(-1, 9)]
    assert any(step == round(step) for step in steps)
