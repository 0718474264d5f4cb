"""Which experiment of a batch goes on."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.decision import decide
from paribus.core.plan import Goal, Plan
from paribus.core.sample import Pair, Sample
from paribus.core.statistics.allocation import Prospect, chance_of_end, in_order
from paribus.core.verdict import is_final

PLAN = Plan("accuracy", True, 0.5)
TWO_SIDED = replace(PLAN, goal=Goal.TWO_SIDED)

NOISE = (-1.0, 0.2, 0.8)
"""Sums to zero."""


def sample(gains: list[float]) -> Sample:
    return Sample(tuple(Pair(at, 0.0, gain) for at, gain in enumerate(gains)), len(gains))


def around(mean: float, spread: float = 1.0) -> Sample:
    """Three pairs of this mean."""
    return sample([mean + spread * each for each in NOISE])


def order(plan: Plan, samples: list[Sample], look: int = 5, runs: int = 2) -> tuple[int, ...]:
    return in_order([Prospect(chance_of_end(plan, each, look), runs) for each in samples])


def test_a_clear_winner_and_a_clear_loser_go_first() -> None:
    middling, winner, loser = around(1.4), around(6.0), around(-6.0)
    assert order(TWO_SIDED, [middling, winner, loser]) == (1, 2, 0)
    assert set(order(PLAN, [middling, winner, loser])[:2]) == {1, 2}


@given(st.lists(st.floats(0.0, 8.0), min_size=2, max_size=6))
def test_the_further_from_zero_the_sooner(means: list[float]) -> None:
    """Two-sided, with nothing to be equivalent to: only the distance from zero counts."""
    plan = replace(TWO_SIDED, effect=0.0)
    for sign in (1.0, -1.0):
        chances = [chance_of_end(plan, around(sign * mean), 5) for mean in sorted(means)]
        assert all(left <= right + 1e-9 for left, right in pairwise(chances))


def test_equals_stay_in_their_order() -> None:
    assert order(PLAN, [around(1.0)] * 4) == (0, 1, 2, 3)
    assert in_order([Prospect(0.5, 4), Prospect(0.25, 2), Prospect(0.3, 2)]) == (2, 0, 1)
    assert in_order([]) == ()


def test_what_is_there_already_costs_nothing() -> None:
    assert in_order([Prospect(1.0, 1), Prospect(0.0, 0), Prospect(0.0, 0)]) == (1, 2, 0)


@given(
    st.lists(st.integers(-5000, 5000).map(lambda each: each / 1000), min_size=2, max_size=7),
    st.sampled_from([5, 8, 12, 20]),
    st.sampled_from(list(Goal)),
    st.floats(0.0, 3.0),
)
def test_it_is_a_probability_whatever_the_scale(
    gains: list[float], look: int, goal: Goal, effect: float
) -> None:
    plan, found = replace(PLAN, goal=goal, effect=effect), sample(gains)
    if look <= found.n:
        return
    chance = chance_of_end(plan, found, look)
    assert 0.0 <= chance <= 1.0
    lower = replace(plan, higher_is_better=False)
    mirrored = sample([-gain for gain in gains])
    assert chance_of_end(lower, mirrored, look) == pytest.approx(chance)
    # A power of two, which rounds nothing.
    scaled = replace(plan, effect=effect * 2.0**20)
    bigger = sample([gain * 2.0**20 for gain in gains])
    assert chance_of_end(scaled, bigger, look) == pytest.approx(chance)


@pytest.mark.parametrize("goal", list(Goal))
@pytest.mark.parametrize("mean", [-1.5, 0.0, 0.6, 1.5])
@pytest.mark.parametrize(("effect", "spread"), [(0.5, 1.0), (2.0, 0.5)])
def test_it_is_how_often_the_rule_ends_there(
    goal: Goal, mean: float, effect: float, spread: float
) -> None:
    """Played out: a true mean drawn from what three pairs leave open, then two more pairs, then the rule.

    The rule takes the new spread, where the formula takes the old one to stay: they agree roughly.
    """
    plan = replace(PLAN, goal=goal, effect=effect)
    start = around(mean, spread)
    chance = random.Random(f"{goal} {mean} {effect}")
    sd, ended, draws = spread * math.sqrt(0.84), 0, 400
    for _ in range(draws):
        t = chance.gauss(0, 1) / math.sqrt(chance.gammavariate(1.0, 1.0))  # 2 degrees of freedom
        middle = mean + sd / math.sqrt(3) * t
        new = [middle + sd * each for each in (chance.gauss(0, 1), chance.gauss(0, 1))]
        ended += is_final(decide(plan, sample([*start.differences, *new])))
    assert chance_of_end(plan, start, 5) == pytest.approx(ended / draws, abs=0.2)


def test_the_last_look_always_ends_it() -> None:
    assert chance_of_end(PLAN, around(0.4), 20) == 1.0


def test_equal_differences_end_when_enough_of_them_agree() -> None:
    same = sample([0.25, 0.25, 0.25])
    assert [chance_of_end(PLAN, same, look) for look in (5, 8)] == [0.0, 1.0]
    assert chance_of_end(PLAN, sample([0.0, 0.0, 0.0]), 5) == 1.0


def test_losers_end_sooner_where_futility_may_stop_them() -> None:
    patient = replace(PLAN, futile_from=8)
    at_once = replace(PLAN, futile_from=3)
    loser = around(-0.5)
    assert chance_of_end(at_once, loser, 5) > chance_of_end(patient, loser, 5) + 0.3


@pytest.mark.parametrize(("gains", "look"), [([1.0], 3), ([], 3), ([1.0, 2.0, 3.0], 3)])
def test_what_cannot_be_said(gains: list[float], look: int) -> None:
    with pytest.raises(ValueError, match=f"say nothing about a look at {look}"):
        chance_of_end(PLAN, sample(gains), look)
