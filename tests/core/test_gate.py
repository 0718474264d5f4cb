"""A locked set answers with one bit, and a difference without its finer digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.gate import answered
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
    assert answered(KEPT, "gate", sample(-0.01), None).passed is False
    assert answered(KEPT, "gate", sample(-0.009), None).passed is True


def test_one_run_a_side_must_gain_what_matters() -> None:
    assert answered(HIGHER, "gate", sample(0.0125), None) == GateAnswer("gate", True, 0.01, 1)
    assert answered(HIGHER, "gate", sample(0.009), None).passed is False
    assert answered(LOWER, "gate", sample(-0.0125), None).passed is True
    nothing_matters = Plan("accuracy", True, 0.0)
    assert answered(nothing_matters, "gate", sample(0.0), None) == GateAnswer("gate", False, 0.0, 1)
    assert answered(nothing_matters, "gate", sample(0.0374), None).difference == 0.04


def test_nothing_measured_is_no_answer() -> None:
    with pytest.raises(ValueError, match="no pair was measured"):
        answered(HIGHER, "gate", sample(), 0.011)


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
