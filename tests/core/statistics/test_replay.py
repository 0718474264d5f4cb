"""The baseline against itself: how often a rule sees a difference where there is none."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, variance

import numpy as np
import pytest

from paribus.core.decision import decide
from paribus.core.plan import LOOKS, Goal, Guard, Plan
from paribus.core.sample import Sample
from paribus.core.statistics.replay import replay
from paribus.core.verdict import Outcome, Replay, Verdict

PLAN = Plan("accuracy", True, 0.0, Goal.TWO_SIDED)


def pool(n: int, seed: int) -> list[float]:
    drawn: list[float] = np.random.default_rng(seed).standard_normal(n).tolist()
    return drawn


def any_gain(plan: Plan, sample: Sample) -> Sequence[Verdict]:
    """The rule of thumb: the better mean wins."""
    verdict = decide(plan, sample)
    better = fmean(sample.differences) > 0
    return (replace(verdict, outcome=Outcome.IMPROVED if better else Outcome.WORSE),)


def test_too_few_runs_show_nothing() -> None:
    assert replay(PLAN, pool(9, 1)) is None
    assert replay(PLAN, pool(10, 1)) is not None


def test_the_splits_follow_from_the_values_alone() -> None:
    values = pool(20, 2)
    found = replay(PLAN, values, 40)
    assert found == replay(PLAN, values[::-1], 40)
    splits: list[list[tuple[float, ...]]] = [[], []]
    for seen, other in zip(splits, (values, pool(20, 3)), strict=True):

        def keep(
            plan: Plan, sample: Sample, seen: list[tuple[float, ...]] = seen
        ) -> Sequence[Verdict]:
            seen.append(sample.differences)
            return ()

        assert replay(PLAN, other, 30, keep) == Replay(30, 0, 0, 20, 10)
    assert len(set(splits[0])) == 30
    assert splits[0] != splits[1]


def test_each_split_uses_each_run_once() -> None:
    values = pool(21, 4)

    def check(plan: Plan, sample: Sample) -> Sequence[Verdict]:
        used = [x for pair in sample.pairs for x in (pair.baseline, pair.candidate)]
        assert len(set(used)) == len(used) == 20
        assert set(used) <= set(values)
        return ()

    assert replay(PLAN, values, 10, check) == Replay(10, 0, 0, 21, 10)


def test_a_split_keeps_the_variance_of_the_mean() -> None:
    """No correction for the finite pool: E[d^2] / n, with E[d^2] twice the pool's variance."""
    values = pool(20, 5)
    means: list[float] = []

    def keep(plan: Plan, sample: Sample) -> Sequence[Verdict]:
        means.append(fmean(sample.differences))
        return ()

    replay(PLAN, values, 4_000, keep)
    assert fmean(means) == pytest.approx(0, abs=0.03)
    assert variance(means) == pytest.approx(2 * variance(values) / 10, rel=0.08)


def test_more_runs_than_the_cap_needs() -> None:
    found = replay(replace(PLAN, looks=(3, 5)), pool(30, 6), 5)
    assert found is not None
    assert (found.runs, found.pairs) == (30, 5)


@pytest.mark.slow
def test_false_alarms_on_normal_noise_come_as_allowed() -> None:
    """Forty runs reach all looks; each of the pools has its own luck, hence many."""
    found = [replay(PLAN, pool(40, seed), 40) for seed in range(100, 160)]
    alarms = [one.false_alarms for one in found if one]
    assert sum(alarms) / (40 * len(alarms)) == pytest.approx(0.05, abs=0.016)


def test_a_rule_that_errs_is_caught() -> None:
    found = replay(PLAN, pool(20, 7), 100, any_gain)
    assert found is not None
    assert found.false_alarms == 100
    assert found.improved == pytest.approx(50, abs=18)


def test_too_many_looks_at_a_level_for_one_are_caught() -> None:
    """Peeking: each look judged as if it were the only one."""

    def peeking(plan: Plan, sample: Sample) -> Sequence[Verdict]:
        alone = [replace(plan, looks=(n,)) for n in range(3, 11)]
        verdicts = [decide(look, sample) for look in alone]
        found = [v for v in verdicts if v.outcome in (Outcome.IMPROVED, Outcome.WORSE)]
        return found[:1]

    found = [replay(PLAN, pool(20, seed), 60, peeking) for seed in range(200, 210)]
    share = sum(one.false_alarms for one in found if one) / 600
    assert 0.11 < share < 0.25


def test_a_trend_is_not_seen() -> None:
    """Documented: the shuffling hides it. Sessions and the order of the runs are there for it."""
    trending = [0.1 * i + x for i, x in enumerate(pool(20, 8))]
    found = replay(PLAN, trending, 200)
    assert found is not None
    assert found.false_alarms <= 20


def test_identical_runs_raise_no_alarm_and_guards_are_left_aside() -> None:
    guarded = replace(PLAN, guards=(Guard("size", False),))
    assert replay(guarded, [0.5] * 12, 20) == Replay(20, 0, 0, 12, 6)


def test_without_replays_there_is_no_control() -> None:
    with pytest.raises(ValueError, match="without a replay"):
        replay(PLAN, pool(10, 9), 0)


def test_it_is_cheap() -> None:
    times = []
    for seed in range(3):
        start = time.perf_counter()
        assert replay(Plan("accuracy", True, 1.0, Goal.TWO_SIDED, LOOKS), pool(40, seed))
        times.append(time.perf_counter() - start)
    assert min(times) < 1  # 0.2 s on an idle machine
