"""The decision table: its rules one by one, its words, its error rates, and what always holds."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from paribus.core.decision import decide, trail
from paribus.core.evidence import Estimate
from paribus.core.plan import LOOKS, Goal, Plan
from paribus.core.sample import Pair, Sample
from paribus.core.statistics.looks import level, repeated_interval
from paribus.core.verdict import Outcome, Verdict, is_final, not_comparable

PLAN = Plan("accuracy", True, 0.003, Goal.IMPROVE, LOOKS)
LOSS = replace(PLAN, metric="loss", higher_is_better=False)
TWO_SIDED = replace(PLAN, goal=Goal.TWO_SIDED)
NONINFERIOR = replace(PLAN, goal=Goal.NONINFERIOR)


def sample(
    *differences: float, baseline: float = 0.0, failed: int = 0, wired: bool = True
) -> Sample:
    pairs = tuple(Pair(i, baseline, baseline + d) for i, d in enumerate(differences))
    return Sample(pairs, len(pairs) + failed, candidate_failures=failed, seeds_wired=wired)


def around(center: float, n: int, spread: float = 0.001) -> Sample:
    """n differences of mean `center` that alternate by `spread`."""
    return sample(*(center + spread * (i - (n - 1) / 2) / n for i in range(n)))


# Rules


def test_fewer_than_three_pairs_decide_nothing() -> None:
    verdict = decide(PLAN, sample(0.1, 0.11))
    assert verdict.outcome is Outcome.UNDECIDED
    assert verdict.reasons == (
        "2 of at most 20 pairs; nothing is decided before 3; next look at 3",
    )
    assert verdict.estimate == pytest.approx(0.105)
    assert (verdict.low, verdict.high, verdict.next_look) == (None, None, 3)


def test_a_look_at_two_pairs_decides_nothing_either() -> None:
    plan = replace(PLAN, looks=(2, 4))
    assert decide(plan, sample(0.1, 0.11)).next_look == 4
    alone = decide(replace(PLAN, looks=(2,)), sample(0.1, 0.11))
    assert alone.outcome is Outcome.UNDECIDED
    assert is_final(alone)


def test_nothing_measured_yet() -> None:
    verdict = decide(PLAN, sample())
    assert (verdict.outcome, verdict.n, verdict.estimate) == (Outcome.UNDECIDED, 0, None)


def test_improved_but_not_by_the_effect_of_interest() -> None:
    verdict = decide(PLAN, around(0.003, 5))
    assert (verdict.outcome, verdict.label) == (Outcome.IMPROVED, None)
    assert verdict.reasons == (
        "the interval [+0.00239, +0.00361] lies above zero",
        "a gain of at least 0.003 is not yet certain",
    )
    assert is_final(verdict)


def test_a_meaningful_improvement() -> None:
    verdict = decide(PLAN, around(0.01, 5))
    assert (verdict.outcome, verdict.label) == (Outcome.IMPROVED, "meaningful")
    assert verdict.reasons[1] == "a gain of at least 0.003 is shown"


def test_worse() -> None:
    verdict = decide(PLAN, around(-0.01, 5))
    assert verdict.outcome is Outcome.WORSE
    assert verdict.reasons == ("the interval [-0.01061, -0.00939] lies below zero",)


def test_lower_is_better_is_reported_in_the_metrics_own_units() -> None:
    verdict = decide(LOSS, around(-0.01, 5))
    assert verdict.outcome is Outcome.IMPROVED
    assert verdict.estimate == pytest.approx(-0.01)
    assert verdict.low is not None
    assert verdict.high is not None
    assert verdict.low < -0.01 < verdict.high < 0
    assert (verdict.better, verdict.equal, verdict.worse) == (5, 0, 0)
    assert verdict.reasons[0] == (
        "the interval [-0.01061, -0.00939] lies below zero, and lower is better"
    )


def test_equivalent_and_negligible() -> None:
    equivalent = decide(PLAN, around(0.0, 5))
    assert (equivalent.outcome, equivalent.label) == (Outcome.NO_DIFFERENCE, "equivalent")
    assert equivalent.reasons == (
        "the interval [-0.00061, +0.00061] lies within 0.003 of zero, "
        "the smallest effect of interest",
    )
    negligible = decide(PLAN, around(0.001, 5))
    assert (negligible.outcome, negligible.label) == (Outcome.NO_DIFFERENCE, "negligible")
    assert "too small to matter" in negligible.reasons[1]


FUTILE = (0.004, -0.004, 0.001, -0.003, 0.0005)


def test_futility_from_five_pairs() -> None:
    early = decide(PLAN, sample(*FUTILE[1:4]))
    assert early.outcome is Outcome.UNDECIDED
    verdict = decide(PLAN, sample(*FUTILE))
    assert (verdict.outcome, verdict.label, verdict.n) == (Outcome.NO_DIFFERENCE, "futile", 5)
    assert verdict.reasons == (
        "a gain of 0.003 or more is unlikely (90 % upper bound +0.0019)",
        "this is not proof that nothing changed: 20 pairs would detect 0.0026 (80 % power)",
    )
    mirrored = decide(LOSS, sample(*(-d for d in FUTILE)))
    assert mirrored.reasons[0] == "a gain of 0.003 or more is unlikely (90 % lower bound -0.0019)"


@pytest.mark.parametrize("plan", [TWO_SIDED, NONINFERIOR])
def test_futility_is_for_those_who_want_to_improve(plan: Plan) -> None:
    verdict = decide(plan, sample(*FUTILE))
    assert verdict.outcome is Outcome.UNDECIDED
    assert verdict.next_look == 8


def test_the_budget_is_no_proof() -> None:
    verdict = decide(replace(TWO_SIDED, looks=(3, 5)), sample(*FUTILE))
    assert (verdict.outcome, verdict.label) == (Outcome.NO_DIFFERENCE, "budget")
    assert verdict.reasons[0] == (
        "all 5 pairs are used; the interval [-0.0054, +0.0048] still spans zero"
    )
    assert verdict.reasons[1].startswith("this is not proof that nothing changed: 5 pairs would")
    assert is_final(verdict)


def test_undecided_says_what_would_settle_it() -> None:
    verdict = decide(TWO_SIDED, sample(*FUTILE))
    assert verdict.reasons == (
        "5 of at most 20 pairs; the interval [-0.0065, +0.0059] still spans zero; next look at 8",
        "at this spread about 17 pairs would detect 0.003 (80 % power)",
    )
    assert not is_final(verdict)


def test_a_hopeless_spread_is_said() -> None:
    verdict = decide(replace(TWO_SIDED, effect=1e-5), sample(*FUTILE))
    assert verdict.reasons[1] == (
        "at this spread more than 1000 pairs would detect 1e-05 (80 % power)"
    )


def test_noninferior_accepts_a_loss_below_the_effect() -> None:
    accepted = decide(replace(NONINFERIOR, effect=0.03), sample(-0.004, 0.004, 0.05, 0.02, 0.01))
    assert (accepted.outcome, accepted.label) == (Outcome.NO_DIFFERENCE, "noninferior")
    assert accepted.reasons == ("the interval [-0.024, +0.056] excludes a loss of 0.03 or more",)
    open_ = decide(replace(NONINFERIOR, looks=(3, 5)), sample(*FUTILE))
    assert open_.label == "budget"
    assert "does not exclude a loss of 0.003" in open_.reasons[0]


def test_not_comparable() -> None:
    verdict = not_comparable(PLAN, "the ruler changed")
    assert (verdict.outcome, verdict.metric, verdict.n) == (
        Outcome.NOT_COMPARABLE,
        "accuracy",
        0,
    )
    assert (verdict.estimate, verdict.low, verdict.high) == (None, None, None)
    assert verdict.reasons == ("the ruler changed",)
    assert is_final(verdict)
    assert replace(not_comparable("accuracy", "the ruler changed"), cap=20) == verdict


# Rules beyond the t interval


def test_a_candidate_that_fails_is_never_improved() -> None:
    verdict = decide(PLAN, replace(around(0.01, 5), attempted=6, candidate_failures=1))
    assert (verdict.outcome, verdict.label) == (Outcome.UNDECIDED, None)
    assert verdict.reasons[:2] == (
        "1 of 6 candidate runs failed where the baseline ran; "
        "a candidate that fails by itself is never improved",
        "the interval [+0.00939, +0.01061] lies above zero",
    )
    assert (verdict.n, verdict.attempted) == (5, 6)
    assert verdict.low == pytest.approx(0.0094, abs=1e-5)
    assert is_final(verdict)


def test_a_failure_leaves_other_outcomes_and_is_said_last() -> None:
    verdict = decide(PLAN, replace(around(-0.01, 5), attempted=6, candidate_failures=1))
    assert verdict.outcome is Outcome.WORSE
    assert verdict.reasons[-1].startswith("1 of 6 candidate runs failed")


def test_failures_of_the_baseline_are_said_and_decide_nothing() -> None:
    verdict = decide(PLAN, replace(around(0.01, 5), attempted=6, baseline_failures=1))
    assert verdict.outcome is Outcome.IMPROVED
    assert verdict.reasons[-1] == "1 of 6 baseline runs failed"


def test_identical_pairs_are_no_difference() -> None:
    verdict = decide(PLAN, sample(0.0, 0.0, 0.0))
    assert (verdict.outcome, verdict.label) == (Outcome.NO_DIFFERENCE, "equivalent")
    assert (verdict.estimate, verdict.low, verdict.high, verdict.equal) == (0, 0, 0, 3)
    assert verdict.reasons == ("accuracy is identical in all 3 pairs",)


@pytest.mark.parametrize("baseline", [0.0, 0.1, 0.7])
def test_equal_differences_wait_for_the_sign_flip_test(baseline: float) -> None:
    verdicts = trail(PLAN, sample(*[0.01] * 20, baseline=baseline))
    assert [(v.outcome.value, v.n, v.low is None) for v in verdicts] == [
        ("undecided", 3, True),
        ("undecided", 5, True),
        ("improved", 8, False),
    ]
    assert verdicts[0].reasons == (
        "all 3 pairs differ by the same +0.01: they show no noise to judge it by",
        "by chance all signs would agree once in 4; 8 pairs settle it; next look at 5",
    )
    assert verdicts[2].reasons[-1] == (
        "all 8 pairs differ by the same +0.01; by chance all signs would agree once in 128"
    )
    assert verdicts[2].label == "meaningful"


def test_equal_differences_can_be_worse_or_negligible() -> None:
    assert decide(PLAN, sample(*[-0.01] * 8)).outcome is Outcome.WORSE
    assert decide(PLAN, sample(*[0.001] * 8)).label == "negligible"
    assert decide(PLAN, sample(*[0.001] * 5)).outcome is Outcome.UNDECIDED


def test_a_bound_itself_is_not_beyond_the_bound() -> None:
    """Equal differences make a point of the interval, so that the bounds can be hit exactly."""
    exact = replace(NONINFERIOR, effect=0.5)
    assert decide(exact, sample(*[-0.5] * 8)).outcome is Outcome.WORSE
    gained = decide(exact, sample(*[0.5] * 8))
    assert (gained.outcome, gained.label) == (Outcome.IMPROVED, None)


def test_equal_differences_at_a_small_cap_stay_undecided() -> None:
    verdict = decide(replace(PLAN, looks=(3, 5)), sample(*[0.01] * 5))
    assert verdict.outcome is Outcome.UNDECIDED
    assert is_final(verdict)


def test_seeds_that_change_nothing_make_one_run_of_many() -> None:
    verdict = decide(PLAN, sample(0.01, 0.011, 0.01, wired=False))
    assert verdict.outcome is Outcome.UNDECIDED
    assert verdict.reasons[0] == ("the declared seeds change nothing, so 3 runs a side are one run")
    assert (verdict.low, verdict.high) == (None, None)
    assert is_final(verdict)
    first = decide(PLAN, sample(0.01, wired=False))
    assert (
        first.reasons[0] == "the declared seeds change nothing, so more runs would repeat this one"
    )


def test_seeds_that_change_nothing_and_identical_pairs() -> None:
    verdict = decide(PLAN, sample(0.0, 0.0, 0.0, wired=False))
    assert (verdict.outcome, verdict.label) == (Outcome.NO_DIFFERENCE, "equivalent")
    assert verdict.reasons[1] == "the declared seeds change nothing, so these pairs are one pair"


def test_without_an_effect_of_interest() -> None:
    plan = replace(PLAN, effect=0.0)
    improved = decide(plan, around(0.01, 5))
    assert (improved.outcome, improved.label, len(improved.reasons)) == (
        "improved",
        "meaningful",
        1,
    )
    assert len(decide(plan, sample(*FUTILE)).reasons) == 1
    falling = decide(plan, sample(-0.004, 0.001, -0.004, -0.003, -0.001))
    assert falling.label == "futile"
    assert falling.reasons[0] == "any gain is unlikely (90 % upper bound -0.0007)"


# Looks


def test_pairs_between_looks_wait() -> None:
    pairs = (0.010, 0.011, 0.012, -5.0)
    verdict = decide(PLAN, sample(*pairs))
    assert verdict == decide(PLAN, sample(*pairs[:3]))
    assert (verdict.n, verdict.attempted) == (3, 3)


def test_pairs_beyond_the_cap_are_left_aside() -> None:
    plan = replace(PLAN, looks=(3,))
    assert decide(plan, sample(0.010, 0.011, 0.012, -5.0)).outcome is Outcome.IMPROVED


def test_trail_stops_at_the_first_final_verdict() -> None:
    verdicts = trail(PLAN, sample(*FUTILE, *[0.05] * 15))
    assert [(v.n, is_final(v)) for v in verdicts] == [(3, False), (5, True)]
    assert trail(PLAN, sample(0.1, 0.2)) == ()
    assert [v.n for v in trail(TWO_SIDED, sample(*FUTILE, 0.002))] == [3, 5]


# JSON


@pytest.mark.parametrize(
    "verdict",
    [
        decide(PLAN, sample(*FUTILE)),
        decide(PLAN, sample()),
        not_comparable("loss", "the ruler changed"),
    ],
)
def test_json_there_and_back(verdict: Verdict) -> None:
    text = json.dumps(verdict.as_json(), allow_nan=False)
    assert Verdict.from_json(json.loads(text)) == verdict
    assert Verdict.from_json(json.loads(text) | {"later": 1}) == verdict


def test_json_begins_with_the_interface() -> None:
    document = decide(PLAN, around(0.01, 5)).as_json()
    assert list(document)[:7] == [
        "outcome",
        "metric",
        "estimate",
        "low",
        "high",
        "n",
        "reasons",
    ]
    assert type(document["outcome"]) is str
    assert type(document["reasons"]) is list


def test_json_of_an_unknown_outcome_is_refused() -> None:
    document = decide(PLAN, sample()).as_json()
    with pytest.raises(ValueError, match="splendid"):
        Verdict.from_json(document | {"outcome": "splendid"})


def test_import_is_light() -> None:
    code = "import sys, paribus.core.verdict; print('scipy' in sys.modules)"
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"


# Error rates and power, against statistics.md 4a and 4b; seeds are fixed


Ends = Counter[str]


def paths(count: int, shift: float, correlation: float, seed: int) -> NDArray[np.float64]:
    """Paired differences of runs of sd 1, shape (count, 20)."""
    noise = np.random.default_rng(seed).standard_normal((count, LOOKS[-1]))
    drawn: NDArray[np.float64] = shift + np.sqrt(2 * (1 - correlation)) * noise
    return drawn


@cache
def ends(goal: Goal, effect: float, shift: float, correlation: float) -> tuple[Ends, float]:
    """How 2,000 trails end, by label or else outcome, and the mean number of pairs."""
    plan = Plan("accuracy", True, effect, goal, LOOKS)
    drawn = paths(2_000, shift, correlation, seed=7)
    last = [trail(plan, sample(*row))[-1] for row in drawn.tolist()]
    names = [v.outcome.value if v.outcome in ("improved", "worse") else str(v.label) for v in last]
    return Counter(names), sum(v.n for v in last) / len(last)


def rate(found: Ends, name: str) -> float:
    return found[name] / found.total()


@pytest.mark.slow
def test_false_alarms_under_no_effect() -> None:
    found, pairs = ends(Goal.TWO_SIDED, 0.0, 0.0, 0.0)
    assert rate(found, "improved") == pytest.approx(0.024, abs=0.009)
    assert rate(found, "improved") + rate(found, "worse") <= 0.05 + 0.012
    assert pairs == pytest.approx(19.5, abs=0.2)


def test_power_at_one_sigma() -> None:
    found, pairs = ends(Goal.TWO_SIDED, 0.0, 1.0, 0.5)
    assert rate(found, "improved") >= 0.93
    assert pairs == pytest.approx(11.9, abs=0.5)


def test_rules_agree_with_a_second_implementation() -> None:
    """Vectorised over paths, as statistics_simulation.py does it."""
    drawn, c, effect = paths(400, 0.5, 0.3, seed=11), level(LOOKS), 1.0
    names = np.full((len(drawn)), "", dtype="<U16")
    plan = Plan("accuracy", True, effect, Goal.IMPROVE, LOOKS)
    for n in LOOKS:
        mean, error = drawn[:, :n].mean(1), drawn[:, :n].std(1, ddof=1) / np.sqrt(n)
        half = stats.t.ppf(1 - c / 2, n - 1) * error
        low, high = mean - half, mean + half
        new = np.select(
            [
                (low > -effect) & (high < effect),
                low > 0,
                high < 0,
                (n >= 5) & (mean + stats.t.ppf(0.9, n - 1) * error < effect),
                np.full(len(drawn), n == LOOKS[-1]),
            ],
            ["inside", "improved", "worse", "futile", "budget"],
            "",
        )
        names = np.where(names == "", new, names)
    for row, expected in zip(drawn.tolist(), names, strict=True):
        last = trail(plan, sample(*row))[-1]
        name = last.outcome.value if last.outcome in ("improved", "worse") else str(last.label)
        assert ("inside" if name in ("equivalent", "negligible") else name) == expected


# What always holds


difference = st.integers(-64, 64).map(lambda k: k / 64)
differences = st.lists(difference, max_size=22)
effects = st.integers(0, 64).map(lambda k: k / 64)
looks = st.sampled_from([LOOKS, (3, 5, 10), (4, 8), (3,), (2, 6)])
plans = st.builds(Plan, st.just("m"), st.booleans(), effects, st.sampled_from(Goal), looks)


@given(plans, differences, st.booleans())
def test_sign_swap_mirrors_the_verdict(plan: Plan, values: list[float], wired: bool) -> None:
    plan = replace(plan, goal=Goal.TWO_SIDED)
    mirror = {Outcome.IMPROVED: Outcome.WORSE, Outcome.WORSE: Outcome.IMPROVED}
    one = decide(plan, sample(*values, wired=wired))
    other = decide(plan, sample(*(-value for value in values), wired=wired))
    assert other.outcome is mirror.get(one.outcome, one.outcome)
    assert (one.better, one.equal, one.worse) == (other.worse, other.equal, other.better)
    if one.low is not None and one.high is not None:
        assert (other.low, other.high) == (-one.high, -one.low)


@given(plans, differences, st.integers(0, 2))
def test_direction_and_sign_together_change_no_outcome(
    plan: Plan, values: list[float], failed: int
) -> None:
    turned = replace(plan, higher_is_better=not plan.higher_is_better)
    one = decide(plan, sample(*values, failed=failed))
    other = decide(turned, sample(*(-value for value in values), failed=failed))
    assert (one.outcome, one.label, one.next_look) == (other.outcome, other.label, other.next_look)


@given(plans, differences, st.sampled_from([2.0**-30, 0.125, 2.0, 2.0**40]))
def test_other_units_change_no_outcome(plan: Plan, values: list[float], scale: float) -> None:
    one = decide(plan, sample(*values))
    other = decide(
        replace(plan, effect=plan.effect * scale), sample(*(value * scale for value in values))
    )
    assert (one.outcome, one.label, one.next_look) == (other.outcome, other.label, other.next_look)


@given(plans, st.lists(difference, max_size=22), st.booleans())
def test_identical_sides_never_differ(plan: Plan, values: list[float], wired: bool) -> None:
    pairs = tuple(Pair(index, value, value) for index, value in enumerate(values))
    verdict = decide(plan, Sample(pairs, len(pairs), seeds_wired=wired))
    assert verdict.outcome in (Outcome.NO_DIFFERENCE, Outcome.UNDECIDED)
    if verdict.n >= max(3, plan.looks[0]):
        noninferior = plan.goal is Goal.NONINFERIOR and wired
        label = "noninferior" if noninferior else "equivalent"
        assert (verdict.outcome, verdict.label) == (Outcome.NO_DIFFERENCE, label)


def test_a_candidate_that_no_seed_moves_is_never_improved() -> None:
    """A lucky seed written into the code: the baseline varies, the candidate has one number."""
    pairs = tuple(Pair(i, 0.8 + 0.001 * i, 0.85) for i in range(5))
    frozen = decide(TWO_SIDED, Sample(pairs, 5, candidate_wired=False))
    assert (frozen.outcome, is_final(frozen)) == (Outcome.UNDECIDED, True)
    assert frozen.reasons[0] == (
        "the candidate gives the same numbers for all 5 seeds, where the baseline varies: its runs "
        "are one run, and how lucky that one is cannot be told"
    )
    assert decide(TWO_SIDED, Sample(pairs, 5)).outcome is Outcome.IMPROVED
    back = tuple(Pair(pair.index, pair.baseline, 0.75) for pair in pairs)
    assert decide(TWO_SIDED, Sample(back, 5, candidate_wired=False)).outcome is Outcome.WORSE


def test_a_metric_that_jumps_between_two_levels_proves_nothing_soon() -> None:
    """Three jumps in one direction happen once in four; the little beside them is no noise."""
    jumps = [0.05 + jitter for jitter in (1e-5, -1e-5, 0.0, 2e-5, -2e-5, 1e-5, 0.0, -1e-5)]
    assert decide(TWO_SIDED, sample(*jumps[:3])).outcome is Outcome.UNDECIDED
    assert decide(TWO_SIDED, sample(*jumps[:5])).outcome is Outcome.UNDECIDED
    assert decide(TWO_SIDED, sample(*jumps)).outcome is Outcome.IMPROVED


@given(plans, st.lists(difference, max_size=2), st.booleans())
def test_two_pairs_are_always_undecided(plan: Plan, values: list[float], wired: bool) -> None:
    assert decide(plan, sample(*values, wired=wired)).outcome is Outcome.UNDECIDED


@given(plans, differences, st.integers(1, 3))
def test_failures_are_never_improved(plan: Plan, values: list[float], failed: int) -> None:
    with_failures = decide(plan, sample(*values, failed=failed))
    without = decide(plan, sample(*values))
    assert with_failures.outcome is not Outcome.IMPROVED
    if without.outcome is not Outcome.IMPROVED:
        assert with_failures.outcome is without.outcome
    assert any("failed where the baseline ran" in reason for reason in with_failures.reasons)


@given(plans, differences)
def test_unwired_seeds_never_decide_a_difference(plan: Plan, values: list[float]) -> None:
    verdict = decide(plan, sample(*values, wired=False))
    assert verdict.outcome in (Outcome.NO_DIFFERENCE, Outcome.UNDECIDED)
    if any(values[: verdict.n]):
        assert verdict.outcome is Outcome.UNDECIDED


@given(plans, differences)
def test_noninferior_accepts_exactly_above_the_margin(plan: Plan, values: list[float]) -> None:
    verdict = decide(replace(plan, goal=Goal.NONINFERIOR), sample(*values))
    if verdict.low is None or verdict.high is None or not any(values[: verdict.n]):
        return
    lower = verdict.low if plan.higher_is_better else -verdict.high
    accepted = verdict.outcome is Outcome.IMPROVED or verdict.label == "noninferior"
    assert accepted == (lower > -plan.effect)


@given(plans, differences)
def test_verdict_and_interval_agree(plan: Plan, values: list[float]) -> None:
    verdict = decide(plan, sample(*values))
    used = values[: verdict.n]
    if verdict.low is None or verdict.high is None:
        assert verdict.outcome is Outcome.UNDECIDED
        return
    if len(set(used)) > 1:
        interval = repeated_interval(used, level(plan.looks))
        assert (verdict.low, verdict.high) == pytest.approx(
            (interval.low, interval.high), abs=1e-12
        )
    better = verdict.low > 0 if plan.higher_is_better else verdict.high < 0
    assert (verdict.outcome is Outcome.IMPROVED) <= better


@given(plans, differences, st.integers(0, 2), st.booleans())
def test_trail_is_the_decisions_at_the_looks(
    plan: Plan, values: list[float], failed: int, wired: bool
) -> None:
    whole = sample(*values, failed=failed, wired=wired)
    verdicts = trail(plan, whole)
    assert list(verdicts) == [decide(plan, whole.first(v.n)) for v in verdicts]
    assert not any(is_final(verdict) for verdict in verdicts[:-1])
    assert all(verdict.n in plan.looks for verdict in verdicts)
    if len(values) >= plan.looks[-1]:
        assert is_final(verdicts[-1])


@given(plans, differences, st.integers(0, 2), st.booleans())
def test_every_verdict_has_reasons_and_strict_json(
    plan: Plan, values: list[float], failed: int, wired: bool
) -> None:
    verdict = decide(plan, sample(*values, failed=failed, wired=wired))
    assert verdict.reasons
    assert all(reason.strip() and "\n" not in reason for reason in verdict.reasons)
    assert not any("nan" in reason.split() for reason in verdict.reasons)
    assert Verdict.from_json(json.loads(json.dumps(verdict.as_json(), allow_nan=False))) == verdict


def test_futility_bound_by_hand() -> None:
    """mean + t(.90, 2) * se, with 1.8856 the quantile of two degrees of freedom."""
    assert Estimate(2.0, 1 / math.sqrt(3), 2).bound() == pytest.approx(
        2 + 1.885618083 / math.sqrt(3)
    )
