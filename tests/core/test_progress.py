"""What happened since the baseline: how experiments stand, and what a row of them shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import stdev
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.change import Kind
from paribus.core.experiment import Conclusion, Registration
from paribus.core.plan import LOOKS, Goal, Plan, Unit
from paribus.core.progress import (
    Needs,
    State,
    Tried,
    differences_of,
    had_power,
    kinds_of,
    needs,
    power_of,
    progress,
    spent,
    state_of,
)
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.statistics.looks import level
from paribus.core.statistics.planning import pairs_needed, power
from paribus.core.statistics.stall import stall
from paribus.core.verdict import Outcome, Verdict

PLAN = Plan("accuracy", True, 0.01)
STEADY = (0.0, 0.001, -0.001, 0.001, -0.001, 0.0, 0.001, -0.001)
"""Differences with which eight pairs have a power of nearly 1."""


def change(kind: str = "param", *parts: str) -> dict[str, Any]:
    return {"kind": kind, "summary": "C 1 -> 2", "parts": [{"kind": part} for part in parts]}


def registration(plan: Plan = PLAN, generation: int = 0, **more: Any) -> Registration:
    known: dict[str, Any] = {
        "id": "ab" * 10, "project": "", "baseline": {"commit": "c" * 40, "name": "b", "key": "k"},
        "changes": (change(),), "hypothesis": "", "effect_is_default": False, "tree": "t" * 40,
        "revision": None, "allow": None, "author": "Ada", "started": "2030-01-01T00:00:00+00:00",
    }  # fmt: skip
    return Registration(plan=plan, generation=generation, **(known | more))


def verdict(outcome: Outcome, n: int = 8, next_look: int | None = None) -> Verdict:
    return Verdict(outcome, "accuracy", 0.0, -0.1, 0.1, n, ("why",), next_look=next_look, cap=20)


def tried(
    state: State, given: str = "1", differences: Sequence[float] = STEADY, *,
    next_look: int | None = None, plan: Plan = PLAN, generation: int = 0,
) -> Tried:  # fmt: skip
    outcome = {
        State.WORSE: Outcome.WORSE,
        State.UNDECIDED: Outcome.UNDECIDED,
        State.NO_DIFFERENCE: Outcome.NO_DIFFERENCE,
    }.get(state, Outcome.IMPROVED)
    said = verdict(outcome, len(differences), next_look)
    return Tried(registration(plan, generation), state, said, given, tuple(differences))


def run(
    identifier: str, value: float | None = None, status: Status = Status.SUCCEEDED, index: int = 0,
    purpose: Purpose = Purpose.MEASURE, series: str = "", seconds: float = 1800.0,
) -> Run:  # fmt: skip
    intent = Intent(identifier, index, {}, purpose, "s", "h", "host", "2030", "e", series)
    return Run(intent, status, {} if value is None else {"accuracy": value}, seconds)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.IMPROVED, State.UNCONFIRMED),
        (Outcome.WORSE, State.WORSE),
        (Outcome.NO_DIFFERENCE, State.NO_DIFFERENCE),
        (Outcome.UNDECIDED, State.UNDECIDED),
        (Outcome.NOT_COMPARABLE, State.NOT_COMPARABLE),
    ],
)
def test_a_verdict_is_how_an_experiment_stands(outcome: Outcome, state: State) -> None:
    said = verdict(outcome)
    assert state_of(said, [run("a")], running=False) is state
    assert state_of(said, [run("a")], running=True) is State.RUNNING
    assert state_of(said, [run("a")], running=False, stands=State.CONFIRMED) is State.CONFIRMED
    assert state_of(said, [run("a")], running=True, stands=State.PROMOTED) is State.PROMOTED


def test_a_confirmation_under_way_is_running() -> None:
    again = state_of(verdict(Outcome.IMPROVED), [], running=True, stands=State.NOT_CONFIRMED)
    assert again is State.RUNNING


def test_without_a_verdict_an_experiment_is_interrupted_or_was_never_run() -> None:
    assert state_of(None, [run("a")], running=False) is State.INTERRUPTED
    assert state_of(None, [], running=False) is State.PLANNED


def test_a_failure_counts_until_it_is_made_up_for() -> None:
    failed, made = run("a", status=Status.FAILED), run("b")
    elsewhere = run("c", index=1)
    confirming = run("d", status=Status.FAILED, purpose=Purpose.CONFIRM, index=7)
    said = verdict(Outcome.UNDECIDED)
    assert state_of(said, [failed], running=False) is State.FAILED
    assert state_of(said, [failed, elsewhere], running=False) is State.FAILED
    assert state_of(said, [replace(failed, status=Status.KILLED)], running=False) is State.FAILED
    assert state_of(said, [failed, made], running=False) is State.UNDECIDED
    assert state_of(said, [confirming], running=False) is State.UNDECIDED


def test_the_differences_of_a_conclusion() -> None:
    pairs = (("b1", "c1"), ("b2", "c2"), ("b3", "gone"), ("b1", "bare"))
    found = Conclusion(verdict(Outcome.WORSE), (), pairs, (0, 3), "2030")
    baseline = [run("b1", 0.5), run("b2", 0.25), run("b3", 0.5)]
    assert differences_of(found, baseline, [run("c1", 1.0), run("c2", 0.125), run("bare")]) == (
        0.5,
        -0.125,
    )


def test_power_is_that_of_the_whole_test_at_the_spread_of_the_verdicts_pairs() -> None:
    one = tried(State.NO_DIFFERENCE, differences=(0.02, -0.01, 0.0, 0.03, 0.5))
    assert one.verdict is not None
    one = replace(one, verdict=replace(one.verdict, n=4))
    assert power_of(one) == power(0.01, stdev([0.02, -0.01, 0.0, 0.03]), 20, level(LOOKS))


def test_more_power_is_asked_of_a_test_that_may_stop_for_futility() -> None:
    one = tried(State.NO_DIFFERENCE, differences=(0.0095, -0.0095, 0.0105, -0.0105))
    assert 0.8 < (power_of(one) or 0) < 0.93
    assert not had_power(one)
    plan = replace(one.registration.plan, goal=Goal.TWO_SIDED)
    assert had_power(replace(one, registration=replace(one.registration, plan=plan)))


@pytest.mark.parametrize(
    "one",
    [
        replace(tried(State.NO_DIFFERENCE), verdict=None),
        tried(State.NO_DIFFERENCE, differences=(0.1,)),
        tried(State.NO_DIFFERENCE, plan=replace(PLAN, effect=0.0)),
        tried(State.NO_DIFFERENCE, plan=replace(PLAN, unit=Unit.EXAMPLE)),
    ],
)
def test_power_that_cannot_be_told(one: Tried) -> None:
    assert power_of(one) is None
    assert progress([one]).powered == 0


def test_what_an_undecided_experiment_needs() -> None:
    differences = (0.0, 0.012, 0.004)
    one = tried(State.UNDECIDED, differences=differences, next_look=5)
    detecting = pairs_needed(stdev(differences), 0.01, level(LOOKS))
    assert detecting == 8
    found = needs(one)
    assert found == Needs(3, 20, 5, True, 8, 8)
    assert found is not None
    assert [found.runs(baseline) for baseline in (0, 3, 7, 40)] == [10, 10, 6, 5]


def test_an_effect_that_the_next_look_could_have_shown_waits_for_the_next_look() -> None:
    one = tried(State.UNDECIDED, differences=STEADY[:4], next_look=5)
    found = needs(one)
    assert found is not None
    assert (found.pairs, found.target) == (4, 5)
    assert found.detecting is not None
    assert found.detecting < 5


@pytest.mark.parametrize(("noise", "detecting"), [(0.04, 92), (10.0, None)])
def test_an_effect_beyond_the_cap(noise: float, detecting: int | None) -> None:
    one = tried(State.UNDECIDED, differences=(noise, -noise, 0.0, 0.0, 0.0), next_look=8)
    found = needs(one)
    assert found is not None
    assert (found.known, found.target) == (True, 20)
    assert found.detecting == detecting


def test_pairs_that_tell_no_spread_need_the_next_look() -> None:
    for one in (
        tried(State.UNDECIDED, differences=(0.1,), next_look=3),
        tried(State.UNDECIDED, differences=(), next_look=3),
        tried(State.UNDECIDED, next_look=12, plan=replace(PLAN, effect=0.0)),
    ):
        found = needs(one)
        assert found is not None
        assert (found.known, found.detecting, found.target) == (False, None, found.next_look)


def test_what_no_further_pair_can_decide_needs_none() -> None:
    assert needs(tried(State.UNDECIDED)) is None
    assert needs(tried(State.WORSE)) is None
    assert needs(replace(tried(State.UNDECIDED, next_look=5), verdict=None)) is None


def test_nothing_was_tried() -> None:
    found = progress([])
    assert (found.counts, found.row, found.powered, found.since_fresh) == ({}, 0, 0, 0)
    assert found.stall == stall(0)
    assert found.untried == (Kind.DATA, Kind.CODE, Kind.PARAM, Kind.PIPELINE)


def test_experiments_are_counted_in_the_order_in_which_they_are_told() -> None:
    found = progress([tried(state) for state in (*reversed(State), State.WORSE)])
    assert list(found.counts) == list(State)
    assert found.counts[State.WORSE] == 2


def test_a_row_has_answers_without_a_promotion_only() -> None:
    ended = [tried(State.WORSE), tried(State.NO_DIFFERENCE), tried(State.NOT_CONFIRMED)]
    ended.append(tried(State.UNDECIDED))  # for good
    waiting = [
        tried(state, next_look=12)
        for state in (State.UNDECIDED, State.UNCONFIRMED, State.CONFIRMED, State.RUNNING)
    ]
    silent = [tried(State.FAILED), tried(State.INTERRUPTED), tried(State.NOT_COMPARABLE)]
    assert progress([*ended, *waiting, *silent]).row == 4


def test_a_promotion_ends_the_row() -> None:
    before = [tried(State.WORSE, "1"), tried(State.WORSE, "2")]
    promoted, after = tried(State.PROMOTED, "3"), [tried(State.NO_DIFFERENCE, "4")]
    assert progress([*after, promoted, *before]).row == 1


def test_a_weak_experiment_shows_nothing_of_the_search() -> None:
    weak = tried(State.NO_DIFFERENCE, differences=(0.1, -0.1, 0.05))
    found = progress([weak, *[tried(State.WORSE)] * 13])
    assert (found.row, found.powered, found.stall.below, found.stall.missing) == (14, 13, None, 1)
    found = progress([weak, *[tried(State.WORSE)] * 14])
    assert (found.row, found.powered, found.stall.below, found.stall.missing) == (15, 14, 0.2, 15)


def test_only_the_present_seeds_have_failed_so_often() -> None:
    experiments = [tried(State.WORSE, generation=generation) for generation in (0, 0, 1)]
    assert [progress(experiments, generation).since_fresh for generation in (0, 1, 2)] == [2, 1, 0]


def test_kinds_within_a_group_are_tried_too() -> None:
    grouped = registration(changes=(change("code", "code", "param"), change("new-kind")))
    assert kinds_of(grouped) == {Kind.CODE, Kind.PARAM}
    found = progress([replace(tried(State.WORSE), registration=grouped)])
    assert found.untried == (Kind.DATA, Kind.PIPELINE)


def test_every_run_that_ended_was_spent() -> None:
    failed = run("b", status=Status.FAILED, purpose=Purpose.CONTROL, seconds=900)
    assert spent([run("a"), failed]) == (2, 0.75)
    assert spent([]) == (0, 0.0)


@given(st.lists(st.tuples(st.sampled_from(State), st.integers(0, 9), st.booleans())))
def test_no_count_exceeds_what_it_counts(history: list[tuple[State, int, bool]]) -> None:
    experiments = [
        tried(state, str(at), STEADY if steady else (0.1, -0.1, 0.0))
        for state, at, steady in history
    ]
    found = progress(experiments)
    assert sum(found.counts.values()) == len(experiments)
    assert found.powered <= found.row <= len(experiments)
    assert found.since_fresh == found.row
    assert found.stall.row == found.powered
    assert progress(experiments[::-1]) == found
