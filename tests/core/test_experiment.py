"""Registrations and conclusions are written as strict JSON and read back."""

from __future__ import annotations

import json

import pytest

from paribus.core.experiment import Conclusion, Registration
from paribus.core.plan import Goal, Guard, Plan, Unit
from paribus.core.verdict import Outcome, Replay, Verdict

GUARD = Guard("latency", False, 0.1)
PLAN = Plan("accuracy", False, 0.005, Goal.NONINFERIOR, (3, 5), (GUARD,), Unit.EXAMPLE, 3)
CHANGE = {"kind": "param", "file": "params.yaml", "path": "lr", "summary": "lr 0.1 -> 0.2"}

REGISTRATION = Registration(
    id="abcd",
    project="sub",
    baseline={"commit": "c" * 40, "name": "baseline/1", "key": "k"},
    changes=(CHANGE, {**CHANGE, "summary": "train.py edited"}),
    hypothesis="steps were too large",
    plan=PLAN,
    effect_is_default=False,
    tree="t" * 40,
    revision=None,
    allow="they belong together",
    author="Ada <ada@example.com>",
    started="2026-01-02T03:04:05.000006+00:00",
    seeds=("split.seed",),
    seed_list=(1, 2, 3, 4, 5),
    generation=1,
    evaluation="e" * 20,
    earlier=({"experiment": "ef01", "outcome": "worse"},),
    bundled=({"change": "lr 0.1 -> 0.2", "experiment": "ef02", "outcome": "no-difference"},),
)
REGISTRATION_JSON = {
    "id": "abcd",
    "project": "sub",
    "baseline": {"commit": "c" * 40, "name": "baseline/1", "key": "k"},
    "changes": [CHANGE, {**CHANGE, "summary": "train.py edited"}],
    "hypothesis": "steps were too large",
    "plan": {
        "metric": "accuracy",
        "direction": "lower",
        "effect": 0.005,
        "goal": "noninferior",
        "looks": [3, 5],
        "guards": [{"metric": "latency", "direction": "lower", "margin": 0.1}],
        "unit": "example",
        "futile_from": 3,
    },
    "effect_is_default": False,
    "tree": "t" * 40,
    "revision": None,
    "allow": "they belong together",
    "author": "Ada <ada@example.com>",
    "started": "2026-01-02T03:04:05.000006+00:00",
}
LATER_JSON = {
    "seeds": ["split.seed"],
    "seed_list": [1, 2, 3, 4, 5],
    "generation": 1,
    "evaluation": "e" * 20,
    "earlier": [{"experiment": "ef01", "outcome": "worse"}],
    "bundled": [{"change": "lr 0.1 -> 0.2", "experiment": "ef02", "outcome": "no-difference"}],
}
"""Keys that an earlier version did not write."""

FIRST = Verdict(Outcome.UNDECIDED, "accuracy", 0.01, -0.1, 0.2, 3, ("3 of at most 5 pairs",))
LAST = Verdict(Outcome.IMPROVED, "accuracy", 0.02, 0.01, 0.03, 5, ("above zero",), "meaningful")
CONCLUSION = Conclusion(LAST, (FIRST, LAST), (("b1", "c1"), ("b2", "c2")), (1, 3), "2026-01-02", Replay(150, 3, 1, 12, 6))  # fmt: skip


def test_a_registration_as_json() -> None:
    assert json.loads(json.dumps(REGISTRATION.as_json(), allow_nan=False)) == (
        REGISTRATION_JSON | LATER_JSON
    )
    assert Registration.from_json(REGISTRATION_JSON | LATER_JSON) == REGISTRATION


def test_a_registration_of_an_earlier_version() -> None:
    now = PLAN.as_json()
    plan = {key: now[key] for key in ("metric", "direction", "effect", "goal", "looks")}
    old = Registration.from_json(REGISTRATION_JSON | {"plan": plan})
    assert (old.seeds, old.generation, old.evaluation, old.earlier) == ((), 0, None, ())
    assert old.plan == Plan("accuracy", False, 0.005, Goal.NONINFERIOR, (3, 5))


def test_a_registration_in_one_line() -> None:
    assert REGISTRATION.summary == "lr 0.1 -> 0.2; train.py edited"


def test_a_registration_passes_over_keys_of_a_later_version() -> None:
    assert Registration.from_json(REGISTRATION_JSON | LATER_JSON | {"later": 1}) == REGISTRATION


@pytest.mark.parametrize("key", REGISTRATION_JSON)
def test_no_key_of_a_registration_may_be_missing(key: str) -> None:
    record = {name: value for name, value in REGISTRATION_JSON.items() if name != key}
    with pytest.raises(KeyError, match=f"^'{key}'$"):
        Registration.from_json(record)


def test_a_conclusion_as_json() -> None:
    record = json.loads(json.dumps(CONCLUSION.as_json(), allow_nan=False))
    assert record == {
        "verdict": json.loads(json.dumps(LAST.as_json())),
        "trail": [json.loads(json.dumps(each.as_json())) for each in (FIRST, LAST)],
        "pairs": [["b1", "c1"], ["b2", "c2"]],
        "null_control": [1, 3],
        "given": "2026-01-02",
        "replay": {
            "replays": 150,
            "improved": 3,
            "worse": 1,
            "runs": 12,
            "pairs": 6,
            "false_alarms": 4,
        },
    }
    old = Conclusion.from_json({key: value for key, value in record.items() if key != "replay"})
    assert old.replay is None
    assert Conclusion.from_json(record) == CONCLUSION
    assert Conclusion.from_json(record | {"later": 1}) == CONCLUSION


def test_plans_that_cannot_be_meant() -> None:
    for effect in (-0.1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=f"^an effect of {effect} cannot be looked for$"):
            Plan("accuracy", True, effect)
    for looks in ((), (0, 3), (5, 3), (3, 3)):
        with pytest.raises(ValueError, match=r"^looks must rise from 1 on: "):
            Plan("accuracy", True, 0.1, looks=looks)
