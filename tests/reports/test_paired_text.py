"""The pairs of an experiment drawn on one axis, as `paribus show` has them below the looks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.verdict import Outcome, Verdict
from paribus.reports.notebook.content import PairPoint
from paribus.reports.paired import drawn_pairs


def pairs_of(differences: Sequence[float]) -> list[PairPoint]:
    return [
        PairPoint(pair, {"seed": pair}, 0.0, difference, f"new{pair}", f"old{pair}")
        for pair, difference in enumerate(differences, start=1)
    ]


def verdict(low: float | None, estimate: float, high: float | None, n: int) -> Verdict:
    return Verdict(Outcome.UNDECIDED, "accuracy", estimate, low, high, n, ("it is open",))


def failed(pair: int, status: Status) -> Run:
    intent = Intent(
        f"run{pair}", pair - 1, {"seed": 1}, Purpose.MEASURE, "s", "h", "here", "2026-01-01"
    )
    return Run(intent, status, cause="stage train, exit 1")


def test_pairs_and_their_mean_share_an_axis() -> None:
    drawn = drawn_pairs(
        pairs_of([0.02, 0.0, -0.01, 0.0001]),
        verdict(-0.01, 0.0025, 0.03, 4),
        [failed(5, Status.FAILED), failed(7, Status.TIMED_OUT)],
        higher_is_better=True,
    )
    assert drawn == [
        "  pair  difference                     worse | better",
        "     1      +0.020                           |                o",
        "     2      +0.000                           o",
        "     3      -0.010                   o       |",
        "     4      +0.000                           |o",
        "     5      failed                           |",
        "     7   timed out                           |",
        "  mean      +0.003                   [-------+-*----------------------]",
    ]


def test_where_lower_is_better_the_sides_change() -> None:
    drawn = drawn_pairs(
        pairs_of([-2.0, -1.0]), verdict(None, -1.5, None, 2), higher_is_better=False
    )
    assert drawn == [
        "  pair  difference                    better | worse",
        "     1       -2.00  o                        |",
        "     2       -1.00              o            |",
    ]


@pytest.mark.parametrize(
    ("differences", "told"),
    [
        ([0.0, 0.0, 0.0], "  all 3 pairs: the same number on either side"),
        ([0.5, 0.5], "  all 2 pairs: +0.500000"),
        ([-0.25], "  pair 1: -0.250000"),
    ],
)
def test_where_nothing_varies_one_line_says_so(differences: list[float], told: str) -> None:
    found = pairs_of(differences)
    assert drawn_pairs(found, verdict(None, 0, None, 3), higher_is_better=True) == [told]


def test_pairs_may_be_called_otherwise() -> None:
    drawn = drawn_pairs(pairs_of([2.0, 1.0]), None, higher_is_better=True, head="fresh pair")
    assert [line.split("  ")[1] for line in drawn] == ["fresh pair", "", ""]
    alike = drawn_pairs(pairs_of([0.0] * 20), None, higher_is_better=True, head="fresh pair")
    assert alike == ["  all 20 fresh pairs: the same number on either side"]


def test_nothing_is_drawn_of_no_pairs() -> None:
    runs = [failed(1, Status.FAILED)]
    assert drawn_pairs([], None, runs, higher_is_better=True) == []


def test_of_many_pairs_the_first_twenty() -> None:
    drawn = drawn_pairs(pairs_of([*range(1, 31)]), None, higher_is_better=True)
    assert len(drawn) == 1 + 20 + 1
    assert drawn[-1] == "  and 10 pairs more: --json has them all"


@given(
    st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=25),
    st.booleans(),
)
def test_no_line_is_too_long_and_a_side_is_the_sign(
    differences: list[float], higher_is_better: bool
) -> None:
    low, high = min(differences) - 1, max(differences) + 1
    drawn = drawn_pairs(
        pairs_of(differences), verdict(low, sum(differences), high, 3),
        higher_is_better=higher_is_better,
    )  # fmt: skip
    assert max(map(len, drawn)) <= 80
    if len(drawn) == 1:
        return
    zero = drawn[0].index("|")
    for line, difference in zip(drawn[1:21], differences, strict=False):
        if "o" in line:
            at = line.index("o")
            assert (at > zero, at < zero) == (difference > 0, difference < 0)
