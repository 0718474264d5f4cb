"""A comparison in a terminal: revisions as columns, as rows, or in several tables; nothing left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.reports.compare import Compared, CompareReport
from paribus.reports.comparing import text
from paribus.reports.comparing.text import as_text
from paribus.reports.text import WIDTH

NOTE = "a difference between single committed runs may be noise; a verdict may not"


def report(*metrics: Mapping[str, Any]) -> CompareReport:
    """A baseline and revisions, each with its metrics."""
    first, *rest = (
        Compared(f"{at:040x}", f"r{at}", values, {}, (), None) for at, values in enumerate(metrics)
    )
    return CompareReport("b" * 40, "r0", first, tuple(rest), "accuracy", True)


def test_few_revisions_are_columns_and_many_are_rows() -> None:
    few = as_text(report(*({"accuracy": 0.5 + at / 8} for at in range(3))), everything=False)
    assert few.splitlines()[:2] == [
        "              r0              r1            r2",
        "accuracy ↑   0.5  0.625 (+0.125)  0.75 (+0.25)",
    ]
    many = as_text(report(*({"accuracy": at} for at in range(12))), everything=False)
    assert many.splitlines()[:3] == [
        "       accuracy ↑",
        "r0              0",
        "r1         1 (+1)",
    ]


def test_what_is_too_wide_is_several_tables() -> None:
    wide = [{f"metric_number_{name}": at + 0.5 for name in range(9)} for at in range(12)]
    told = as_text(report(*wide), everything=False)
    tables = told.removesuffix(f"\n{NOTE}").split("\n\n")
    assert max(map(len, told.splitlines())) <= WIDTH
    assert len(tables) == 3
    heads = [head for table in tables for head in table.splitlines()[0].split()]
    assert heads == [f"metric_number_{name}" for name in range(9)]
    assert {table.count("\n") for table in tables} == {12}


@given(
    st.lists(
        st.lists(st.text("aé↑ 1", max_size=6).map(str.strip), min_size=3, max_size=3),
        min_size=2,
        max_size=6,
    )
)
def test_a_long_table_is_drawn_as_a_short_one(rows: list[list[str]]) -> None:
    headers, *body = [[cell or "x" for cell in row] for row in rows]
    short = text._drawn(headers, body)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(text, "LONG", 0)
        assert text._drawn(headers, body) == short
