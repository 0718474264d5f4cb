"""Guards: an improvement that breaks one is none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.decision import decide, trail
from paribus.core.guards import stand
from paribus.core.plan import Goal, Guard, Plan
from paribus.core.sample import Guarded, Pair, Sample
from paribus.core.verdict import GuardFinding, Hold, Outcome, Verdict, is_final

LOSS = Guard("log_loss", higher_is_better=False)
SPEED = Guard("speed", higher_is_better=True, margin=0.5)
PLAN = Plan("accuracy", True, 0.003, guards=(LOSS,))
WAVE = (0.001, -0.002, 0.0015, -0.0005, 0.0005, -0.001, 0.0012, -0.0007)


def pairs(center: float, n: int, scale: float = 1.0) -> tuple[Pair, ...]:
    """n differences around `center`, on a baseline that varies."""
    return tuple(Pair(i, 1 + 0.1 * i, 1 + 0.1 * i + center + scale * WAVE[i % 8]) for i in range(n))


def sample(gain: float, n: int, *, wired: bool = True, **guards: Guarded) -> Sample:
    return Sample(pairs(gain, n), n, seeds_wired=wired, guards=guards)


def test_an_improvement_with_its_guard_intact() -> None:
    verdict = decide(PLAN, sample(0.02, 3, log_loss=Guarded(pairs(-0.01, 3))))
    assert verdict.outcome is Outcome.IMPROVED
    (guard,) = verdict.guards
    assert (guard.hold, guard.n, guard.margin) == (Hold.HOLDS, 3, 0.0)
    assert guard.low is not None
    assert guard.high is not None
    assert guard.low < -0.01 < guard.high
    assert verdict.reasons[-1] == (
        "guard log_loss holds: -0.0098 [-0.0194, -0.0003], no loss is shown"
    )


def test_an_improvement_that_breaks_its_guard_is_worse() -> None:
    verdict = decide(PLAN, sample(0.02, 3, log_loss=Guarded(pairs(0.05, 3))))
    assert (verdict.outcome, verdict.label, verdict.next_look) == (Outcome.WORSE, "guard", None)
    assert verdict.reasons == (
        "guard log_loss is broken: +0.0502 [+0.0406, +0.0597], a loss is shown",
        "accuracy by itself: improved",
    )


def test_what_breaks_a_guard_is_not_run_further() -> None:
    verdict = decide(PLAN, sample(0.0, 3, log_loss=Guarded(pairs(0.05, 3))))
    assert (verdict.outcome, is_final(verdict)) == (Outcome.WORSE, True)


def test_a_dead_end_stays_one_whatever_its_guard_says() -> None:
    verdict = decide(PLAN, sample(-0.01, 5, log_loss=Guarded(pairs(0.05, 5))))
    assert (verdict.outcome, verdict.label) == (Outcome.WORSE, None)
    assert verdict.reasons[0].startswith("guard log_loss is broken: ")


@pytest.mark.parametrize(
    ("center", "hold", "told"),
    [
        (-0.1, Hold.HOLDS, "a loss of 0.5 or more is excluded"),
        (-0.499, Hold.OPEN, "a loss of 0.5 is not excluded yet"),
        (-0.7, Hold.BROKEN, "a loss of more than 0.5 is shown"),
    ],
)
def test_a_margin(center: float, hold: Hold, told: str) -> None:
    plan = replace(PLAN, guards=(SPEED,))
    (guard,) = stand(plan, sample(0.0, 5, speed=Guarded(pairs(center, 5))))
    assert guard.hold is hold
    assert guard.reason.endswith(f"], {told}")


def test_a_guard_that_the_candidate_lost_is_broken() -> None:
    lost = Guarded(pairs(0.0, 2), missing=(2,))
    (guard,) = stand(PLAN, sample(0.02, 3, log_loss=lost))
    assert guard.hold is Hold.BROKEN
    assert guard.reason.endswith("1 of the candidate's runs lack it, where the baseline has it")
    assert decide(PLAN, sample(0.02, 3, log_loss=lost)).outcome is Outcome.WORSE


@pytest.mark.parametrize(
    ("guarded", "told"),
    [
        (Guarded(()), "guard log_loss is not certain: no pair has it"),
        (Guarded((), apart=(0, 1)), "guard log_loss is not certain: timed in two sessions"),
        (Guarded(pairs(0.0, 2)), "guard log_loss is not certain: -0.00050, 2 pairs do not tell yet"),
    ],
)  # fmt: skip
def test_a_guard_that_nobody_can_judge_is_open_and_said(guarded: Guarded, told: str) -> None:
    (guard,) = stand(PLAN, sample(0.02, 3, log_loss=guarded))
    assert (guard.hold, guard.reason) == (Hold.OPEN, told)
    verdict = decide(PLAN, sample(0.02, 3, log_loss=guarded))
    waits = guard.n == 0
    assert verdict.outcome is (Outcome.UNDECIDED if waits else Outcome.IMPROVED)
    assert verdict.next_look == (5 if waits else None)
    assert verdict.reasons[0] == told if waits else verdict.reasons[-1] == told


def test_a_margin_must_be_shown_before_an_improvement_counts() -> None:
    """The gain is certain at once, and that not too much speed is lost only later."""
    plan = replace(PLAN, guards=(SPEED,))
    early = decide(plan, sample(0.02, 3, speed=Guarded(pairs(-0.45, 3, 20))))
    assert (early.outcome, early.label, early.next_look) == (Outcome.UNDECIDED, None, 5)
    assert early.reasons[1] == "accuracy by itself: improved"
    later = decide(plan, sample(0.02, 8, speed=Guarded(pairs(-0.45, 8, 2))))
    assert later.outcome is Outcome.IMPROVED
    never = decide(plan, sample(0.02, 20, speed=Guarded(pairs(-0.499, 20, 40))))
    assert (never.outcome, is_final(never)) == (Outcome.UNDECIDED, True)


def test_a_size_that_no_seed_moves_is_known_exactly() -> None:
    sizes = Guarded(tuple(Pair(i, 10.0, 12.0) for i in range(3)))
    (guard,) = stand(PLAN, sample(0.0, 3, log_loss=sizes))
    assert (guard.hold, guard.low, guard.high) == (Hold.BROKEN, 2.0, 2.0)
    steps = Guarded(tuple(Pair(i, float(i), i + 2.0) for i in range(3)))
    assert stand(PLAN, sample(0.0, 3, log_loss=steps))[0].hold is Hold.OPEN


def test_where_seeds_change_nothing_no_guard_is_judged() -> None:
    sizes = Guarded(tuple(Pair(i, 10.0, 12.0) for i in range(3)))
    assert stand(PLAN, sample(0.0, 3, wired=False, log_loss=sizes))[0].hold is Hold.OPEN


def test_a_noninferior_change_must_keep_its_guards() -> None:
    plan = replace(PLAN, goal=Goal.NONINFERIOR, effect=0.05)
    kept = decide(plan, sample(0.0, 5, log_loss=Guarded(pairs(-0.01, 5))))
    broken = decide(plan, sample(0.0, 5, log_loss=Guarded(pairs(0.05, 5))))
    assert (kept.label, broken.label, broken.outcome) == ("noninferior", "guard", Outcome.WORSE)


def test_a_look_back_sees_the_pairs_of_its_time() -> None:
    """The guard breaks in the later pairs only."""
    later = Guarded((*pairs(0.0, 3), *(Pair(i, 1.0, 9.0) for i in range(3, 5))))
    looks = trail(PLAN, sample(0.0, 5, log_loss=later))
    assert [look.guards[0].n for look in looks] == [3, 5]


def test_many_guards_share_the_level() -> None:
    one = stand(PLAN, sample(0.0, 5, log_loss=Guarded(pairs(0.01, 5))))[0]
    plan = replace(PLAN, guards=(LOSS, SPEED, replace(SPEED, metric="size")))
    shared = stand(plan, sample(0.0, 5, log_loss=Guarded(pairs(0.01, 5))))[0]
    assert one.low is not None
    assert shared.low is not None
    assert shared.low < one.low


values = st.floats(-1, 1).map(lambda x: round(x, 6))


@given(st.lists(st.tuples(values, values), min_size=3, max_size=8), st.booleans())
def test_turning_a_guard_round_turns_its_finding(
    found: list[tuple[float, float]], higher: bool
) -> None:
    there = Guarded(tuple(Pair(i, old, new) for i, (old, new) in enumerate(found)))
    back = Guarded(tuple(Pair(i, -old, -new) for i, (old, new) in enumerate(found)))
    plan = replace(PLAN, guards=(Guard("g", higher, 0.1),))
    other = replace(PLAN, guards=(Guard("g", not higher, 0.1),))
    (one,) = stand(plan, sample(0.0, len(found), g=there))
    (two,) = stand(other, sample(0.0, len(found), g=back))
    assert one.hold is two.hold


def test_a_verdict_with_guards_reads_back() -> None:
    verdict = decide(PLAN, sample(0.02, 3, log_loss=Guarded(pairs(0.05, 3))))
    assert Verdict.from_json(verdict.as_json()) == verdict
    assert isinstance(Verdict.from_json(verdict.as_json()).guards[0], GuardFinding)
