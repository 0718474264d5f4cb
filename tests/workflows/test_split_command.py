"""`paribus split`: each change of several alone, all of them together, and what that adds up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paribus.git.command import Git
from paribus.ledger.branch import Branch
from paribus.ledger.notebook import Notebook

if TYPE_CHECKING:
    from tests.conftest import Workspace


def confounded(project: Workspace) -> None:
    """A param and a constant of the code, in the working tree."""
    project.set_param("train.gain", 0.3)
    project.write({"train.py": project.read("train.py").replace("0.3)", "0.0)", 1)})


@pytest.mark.slow
def test_each_change_alone_and_all_together(measured: Workspace) -> None:
    """A gain of 0.3, and a name that changes nothing: the whole is their sum."""
    measured.set_param("train.gain", 0.3)
    measured.set_param("train.name", "fancier")
    before = measured.state()
    told = measured.paribus("split", "--jobs", "2", "--seeds", "3")
    assert told.code == 0, told
    head = measured.git("rev-parse", "HEAD")[:7]
    lines = told.out.splitlines()
    assert lines[0] == (
        f"the working tree, split: 3 experiments against {head}: 2 improved, 1 no detectable difference"
    )
    assert "        1  train.gain 0.0 -> 0.3\n" in told.out
    assert "        2  train.name plain -> fancier\n" in told.out
    assert "        all 2 together\n" in told.out
    (at,) = [at for at, line in enumerate(lines) if line.startswith("together")]
    line = " ".join(map(str.strip, lines[at : at + 2]))
    assert line.startswith("together +0.3")
    assert ", one by one +0.3" in line
    assert line.endswith("interaction +0.000000 [+0.000000, +0.000000]")
    assert "  the whole is the sum of its changes, to the last digit\n" in told.out
    assert measured.state() == before

    machine = measured.paribus("split", "--json", "--seeds", "3")
    report = machine.json
    assert (machine.code, report["runs"]["made"], report["left_out"]) == (0, 0, [])
    assert report["split"] == "the working tree"
    whole = next(one for one in report["experiments"] if one["experiment"] == report["whole"])
    assert (whole["allow"], len(whole["changes"])) == ("split: the whole of 2 changes", 2)
    assert report["interaction"]["n"] == 3
    assert list(report["interaction"]["singles"]) == [
        "1  train.gain 0.0 -> 0.3", "2  train.name plain -> fancier",
    ]  # fmt: skip
    seeds = [
        [run["seeds"] for run in one["runs"] if run["side"] == "candidate"]
        for one in report["experiments"]
    ]
    assert seeds[0] == seeds[1] == seeds[2]
    members = tuple(sorted(report["family"]["members"]))
    assert len(members) == 3
    assert Notebook(Branch(Git(measured.path))).families(report["whole"]) == (members,)
    # Alone, each is found by what it is.
    alone = measured.paribus("run", "HEAD", "-S", "params.json:train.gain=0.3", "--json").json
    assert (alone["found"], alone["experiment"] in members) == (True, True)


def test_a_dry_run_shows_what_would_be_run_and_writes_nothing(measured: Workspace) -> None:
    confounded(measured)
    before = measured.state(), measured.git("rev-parse", "paribus/ledger")
    told = measured.paribus("split", "--dry-run")
    head = measured.git("rev-parse", "HEAD")[:7]
    lines = told.out.splitlines()
    assert (told.code, told.err) == (0, "")
    assert lines[:6] == [
        f"would split the working tree into 3 experiments against {head}:",
        "",
        "  1  param  train.gain 0.0 -> 0.3",
        "            params.json:5",
        "  2  code   0.3 -> 0.0",
        "            train.py:13",
    ]
    machine = measured.paribus("split", "--dry-run", "--json").json
    experiments = [one["experiment"] for one in machine["experiments"]]
    assert lines[6:] == [
        "",
        f"  1  alone         {experiments[0][:8]}",
        f"  2  alone         {experiments[1][:8]}",
        f"     all together  {machine['whole'][:8]}",
        "",
        "nothing was run or written",
    ]
    assert [one["number"] for one in machine["experiments"]] == [1, 2]
    assert (measured.state(), measured.git("rev-parse", "paribus/ledger")) == before


@pytest.mark.slow
def test_a_ruler_is_left_out_and_with_it_the_whole(measured: Workspace) -> None:
    confounded(measured)
    measured.write(
        {"evaluate.py": measured.read("evaluate.py").replace("round(score, 6)", "round(score, 5)")}
    )
    told = measured.paribus("split", "--seeds", "1", "--runs", "1", "--json")
    assert told.code == 4, told
    (left,) = told.json["left_out"]
    judged = measured.paribus("check", "--json").json["changes"]
    assert judged[left["number"] - 1] == left["change"]
    assert left["change"]["kind"] == "ruler"
    assert (told.json["whole"], told.json["interaction"]) == (None, None)
    assert len(told.json["experiments"]) == 2
    assert told.json["runs"] == {"made": 1, "limit": 1}
    shown = measured.paribus("split", "--dry-run").out
    assert shown.splitlines()[0].endswith("; 1 left out:")
    assert "left out  " in shown
    why = "the ruler: numbers before and after are not comparable; commit it alone"
    assert why in " ".join(shown.split())


def test_branches_instead_of_runs(project: Workspace) -> None:
    """Of a commit; the ruler has one, too, since that is how it becomes a baseline."""
    project.git("switch", "--quiet", "--create", "everything")
    confounded(project)
    project.commit(
        "all at once",
        {"evaluate.py": project.read("evaluate.py").replace("round(score, 6)", "round(score, 5)")},
    )
    project.git("switch", "--quiet", "main")
    before = project.state()
    told = project.paribus("split", "everything", "--branches", "--json")
    assert told.code == 0, told
    branches = [one["branch"] for one in told.json["branches"]]
    assert len(branches) == 3
    after = project.state()
    assert {name: after[name] for name in before} == before
    assert sorted(after.keys() - before.keys()) == sorted(f"refs/heads/{name}" for name in branches)
    main = project.git("rev-parse", "main")
    for one in told.json["branches"]:
        assert one["branch"].startswith(f"split/{one['number']}")
        assert project.git("rev-parse", one["branch"], f"{one['branch']}^").split() == [
            one["commit"], main,
        ]  # fmt: skip
        judged = project.paribus("check", one["branch"], "--json").json
        assert [change["summary"] for change in judged["changes"]] == [one["change"]["summary"]]
        message = project.git("log", "-1", "--format=%B", one["branch"])
        assert message == (
            f"{one['change']['summary']}\n\n"
            "One of 3 changes of everything, taken apart by paribus split."
        )
    assert project.git("fsck", "--strict", "--no-dangling") == ""
    again = project.paribus("split", "everything", "--branches")
    assert (again.code, again.err) == (0, "")
    assert again.out.count(" (was there already)\n") == 3
    assert project.state() == after
    project.git("branch", "--force", branches[0], "main")
    taken = project.paribus("split", "everything", "--branches")
    assert (taken.code, taken.out) == (2, "")
    assert taken.err.splitlines() == [
        f"error[branch-exists]: the branch {branches[0]} is there already, with something else; "
        "no branch was made",
        f"help: keep it by another name   git branch -m {branches[0]} "
        f"kept-{branches[0].replace('/', '-')}",
    ]
    assert project.git("branch", "--list", "paribus/ledger") == ""


def test_nothing_to_split(project: Workspace) -> None:
    none = project.paribus("split")
    assert (none.code, none.err.split(":")[0]) == (2, "error[no-change]")
    project.set_param("train.gain", 0.3)
    one = project.paribus("split")
    head = project.git("rev-parse", "HEAD")[:7]
    assert (one.code, one.out) == (2, "")
    assert one.err == (
        f"error[nothing-to-split]: the working tree has one change against {head} "
        "(train.gain 0.0 -> 0.3): there is nothing to split\n"
        "help: measure it   paribus run\n"
    )
    usage = project.paribus("split", "--branches", "--dry-run")
    assert (usage.code, usage.err.split(":")[0]) == (2, "error[usage]")


def test_nothing_that_can_be_run(project: Workspace) -> None:
    """What measures, and what it runs in: no run could tell anything about either."""
    project.commit("packages", {"requirements.txt": "numpy==1.0\n"})
    text = project.read("evaluate.py").replace("round(score, 6)", "round(score, 5)")
    project.write({"evaluate.py": text, "requirements.txt": "numpy==1.1\n"})
    told = project.paribus("split")
    assert (told.code, told.out) == (2, "")
    first, *rest = told.err.splitlines()
    assert first == (
        "error[nothing-to-split]: none of the 2 changes can be an experiment of its own"
    )
    assert [line.split("   ")[-1].strip() for line in rest] == [
        "the ruler: numbers before and after are not comparable; commit it alone",
        "the environment: both sides would run in the same one",
    ]
    helps = project.paribus("check").out.splitlines()
    way = next(line for line in helps if line.startswith("help: one commit each"))
    assert way.endswith("  paribus split --branches")
    assert project.paribus("split", "--branches").code == 0
