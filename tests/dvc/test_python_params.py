"""Python params files are read to the values that DVC reads, as syntax alone."""

from __future__ import annotations

from typing import Any

import pytest
from dvc.utils.serialize import parse_py
from hypothesis import given, settings
from hypothesis import strategies as st

from paribus.core.values import same
from paribus.dvc.python_params import LARGEST, read_python

PARAMS = '''\
"""Params."""
import os

LR = 0.1
NAME: str = "plain"
LAYERS = [64, 32]
SHAPE = (28, 28)
KINDS = {"b", "a"}
OPTIONS = {"beta": 0.9, "inner": {"deep": [1, None]}}
NEGATIVE = -1
COMPUTED = LR * 2
HOME = os.environ["HOME"]
A = B = 1
C, D = 1, 2
undefined: int


class Train:
    EPOCHS = 10

    class Inner:
        X = 1

    def __init__(self):
        self.batch = 32
        local = 5
        other.thing = 6

    def later(self):
        self.never = 1


def __init__(self):
    self.odd = True
'''

VALUE = {
    "LR": 0.1,
    "NAME": "plain",
    "LAYERS": [64, 32],
    "SHAPE": [28, 28],
    "KINDS": ["a", "b"],
    "OPTIONS": {"beta": 0.9, "inner": {"deep": [1, None]}},
    "NEGATIVE": -1,
    "Train": {"EPOCHS": 10, "Inner": {"X": 1}, "batch": 32},
    "odd": True,
}


def value(text: str) -> Any:
    found = read_python(text.encode())
    assert found is not None
    return found.value


def as_dvc_reads(text: str) -> Any:
    return _lists(parse_py(text, "params.py"))


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    if isinstance(value, set):
        return [_lists(item) for item in sorted(value, key=repr)]
    if isinstance(value, list | tuple):
        return [_lists(item) for item in value]
    return value


def test_what_a_file_holds_and_where() -> None:
    found = read_python(PARAMS.encode())

    assert found is not None
    assert found.value == VALUE
    assert found.lines == {
        ("LR",): 4,
        ("NAME",): 5,
        ("LAYERS",): 6,
        ("SHAPE",): 7,
        ("KINDS",): 8,
        ("OPTIONS",): 9,
        ("OPTIONS", "beta"): 9,
        ("OPTIONS", "inner"): 9,
        ("OPTIONS", "inner", "deep"): 9,
        ("NEGATIVE",): 10,
        ("Train",): 18,
        ("Train", "EPOCHS"): 19,
        ("Train", "Inner"): 21,
        ("Train", "Inner", "X"): 22,
        ("Train", "batch"): 25,
        ("odd",): 34,
    }


@pytest.mark.parametrize(
    "text",
    [
        PARAMS,
        "",
        "A = 1\nA = 2\n",
        "class A:\n    x = 1\nA = 3\n",
        "class A:\n    x = 1\n    def __init__(self):\n        self.x = 2\n",
        "class A:\n    x = 1\nclass A:\n    y = 1\n",
        "A = {'a': 1, **B}\n",
        "A = [1, *B]\n",
        "A = {}\nB = []\nC = ()\nD = set()\n",
        "A = f'x{1}'\nB = b'x'\nC = 'a' 'b'\nD = 1 + 2\nE = 1 + 2j\n",
        "self.x = 1\nother.y = 2\na[0] = 1\nf().x = 3\n",
        "if True:\n    A = 1\n",
        "async def __init__(self):\n    self.x = 1\n",
        "A: int = 3\nB: int\n(C) = 4\n",
        "A = None\nB = True\nC = ...\n",
        "A = lambda: 1\nB = [x for x in y]\n",
        "def __init__(self):\n    x = 1\n    class B:\n        y = 2\n",
        "A = {1: 'a', None: 'b', 2.5: 'c'}\n",
    ],
)
def test_it_is_read_as_dvc_reads_it(text: str) -> None:
    theirs = as_dvc_reads(text)
    for (
        key,
        one,
    ) in theirs.items():  # what YAML has no form for, DVC cannot write to its lock either
        if isinstance(one, bytes | complex | type(...)):
            theirs[key] = repr(one)
    assert same(value(text), theirs)


literals = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "b", "LR"]), literals))
def test_any_literal_is_read_as_dvc_reads_it(params: dict[str, Any]) -> None:
    text = "".join(f"{name} = {literal!r}\n" for name, literal in params.items())
    assert same(value(text), as_dvc_reads(text))


@pytest.mark.parametrize(
    ("old", "new", "equal"),
    [
        ("A = 1\n", "A = 2  # more\n", True),
        ("A = 1\nB = 2\n", "A = 1\n", False),
        ("A = 1\n", "A: int = 1\n", False),
        ("A = 1\nB = A + 1\n", "A = 1\nB = A + 2\n", False),
        ("A = [1]\n", "A = [1, 2]\n", True),
        ("A = [1]\n", "A = (1,)\n", False),
        ("A = [(1, 2)]\n", "A = [[1, 2]]\n", False),
        ("A = 'b'\n", "A = b'b'\n", False),
        ("A = 1\nB = A * 2\nA = 3\n", "A = 2\nB = A * 2\nA = 3\n", False),
        ("class A:\n    x = 1\n", "class A:\n    x = 2\n", True),
        ("class A:\n    x = 1\n", "class A(B):\n    x = 1\n", False),
        ("class A:\n    x = 1\nclass A:\n    y = 1\n", "class A:\n    x = 2\nclass A:\n    y = 1\n", False),
        ("def f():\n    x = 1\n", "def f():\n    x = 2\n", False),
        ("def __init__(self):\n    x = 1\n", "def __init__(self):\n    x = 2\n", False),
    ],
)  # fmt: skip
def test_what_is_no_param_is_compared_as_a_program(old: str, new: str, equal: bool) -> None:
    left, right = read_python(old.encode()), read_python(new.encode())
    assert left is not None
    assert right is not None
    assert (left.rest == right.rest) is equal


@pytest.mark.parametrize(
    "data",
    [
        b"A = (\n",
        b"\xff\xfe",
        b"A = 1\0",
        b"A = " + b"9" * 5000,
        b"A = " + b"[" * 5000,
        b"A = " + b"-" * 100_000 + b"1",
        b"#" * (LARGEST + 1),
    ],
    ids=range(7),
)
def test_what_cannot_be_read_is_not_read(data: bytes) -> None:
    assert read_python(data) is None


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=60) | st.text("A=1[]{}()',:\n self.xclass-*", max_size=60).map(str.encode)
)
def test_any_bytes_are_read_or_not(data: bytes) -> None:
    read_python(data)


def test_a_deep_literal_is_not_read() -> None:
    deep = "A = " + "[" * 150 + "]" * 150
    assert read_python(deep.encode()) is None
