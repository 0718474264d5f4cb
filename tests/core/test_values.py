"""Values are compared by type and value, and spelled so that they read back."""

from __future__ import annotations

import json
import math
import tomllib
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paribus.core.values import MISSING, dotted, leaves, same, spelled, undotted
from paribus.dvc.documents import parse_scalar

NAN = math.nan
OTHER_NAN = float("nan")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
dates = st.dates(date(1000, 1, 1)) | st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
alike = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 0.0, 1.0, NAN, "1", "true", ""]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("a"), inner),
    max_leaves=2,
)
"""Values that `==` mistakes for one another, few enough to meet their like."""


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (None, None),
        (True, True),
        (1, 1),
        (0.1, 0.1),
        ("1", "1"),
        (NAN, OTHER_NAN),
        ([NAN], [OTHER_NAN]),
        ({"a": [{"b": NAN}]}, {"a": [{"b": OTHER_NAN}]}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({}, {}),
        ([], []),
        (MISSING, MISSING),
    ],
)
def test_same(left: Any, right: Any) -> None:
    assert same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (MISSING, None),
        (None, False),
        (1, 1.0),
        (1, True),
        (1.0, True),
        (0, False),
        (1, "1"),
        ("true", True),
        ([1], [1.0]),
        ([1], ["1"]),
        ([1], "[1]"),
        ([1, 2], [2, 1]),
        ([1], [1, 1]),
        ([], {}),
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"a": 1, "b": None}),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1.0}]}),
        ({1: "a"}, {True: "a"}),
        ({1: "a"}, {"1": "a"}),
        (NAN, None),
        (NAN, "nan"),
        (math.inf, -math.inf),
        (date(2026, 1, 2), "2026-01-02"),
        (date(2026, 1, 2), datetime(2026, 1, 2)),
    ],
)
def test_not_same(left: Any, right: Any) -> None:
    assert not same(left, right)
    assert not same(right, left)


@given(values)
def test_a_value_is_the_same_as_itself_and_as_its_copy(value: Any) -> None:
    assert same(value, value)
    assert same(value, json.loads(json.dumps(value)))


@given(values, values)
def test_same_is_symmetric(left: Any, right: Any) -> None:
    assert same(left, right) is same(right, left)


@given(alike, alike)
def test_same_is_what_json_writes_alike(left: Any, right: Any) -> None:
    """JSON tells all these types apart, which Python's `==` does not."""
    told = [json.dumps(value, sort_keys=True) for value in (left, right)]
    assert same(left, right) is (told[0] == told[1])


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, []),
        (5, [((), 5)]),
        ({"a": None}, [(("a",), None)]),
        ({"a": {}}, [(("a",), {})]),
        ({"a": []}, [(("a",), [])]),
        ({"a": [{"b": 1}]}, [(("a",), [{"b": 1}])]),
        ({"b": {"d": 1, "c": {"e": 2}}, "a": 3}, [
            (("b", "d"), 1), (("b", "c", "e"), 2), (("a",), 3),
        ]),
        ({1: {True: "x"}}, [(("1", "True"), "x")]),
        ({"a.b": 1, "a": {"b": 2}}, [(("a.b",), 1), (("a", "b"), 2)]),
    ],
)  # fmt: skip
def test_leaves(document: Any, expected: list[Any]) -> None:
    assert list(leaves(document)) == expected


@given(st.dictionaries(texts, values, max_size=3))
def test_a_document_can_be_built_from_its_leaves(document: dict[str, Any]) -> None:
    built: dict[str, Any] = {}
    for path, value in leaves(document):
        inner = built
        for key in path[:-1]:
            inner = inner.setdefault(key, {})
        inner[path[-1]] = value
    assert same(built, document)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("train", "C"), "train.C"),
        (("a.b", "c"), '"a.b".c'),
        (("",), '""'),
        (("warm up",), "warm up"),
        ((" a",), '" a"'),
        (("a:b",), '"a:b"'),
        (("a=b",), '"a=b"'),
        (('say "x"',), r'"say \"x\""'),
        (("größe",), "größe"),
        ((), ""),
    ],
)
def test_dotted(path: tuple[str, ...], expected: str) -> None:
    assert dotted(path) == expected


@given(st.lists(st.text(max_size=6), min_size=1, max_size=3).map(tuple))
@example(('"',))
@example(("a\\",))
@example(('a"."b',))
def test_a_dotted_path_reads_back(path: tuple[str, ...]) -> None:
    assert undotted(dotted(path)) == path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a..b", ("a", "", "b")),
        ("", ("",)),
        ('"a', ('"a',)),
        (r'"\q".b', (r'"\q"', "b")),
        ('a"b".c', ('a"b"', "c")),
    ],
)
def test_text_that_is_no_dotted_path_is_split_at_its_dots(
    text: str, expected: tuple[str, ...]
) -> None:
    assert undotted(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (MISSING, "(absent)"),
        (None, "null"),
        (True, "true"),
        (1, "1"),
        (1.0, "1.0"),
        (1e-05, "1e-05"),
        (NAN, ".nan"),
        (-math.inf, "-.inf"),
        ("adam", "adam"),
        ("", '""'),
        ("1", '"1"'),
        ("1e5", '"1e5"'),
        ("1_000", '"1_000"'),
        ("0x1F", '"0x1F"'),
        ("true", '"true"'),
        ("Null", '"Null"'),
        ("nan", '"nan"'),
        (".inf", '".inf"'),
        ("2026-01-02", '"2026-01-02"'),
        ("1.5.2", "1.5.2"),
        (" padded ", '" padded "'),
        ("two\nlines", r'"two\nlines"'),
        ("[1]", '"[1]"'),
        ("a\u202eb", r'"a\u202eb"'),
        ("a, b", "a, b"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5), "2026-01-02 03:04:05"),
        ([], "[]"),
        ([1, "a", None, NAN, [True]], '[1, "a", null, .nan, [true]]'),
        ({"a": 1, "b": ["x"]}, '{"a": 1, "b": ["x"]}'),
        ({0: 1.0}, "{0: 1.0}"),
        ("größe", "größe"),
    ],
)
def test_spelled(value: Any, expected: str) -> None:
    assert spelled(value) == expected


@given(values | dates)
@example("._")
@example("-_")
@example("0o17")
@example("\x85")
@example("\U000e0001")
@example([math.inf, {"a: b": "# no comment"}])
def test_what_is_spelled_reads_back_as_the_same_value(value: Any) -> None:
    assert same(parse_scalar(spelled(value)), value)


def test_values_of_toml_are_told_apart() -> None:
    old = tomllib.loads("a = 1\nb = 1979-05-27\nc = nan\nd = 07:32:00")
    new = tomllib.loads('a = 1.0\nb = "1979-05-27"\nc = nan\nd = 07:32:00')
    assert [key for key in old if not same(old[key], new[key])] == ["a", "b"]
