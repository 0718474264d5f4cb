"""Confirmations: what is confirmed, when it has ended, and in which words."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from paribus.core.plan import Goal, Plan
from paribus.core.sample import Pair, Sample
from paribus.core.statistics.confirm import (
    Confirmation,
    confirmation,
    mean_interval,
    one_sided_p,
    steadier,
)
from paribus.core.statistics.looks import Interval

PLAN = Plan("accuracy", True, 0.003)
LOSS = replace(PLAN, metric="loss", higher_is_better=False)
NONINFERIOR = replace(PLAN, goal=Goal.NONINFERIOR)
LEVEL = 0.0109


def sample(*differences: float, baseline: float = 0.0, wired: bool = True) -> Sample:
    pairs = tuple(Pair(i, baseline, baseline + d) for i, d in enumerate(differences))
    return Sample(pairs, len(pairs), seeds_wired=wired)


def around(center: float, n: int = 20, spread: float = 0.004) -> Sample:
    """n differences of mean `center`, evenly spread over `spread`."""
    return sample(*(center + spread * (i / (n - 1) - 0.5) for i in range(n)))


def test_confirmed() -> None:
    found = confirmation(PLAN, around(0.001), LEVEL)
    assert found.confirmed
    assert found.finished
    assert found.reasons == (
        "the gain would have to be real at level 0.011; it is (20 of 20 fresh pairs)",
        "fresh pairs differ by [+0.00042, +0.00158] (95 % interval)",
    )
    assert (found.n, found.pairs, found.level) == (20, 20, LEVEL)
    assert found.estimate == pytest.approx(0.001)


def test_not_confirmed() -> None:
    found = confirmation(PLAN, around(0.0001), LEVEL)
    assert (found.confirmed, found.finished) == (False, True)
    assert found.reasons == (
        "the gain would have to be real at level 0.011; it is not (20 of 20 fresh pairs)",
        "fresh pairs differ by [-0.00048, +0.00068] (95 % interval)",
    )


def test_beyond_95_percent_and_not_confirmed() -> None:
    found = confirmation(PLAN, around(0.00065), LEVEL)
    assert not found.confirmed
    assert found.low is not None
    assert found.low > 0
    assert found.reasons[2] == (
        "this is beyond 95 %, but each confirmation has a stricter level of its own"
    )


def test_a_loss_is_not_confirmed_and_lower_may_be_better() -> None:
    assert not confirmation(PLAN, around(-0.001), LEVEL).confirmed
    found = confirmation(LOSS, around(-0.001), LEVEL)
    assert found.confirmed
    assert found.estimate == pytest.approx(-0.001)
    assert found.reasons[1] == "fresh pairs differ by [-0.00158, -0.00042] (95 % interval)"


def test_noninferior_excludes_a_loss() -> None:
    found = confirmation(NONINFERIOR, around(-0.001), LEVEL)
    assert found.confirmed
    assert found.reasons[0] == (
        "a loss of 0.003 or more would have to be excluded at level 0.011; "
        "it is (20 of 20 fresh pairs)"
    )
    assert not confirmation(NONINFERIOR, around(-0.0029), LEVEL).confirmed
    turned = replace(NONINFERIOR, higher_is_better=False)
    assert confirmation(turned, around(0.001), LEVEL).confirmed
    assert not confirmation(turned, around(0.0029), LEVEL).confirmed


def test_nothing_is_decided_before_all_pairs_are_in() -> None:
    found = confirmation(PLAN, around(0.1, n=19), LEVEL)
    assert (found.confirmed, found.finished, found.p) == (False, False, None)
    assert found.estimate == pytest.approx(0.1)
    assert found.reasons == (
        "19 of 20 fresh pairs are complete; nothing is decided before all are",
    )
    empty = confirmation(PLAN, sample(), LEVEL)
    assert (empty.finished, empty.estimate, empty.low) == (False, None, None)


def test_pairs_beyond_the_planned_are_left_aside() -> None:
    lucky = sample(*around(0.0).differences, *[1.0, 1.1] * 50)
    assert confirmation(PLAN, lucky, LEVEL) == confirmation(PLAN, around(0.0), LEVEL)


def test_a_candidate_that_fails_is_not_confirmed() -> None:
    failed = replace(around(0.01, n=19), attempted=20, candidate_failures=1)
    found = confirmation(PLAN, failed, LEVEL)
    assert (found.confirmed, found.finished, found.p) == (False, True, None)
    assert found.reasons == (
        "1 of 20 candidate runs failed where the baseline ran; "
        "a candidate that fails by itself is never confirmed",
    )


def test_pairs_that_the_baseline_lost() -> None:
    lost = replace(around(0.01, n=18), attempted=20, baseline_failures=2)
    found = confirmation(PLAN, lost, LEVEL)
    assert (found.confirmed, found.n) == (True, 18)
    assert found.reasons[0].endswith("it is (18 of 20 fresh pairs)")
    assert found.reasons[-1] == "2 of 20 baseline runs failed"
    most = replace(around(0.01, n=2), attempted=20, baseline_failures=18)
    found = confirmation(PLAN, most, LEVEL)
    assert (found.confirmed, found.finished) == (False, True)
    assert found.reasons[0] == "2 of 20 fresh pairs are too few: at least 3 decide"


@pytest.mark.parametrize("baseline", [0.0, 0.1, 0.7])
def test_equal_differences_by_their_signs(baseline: float) -> None:
    found = confirmation(PLAN, sample(*[0.01] * 20, baseline=baseline), LEVEL)
    assert (found.confirmed, found.p) == (True, 2.0**-20)
    assert found.low == found.high == pytest.approx(0.01)
    assert found.reasons[1] == "all 20 fresh pairs differ by the same +0.01"
    few = confirmation(PLAN, sample(*[0.01] * 6, baseline=baseline), LEVEL, pairs=6)
    assert (few.confirmed, few.p) == (False, 2.0**-6)
    assert not confirmation(LOSS, sample(*[0.01] * 20, baseline=baseline), LEVEL).confirmed


def test_identical_runs_are_no_gain_and_no_loss() -> None:
    same = sample(*[0.0] * 20, baseline=0.3)
    found = confirmation(PLAN, same, LEVEL)
    assert (found.confirmed, found.p, found.low, found.high) == (False, 1.0, 0.0, 0.0)
    assert confirmation(NONINFERIOR, same, LEVEL).confirmed
    assert not confirmation(replace(NONINFERIOR, effect=0.0), same, LEVEL).confirmed


@pytest.mark.parametrize("baseline", [0.0, 0.1, 0.7, 3.3])
def test_a_loss_of_exactly_the_margin_is_one(baseline: float) -> None:
    lost = sample(*[-0.003] * 20, baseline=baseline)
    assert not confirmation(NONINFERIOR, lost, LEVEL).confirmed


def test_seeds_that_change_nothing_confirm_nothing() -> None:
    found = confirmation(PLAN, sample(*[0.01] * 20, wired=False), LEVEL)
    assert (found.confirmed, found.finished, found.p, found.low) == (False, True, None, None)
    assert found.reasons == ("the declared seeds change nothing, so 20 fresh pairs are one pair",)


def test_a_candidate_that_no_seed_moves_confirms_nothing() -> None:
    """It may have had one lucky draw of what the baseline still draws."""
    frozen = replace(around(0.01), candidate_wired=False)
    found = confirmation(PLAN, frozen, LEVEL)
    assert (found.confirmed, found.finished, found.p) == (False, True, None)
    assert found.reasons == (
        "the candidate gives the same numbers for all 20 fresh seeds, where the baseline varies:"
        " its runs are one run, and how lucky that one is cannot be told",
    )


def test_nearly_the_same_differences_by_their_signs() -> None:
    """A t test would take what little they differ for all the noise that there is."""
    nearly = around(0.01, spread=0.00004)
    found = confirmation(PLAN, nearly, LEVEL)
    assert (found.confirmed, found.p) == (True, 2.0**-20)
    assert found.reasons[1] == "all 20 fresh pairs differ by nearly the same +0.01"
    few = confirmation(PLAN, around(0.01, n=6, spread=0.00004), LEVEL, pairs=6)
    assert (few.confirmed, few.p) == (False, 2.0**-6)


def test_a_margin_between_nearly_the_same_losses() -> None:
    """Their mean is within the margin, and some of them are not."""
    assert not confirmation(NONINFERIOR, around(-0.002996, spread=0.00001), LEVEL).confirmed
    assert confirmation(NONINFERIOR, around(-0.0029, spread=0.00001), LEVEL).confirmed


def sides(old: list[float], new: list[float]) -> Sample:
    pairs = tuple(map(Pair, range(len(old)), old, new))
    return Sample(pairs, len(pairs))


def test_a_candidate_that_varies_far_less_is_noted() -> None:
    drawn = np.random.default_rng(1).standard_normal((2, 20))
    old = [0.8 + 0.013 * each for each in drawn[0]]
    steady = sides(old, [0.9 + 0.001 * each for each in drawn[1]])
    note = steadier(steady)
    assert note is not None
    assert note == (
        "over seeds the candidate varies far less (sd 0.0012 against 0.0077): if it no longer depends"
        " on a declared seed, part of the gain may be that seed's luck"
    )
    assert steadier(sides(old, [0.9 + 0.012 * each for each in drawn[1]])) is None
    assert steadier(sides([pair.candidate for pair in steady.pairs], old)) is None
    assert steadier(sides(old, [0.9] * 20)) == note.replace("0.0012", "0")
    assert steadier(sides([0.8] * 20, old)) is steadier(sides([0.8] * 20, [0.9] * 20)) is None
    assert steadier(sides(old[:2], [0.9, 0.9])) is None


def test_the_note_is_scipys_test() -> None:
    """At 1 % where both sides vary alike."""
    drawn = np.random.default_rng(2).standard_normal((3_000, 2, 20)).tolist()
    rate = sum(steadier(sides(*two)) is not None for two in drawn) / len(drawn)
    assert rate == pytest.approx(0.01, abs=0.0065)  # 3.5 standard errors


def test_json_is_strict_and_in_order() -> None:
    found = confirmation(PLAN, around(0.001), LEVEL)
    document = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert Confirmation(**(document | {"reasons": tuple(document["reasons"])})) == found
    assert list(document)[:3] == ["confirmed", "finished", "p"]


@pytest.mark.parametrize(("pairs", "level"), [(2, 0.01), (20, 0.0), (20, 1.0)])
def test_plans_that_confirm_nothing(pairs: int, level: float) -> None:
    with pytest.raises(ValueError, match="confirm nothing"):
        confirmation(PLAN, around(0.0), level, pairs)


def test_one_pair_is_no_test() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        one_sided_p(sample(0.1))


def test_interval_without_spread_waits_for_enough_signs() -> None:
    assert mean_interval(sample(0.5, 0.5, 0.5, 0.5, 0.5)) is None
    assert mean_interval(sample(*[0.5] * 6)) == Interval(0.5, 0.5)
    assert mean_interval(sample(0.1, 0.2)) is None


numbers = st.integers(-64, 64).map(lambda k: k / 64)


@given(st.lists(st.tuples(numbers, numbers), min_size=3, max_size=25), st.sampled_from([0.0, 0.25]))
def test_it_is_scipys_test(sides: list[tuple[float, float]], margin: float) -> None:
    drawn = Sample(tuple(Pair(i, *side) for i, side in enumerate(sides)), len(sides))
    if drawn.constant:
        return
    baseline, candidate = (np.array(side) for side in zip(*sides, strict=True))
    want = stats.ttest_rel(candidate + margin, baseline, alternative="greater").pvalue
    assert one_sided_p(drawn, margin=margin) == pytest.approx(want, rel=1e-9, abs=1e-300)
    found = mean_interval(drawn)
    ends = stats.ttest_rel(candidate, baseline).confidence_interval(0.95)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), abs=1e-12)


@given(st.lists(numbers, min_size=3, max_size=25), st.sampled_from([1e-9, 0.0109, 0.05]))
def test_direction_and_sign_together_change_nothing(values: list[float], level: float) -> None:
    one = confirmation(PLAN, sample(*values), level, len(values))
    other = confirmation(LOSS, sample(*(-value for value in values)), level, len(values))
    assert (one.confirmed, one.p) == (other.confirmed, other.p)


@given(st.lists(numbers, min_size=3, max_size=25))
def test_never_both_better_and_worse(values: list[float]) -> None:
    up, down = one_sided_p(sample(*values)), one_sided_p(sample(*values), -1.0)
    assert up + down == pytest.approx(1) or sample(*values).constant
    assert max(up, down) >= 0.5


def test_false_confirmations_come_at_the_level() -> None:
    drawn = np.random.default_rng(4).standard_normal((3_000, 20)).tolist()
    rate = sum(confirmation(PLAN, sample(*row), 0.05).confirmed for row in drawn) / len(drawn)
    assert rate == pytest.approx(0.05, abs=0.014)  # 3.5 standard errors
