"""The agreement in `paribus.yaml`: what it may say, and how a mistake in it is told."""

from __future__ import annotations

import pytest

from paribus.core.errors import Problem
from paribus.core.plan import Goal
from paribus.core.protocol import Protocol, read_protocol
from paribus.dvc.documents import parse

KEYS = (
    "the keys are schema, metric, direction, effect, goal, looks, seeds, ruler, neutral, coupled, guards, "
    "unit, predictions, seed_list, gate, train_share, budget, time_box, timeout, tolerances",
)


def read(text: str) -> Protocol:
    document = parse("paribus.yaml", text.encode())
    return read_protocol(document.value, document.lines)


WHOLE = """\
schema: 1
metric: scores.macro.f1
direction: lower
effect: 2
goal: noninferior
looks: [3, 6]
seeds: [seed, conf/a.yaml:split.seed]
ruler: [evaluate]
neutral: [notebooks/]
coupled:
  - [train.lr, train.batch]
  - [a, b, c]
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Protocol()),
        ("schema: 1", Protocol()),
        (WHOLE, Protocol(
            metric="scores.macro.f1",
            higher_is_better=False,
            effect=2.0,
            goal=Goal.NONINFERIOR,
            looks=(3, 6),
            seeds=("seed", "conf/a.yaml:split.seed"),
            ruler=("evaluate",),
            neutral=("notebooks/",),
            coupled=(("train.lr", "train.batch"), ("a", "b", "c")),
        )),
        ("direction: higher\neffect:\nseeds:\nneutral:\ncoupled:", Protocol()),
        ("ruler: []", Protocol(ruler=())),
        ("looks: [20]", Protocol(looks=(20,))),
        ("effect: 0.005\ndirection: higher\ngoal: two-sided", Protocol(effect=0.005, goal=Goal.TWO_SIDED)),
    ],
)  # fmt: skip
def test_read_protocol(text: str, expected: Protocol) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1]", "paribus.yaml: the file is not a mapping of keys"),
        ("schema: 2", "paribus.yaml:1: `schema` is 2; this version of Paribus reads schema 1"),
        ("schema: true", "paribus.yaml:1: `schema` is True; this version of Paribus reads schema 1"),
        ("schema: '1'", "paribus.yaml:1: `schema` is '1'; this version of Paribus reads schema 1"),
        ("metric:", "paribus.yaml:1: `metric` is None; a name is expected"),
        ("metric: ''", "paribus.yaml:1: `metric` is ''; a name is expected"),
        ("schema: 1\nmetric: 5", "paribus.yaml:2: `metric` is 5; a name is expected"),
        ("direction: up", "paribus.yaml:1: `direction` is 'up'; `higher` or `lower` is expected"),
        ("direction: [higher]", "paribus.yaml:1: `direction` is ['higher']; `higher` or `lower` is expected"),
        ("effect: true", "paribus.yaml:1: `effect` is True; a number is expected"),
        ("effect: small", "paribus.yaml:1: `effect` is 'small'; a number is expected"),
        ("effect: 0", "paribus.yaml:1: `effect` is 0; a positive number is expected"),
        ("effect: -0.1", "paribus.yaml:1: `effect` is -0.1; a positive number is expected"),
        ("effect: .nan", "paribus.yaml:1: `effect` is nan; a positive number is expected"),
        ("effect: .inf", "paribus.yaml:1: `effect` is inf; a positive number is expected"),
        (f"effect: 1{'0' * 400}", f"paribus.yaml:1: `effect` is 1{'0' * 400}; a positive number is expected"),
        ("goal: win", "paribus.yaml:1: `goal` is 'win'; one of `improve`, `two-sided`, `noninferior` is expected"),
        ("goal: [improve]", "paribus.yaml:1: `goal` is ['improve']; one of `improve`, `two-sided`, `noninferior` is expected"),
        ("looks: 5", "paribus.yaml:1: `looks` is 5; rising whole numbers from 3 on are expected"),
        ("looks: []", "paribus.yaml:1: `looks` is []; rising whole numbers from 3 on are expected"),
        ("looks: [2, 5]", "paribus.yaml:1: `looks` is [2, 5]; rising whole numbers from 3 on are expected"),
        ("looks: [5, 5]", "paribus.yaml:1: `looks` is [5, 5]; rising whole numbers from 3 on are expected"),
        ("looks: [8, 5]", "paribus.yaml:1: `looks` is [8, 5]; rising whole numbers from 3 on are expected"),
        ("looks: [3, 5.0]", "paribus.yaml:1: `looks` is [3, 5.0]; rising whole numbers from 3 on are expected"),
        ("looks: [3, true]", "paribus.yaml:1: `looks` is [3, True]; rising whole numbers from 3 on are expected"),
        ("seeds: seed", "paribus.yaml:1: `seeds` is 'seed'; a list of names is expected"),
        ("seeds: [1]", "paribus.yaml:1: `seeds` is 1; a name is expected"),
        ("ruler: evaluate", "paribus.yaml:1: `ruler` is 'evaluate'; a list of names is expected"),
        ("neutral: [' ']", "paribus.yaml:1: `neutral` is ' '; a name is expected"),
        ("coupled: a", "paribus.yaml:1: `coupled` is 'a'; a list of lists of names is expected"),
        ("coupled: [a, b]", "paribus.yaml:1: `coupled` is 'a'; a list of names is expected"),
        ("coupled: [[a, 1]]", "paribus.yaml:1: `coupled` is 1; a name is expected"),
    ],
)  # fmt: skip
def test_a_broken_protocol_is_told_with_its_line(text: str, message: str) -> None:
    with pytest.raises(Problem) as caught:
        read(text)
    problem = caught.value
    assert (problem.code, problem.message, problem.helps) == ("broken-protocol", message, ())


def test_an_unknown_key_is_told_with_those_that_are_known() -> None:
    with pytest.raises(Problem) as caught:
        read("metric: accuracy\ndirecton: lower\n")
    problem = caught.value
    assert problem.code == "broken-protocol"
    assert problem.message == "paribus.yaml:2: unknown key `directon`"
    assert problem.helps == KEYS


def test_a_protocol_elsewhere_is_told_by_its_own_path() -> None:
    with pytest.raises(Problem) as caught:
        read_protocol({"a": 1}, {}, "proj/paribus.yaml")
    assert caught.value.message == "proj/paribus.yaml: unknown key `a`"


def test_what_decides_a_verdict() -> None:
    assert Protocol().measurement() == {
        "metric": None,
        "direction": "higher",
        "effect": None,
        "goal": "improve",
        "looks": [3, 5, 8, 12, 20],
        "seeds": [],
    }
    assert read(WHOLE).measurement() == {
        "metric": "scores.macro.f1",
        "direction": "lower",
        "effect": 2.0,
        "goal": "noninferior",
        "looks": [3, 6],
        "seeds": ["seed", "conf/a.yaml:split.seed"],
    }
