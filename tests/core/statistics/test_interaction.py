"""Changes together and alone: their effects, and what the sum leaves unexplained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from paribus.core.plan import Plan
from paribus.core.statistics.interaction import Effect, interaction

PLAN = Plan("accuracy", True, 0.003)

BASE = dict(enumerate((0.90, 0.91, 0.89, 0.92, 0.90)))
NOISE = (0.001, -0.001, 0.002, 0.0, -0.002)


def arm(shift: float, scale: float = 1.0, roll: int = 0) -> dict[int, float]:
    """The baseline moved by `shift`, with some noise of its own."""
    return {i: BASE[i] + shift + scale * NOISE[(i + roll) % 5] for i in BASE}


def test_changes_that_help_each_other() -> None:
    found = interaction(PLAN, BASE, {"lr": arm(0.01), "hog": arm(0.005, roll=1)}, arm(0.05, roll=2))
    contrast = [0.05 - 0.015 + NOISE[(i + 2) % 5] - NOISE[i] - NOISE[(i + 1) % 5] for i in range(5)]
    low, high = stats.t.interval(0.95, 4, np.mean(contrast), stats.sem(contrast))
    assert found.interaction.estimate == pytest.approx(0.035)
    assert (found.interaction.low, found.interaction.high) == pytest.approx((low, high))
    assert found.singles["lr"].estimate == pytest.approx(0.01)
    assert found.n == 5
    assert found.reasons == (
        "the changes interact: together they are better than their sum by "
        "+0.0350 [+0.0316, +0.0384]",
        "together +0.0500 [+0.0480, +0.0520]; alone they add up to +0.0150 "
        "(5 seeds that all arms have)",
        "lr alone +0.0100 [+0.0080, +0.0120]",
        "hog alone +0.0050 [+0.0030, +0.0070]",
    )


def test_changes_that_hinder_each_other() -> None:
    singles = {"a": arm(0.01), "b": arm(0.01, roll=1)}
    assert (
        interaction(PLAN, BASE, singles, arm(0.0, roll=2))
        .reasons[0]
        .startswith("the changes interact: together they are worse than their sum by -0.02")
    )
    turned = interaction(replace(PLAN, higher_is_better=False), BASE, singles, arm(0.0, roll=2))
    assert "together they are better than their sum by -0.02" in turned.reasons[0]


def test_no_interaction_shown_is_no_proof_of_none() -> None:
    singles = {"a": arm(0.01), "b": arm(0.01, roll=1)}
    found = interaction(PLAN, BASE, singles, arm(0.021, roll=2))
    assert found.reasons[0] == (
        "the whole differs from the sum by +0.0010 [-0.0024, +0.0044], which spans zero: "
        "no interaction is shown, and none is excluded"
    )


def test_only_seeds_that_all_arms_have() -> None:
    short = {i: x for i, x in arm(0.01).items() if i != 3}
    late = {**arm(0.01, roll=1), 9: 0.9}
    found = interaction(PLAN, BASE, {"a": short, "b": late}, {**arm(0.02, roll=2), 9: 0.9})
    assert found.n == 4
    singles = {"a": short, "b": {i: late[i] for i in short}}
    same = interaction(
        PLAN, {i: BASE[i] for i in short}, singles, {i: arm(0.02, roll=2)[i] for i in short}
    )
    assert found == same


def test_no_seed_in_common() -> None:
    found = interaction(PLAN, BASE, {"a": arm(0.1), "b": {7: 0.9}}, arm(0.2))
    assert (found.n, found.interaction) == (0, Effect(None, None, None))
    assert found.reasons == ("no seed has a run of the baseline, of each change and of the whole",)


def test_one_seed_has_no_interval() -> None:
    found = interaction(PLAN, {0: 0.5}, {"a": {0: 0.6}, "b": {0: 0.5}}, {0: 0.9})
    assert found.whole == Effect(0.4, None, None)
    assert found.reasons[:2] == (
        "the whole differs from the sum by +0.3; the seeds cannot tell it from noise",
        "together +0.4; alone they add up to +0.1 (1 seed that all arms have)",
    )


@pytest.mark.parametrize("scale", [0.1, 0.3, 7.7, 1e9])
def test_exact_sums_are_no_interaction(scale: float) -> None:
    """Decimal fractions that add up on paper do not in the last bits."""
    base = {i: scale * (0.1 + 0.1 * i) for i in range(8)}
    singles = {str(k): {i: x + scale * 0.1 * k for i, x in base.items()} for k in range(1, 5)}
    whole = {i: x + scale * 1.0 for i, x in base.items()}
    found = interaction(PLAN, base, singles, whole)
    assert found.interaction == Effect(0.0, 0.0, 0.0)
    assert found.reasons[0] == "the whole is the sum of its changes, to the last digit"


def test_seeds_that_change_nothing_are_one_seed() -> None:
    singles = {"a": dict.fromkeys(range(8), 0.6), "b": dict.fromkeys(range(8), 0.5)}
    arms = (dict.fromkeys(range(8), 0.5), singles, dict.fromkeys(range(8), 0.9))
    assert interaction(PLAN, *arms).interaction.low == pytest.approx(0.3)
    found = interaction(PLAN, *arms, seeds_wired=False)
    assert found.interaction.estimate == pytest.approx(0.3)
    assert (found.interaction.low, found.interaction.high) == (None, None)
    assert found.reasons[0].endswith("the seeds cannot tell it from noise")


@pytest.mark.parametrize("singles", [{}, {"a": BASE}])
def test_one_change_interacts_with_nothing(singles: dict[str, dict[int, float]]) -> None:
    with pytest.raises(ValueError, match="at least two"):
        interaction(PLAN, BASE, singles, BASE)


numbers = st.integers(-64, 64).map(lambda k: k / 64)


@given(st.lists(st.lists(numbers, min_size=5, max_size=5), min_size=1, max_size=8))
def test_the_parts_add_up_to_the_whole(rows: list[list[float]]) -> None:
    base, first, second, third, whole = (dict(enumerate(side)) for side in zip(*rows, strict=True))
    found = interaction(PLAN, base, {"a": first, "b": second, "c": third}, whole)
    parts = [found.interaction, *found.singles.values()]
    total = sum(part.estimate or 0 for part in parts)
    assert total == pytest.approx(found.whole.estimate, abs=1e-12)
    assert found.n == len(rows)
    assert all(reason.strip() for reason in found.reasons)


def test_intervals_cover_as_promised() -> None:
    rng, hits = np.random.default_rng(3), 0
    for _ in range(1_000):
        seeds = rng.standard_normal(6)
        arms = [dict(enumerate((seeds + rng.standard_normal(6)).tolist())) for _ in range(4)]
        found = interaction(PLAN, arms[0], {"a": arms[1], "b": arms[2]}, arms[3]).interaction
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 0 <= found.high
    assert hits / 1_000 == pytest.approx(0.95, abs=0.025)
