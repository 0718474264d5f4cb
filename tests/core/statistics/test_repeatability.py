"""How far two runs of one seed may lie apart."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from paribus.core.statistics.repeatability import repeatability


@pytest.mark.slow
def test_many_reruns_give_the_limit_of_the_standard() -> None:
    """ISO 5725-6, 4.1.4: 2.8 standard deviations."""
    values = np.random.default_rng(1).normal(size=20_000) * 0.5
    (limit,) = repeatability([[{"a": value} for value in values]]).values()
    assert limit == pytest.approx(2.77 * 0.5, rel=0.02)


def test_few_reruns_give_a_wider_one() -> None:
    values = [0.0, 1.0, 2.0, 1.0]
    sd = np.std(values, ddof=1)
    (limit,) = repeatability([[{"a": value} for value in values]]).values()
    assert limit == pytest.approx(stats.t.ppf(0.975, 3) * np.sqrt(2) * sd)


def test_groups_are_pooled_around_their_own_means() -> None:
    groups = [[{"a": 0.0}, {"a": 1.0}], [{"a": 100.0}, {"a": 101.0}]]
    (limit,) = repeatability(groups).values()
    assert limit == pytest.approx(stats.t.ppf(0.975, 2) * np.sqrt(2) * np.sqrt(0.5))


def test_what_never_moved_has_no_limit_and_takes_no_share() -> None:
    alone = repeatability([[{"a": 0.0}, {"a": 1.0}]])
    assert repeatability([[{"a": 0.0, "b": 0.1}, {"a": 1.0, "b": 0.1}]]) == alone
    assert repeatability([[{"b": 0.1}] * 3]) == {}
    assert repeatability([[{"a": 0.1}], [{"a": 0.2}]]) == {}
    assert repeatability([]) == {}


def test_several_metrics_share_the_level() -> None:
    group = [{"a": 0.0, "b": 0.0}, {"a": 1.0, "b": 1.0}]
    assert repeatability([group])["a"] > repeatability([[{"a": 0.0}, {"a": 1.0}]])["a"]


def test_runs_as_noisy_as_their_reruns_are_rarely_told_as_different() -> None:
    """Simulated: four runs of a seed, then two more; 5 % over three metrics together, at most."""
    draws = np.random.default_rng(7).normal(size=(1500, 6, 3))
    wrong = 0
    for runs in draws:
        limits = repeatability([[dict(zip("abc", run, strict=True)) for run in runs[:4]]])
        wrong += any(
            abs(old - new) > limits[name]
            for name, old, new in zip("abc", runs[4], runs[5], strict=True)
        )
    assert 0.02 < wrong / len(draws) < 0.062
