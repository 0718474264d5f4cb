"""Which run counts for a pair, and what the pairs say."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from paribus.core.pairing import (
    controls_differing,
    measured,
    paired,
    seeds_wired,
    within_sessions,
)
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.sample import Pair, Sample


def run(
    index: int,
    value: float | None = None,
    status: Status | None = None,
    *,
    started: int = 0,
    purpose: Purpose = Purpose.MEASURE,
    metrics: Mapping[str, float] | None = None,
    session: str = "s",
) -> Run:
    """A run that measured a value, or did not succeed."""
    intent = Intent(
        id=f"{index}-{started}",
        index=index,
        seeds={},
        purpose=purpose,
        session=session,
        holder="h",
        host="here",
        started=f"2026-01-01T00:00:{started:02}",
    )
    if metrics is None:
        metrics = {} if value is None else {"accuracy": value}
    return Run(intent, status or (Status.SUCCEEDED if metrics else Status.FAILED), metrics)


def by_index(*runs: Run) -> dict[int, Run]:
    return {each.intent.index: each for each in runs}


SUCCEEDED, FAILED, KILLED = Status.SUCCEEDED, Status.FAILED, Status.KILLED


@pytest.mark.parametrize(
    ("attempts", "counting"),
    [
        ([SUCCEEDED], 0),
        ([SUCCEEDED, SUCCEEDED], 0),
        ([FAILED, SUCCEEDED], 1),
        ([KILLED, FAILED, SUCCEEDED, SUCCEEDED], 2),
        ([SUCCEEDED, FAILED], 0),
        ([FAILED, FAILED], 1),
        ([FAILED, KILLED], 1),
        ([FAILED, Status.RUNNING], 1),
        ([Status.INTERRUPTED], 0),
    ],
)
def test_the_earliest_success_counts_else_the_last_attempt(
    attempts: list[Status], counting: int
) -> None:
    runs = [run(4, status=status, started=at) for at, status in enumerate(attempts)]
    assert measured(runs) == {4: runs[counting]}
    assert measured(reversed(runs)) == {4: runs[counting]}


def test_control_runs_measure_nothing() -> None:
    control = run(0, 0.9, purpose=Purpose.CONTROL)
    later = run(0, 0.8, started=1)
    assert measured([control]) == {}
    assert measured([control, later, run(1, 0.7)]) == {0: later, 1: run(1, 0.7)}


@pytest.mark.parametrize(
    ("baseline", "candidate", "expected"),
    [
        ([], [], Sample((), 0)),
        ([run(0, 0.8), run(1, 0.7)], [run(1, 0.9), run(0, 0.9)],
         Sample((Pair(0, 0.8, 0.9), Pair(1, 0.7, 0.9)), 2, candidate_wired=False)),
        ([run(0, 0.8), run(1, 0.7)], [run(1, 0.9)], Sample((Pair(1, 0.7, 0.9),), 1)),
        ([run(0, 0.8), run(1, 0.7)], [run(0, 0.9), run(1)],
         Sample((Pair(0, 0.8, 0.9),), 2, candidate_failures=1)),
        ([run(0, 0.8), run(1)], [run(0, 0.9), run(1, 0.9)],
         Sample((Pair(0, 0.8, 0.9),), 2, baseline_failures=1, candidate_wired=False)),
        ([run(0)], [run(0)], Sample((), 1, baseline_failures=1)),
        ([run(0, 0.8)], [run(0, status=KILLED)], Sample((), 1)),
        ([run(0, 0.8)], [run(0, status=Status.RUNNING)], Sample((), 1)),
        ([run(0, status=KILLED)], [run(0, 0.9)], Sample((), 1)),
        ([run(0, 0.8), run(1, 0.8)], [run(0, 0.9), run(1, 0.7)],
         Sample((Pair(0, 0.8, 0.9), Pair(1, 0.8, 0.7)), 2, seeds_wired=False)),
    ],
)  # fmt: skip
def test_paired(baseline: list[Run], candidate: list[Run], expected: Sample) -> None:
    assert paired(by_index(*baseline), by_index(*candidate), "accuracy") == expected


def test_a_run_that_failed_measured_nothing() -> None:
    """Whatever it had written before it failed."""
    failed = run(0, status=FAILED, metrics={"accuracy": 0.9})
    good = by_index(run(0, 0.8))
    assert paired(good, by_index(failed), "accuracy") == Sample((), 1, candidate_failures=1)
    assert paired(by_index(failed), good, "accuracy") == Sample((), 1, baseline_failures=1)


def test_a_run_without_the_metric_has_failed() -> None:
    """It succeeded when another metric was the primary one, and this one was NaN."""
    other = {"loss": 0.1}
    baseline = by_index(run(0, metrics=other), run(1, 0.8), run(2, 0.7))
    candidate = by_index(run(0, 0.9), run(1, metrics=other), run(2, 0.6))
    assert paired(baseline, candidate, "accuracy") == Sample(
        (Pair(2, 0.7, 0.6),), 3, candidate_failures=1, baseline_failures=1
    )


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([], True),
        ([run(0, 0.8)], True),
        ([run(0, 0.8), run(1, 0.8)], False),
        ([run(0, 0.8), run(1, 0.8), run(2, 0.81)], True),
        ([run(0, 0.8), run(1)], True),
        ([run(0, 0.8), run(1), run(2, 0.8)], False),
        ([run(0, metrics={"a": 1, "b": 1}), run(1, metrics={"a": 1, "b": 2})], True),
    ],
)
def test_seeds_wired(runs: list[Run], expected: bool) -> None:
    assert seeds_wired(runs) is expected


@pytest.mark.parametrize(
    ("controls", "expected"),
    [
        ([], (0, 0)),
        ([run(0, 0.8)], (0, 1)),
        ([run(0, 0.8), run(0, 0.81), run(1, 0.7)], (1, 3)),
        ([run(0)], (0, 0)),
        ([run(2, 0.8)], (0, 0)),
        ([run(3, 0.8)], (0, 0)),
        ([run(0, metrics={"accuracy": 0.8, "loss": 1})], (1, 1)),
    ],
)
def test_controls_differing(controls: list[Run], expected: tuple[int, int]) -> None:
    """Index 2 failed in the baseline, index 3 was never run."""
    baseline = by_index(run(0, 0.8), run(1, 0.7), run(2))
    assert controls_differing(baseline, controls) == expected


def test_pairs_of_one_session_are_kept_whatever_the_session() -> None:
    baseline = [run(0, 0.8, session="a"), run(1, 0.7, started=1, session="a"),
                run(0, 0.9, started=8, session="b"), run(2, 0.6, started=9, session="b")]  # fmt: skip
    candidate = [run(0, 0.81, started=2, session="a"), run(1, started=3, status=KILLED, session="a"),
                 run(0, 0.99, started=10, session="b"), run(2, started=11, session="b")]  # fmt: skip
    kept = within_sessions(baseline, candidate)
    assert {index: tuple(side.intent.session for side in pair) for index, pair in kept.items()} == {
        0: ("a", "a"),  # the earlier of two
        2: ("b", "b"),  # a failure is kept, too; pair 1 was killed
    }
    assert kept[0][1].metrics == {"accuracy": 0.81}
    assert within_sessions(baseline, candidate, Purpose.CONFIRM) == {}


def test_a_candidate_that_failed_before_its_baseline_ran_has_failed() -> None:
    sample = paired({}, by_index(run(0)), "accuracy")
    assert (sample.n, sample.attempted, sample.candidate_failures) == (0, 1, 1)
