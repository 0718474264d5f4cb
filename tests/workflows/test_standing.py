"""Which baseline stands, whether it was confirmed, and which experiments it has superseded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from paribus.core.experiment import Registration
from paribus.core.plan import Plan
from paribus.core.promotion import ConfirmationEnd, ConfirmationStart, Promotion
from paribus.git.command import Git
from paribus.git.objects import Objects
from paribus.git.tags import create_tag
from paribus.reports.standing import Place
from paribus.workflows.experiments import open_notebook
from paribus.workflows.project import Project, open_project
from paribus.workflows.standing import Standing, key_of, standing

if TYPE_CHECKING:
    from tests.conftest import Workspace

IDEA = "ab" * 10


@pytest.fixture
def opened(project: Workspace) -> Project:
    return open_project(project.path)


def now(project: Project) -> Standing:
    return standing(project, open_notebook(project))


def key(project: Project, revision: str = "HEAD") -> str:
    git = project.repository.git
    with Objects(git) as objects:
        found = key_of(project, objects, git.text("rev-parse", revision))
    assert found is not None
    return found


def registration(project: Project, name: str = "baseline/1", **more: str) -> Registration:
    """An experiment against the baseline that HEAD is."""
    commit = project.repository.git.text("rev-parse", "HEAD")
    baseline = {"commit": commit, "name": name, "key": key(project), **more}
    plan = Plan("accuracy", True, 0.005)
    return Registration(
        IDEA,
        "",
        baseline,
        ({"summary": "lr"},),
        "",
        plan,
        False,
        "t" * 40,
        None,
        None,
        "Ada",
        "now",
    )


def promotion(project: Project, number: int, provisional: str | None) -> Promotion:
    commit = project.repository.git.text("rev-parse", "HEAD")
    return Promotion(
        number, commit, key(project), "", IDEA, "lr", {"commit": "b" * 40, "name": "b", "key": "k"},
        None, provisional, "accuracy", 0.1, None, None, "2026-01-01", "Ada",
    )  # fmt: skip


def test_before_the_first_tag(opened: Project) -> None:
    found = now(opened)
    assert (found.latest, found.key, found.unconfirmed, found.is_unconfirmed) == (
        None, None, {}, False,
    )  # fmt: skip
    assert found.superseded(registration(opened)) is None
    assert found.place(registration(opened)) == Place()


def test_what_a_later_baseline_supersedes(project: Workspace, opened: Project) -> None:
    experiment = registration(opened)
    project.git("tag", "-a", "-m", "by hand", "baseline/1")
    assert now(opened).superseded(experiment) is None
    project.commit("a neutral file", {"README.md": "# Another title\n"})
    project.git("tag", "-a", "-m", "by hand", "baseline/2")
    assert now(opened).superseded(experiment) is None
    project.set_param("train.gain", 0.1)
    project.commit("a change")
    assert now(opened).superseded(experiment) is None
    project.git("tag", "-a", "-m", "by hand", "baseline/10")
    found = now(opened)
    assert found.latest is not None
    assert (found.latest.name, found.key) == ("baseline/10", key(opened))
    assert found.superseded(experiment) == "baseline/10"
    assert found.superseded(registration(opened)) is None


def test_a_baseline_without_a_confirmation(project: Workspace, opened: Project) -> None:
    """Its tag says so, wherever it is cloned to, until the ledger says that it was confirmed."""
    message = f"lr\n\nParibus-Experiment: {IDEA}\nParibus-Provisional: no machine\n"
    assert create_tag(Git(project.path), "baseline/1", project.git("rev-parse", "HEAD"), message)
    found, against = now(opened), registration(opened)
    assert (found.unconfirmed, found.is_unconfirmed) == ({"baseline/1": "no machine"}, True)
    assert found.place(against).unconfirmed is True
    notebook = open_notebook(opened)
    notebook.promote(promotion(opened, 1, "no machine"))
    found = now(opened)
    assert found.is_unconfirmed
    assert found.key == key(opened)
    assert found.place(registration(opened, "older", key="another")) == Place(
        promoted="baseline/1", provisional="no machine"
    )
    notebook.promote(promotion(opened, 1, None))
    found = now(opened)
    assert (found.unconfirmed, found.is_unconfirmed) == ({}, False)
    assert found.place(registration(opened, "older", key="another")) == Place(promoted="baseline/1")


def test_a_tag_by_hand_is_no_confirmation(project: Workspace, opened: Project) -> None:
    """The first is where a project begins; the others beat nothing, whatever they say."""
    by_hand = ("tag", "-a", "-m", "by hand")
    project.git(*by_hand, "baseline/1")
    assert now(opened).unconfirmed == {}
    project.commit("a neutral file", {"README.md": "# Another title\n"})
    project.git(*by_hand, "baseline/2")
    assert now(opened).unconfirmed == {}
    project.set_param("train.gain", 0.1)
    project.commit("a change")
    project.git(*by_hand, "baseline/3")
    project.git(*by_hand, "baseline/4")
    why = "tagged by hand, never confirmed"
    found = now(opened)
    assert (found.unconfirmed, found.is_unconfirmed) == (
        {"baseline/3": why, "baseline/4": why},
        True,
    )
    assert found.place(registration(opened, "baseline/3")).unconfirmed is True
    shown = project.paribus("baseline").out.splitlines()
    assert shown[0].startswith("baseline baseline/3 (unconfirmed)  ")
    assert f"  unconfirmed: {why}" in shown
    open_notebook(opened).promote(promotion(opened, 3, None))
    assert now(opened).unconfirmed == {}  # what moves no metric is as good as what it follows


def test_a_tag_that_claims_a_promotion_which_the_ledger_lacks(
    project: Workspace, opened: Project
) -> None:
    message = f"lr\n\nParibus-Experiment: {IDEA}\nParibus-Confirmed: 20 of 20 pairs\n"
    assert create_tag(Git(project.path), "baseline/1", project.git("rev-parse", "HEAD"), message)
    assert now(opened).unconfirmed == {"baseline/1": "its promotion is not in this ledger"}
    open_notebook(opened).promote(promotion(opened, 1, None))
    assert now(opened).unconfirmed == {}


def test_what_confirmations_said(opened: Project) -> None:
    start = ConfirmationStart(IDEA, 1, "", 1, 0.01, 20, "k", None, "2026-01-01", "Ada")
    end = ConfirmationEnd(
        IDEA,
        1,
        "",
        False,
        20,
        20,
        0.0,
        -0.1,
        0.1,
        0.5,
        0.5,
        0.5,
        0.01,
        (),
        (),
        None,
        (),
        "2026-01-02",
    )
    notebook = open_notebook(opened)
    notebook.confirm(start)
    assert now(opened).place(registration(opened)).confirmed is None
    notebook.confirm(end)
    assert now(opened).place(registration(opened)).confirmed is False
    notebook.confirm(replace(start, attempt=2, started="2026-01-03"))
    assert now(opened).place(registration(opened)).confirmed is None
    notebook.confirm(replace(end, attempt=2, confirmed=True, given="2026-01-04"))
    assert now(opened).place(registration(opened)).confirmed is True


def test_a_tag_of_something_else(project: Workspace, opened: Project) -> None:
    """A commit without this project's pipeline supersedes nothing that anybody could run."""
    experiment = registration(opened)
    (project.path / "dvc.yaml").unlink()
    project.commit("gone")
    project.git("tag", "-a", "-m", "by hand", "baseline/1")
    assert now(opened).superseded(experiment) is None
