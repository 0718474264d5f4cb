"""Verifications in the ledger."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from paribus.core.record import Record
from paribus.core.reproduction import Comparison, MetricMoved, Outcome
from paribus.core.surroundings import Moved
from paribus.core.verification import (
    Remade,
    Verification,
    VerificationEnd,
    VerificationStart,
)
from paribus.git.repository import discover
from paribus.ledger.branch import Branch, Write
from paribus.ledger.notebook import Notebook
from paribus.ledger.verifications import begin, finish, session, verifications

if TYPE_CHECKING:
    from tests.conftest import Workspace

SUBJECT = "ab" * 10
START = VerificationStart(
    "v1", SUBJECT, ("r1", "r2"), "5e55", "holder", "host", "2026-11-22T01:00:00", "Ada <a@b>"
)
REMADE = (
    Remade(
        "r1",
        Outcome.DIFFERENT,
        Comparison(2, 3, (MetricMoved("a", 1.0, None, 0.0),)),
        (Moved("numpy", "1", "2"),),
        1.5,
    ),
    Remade("r2", Outcome.FAILED, None, None, 0.5, "stage train, exit 1", "train", 1, "said"),
)
END = VerificationEnd("v1", SUBJECT, REMADE, "2026-11-22T01:01:00")


def branch_of(workspace: Workspace) -> Branch:
    return Branch(discover(workspace.path).git)


def test_start_and_end_are_read_back(project: Workspace) -> None:
    branch = branch_of(project)
    assert verifications(branch, SUBJECT) == ()
    begin(branch, START, {"id": "5e55", "installed": ["a==1"]})
    assert verifications(branch, SUBJECT) == (Verification(START, None),)
    finish(branch, END)
    later = replace(START, id="v2", started="2026-11-22T02:00:00")
    begin(branch, later, {"id": "5e55", "installed": ["a==1"]})
    assert verifications(branch, SUBJECT) == (Verification(START, END), Verification(later, None))
    assert END.outcome is Outcome.FAILED
    assert replace(END, interrupted=True).outcome is Outcome.INTERRUPTED
    # No page of an experiment knows of them.
    assert Notebook(branch).experiments() == []
    assert Notebook(branch).experiment(SUBJECT).unreadable == []


def test_what_cannot_be_read_is_left_out(project: Workspace) -> None:
    branch = branch_of(project)
    begin(branch, START, {"id": "5e55"})
    folder = f"verifications/{SUBJECT[:2]}/{SUBJECT}"
    branch.append([Write(folder, Record("verification", {"id": "v1", "runs": 7}))], "damage")
    assert verifications(branch, SUBJECT) == (Verification(START, None),)


def test_of_two_records_of_a_session_the_one_with_packages_is_read(project: Workspace) -> None:
    branch = branch_of(project)
    assert session(branch, "5e55") is None
    for body in (
        {"id": "5e55", "packages": "p"},
        {"id": "5e55", "packages": "p", "installed": ["a==1"]},
    ):
        branch.append([Write("sessions/5e/5e55", Record("session", body))], "session")
    found = session(branch, "5e55")
    assert found is not None
    assert found["installed"] == ["a==1"]
