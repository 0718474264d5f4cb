"""References are filled in as DVC fills them; the expected values were checked against DVC 3.67.1."""

from __future__ import annotations

from typing import Any

import pytest

from paribus.core.templates import fill, instances, merged, references

CONTEXT: dict[str, Any] = {
    "lr": 0.1,
    "big": 100,
    "flag": True,
    "none": None,
    "train": {"name": "svm", "layers": [64, {"units": 32}]},
    "models": ["a", "b"],
    "grid": {"x": {"lr": 1}, "y": {"lr": 2}},
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${lr}", 0.1),
        ("${ lr }", 0.1),
        ("${flag}", True),
        ("${models}", ["a", "b"]),
        ("--lr=${lr} --n ${big}", "--lr=0.1 --n 100"),
        ("${flag}.txt", "true.txt"),
        ("${train.name}.pkl", "svm.pkl"),
        ("${train[name]}.pkl", "svm.pkl"),
        ("${train.layers[0]}", 64),
        ("${train.layers.1.units}", 32),
        ("${train.layers[1].units}", 32),
        ("${train.layers[2]}", "${train.layers[2]}"),
        ("${train.layers.units}", "${train.layers.units}"),
        ("${train.name.svm}", "${train.name.svm}"),
        ("${train.name.0}", "${train.name.0}"),
        ("${nothing}/x", "${nothing}/x"),
        ("${train}/x", "${train}/x"),
        ("${models}/x", "${models}/x"),
        (r"\${lr}", r"\${lr}"),
        ("$lr", "$lr"),
        (["${lr}", 1, None], [0.1, 1, None]),
        ({"${train.name}.json": {"cache": False}}, {"svm.json": {"cache": False}}),
        ({"${models}": 1}, {"${models}": 1}),
        ({1: "${big}"}, {1: 100}),
    ],
)
def test_fill(value: Any, expected: Any) -> None:
    assert fill(value, CONTEXT) == expected


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({"cmd": "x"}, {"s": {}}),
        ({"foreach": ["a", "b"], "do": {"cmd": "x"}}, {"s@a": {"item": "a", "key": "a"}, "s@b": {"item": "b", "key": "b"}}),
        ({"foreach": [True, 1.5, None], "do": {}}, {"s@true": {"item": True, "key": "true"}, "s@1.5": {"item": 1.5, "key": "1.5"}, "s@None": {"item": None, "key": "None"}}),
        ({"foreach": "${models}", "do": {}}, {"s@a": {"item": "a", "key": "a"}, "s@b": {"item": "b", "key": "b"}}),
        ({"foreach": "${grid}", "do": {}}, {"s@x": {"item": {"lr": 1}, "key": "x"}, "s@y": {"item": {"lr": 2}, "key": "y"}}),
        ({"foreach": [{"lr": 1}, "a"], "do": {}}, {"s@0": {"item": {"lr": 1}, "key": "0"}, "s@1": {"item": "a", "key": "1"}}),
        ({"foreach": {"x": "${lr}"}, "do": {}}, {"s@x": {"item": 0.1, "key": "x"}}),
        ({"foreach": "${nothing}", "do": {}}, {}),
        ({"matrix": {"m": "${models}", "n": [1, True]}}, {
            "s@a-1": {"item": {"m": "a", "n": 1}, "key": "a-1"},
            "s@a-true": {"item": {"m": "a", "n": True}, "key": "a-true"},
            "s@b-1": {"item": {"m": "b", "n": 1}, "key": "b-1"},
            "s@b-true": {"item": {"m": "b", "n": True}, "key": "b-true"},
        }),
        ({"matrix": {"m": [{"lr": 1}, [2]], "n": ["z"]}}, {
            "s@m0-z": {"item": {"m": {"lr": 1}, "n": "z"}, "key": "m0-z"},
            "s@m1-z": {"item": {"m": [2], "n": "z"}, "key": "m1-z"},
        }),
        ({"matrix": {"m": "${train.name}"}}, {"s@svm": {"item": {"m": "svm"}, "key": "svm"}}),
        ({"matrix": "${models}"}, {}),
    ],
)  # fmt: skip
def test_instances(definition: dict[str, Any], expected: dict[str, dict[str, Any]]) -> None:
    found = {name: context for name, _, context in instances("s", definition, CONTEXT)}
    assert found == {name: CONTEXT | own for name, own in expected.items()}


def test_the_body_of_an_instance_is_what_is_written_under_do() -> None:
    foreach = {"foreach": ["a"], "do": {"cmd": "x ${item}"}}
    matrix = {"matrix": {"m": ["a"]}, "cmd": "x ${item.m}"}
    bodies = [body for each in (foreach, matrix) for _, body, _ in instances("s", each, {})]
    assert bodies == [{"cmd": "x ${item}"}, matrix]


@pytest.mark.parametrize(
    ("contexts", "expected"),
    [
        ([], {}),
        ([{"a": 1}, {"b": 2}], {"a": 1, "b": 2}),
        ([{"train": {"lr": 1}}, {"train": {"n": 2}}], {"train": {"lr": 1, "n": 2}}),
        ([{"a": {"b": {"c": 1}}}, {"a": {"b": {"d": 2}}}], {"a": {"b": {"c": 1, "d": 2}}}),
        ([{"a": 1}, {"a": {"b": 2}}], {"a": {"b": 2}}),
        ([{"a": {"b": 2}}, {"a": 1}], {"a": 1}),
        ([{"a": 1}, "params.yaml", None, [1]], {"a": 1}),
    ],
)
def test_merged(contexts: list[Any], expected: dict[str, Any]) -> None:
    assert merged(contexts) == expected


def test_merging_leaves_its_arguments_alone() -> None:
    first, second = {"train": {"lr": 1}}, {"train": {"n": 2}}
    merged([first, second])
    assert (first, second) == ({"train": {"lr": 1}}, {"train": {"n": 2}})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("python x.py ${train.lr} ${ b }", ["train.lr", "b"]),
        ("${layers[0].units} ${train[name]}", ["layers.0.units", "train.name"]),
        (r"\${no} $no", []),
        ({"cmd": "${a}", "outs": [{"${b}.txt": {"cache": False}}]}, ["a", "b"]),
        (5, []),
    ],
)
def test_references(value: Any, expected: list[str]) -> None:
    assert list(references(value)) == expected
