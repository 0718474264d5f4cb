"""LORD++ levels: what they spend, what overlaps change, and which histories are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import zeta

from paribus.core.statistics.online import (
    ALPHA,
    WEALTH,
    Event,
    Finished,
    Started,
    level,
    next_level,
    share,
)

outcomes = st.lists(st.booleans(), max_size=60)


def one_after_another(confirmed: list[bool]) -> list[Event]:
    events: list[Event] = []
    for number, outcome in enumerate(confirmed):
        events += [Started(str(number)), Finished(str(number), outcome)]
    return events


@st.composite
def overlapping(draw: st.DrawFn) -> list[Event]:
    """Confirmations that start and end in any order; some never end."""
    events: list[Event] = []
    under_way: list[str] = []
    for number in range(draw(st.integers(0, 30))):
        events.append(Started(str(number)))
        under_way.append(str(number))
        for _ in range(draw(st.integers(0, len(under_way)))):
            test = under_way.pop(draw(st.integers(0, len(under_way) - 1)))
            events.append(Finished(test, draw(st.booleans())))
    return events


def levels(events: list[Event]) -> list[float]:
    """The level that each test had when it started."""
    return [next_level(events[:i]) for i, event in enumerate(events) if isinstance(event, Started)]


def test_first_levels() -> None:
    assert next_level([]) == pytest.approx(0.010937, abs=1e-6)
    assert level(2, []) == pytest.approx(0.010937 * 2**-1.6, abs=1e-6)
    assert level(2, [1]) == pytest.approx(0.010937 * (1 + 2**-1.6), abs=1e-6)
    assert level(3, [1, 2]) == pytest.approx(0.010937 * (3**-1.6 + 2**-1.6 + 2), abs=1e-6)


def test_shares_add_up_to_one() -> None:
    assert share(1) == pytest.approx(1 / zeta(1.6), rel=1e-15)
    tail = zeta(1.6, 1001) / zeta(1.6)
    assert sum(map(share, range(1, 1001))) + tail == pytest.approx(1, rel=1e-12)


@given(outcomes)
def test_without_overlaps_it_is_the_synchronous_rule(confirmed: list[bool]) -> None:
    rejections = [number for number, outcome in enumerate(confirmed, 1) if outcome]
    assert next_level(one_after_another(confirmed)) == level(len(confirmed) + 1, rejections)


@given(overlapping())
def test_no_more_is_spent_than_was_earned(events: list[Event]) -> None:
    """5 % for each promotion, and half of that before the first: this bounds the false share."""
    rejected = sum(isinstance(event, Finished) and event.confirmed for event in events)
    assert sum(levels(events)) <= (ALPHA * rejected or WEALTH) + 1e-12


@given(overlapping())
def test_levels_fall_until_something_is_confirmed(events: list[Event]) -> None:
    found = levels(events)
    starts = [i for i, event in enumerate(events) if isinstance(event, Started)]
    for number in range(1, len(starts)):
        between = events[starts[number - 1] : starts[number]]
        earned = any(isinstance(event, Finished) and event.confirmed for event in between)
        assert earned or found[number] < found[number - 1]


@given(overlapping())
def test_what_is_under_way_never_counts(events: list[Event]) -> None:
    """Neither its outcome nor that it ended without success changes a level."""
    told = [event for event in events if isinstance(event, Started) or event.confirmed]
    assert next_level(told) == next_level(events)


def test_a_late_rejection_counts_from_when_it_came() -> None:
    events: list[Event] = [Started("a"), Started("b"), Started("c")]
    assert next_level(events) == level(4, [])
    assert next_level([*events, Finished("a", True)]) == level(4, [3])
    assert next_level([*events, Finished("a", True), Started("d")]) == level(5, [3])
    assert next_level([*events, Finished("a", False)]) == level(4, [])


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([Started("a"), Started("a")], "a starts twice"),
        ([Finished("a", False)], "not under way"),
        ([Started("a"), Finished("a", True), Finished("a", True)], "not under way"),
    ],
)
def test_histories_that_cannot_be(events: list[Event], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        next_level(events)


@pytest.mark.parametrize(("test", "rejections"), [(0, []), (2, [2]), (3, [1, 5]), (3, [0])])
def test_a_level_knows_nothing_of_the_future(test: int, rejections: list[int]) -> None:
    with pytest.raises(ValueError, match="cannot know"):
        level(test, rejections)
