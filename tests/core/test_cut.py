"""What was cut off waits to be made again, unless something has made up for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.cut import cut_off, is_cut_off, last_attempts
from paribus.core.run import Intent, Purpose, Run, Status

STATUSES = st.sampled_from(Status)


def run(status: Status, at: int = 0, pair: int = 0, purpose: Purpose = Purpose.MEASURE) -> Run:
    intent = Intent(f"{at}", pair, {}, purpose, "s", "h", "here", f"2026-01-01T00:00:{at:02}")
    return Run(intent, status)


@pytest.mark.parametrize("status", list(Status))
def test_one_run(status: Status) -> None:
    one = run(status)
    assert cut_off([one], failed=False) == ([one] if status.from_outside else [])
    failed = status.from_outside or status is Status.FAILED
    assert cut_off([one], failed=True) == ([one] if failed else [])
    assert is_cut_off([one], judged=False) == (status is not Status.FAILED)
    assert not is_cut_off([one], judged=True)


def test_the_last_attempt_counts_and_a_success_for_ever() -> None:
    killed, timed_out = run(Status.KILLED), run(Status.TIMED_OUT, 1)
    assert cut_off([timed_out, killed], failed=False) == [timed_out]
    good = run(Status.SUCCEEDED, 2)
    assert cut_off([killed, good, timed_out], failed=False) == []
    assert last_attempts([killed, good, run(Status.KILLED, 3)]) == [good]
    other = run(Status.CANCELLED, 4, pair=1)
    control = run(Status.INTERRUPTED, 5, purpose=Purpose.CONTROL)
    assert cut_off([killed, good, other, control], failed=False) == [other, control]


def test_what_confirms_is_not_made_again() -> None:
    assert cut_off([run(Status.KILLED, purpose=Purpose.CONFIRM)], failed=True) == []


@given(st.lists(st.tuples(STATUSES, st.integers(0, 2)), max_size=6))
def test_each_pair_waits_once_and_never_beside_a_success(told: list[tuple[Status, int]]) -> None:
    runs = [run(status, at, pair) for at, (status, pair) in enumerate(told)]
    for failed in (False, True):
        cut = [one.intent.index for one in cut_off(reversed(runs), failed=failed)]
        good = {one.intent.index for one in runs if one.succeeded}
        assert len(cut) == len(set(cut))
        assert not good & set(cut)
    more = cut_off(runs, failed=True)
    assert all(one in more for one in cut_off(runs, failed=False))
