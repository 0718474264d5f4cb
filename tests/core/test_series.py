"""What can be compared of plots, and which files are meant by `plots:`."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.errors import Problem
from paribus.core.plots import plotted
from paribus.core.series import Column, columns


def test_a_table_is_its_last_row_and_its_ends() -> None:
    data = b"step,loss,label\n0,0.9,cat\n1,0.2,dog\n2,0.4,7\n\n"
    assert columns("p/loss.csv", data) == (
        Column("step", 2.0, 0.0, 2.0),
        Column("loss", 0.4, 0.2, 0.9),
        Column("label", 7.0, 7.0, 7.0),
    )
    assert columns("loss.tsv", data.replace(b",", b"\t")) == columns("loss.csv", data)


def test_what_is_no_number_at_the_end_is_told() -> None:
    (loss,) = columns("l.csv", b"loss\n0.5\n-inf\nnan\n")
    assert math.isnan(loss.last)
    assert (loss.low, loss.high) == (0.5, 0.5)
    assert columns("l.csv", b"loss\n0.5\nfailed\n") == (Column("loss", "failed", 0.5, 0.5),)
    assert columns("l.csv", b"a,loss\n1,0.5\n2\n")[1] == Column("loss", None, 0.5, 0.5)
    assert columns("l.csv", b"") == columns("l.csv", b"loss\n") == ()
    assert columns("l.csv", b"id\n1_000\n") == ()


def test_tables_in_json() -> None:
    rows = b'[{"step": 1, "acc": 0.5, "ok": true}, {"step": 2, "acc": 0.75}]'
    expected = (Column("step", 2.0, 1.0, 2.0), Column("acc", 0.75, 0.5, 0.75))
    assert columns("a.json", rows) == expected
    assert columns("a.json", b'{"title": "x", "train": ' + rows + b"}") == expected
    both = columns("a.json", b'{"train": ' + rows + b', "test": ' + rows + b"}")
    assert [column.name for column in both] == ["train.step", "train.acc", "test.step", "test.acc"]
    assert columns("a.json", b'{"a": 1}') == columns("a.json", b"[1, 2]") == ()


@pytest.mark.parametrize(
    ("path", "data", "why"),
    [
        ("x.csv", b"\xff\xfe", "not UTF-8 text"),
        ("x.json", b"{", "Expecting property name enclosed in double quotes"),
        ("x.json", b"[" * 100_000, "nested too deeply"),
        ("x.csv", b",".join(b"c%d" % n for n in range(200)) + b"\n" + b"1," * 199 + b"1\n",
         "more than 100 columns of numbers"),
        ("x.csv", b"a\n" + b'"' + b"x" * 200_000, "field larger than field limit"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_problem(path: str, data: bytes, why: str) -> None:
    with pytest.raises(Problem) as caught:
        columns(path, data)
    assert caught.value.code == "unreadable-file"
    assert caught.value.message.startswith(f"{path}: {why}")


@given(st.binary(max_size=200), st.sampled_from(["x.csv", "x.tsv", "x.json"]))
def test_any_bytes_are_columns_or_a_problem(data: bytes, path: str) -> None:
    try:
        found = columns(path, data)
    except Problem:
        return
    assert all(column.low is None or math.isfinite(column.low) for column in found)


def test_which_files_are_meant() -> None:
    assert plotted(None) == plotted("x") == plotted([1, None]) == []
    assert plotted(["a.csv", {"b.csv": {"x": "step"}}, {"c.csv": None}]) == [
        "a.csv", "b.csv", "c.csv",
    ]  # fmt: skip
    curves = {"curves": {"x": {"c.csv": "step"}, "y": {"a.csv": "loss", "b.csv": ["l"]}}}
    assert plotted([curves]) == plotted(curves) == ["c.csv", "a.csv", "b.csv"]
    assert plotted(["https://example.com/a.csv", "a.csv", "a.csv"]) == ["a.csv"]
