"""What a gate says of one metric: three answers, and a missing number is none of them."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.errors import Problem
from paribus.core.protocol import read_protocol
from paribus.core.tolerance import Pass, Tolerance, gated

VALUES = st.floats(-1e6, 1e6)
SHARES = st.floats(0, 10)
WIDTHS = st.one_of(st.none(), st.floats(0, 1e6))


@pytest.mark.parametrize(
    ("tolerance", "old", "new", "noise", "verdict", "reason"),
    [
        (Tolerance("a", True), 0.9, 0.91, 0.02, Pass.PASSES, "no loss"),
        (Tolerance("a", True), 0.9, 0.9, None, Pass.PASSES, "no loss"),
        (Tolerance("a", True), 0.9, 0.89, None, Pass.FAILS, "a loss of 0.010"),
        (Tolerance("a", True), 0.9, 0.89, 0.02, Pass.OPEN, "a loss of 0.010 +-0.020 may be noise"),
        (Tolerance("a", True, 0.02), 0.9, 0.89, 0.05, Pass.PASSES, "a loss of 0.010; 0.02 is tolerated"),
        (Tolerance("a", True, 0.002), 0.9, 0.89, 0.001, Pass.FAILS, "a loss of 0.0100 where 0.002 is tolerated"),
        (Tolerance("a", False, 0, 0.1), 100.0, 109.0, None, Pass.PASSES, "a loss of 9; 10 is tolerated"),
        (Tolerance("a", False, 0, 0.1), 100.0, 111.0, None, Pass.FAILS, "a loss of 11 where 10 is tolerated"),
        (Tolerance("a", False, 20.0, 0.1), 100.0, 111.0, None, Pass.PASSES, "a loss of 11; 20 is tolerated"),
        (Tolerance("a", False, 0, 0.1), -100.0, -91.0, None, Pass.PASSES, "a loss of 9; 10 is tolerated"),
        (Tolerance("a", True), 0.9, None, 0.1, Pass.MISSING, "there is none, and that is no pass"),
        (Tolerance("a", True), None, None, 0.1, Pass.MISSING, "there is none, and that is no pass"),
        (Tolerance("a", True), 0.9, math.nan, 0.1, Pass.MISSING, "it is no number, and that is no pass"),
        (Tolerance("a", True), 0.9, "0.9", 0.1, Pass.MISSING, "it is no number, and that is no pass"),
        (Tolerance("a", True), 0.9, True, 0.1, Pass.MISSING, "it is no number, and that is no pass"),
        (Tolerance("a", True), None, 0.9, 0.1, Pass.OPEN, "the baseline has none, so there is nothing to hold it against"),
        (Tolerance("a", True), "x", 0.9, 0.1, Pass.OPEN, "the baseline's is no number, so there is nothing to hold it against"),
    ],
)  # fmt: skip
def test_what_is_said(
    tolerance: Tolerance, old: Any, new: Any, noise: float | None, verdict: Pass, reason: str
) -> None:
    told = gated(tolerance, old, new, noise)
    assert (told.verdict, told.reason) == (verdict, reason)


@given(VALUES, VALUES, SHARES, SHARES, WIDTHS, st.booleans())
def test_more_tolerance_never_turns_a_pass_into_a_failure(
    old: float, new: float, absolute: float, relative: float, noise: float | None, higher: bool
) -> None:
    order = [Pass.FAILS, Pass.OPEN, Pass.PASSES]
    strict = gated(Tolerance("a", higher), old, new, noise).verdict
    mild = gated(Tolerance("a", higher, absolute, relative), old, new, noise).verdict
    assert order.index(mild) >= order.index(strict)
    assert gated(Tolerance("a", higher), old, old, noise).verdict is Pass.PASSES


@given(VALUES, VALUES, SHARES, st.floats(0, 1e6), st.booleans())
def test_noise_opens_and_never_fails(
    old: float, new: float, absolute: float, noise: float, higher: bool
) -> None:
    """What passes by itself passes beside noise, and what fails beside noise fails by itself."""
    tolerance = Tolerance("a", higher, absolute)
    bare, noisy = gated(tolerance, old, new, None), gated(tolerance, old, new, noise)
    assert (bare.verdict is Pass.PASSES) == (noisy.verdict is Pass.PASSES)
    assert bare.verdict is Pass.FAILS or noisy.verdict is not Pass.FAILS


@given(VALUES, VALUES, SHARES, WIDTHS)
def test_a_metric_and_its_mirror_image_are_judged_alike(
    old: float, new: float, absolute: float, noise: float | None
) -> None:
    up = gated(Tolerance("a", True, absolute), old, new, noise)
    down = gated(Tolerance("a", False, absolute), -old, -new, noise)
    assert (up.verdict, up.reason) == (down.verdict, down.reason)


@pytest.mark.parametrize(
    ("clause", "message"),
    [
        ({"metric": "a"}, "lacks direction"),
        ({"metric": "a", "direction": "higher"}, "lacks absolute or relative, the loss that is tolerated"),
        ({"metric": "a", "direction": "up", "absolute": 1}, "has direction 'up'; `higher` or `lower` is expected"),
        ({"metric": "a", "direction": "higher", "absolute": -1}, "a loss of -1.0 cannot be tolerated"),
        ({"metric": "a", "direction": "higher", "absolute": True}, "has absolute True; a number is expected"),
        ({"metric": "a", "direction": "higher", "relative": "lots"}, "has relative 'lots'; a number is expected"),
        ({"metric": "a", "direction": "higher", "share": 1}, "has the unknown key 'share'; there are absolute, direction, metric, relative"),
    ],
)  # fmt: skip
def test_a_clause_that_cannot_be_meant(clause: dict[str, Any], message: str) -> None:
    with pytest.raises(Problem) as caught:
        read_protocol({"tolerances": [clause]}, {("tolerances",): 7})
    assert caught.value.message == f"paribus.yaml:7: `tolerances` {message}"


def test_clauses() -> None:
    document = {
        "metric": "accuracy",
        "tolerances": [
            {"metric": "accuracy", "direction": "higher", "absolute": 0.002},
            {"metric": "latency", "direction": "lower", "relative": "2.5 %"},
        ],
    }
    read = read_protocol(document, {}).tolerances
    assert read == (Tolerance("accuracy", True, 0.002), Tolerance("latency", False, 0.0, 0.025))
    document["tolerances"] = [{"metric": "accuracy", "direction": "lower", "absolute": 1}]
    with pytest.raises(Problem, match="accuracy in the other direction than the agreement"):
        read_protocol(document, {})
