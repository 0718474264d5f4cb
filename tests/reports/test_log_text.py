"""The list of experiments: what is told of guards, of failures, and of a filter that finds nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from paribus.core.experiment import Registration
from paribus.core.plan import Plan
from paribus.core.verdict import GuardFinding, Hold, Outcome, Verdict
from paribus.reports.listed import Listed
from paribus.reports.log import LogReport, as_text
from paribus.reports.run import RunReport
from paribus.reports.run import as_text as one_as_text
from paribus.reports.verdict import headline

BASELINE = {"commit": "b" * 40, "name": "baseline/4", "key": "k"}
BROKEN = GuardFinding(
    "log_loss", False, Hold.BROKEN, 0.2, 0.1, 0.3, 5, 0.0, "guard log_loss is broken"
)
WORSE = Verdict(
    Outcome.WORSE, "accuracy", -0.01, -0.012, -0.008, 5, (), attempted=5, guards=(BROKEN,)
)  # fmt: skip


def report(verdict: Verdict | None) -> RunReport:
    registration = Registration(
        "a" * 20, "", BASELINE, ({"summary": "lr 1 -> 2"},), "why not", Plan("accuracy", True, 0.005),
        False, "t" * 40, None, None, "Ada", "2020-01-01T00:00:00",
    )  # fmt: skip
    return RunReport(registration, "aaaa", (), (), (), verdict, (0, 0), None)


def listed(verdict: Verdict | None) -> Listed:
    return Listed(report(verdict).registration, "aaaa", verdict, "judged")


def test_a_broken_guard_is_told_though_it_did_not_decide() -> None:
    assert headline(WORSE) == (
        "worse: guard log_loss is broken; accuracy -0.0100 [-0.0120, -0.0080], 5 of 5 pairs"
    )
    assert as_text(LogReport((listed(WORSE),), 1, ())).splitlines() == [
        "aaaa  worse  -0.0100 [-0.0120, -0.0080]  5 pairs  2020-01-01",
        "      lr 1 -> 2: why not; guard log_loss is broken",
    ]


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        ("worse", "none of 3 experiments is worse"),
        ("failed", "none of 3 experiments failed"),
        ("no-difference", "none of 3 experiments ended in no detectable difference"),
        ("not-comparable", "none of 3 experiments turned out not comparable"),
    ],
)
def test_a_filter_that_finds_nothing_does_not_say_that_there_is_nothing(
    wanted: str, line: str
) -> None:
    assert as_text(LogReport((), 0, (), wanted, 3)).splitlines() == [
        line,
        "next: all of them   paribus log",
    ]


def test_a_family_is_told_and_the_words_of_a_command_that_is_not_known_stand_alone() -> None:
    shown = one_as_text(replace(report(None), family=3))
    assert "      one of a family of 3 tried together\n" in shown
    assert "next: go on to the next look: the same command again; what succeeded is kept" in shown
