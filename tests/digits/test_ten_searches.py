"""The demo ten times, each with seeds of its own: what is better is promoted, what is noise is not.

The stages' own functions are called in this process, which takes a tenth of what runs by DVC take;
`tests/test_readme.py` goes the whole way once.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from threadpoolctl import threadpool_limits

from paribus.core.decision import trail
from paribus.core.plan import Plan
from paribus.core.protocol import Protocol, read_protocol
from paribus.core.sample import Guarded, Pair, Sample
from paribus.core.seeds import derived_seeds
from paribus.core.statistics.confirm import FRESH_PAIRS, confirmation
from paribus.core.statistics.online import Event, Finished, Started, next_level
from paribus.core.verdict import Outcome, Verdict, is_final
from paribus.dvc.documents import parse

TOP = Path(__file__).resolve().parents[2]
SEARCHES = range(10)

Metrics = dict[str, float]
Measure = Callable[[tuple[tuple[str, Any], ...], int, int], Metrics]


@pytest.fixture(scope="module")
def measure() -> Measure:
    """Accuracy and log loss of the demo with some params and two seeds, as its stages compute them."""
    sys.path.insert(0, str(TOP / "src" / "digits"))
    try:
        import evaluate  # noqa: PLC0415
        import featurize  # noqa: PLC0415
        import numpy as np  # noqa: PLC0415
        import prepare  # noqa: PLC0415
        import train  # noqa: PLC0415
    finally:
        sys.path.pop(0)
    params: Mapping[str, Any] = yaml.safe_load((TOP / "params.yaml").read_text())
    images, true = prepare.load_images()

    @cache
    def measured(change: tuple[tuple[str, Any], ...], split: int, seed: int) -> Metrics:
        used = copy.deepcopy(dict(params))
        for name, value in (*change, ("split.seed", split), ("train.seed", seed)):
            section, key = name.split(".")
            used[section][key] = value
        ids, tests = prepare.split_ids(true, used["split"]["test"], used["split"]["seed"])
        given = prepare.flip_labels(true, used["split"]["flip"])
        extract = featurize.KINDS[used["featurize"]["kind"]]
        rows, test_rows = extract(images[ids]), extract(images[tests])
        centre, scale = rows.mean(axis=0), np.sqrt(rows.var(axis=0).sum())
        with threadpool_limits(limits=1):
            model = train.fit((rows - centre) / scale, given[ids], used["train"])
        found = evaluate.measure(true[tests], evaluate.predict(model, (test_rows - centre) / scale))
        return {name: found[name] for name in ("accuracy", "log_loss")}

    return measured


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    """The demo's own agreement."""
    document = parse("paribus.yaml", (TOP / "paribus.yaml").read_bytes())
    return read_protocol(document.value, document.lines)


def plan_of(protocol: Protocol) -> Plan:
    assert protocol.metric is not None
    assert protocol.effect is not None
    return Plan(
        protocol.metric,
        protocol.higher_is_better,
        protocol.effect,
        protocol.goal,
        protocol.looks,
        protocol.guards,
    )


def sample(
    measure: Measure, plan: Plan, change: tuple[tuple[str, Any], ...], key: str, pairs: int
) -> Sample:
    """Pairs of the baseline and the change, with the seeds that follow from a key."""
    names = ("split.seed", "train.seed")
    seeds = [derived_seeds(key, index, names) for index in range(pairs)]
    old = [measure((), *(one[name] for name in names)) for one in seeds]
    new = [measure(change, *(one[name] for name in names)) for one in seeds]

    def paired(metric: str) -> tuple[Pair, ...]:
        return tuple(
            Pair(index, before[metric], after[metric])
            for index, (before, after) in enumerate(zip(old, new, strict=True))
        )

    guards = {guard.metric: Guarded(paired(guard.metric)) for guard in plan.guards}
    return Sample(paired(plan.metric), pairs, guards=guards)


def screened(
    measure: Measure, plan: Plan, change: tuple[tuple[str, Any], ...], search: int
) -> Verdict:
    """The verdict at the first look that gives a final one."""
    for look in plan.looks:
        looks = trail(plan, sample(measure, plan, change, f"search {search}", look))
        if looks and is_final(looks[-1]):
            return looks[-1]
    raise AssertionError("the last look is final")


@pytest.mark.slow
def test_a_better_model_is_found_and_confirmed_ten_times_out_of_ten(
    measure: Measure, protocol: Protocol
) -> None:
    plan, events = plan_of(protocol), list[Event]()
    change = (("train.components", 800),)
    for search in SEARCHES:
        verdict = screened(measure, plan, change, search)
        assert verdict.outcome is Outcome.IMPROVED, search
        level = next_level(events)
        fresh = sample(measure, plan, change, f"confirmation {search}", FRESH_PAIRS)
        confirmed = confirmation(plan, fresh, level)
        assert confirmed.confirmed, (search, confirmed)
        assert confirmed.estimate is not None
        assert 0.02 < confirmed.estimate < 0.06
        events += [Started(str(search)), Finished(str(search), confirmed=True)]


@pytest.mark.slow
def test_a_change_that_is_noise_is_promoted_never(measure: Measure, protocol: Protocol) -> None:
    """A little more regularisation: what it moves is far below the effect of interest."""
    plan = plan_of(protocol)
    change = (("train.C", 2.5),)
    outcomes = [screened(measure, plan, change, search).outcome for search in SEARCHES]
    assert Outcome.IMPROVED not in outcomes
