"""Confirmations and promotions are written as strict JSON, read back, and put in their order."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.promotion import (
    ConfirmationEnd,
    ConfirmationStart,
    GateAnswer,
    Promotion,
    events,
)
from paribus.core.statistics.online import Finished, Started, next_level
from paribus.core.verdict import GuardFinding, Hold

START = ConfirmationStart(
    experiment="ab12",
    attempt=2,
    project="sub",
    test=3,
    level=0.004,
    pairs=20,
    key="confirm:feed:2",
    gate={"command": "python gate.py", "metrics": "gate.json", "metric": "accuracy"},
    started="2026-01-01T00:00:01",
    author="Ada <ada@example.com>",
)
GUARD = GuardFinding(
    "seconds", False, Hold.HOLDS, -0.5, -0.9, -0.1, 20, 0.25, "guard seconds holds"
)
END = ConfirmationEnd(
    experiment="ab12",
    attempt=2,
    project="sub",
    confirmed=True,
    n=19,
    pairs=20,
    estimate=0.0125,
    low=0.0025,
    high=0.0225,
    baseline_mean=0.8,
    candidate_mean=0.8125,
    p=1e-9,
    level=0.004,
    reasons=("the gain is real", "1 of 20 baseline runs failed"),
    guards=(GUARD,),
    gate=GateAnswer("accuracy", True, 0.01, 19),
    runs=(("b1", "c1"), ("b2", "c2")),
    given="2026-01-01T01:00:00",
)
PROMOTION = Promotion(
    number=5,
    commit="c" * 40,
    key="5ee5",
    project="sub",
    experiment="ab12",
    summary="train.C 1.0 -> 0.3",
    baseline={"commit": "b" * 40, "name": "baseline/4", "key": "4ee4"},
    attempt=2,
    provisional=None,
    metric="accuracy",
    estimate=0.0125,
    low=0.0025,
    high=0.0225,
    given="2026-01-01T01:01:00",
    author="Ada <ada@example.com>",
)


def through_json(record: dict[str, Any]) -> Any:
    return json.loads(json.dumps(record, allow_nan=False))


def test_what_is_written_is_read_back() -> None:
    alone = replace(START, test=None, level=None, gate=None)
    bare = replace(END, p=None, level=None, estimate=None, gate=None, guards=(), runs=())
    early = replace(PROMOTION, attempt=None, provisional="the cluster is gone")
    drawn = replace(START, nonce="0123456789abcdef")
    for start in (START, alone, drawn):
        assert ConfirmationStart.from_json(through_json(start.as_json())) == start
    for end in (END, bare, replace(END, notes=("varies far less",))):
        assert ConfirmationEnd.from_json(through_json(end.as_json())) == end
    for promotion in (PROMOTION, early):
        assert Promotion.from_json(through_json(promotion.as_json())) == promotion


def test_names() -> None:
    assert (START.id, START.series, END.id) == ("ab12:2", "confirm-2", "ab12:2")
    assert replace(START, nonce="feed").series == "confirm-2-feed"
    assert PROMOTION.tag == "baseline/5"
    assert not END.is_by_gate_alone
    assert replace(END, pairs=1).is_by_gate_alone


def test_records_of_earlier_versions() -> None:
    """They had neither nonce nor notes."""
    start = {key: value for key, value in START.as_json().items() if key != "nonce"}
    end = {key: value for key, value in END.as_json().items() if key != "notes"}
    assert ConfirmationStart.from_json(start) == START
    assert ConfirmationEnd.from_json(end) == END


def test_a_later_version_may_have_said_more() -> None:
    assert ConfirmationStart.from_json(START.as_json() | {"mood": "good"}) == START
    assert ConfirmationEnd.from_json(END.as_json() | {"mood": "good"}) == END
    assert Promotion.from_json(PROMOTION.as_json() | {"mood": "good"}) == PROMOTION


@pytest.mark.parametrize(
    ("kind", "record", "key", "value"),
    [
        (ConfirmationStart, START.as_json(), "started", 7),
        (ConfirmationStart, START.as_json(), "attempt", "first"),
        (ConfirmationEnd, END.as_json(), "confirmed", "yes"),
        (ConfirmationEnd, END.as_json(), "runs", [["b1"]]),
        (ConfirmationEnd, END.as_json(), "gate", {"values": [0.91, 0.92]}),
        (Promotion, PROMOTION.as_json(), "number", "five"),
        (Promotion, PROMOTION.as_json(), "baseline", None),
    ],
)
def test_what_is_no_such_record(kind: Any, record: dict[str, Any], key: str, value: Any) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        kind.from_json(record | {key: value})
    with pytest.raises(KeyError):
        kind.from_json({name: item for name, item in record.items() if name != key})


def at(second: int) -> str:
    return f"2026-01-01T00:00:{second:02}"


def start(experiment: str, second: int, test: int | None = 1) -> ConfirmationStart:
    return replace(START, experiment=experiment, attempt=1, test=test, started=at(second))


def end(experiment: str, second: int, *, confirmed: bool) -> ConfirmationEnd:
    return replace(END, experiment=experiment, attempt=1, confirmed=confirmed, given=at(second))


def test_events_come_in_the_order_of_time() -> None:
    starts = [start("b", 2), start("a", 1), start("c", 4)]
    ends = [end("b", 5, confirmed=False), end("a", 3, confirmed=True)]
    assert events(starts, ends) == [
        Started("a:1"),
        Started("b:1"),
        Finished("a:1", True),
        Started("c:1"),
        Finished("b:1", False),
    ]


def test_what_fresh_seeds_cannot_tell_spends_and_earns_nothing() -> None:
    assert events([start("a", 1, test=None)], [end("a", 2, confirmed=True)]) == []


def test_an_attempt_that_two_clones_made_is_one() -> None:
    starts = [start("a", 3), start("a", 1)]
    ends = [end("a", 5, confirmed=True), end("a", 4, confirmed=False)]
    assert events(starts, ends) == [Started("a:1"), Finished("a:1", False)]


seconds = st.integers(0, 20)


@given(
    st.lists(st.tuples(st.sampled_from("abcde"), seconds)),
    st.lists(st.tuples(st.sampled_from("abcdef"), seconds, st.booleans())),
)
def test_whatever_clones_and_clocks_did_there_is_a_level(
    begun: list[tuple[str, int]], ended: list[tuple[str, int, bool]]
) -> None:
    starts = [start(name, second) for name, second in begun]
    ends = [end(name, second, confirmed=confirmed) for name, second, confirmed in ended]
    assert 0 < next_level(events(starts, ends)) <= 0.05
