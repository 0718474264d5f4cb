"""Several values on the command line."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.errors import Problem
from paribus.core.sweep import expanded, repeated


@pytest.mark.parametrize(
    ("overrides", "experiments"),
    [
        ((), [()]),
        (("a=1",), [("a=1",)]),
        (("a=1,2",), [("a=1",), ("a=2",)]),
        (("a=1, 2 ,3",), [("a=1",), ("a=2",), ("a=3",)]),
        (("a=1,2", "b=x"), [("a=1", "b=x"), ("a=2", "b=x")]),
        (("a=1,2", "b=x,y"), [("a=1", "b=x"), ("a=1", "b=y"), ("a=2", "b=x"), ("a=2", "b=y")]),
        (("p.json:a.b=1e-3,none",), [("p.json:a.b=1e-3",), ("p.json:a.b=none",)]),
        (("a=[1, 2]",), [("a=[1, 2]",)]),
        (("a={x: 1, y: [2, 3]}",), [("a={x: 1, y: [2, 3]}",)]),
        (("a=[1, 2],[3, 4],5",), [("a=[1, 2]",), ("a=[3, 4]",), ("a=5",)]),
        (("a=['], [', 1],2",), [("a=['], [', 1]",), ("a=2",)]),
        (('a="x, y"',), [('a="x, y"',)]),
        (('a="x, \\"y","z"',), [('a="x, \\"y"',), ('a="z"',)]),
        (("a='it''s, so','b'",), [("a='it''s, so'",), ("a='b'",)]),
        (("a=it's,so",), [("a=it's",), ("a=so",)]),
        (("a=x[1],y",), [("a=x[1]",), ("a=y",)]),
        (('"k=1,2"=3',), [('"k=1,2"=3',)]),
        (("a=[1,2",), [("a=[1,2",)]),
        (("a=",), [("a=",)]),
        (("a=1,2", "a=3"), [("a=1",), ("a=2",), ("a=3",)]),
        (("a=1", "b=x", "params.yaml:a=2"), [("a=1", "b=x"), ("params.yaml:a=2", "b=x")]),
        (("a=1", "q.yaml:a=2"), [("a=1", "q.yaml:a=2")]),
        (("a=1,1",), [("a=1",), ("a=1",)]),
        (("a=range(1)",), [("a=range(1)",)]),
        (("a",), [("a",)]),
        (('a="",b',), [('a=""',), ("a=b",)]),
    ],
)
def test_each_combination(overrides: tuple[str, ...], experiments: list[tuple[str, ...]]) -> None:
    assert expanded(overrides) == experiments


@pytest.mark.parametrize("text", ["a=,", "a=1,", "a=,1", "a=1,,2", "a=1, ,2"])
def test_nothing_between_two_commas(text: str) -> None:
    with pytest.raises(Problem, match="has an empty value among several") as caught:
        expanded([text])
    assert caught.value.code == "bad-override"


@pytest.mark.parametrize("text", ["a=range(1,5)", "a=x[1,2", "a=1,2]", "a=f(x[1),y", "a=}1,2"])
def test_half_of_a_pair_of_brackets(text: str) -> None:
    """One value was meant, or a bracket is missing: neither is several experiments."""
    with pytest.raises(Problem, match="has half of a pair of brackets") as caught:
        expanded([text])
    assert caught.value.code == "bad-override"
    (way,) = caught.value.helps
    option, again = shlex.split(way.split("   ")[1])
    assert (option, expanded([again])) == ("-S", [(again,)]), "the way out is one value"


def test_a_key_that_is_given_twice_is_told_once() -> None:
    assert repeated(["a=1", "b=2", "params.yaml:a=3", " a=4", "c"]) == ["a"]
    assert repeated(["a=1,2", "q.yaml:a=1"]) == []


@given(st.lists(st.lists(st.integers(), min_size=1, max_size=3), max_size=3))
def test_as_many_as_the_product(values: list[list[int]]) -> None:
    keys = [f"k{at}={','.join(map(str, each))}" for at, each in enumerate(values)]
    found, size = expanded(keys), 1
    for each in values:
        size *= len(each)
    assert len(found) == size
    assert all(len(one) == len(values) for one in found)
