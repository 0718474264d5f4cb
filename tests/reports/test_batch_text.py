"""The report of several experiments: best first, and what stands when all that were tried are counted."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from paribus.core.errors import Exit
from paribus.core.experiment import Registration
from paribus.core.plan import Plan
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.verdict import GuardFinding, Hold, Outcome, Verdict
from paribus.reports.batch import BatchReport, as_json, as_text
from paribus.reports.members import Member, Refused, Skipped
from paribus.reports.run import RunReport

PLAN = Plan("accuracy", True, 0.005)
BASELINE = {"commit": "b" * 40, "name": "baseline/4", "key": "k"}


def registration(letter: str, plan: Plan = PLAN) -> Registration:
    change = {"summary": f"lr 1 -> {letter}"}
    return Registration(
        letter * 20, "", BASELINE, (change,), "", plan, False, "t" * 40, None, None, "Ada",
        "2020-01-01T00:00:00",
    )  # fmt: skip


def verdict(outcome: Outcome, estimate: float | None, n: int = 5, **more: Any) -> Verdict:
    low, high = (None, None) if estimate is None else (estimate - 0.002, estimate + 0.002)
    return Verdict(outcome, "accuracy", estimate, low, high, n, (), attempted=n, **more)


def member(letter: str, told: Verdict | None, q: float | None = 0.01, **more: Any) -> Member:
    plan = more.pop("plan", PLAN)
    runs = more.get("candidate_runs", ())
    about = registration(letter, plan)
    one = RunReport(about, letter * 4, (), runs, (), told, (0, 3), None)
    return Member(one, one.registration.summary, q)


def failed(letter: str) -> Member:
    intent = Intent(
        "r" * 10, 1, {}, Purpose.MEASURE, "s", "h", "host", "2020-01-01T00:00:00", letter * 20
    )
    run = Run(intent, Status.FAILED, cause="stage train, exit 1", log_tail="loss is nan\n")
    return member(letter, verdict(Outcome.UNDECIDED, None, 1), 1.0, candidate_runs=(run,))


def batch(*members: Member, **more: Any) -> BatchReport:
    return BatchReport(BASELINE, members, **more)


IMPROVED = member("a", verdict(Outcome.IMPROVED, 0.010))
ALONE = member("c", verdict(Outcome.IMPROVED, 0.004), 0.08)
WORSE = member("d", verdict(Outcome.WORSE, -0.010))
OPEN = member("e", verdict(Outcome.UNDECIDED, 0.001, 3, next_look=5))
WAITING = member("f", None, 1.0)
MANY = Refused(
    "-S lr=2 -S b=1", "one-change", "2 changes, and an experiment has one", Exit.RULE_BROKEN
)


def test_the_whole_of_it() -> None:
    skipped = Skipped("-S lr=1", "nothing differs from the baseline")
    report = batch(
        WORSE, failed("g"), OPEN, ALONE, WAITING, IMPROVED,
        refused=(MANY,), skipped=(skipped,), runs=9, limit=9,
        command="paribus run -S lr=2,3 -S b=1",
    )  # fmt: skip
    told = as_text(report).splitlines()
    assert told == [
        "6 experiments against baseline/4 (bbbbbbb): 1 improved, 1 improved alone, 1 undecided, "
        "1 worse, 1 failed, 1 not run yet; 1 refused",
        "      accuracy, higher is better; effect of interest 0.005; looks 3 5 8 12 20",
        "      null control 0 of 3 differ",
        "",
        "          n  difference                      worse | better",
        "  aaaa    5  +0.0100 [+0.0080, +0.0120]            |      [*-]  improved",
        "        lr 1 -> a",
        "  cccc    5  +0.0040 [+0.0020, +0.0060]            | [*-]       improved alone",
        "        lr 1 -> c",
        "  eeee    3  +0.0010 [-0.0010, +0.0030]           [+*]          undecided",
        "        lr 1 -> e",
        "  dddd    5  -0.0100 [-0.0120, -0.0080]  [-*]      |            worse",
        "        lr 1 -> d",
        "  gggg    1                                                     failed",
        "        lr 1 -> g",
        "  ffff                                                          not run yet",
        "        lr 1 -> f",
        "",
        "gggg failed: pair 2, stage train, exit 1; recorded",
        "  loss is nan",
        "",
        "improved alone, not among 6 tried: the best of 6 looks good by luck more often",
        "than one, and with all of them counted it may be luck",
        "",
        "refused  -S lr=2 -S b=1",
        "         2 changes, and an experiment has one",
        "skipped  -S lr=1",
        "         nothing differs from the baseline",
        "",
        "9 of at most 9 candidate runs made now",
        "",
        "next: confirm the best         paribus promote aaaa",
        "next: mend it and try again    paribus run -S lr=2,3 -S b=1",
        'next: let the others through   paribus run -S lr=2,3 -S b=1 --allow "why"   (recorded)',
        "next: one in full              paribus show aaaa",
    ]
    assert max(len(line) for line in told[1:] if not line.startswith("next: ")) <= 80


def test_no_bare_p_for_people_and_q_for_machines() -> None:
    report = batch(ALONE, WORSE)
    assert "0.08" not in as_text(report)
    told = json.loads(as_json(report))
    assert [(one["q"], one["alone"]) for one in told["experiments"]] == [
        (0.08, True),
        (0.01, False),
    ]
    assert told["family"] == {
        "members": ["c" * 20, "d" * 20],
        "tried": 2,
        "method": "benjamini-hochberg",
        "level": 0.05,
    }


def test_where_lower_is_better_the_lowest_comes_first() -> None:
    plan = replace(PLAN, higher_is_better=False)
    members = [
        member(x, verdict(Outcome.WORSE, y), plan=plan) for x, y in (("a", 0.1), ("b", -0.1))
    ]
    assert [one.label for one in batch(*members).best_first] == ["lr 1 -> b", "lr 1 -> a"]
    assert "better | worse" in as_text(batch(*members))


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (batch(IMPROVED, WORSE, ALONE), Exit.DONE),
        (batch(IMPROVED, OPEN), Exit.UNDECIDED),
        (batch(WAITING), Exit.UNDECIDED),
        (batch(IMPROVED, OPEN, refused=(MANY,)), Exit.RULE_BROKEN),
        (
            batch(IMPROVED, refused=(MANY, replace(MANY, status=Exit.BAD_INPUT))),
            Exit.BAD_INPUT,
        ),
        (batch(failed("g"), OPEN, refused=(MANY,)), Exit.RUN_FAILED),
        (batch(IMPROVED, refused=(replace(MANY, status=Exit.UNDECIDED),)), Exit.UNDECIDED),
    ],
)
def test_the_exit_code_is_the_gravest(report: BatchReport, status: Exit) -> None:
    assert report.status is status


def test_one_that_was_tried_by_itself_is_not_among_many() -> None:
    assert not member("a", verdict(Outcome.IMPROVED, 0.01), None).alone


BROKEN = GuardFinding(
    "log_loss", False, Hold.BROKEN, 0.2, 0.1, 0.3, 5, 0.0, "guard log_loss is broken: ..."
)


def test_a_row_says_why_there_is_no_difference_and_which_guard_is_broken() -> None:
    """In the words with which the reason begins; the guard also where it did not decide."""
    futile = "a gain of 0.005 or more is unlikely (90 % upper bound +0.0029)"
    inside = (
        "the interval [-0.002, +0.002] lies within 0.005 of zero, the smallest effect of interest"
    )
    members = (
        member("a", verdict(Outcome.NO_DIFFERENCE, 0.001), 1.0),
        member("b", verdict(Outcome.NO_DIFFERENCE, 0.0), 1.0),
        member("c", verdict(Outcome.WORSE, -0.01, guards=(BROKEN,))),
    )
    reasons = (("guard x holds: +0.1", futile), (inside,), ("worse by far",))
    told = tuple(
        replace(one, report=replace(one.report, verdict=replace(one.report.verdict, reasons=why)))
        for one, why in zip(members, reasons, strict=True)
        if one.report.verdict is not None
    )
    lines = [line for line in as_text(batch(*told)).splitlines() if line.startswith(" " * 8)]
    assert lines == [
        "          n  difference                      worse | better",
        "        lr 1 -> a",
        "        a gain of 0.005 or more is unlikely",
        "        lr 1 -> b",
        "        the interval [-0.002, +0.002] lies within 0.005 of zero",
        "        lr 1 -> c",
        "        guard log_loss is broken",
    ]


def test_what_another_process_runs_is_busy_and_not_refused() -> None:
    busy = Refused(
        "lr 1 -> 9", "already-running", "it is being run by another process", Exit.RUN_FAILED
    )
    report = batch(IMPROVED, refused=(busy,))
    told = as_text(report).splitlines()
    assert told[0] == "2 experiments against baseline/4 (bbbbbbb): 1 improved, 1 busy"
    assert told[-6:] == [
        "busy     lr 1 -> 9",
        "         it is being run by another process",
        "",
        "next: confirm the best   paribus promote aaaa",
        "next: how far it is      paribus status",
        "next: one in full        paribus show aaaa",
    ]
    assert report.status is Exit.RUN_FAILED
