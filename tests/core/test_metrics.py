"""Metrics by their names, and which of them are numbers."""

from __future__ import annotations

import math
import sys
from typing import Any

import pytest

from paribus.core.metrics import is_number, looked_up, named, numbers


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, {}),
        ({"m.json": {"accuracy": 0.9, "per": {"a": 1, "b.c": 2}}},
         {"accuracy": 0.9, "per.a": 1, 'per."b.c"': 2}),
        ({"a.json": {"x": 1, "y": 2}, "b/c.json": {"x": 3, "z": 4}},
         {"a.json:x": 1, "y": 2, "b/c.json:x": 3, "z": 4}),
        ({"m.json": {"a": None, "b": [1], "c": "text", "d": {}}}, {"a": None, "b": [1], "c": "text", "d": {}}),
        ({"m.json": 0.9}, {"": 0.9}),
        ({"m.json": {}}, {}),
    ],
)  # fmt: skip
def test_named(files: dict[str, Any], expected: dict[str, Any]) -> None:
    assert named(files) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, True),
        (-1.5, True),
        (sys.float_info.max, True),
        (10**308, True),
        (True, False),
        (None, False),
        ("1", False),
        ([1], False),
        (math.nan, False),
        (math.inf, False),
        (10**400, False),
        (-(10**400), False),
    ],
)
def test_is_number(value: Any, expected: bool) -> None:
    assert is_number(value) is expected


def test_numbers() -> None:
    metrics = {"a": 1, "b": 0.5, "c": True, "d": math.nan, "e": "text", "f": None, "g": 10**400}
    found = numbers(metrics)
    assert found == {"a": 1.0, "b": 0.5}
    assert {type(value) for value in found.values()} == {float}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("accuracy", 0.9),
        ("metrics.json:accuracy", 0.9),
        ("a.json:loss", 1),
        ("b.json:loss", 2),
        ("loss", None),
        ("c.json:loss", None),
        ("nothing", None),
    ],
)
def test_looked_up(name: str, expected: Any) -> None:
    metrics = {"accuracy": 0.9, "a.json:loss": 1, "b.json:loss": 2}
    assert looked_up(metrics, name) == expected
