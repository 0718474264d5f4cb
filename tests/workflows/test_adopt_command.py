"""`paribus adopt`: one change of a colleague's line on one's own baseline."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Called, Workspace
    from tests.workflows.conftest import History


def adopted(project: Workspace, *arguments: str) -> Called:
    """Nothing but the ledger may differ afterwards."""
    before = project.state()
    told = project.paribus("adopt", *arguments)
    assert project.state() == before
    assert project.git("fsck", "--strict", "--no-dangling") == ""
    return told


def summaries(told: Called) -> list[str]:
    return [change["summary"] for change in told.json["changes"]]


def move_on(project: Workspace, **params: Any) -> str:
    """One's own line: a new baseline, with some params of its own."""
    for name, value in params.items():
        project.set_param(f"train.{name}", value)
    commit = project.commit("our way", {"README.md": "# Our way\n"})
    project.git("tag", "-a", "baseline/2", "-m", "ours")
    return commit


@pytest.fixture
def colleague(project: Workspace) -> Workspace:
    """A branch `theirs` with two changes against the first baseline, while `main` has gone on."""
    project.git("tag", "-a", "baseline/1", "-m", "the first")
    project.git("switch", "--quiet", "--create", "theirs")
    project.set_param("train.gain", 0.3)
    project.write({"train.py": project.read("train.py").replace("0.8 +", "0.85 +")})
    project.commit("two at once", {"README.md": "# Their way\n"})
    project.git("switch", "--quiet", "main")
    move_on(project, noise=0.02)
    return project


@pytest.mark.slow
def test_one_of_two_changes_of_a_branch(colleague: Workspace) -> None:
    """Onto one's own baseline as it is, whatever lies edited in the working tree."""
    colleague.write({"train.py": "this is not even Python\n", "README.md": "# Edited\n"})
    tip = colleague.git("rev-parse", "theirs")
    told = adopted(colleague, "theirs", "1", "--seeds", "1", "--json", "-m", "gain gains")
    assert (told.code, told.err) == (4, "")
    assert summaries(told) == ["train.gain 0.0 -> 0.3"]
    assert told.json["hypothesis"] == f"gain gains; adopted from theirs ({tip[:12]})"
    assert told.json["baseline"] == colleague.git("rev-parse", "baseline/2^{commit}")
    run = next(run for run in told.json["runs"] if run["side"] == "candidate")
    held = json.loads(colleague.git("show", f"{run['commit']}:params.json"))["train"]
    assert (held["gain"], held["noise"]) == (0.3, 0.02)
    assert colleague.git("show", f"{run['commit']}:README.md") == "# Our way"
    assert "0.8 +" in colleague.git("show", f"{run['commit']}:train.py")


def test_the_other_change_is_told_and_not_run(colleague: Workspace) -> None:
    """A dry run leaves no object behind."""
    objects = colleague.git("count-objects", "-v")
    told = adopted(colleague, "theirs", "2", "--dry-run", "--json")
    assert (told.code, told.err) == (0, "")
    assert [change["file"] for change in told.json["changes"]] == ["train.py"]
    assert told.json["baseline"] == colleague.git("rev-parse", "baseline/2^{commit}")
    assert colleague.git("count-objects", "-v") == objects
    assert "paribus" not in colleague.git("for-each-ref")


@pytest.mark.slow
def test_an_experiment_of_another_baseline(history: History, measured: Workspace) -> None:
    """Its hypothesis comes along; tried twice, it is found."""
    identifier = history.id("improved")
    move_on(measured, name="ours")
    told = adopted(measured, identifier[:6], "--seeds", "1", "--json")
    assert (told.code, told.err) == (4, "")
    assert summaries(told) == ["train.gain 0.0 -> 0.2"]
    assert told.json["experiment"] != identifier
    assert told.json["hypothesis"] == f"a larger gain gains; adopted from {identifier}"
    shown = measured.paribus("show", told.json["experiment"]).out
    assert f"a larger gain gains; adopted from {identifier}\n" in shown
    by_hand = measured.paribus("run", "-S", "params.json:train.gain=0.2", "--dry-run", "--json")
    assert by_hand.json["experiment"] == told.json["experiment"]


def test_an_experiment_of_ones_own_baseline_is_found(history: History, measured: Workspace) -> None:
    identifier = history.id("improved")
    told = adopted(measured, identifier)
    assert told.code == 0
    assert told.out.startswith("found in the ledger; nothing was run\n")
    assert f"{identifier[:4]}  train.gain 0.0 -> 0.2" in told.out


def test_something_else_stands_there(history: History, measured: Workspace) -> None:
    identifier = history.id("improved")
    runs = measured.git("rev-list", "--count", "paribus/ledger")
    move_on(measured, gain=0.1)
    told = adopted(measured, identifier)
    assert (told.code, told.out) == (2, "")
    assert told.err.splitlines() == [
        "error[not-adopted]: train.gain 0.0 -> 0.2 cannot be adopted: "
        "train.gain in params.json is 0.1, not 0.0, in baseline baseline/2",
        "help: make the change by hand, and try it   paribus run",
    ]
    assert measured.git("rev-list", "--count", "paribus/ledger") == runs


def test_what_the_baseline_has_already(history: History, measured: Workspace) -> None:
    move_on(measured, gain=0.2)
    told = adopted(measured, history.id("improved"))
    assert told.code == 2
    assert told.err.splitlines()[0] == (
        "error[not-adopted]: train.gain 0.0 -> 0.2 cannot be adopted: "
        "baseline baseline/2 has it already"
    )


def test_which_change_has_to_be_said(colleague: Workspace) -> None:
    """As `paribus check` numbers them, against the colleague's baseline."""
    checked = colleague.paribus("check", "theirs", "--baseline", "baseline/1", "--json").json
    first, second = (" ".join(change["summary"].split()) for change in checked["changes"])
    width = max(len(first), len(second))
    for arguments, said in (((), "say which"), (("3",), "there is no number 3")):
        told = adopted(colleague, "theirs", *arguments)
        assert (told.code, told.out) == (2, "")
        assert told.err.splitlines() == [
            f"error[which-change]: 2 changes against baseline/1: {said}",
            f"help: {first.ljust(width)}   paribus adopt theirs 1",
            f"help: {second.ljust(width)}   paribus adopt theirs 2",
        ]


def test_a_ruler_is_not_offered(colleague: Workspace) -> None:
    colleague.git("switch", "--quiet", "theirs")
    ruler = colleague.read("evaluate.py").replace("round(score, 6)", "round(score, 5)")
    colleague.commit("and the ruler", {"evaluate.py": ruler})
    colleague.git("switch", "--quiet", "main")
    lines = adopted(colleague, "theirs").err.splitlines()
    assert lines[0].startswith("error[which-change]: 3 changes ")
    ways = [line.split("   ")[-1].strip() for line in lines[1:]]
    assert sorted(way.startswith("paribus adopt theirs ") for way in ways) == [False, True, True]
    (told,) = [way for way in ways if not way.startswith("paribus")]
    assert told.endswith(": the ruler, which is no experiment)")


def test_nothing_to_adopt(colleague: Workspace) -> None:
    told = adopted(colleague, "baseline/1")
    assert (told.code, told.err.splitlines()) == (
        2,
        [
            "error[no-change]: nothing differs there from its baseline baseline/1, "
            "so there is nothing to adopt"
        ],
    )
    told = adopted(colleague, "nobody/knows", "--json")
    assert (told.code, told.json["error"]["code"]) == (2, "unknown-origin")
    assert told.json["error"]["message"] == (
        "neither an experiment nor a commit is called 'nobody/knows' here"
    )


def test_a_ruler_is_not_adopted_as_an_experiment(project: Workspace) -> None:
    """Refused as `paribus run` refuses it."""
    project.git("switch", "--quiet", "--create", "theirs")
    program = project.read("evaluate.py").replace("round(score, 6)", "round(score + 1, 6)")
    project.commit("another ruler", {"evaluate.py": program})
    project.git("switch", "--quiet", "main")
    told, other = adopted(project, "theirs"), project.paribus("run", "theirs")
    assert told.code == other.code == 4
    assert [line for line in told.out.splitlines() if "ruler" in line] == [
        line for line in other.out.splitlines() if "ruler" in line
    ]
    assert "paribus" not in project.git("for-each-ref")
