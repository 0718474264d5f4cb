"""Confirmations and promotions come back from the ledger as they were said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from paribus.core.promotion import ConfirmationEnd, ConfirmationStart, GateAnswer, Promotion
from paribus.core.record import Record
from paribus.core.statistics.online import level
from paribus.git.repository import discover
from paribus.ledger.branch import Branch, Write
from paribus.ledger.notebook import Notebook
from paribus.ledger.promotions import Attempt, Promotions

if TYPE_CHECKING:
    from tests.conftest import Workspace

EXPERIMENT, OTHER = "ab" * 10, "cd" * 10

START = ConfirmationStart(
    EXPERIMENT, 1, "", 1, 0.0109, 20, "confirm:feed:1", None, "2026-01-01T00:00:01", "Ada <a@b.c>"
)
END = ConfirmationEnd(
    EXPERIMENT, 1, "", False, 20, 20, 0.001, -0.004, 0.006, 0.8, 0.801, 0.34, 0.0109,
    ("the gain would have to be real at level 0.011; it is not",), (), None, (("b1", "c1"),),
    "2026-01-01T00:00:02",
)  # fmt: skip
PROMOTION = Promotion(
    1, "c" * 40, "5ee5", "", EXPERIMENT, "lr 0.1 -> 0.2",
    {"commit": "b" * 40, "name": "bbbbbbb", "key": "4ee4"}, None, "the cluster is gone", "accuracy",
    0.01, 0.002, 0.018, "2026-01-01T00:00:03", "Ada <a@b.c>",
)  # fmt: skip


@pytest.fixture
def branch(project: Workspace) -> Branch:
    return Branch(discover(project.path).git)


@pytest.fixture
def notebook(branch: Branch) -> Notebook:
    return Notebook(branch)


def later(second: int) -> str:
    return f"2026-01-01T00:01:{second:02}"


def test_nothing_at_first(notebook: Notebook) -> None:
    found = notebook.promotions()
    assert found == Promotions()
    assert (found.latest(EXPERIMENT), found.promoted(EXPERIMENT)) == (None, None)
    assert (found.tests, found.queries, found.next_level) == (0, 0, level(1, []))


def test_a_confirmation_and_what_came_of_it(project: Workspace, notebook: Notebook) -> None:
    notebook.confirm(START)
    assert notebook.promotions().attempts == (Attempt(START),)
    assert notebook.confirm(END) == notebook.tip()
    notebook.promote(PROMOTION)
    found = notebook.promotions()
    assert found == Promotions((Attempt(START, END),), (PROMOTION,))
    assert found.latest(EXPERIMENT) == Attempt(START, END)
    assert found.promoted(EXPERIMENT) == PROMOTION
    assert project.git("log", "--format=%s", "paribus/ledger").splitlines() == [
        "promote abababab to baseline/1, unconfirmed",
        "not confirmed abababab after 20 fresh pairs, attempt 1",
        "confirm abababab with 20 fresh pairs, attempt 1",
    ]


def test_attempts_follow_one_another(notebook: Notebook) -> None:
    again = replace(START, attempt=2, test=2, started=later(1))
    for told in (again, START, END, replace(END, attempt=2, confirmed=True, given=later(2))):
        notebook.confirm(told)
    found = notebook.promotions()
    latest = found.latest(EXPERIMENT)
    assert latest is not None
    assert latest.end is not None
    assert (latest.start.attempt, latest.end.confirmed) == (2, True)
    assert found.tests == 2
    assert found.next_level == level(3, [2])


def test_only_what_has_ended_changes_the_next_level(notebook: Notebook) -> None:
    """Two confirmations at once: the second does not wait for the first, and earns nothing from it."""
    notebook.confirm(START)
    assert notebook.promotions().next_level == level(2, [])
    notebook.confirm(replace(START, experiment=OTHER, test=2, started=later(1)))
    notebook.confirm(replace(END, confirmed=True, given=later(2)))
    assert notebook.promotions().next_level == level(3, [2])


def test_projects_of_one_repository_share_no_error_budget(notebook: Notebook) -> None:
    elsewhere = replace(START, experiment=OTHER, project="other")
    notebook.confirm(START)
    notebook.confirm(elsewhere)
    notebook.promote(replace(PROMOTION, experiment=OTHER, project="other"))
    assert notebook.promotions("").attempts == (Attempt(START),)
    assert notebook.promotions("").promotions == ()
    assert notebook.promotions("other").attempts == (Attempt(elsewhere),)
    assert notebook.promotions("other").next_level == level(2, [])
    assert notebook.promotions().tests == 2


def test_questions_to_the_locked_set_are_counted(notebook: Notebook) -> None:
    answer = GateAnswer("accuracy", False, 0.01, 20)
    for attempt, gate in enumerate((answer, None, answer), start=1):
        notebook.confirm(replace(START, attempt=attempt, started=later(attempt)))
        notebook.confirm(replace(END, attempt=attempt, gate=gate, given=later(attempt)))
    notebook.confirm(replace(START, attempt=4, started=later(4)))
    assert notebook.promotions().queries == 2


def test_a_provisional_baseline_that_is_confirmed_later(notebook: Notebook) -> None:
    notebook.promote(PROMOTION)
    commit = PROMOTION.commit
    assert notebook.promotions().is_confirmed(1, commit) is False
    confirmed = replace(PROMOTION, attempt=1, provisional=None)
    notebook.promote(confirmed)
    assert notebook.promotions().is_confirmed(1, commit) is True
    assert notebook.promotions().is_confirmed(2, commit) is False
    assert notebook.promotions().promoted(EXPERIMENT) == confirmed


def test_what_cannot_be_read_is_listed(notebook: Notebook, branch: Branch) -> None:
    notebook.confirm(START)
    strange = [
        Write("promotions", Record("coronation", {"king": "Ubu"})),
        Write("promotions", Record("promotion", {"number": "one"})),
        Write("confirmations/ab/cd", Record("confirmation-end", {"confirmed": True})),
    ]
    branch.append(strange, "from another version")
    found = notebook.promotions()
    assert found.attempts == (Attempt(START),)
    assert sorted(found.unreadable) == sorted(write.path for write in strange)


def test_a_number_that_another_commit_has_by_now_is_nobodys_promotion(notebook: Notebook) -> None:
    """Two clones promoted at once; the other one's tag stands, and ours was given up."""
    other = replace(PROMOTION, experiment=OTHER, commit="d" * 40, given=later(1))
    second = replace(PROMOTION, number=2, given=later(2))
    for each in (PROMOTION, other, second):
        notebook.promote(each)
    found = notebook.promotions()
    assert found.beside({}) == found
    assert found.beside({1: "d" * 40}).promotions == (other, second)
    assert found.beside({1: "d" * 40}).promoted(OTHER) == other
    assert found.beside({2: "e" * 40, 1: "c" * 40}).promotions == (PROMOTION,)
