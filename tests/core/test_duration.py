"""Spans of time, as they are written and as they are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.duration import clock, read_duration, span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90), ("90 s", 90), ("30m", 1800), ("30 min", 1800), ("1.5h", 5400), (" 2h ", 7200),
        ("1d", 86400), ("10 sec", 10),
    ],
)  # fmt: skip
def test_what_is_read(text: str, seconds: float) -> None:
    assert read_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "90", "0s", "-5m", "2 weeks", "1h30m", "nan s", "1e3s"])
def test_what_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="such as `90s`, `30m` or `2h` is expected"):
        read_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.5, "0.5 s"), (45, "45 s"), (119, "119 s"), (120, "2 min"), (1800, "30 min"),
        (7199, "120 min"), (7200, "2 h"), (9000, "2.5 h"),
    ],
)  # fmt: skip
def test_what_is_shown(seconds: float, text: str) -> None:
    assert span(seconds) == text


@given(st.sampled_from(["s", "m", "h", "d"]), st.integers(1, 999))
def test_what_is_shown_is_read_again(unit: str, count: int) -> None:
    seconds = read_duration(f"{count}{unit}")
    assert read_duration(span(seconds)) == pytest.approx(seconds, rel=0.01)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (7.9, "0:07"), (723, "12:03"), (3723, "1:02:03")]
)
def test_the_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text
