"""What was measured once is not measured again: found experiments, further looks, reused baselines."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Workspace
    from tests.workflows.conftest import History

GAIN = "params.json:train.gain"


def ids(report: dict[str, Any], side: str, purpose: str = "measure") -> list[str]:
    """The ids of one side's runs."""
    return [run["id"] for run in report["runs"] if (run["side"], run["purpose"]) == (side, purpose)]


@pytest.mark.parametrize("outcome", ["improved", "worse", "no-difference"])
def test_an_idea_that_was_judged_is_found(history: History, outcome: str) -> None:
    """Quick, with the same words and the same exit code, and nothing is written."""
    command = {
        "improved": f"{GAIN}=0.2",
        "worse": f"{GAIN}=-0.2",
        "no-difference": "params.json:train.name=fancy",
    }[outcome]
    project = history.project
    before = project.state(), project.git("rev-parse", "paribus/ledger")
    told = project.paribus("run", "-S", command, "-m", "another hypothesis", timeout=20)
    assert (told.code, told.err) == (history.calls[outcome].code, "")
    assert told.out == f"found in the ledger; nothing was run\n\n{history.calls[outcome].out}"
    machine = project.paribus("run", "-S", command, "--json")
    assert (machine.code, machine.json["found"]) == (told.code, True)
    planned = project.paribus("run", "-S", command, "--dry-run")
    assert planned.code == 0
    assert "  the ledger has a verdict on it: " in planned.out
    assert (project.state(), project.git("rev-parse", "paribus/ledger")) == before


@pytest.mark.slow
def test_going_on_after_a_first_look_keeps_what_was_run(
    measured: Workspace, history: History
) -> None:
    before = measured.paribus("show", history.id("undecided"), "--json").json
    told = measured.paribus("run", "-S", f"{GAIN}=0.002", "--seeds", "5", "--jobs", "2", "--json")
    report = told.json
    assert (report["experiment"], report["found"]) == (before["experiment"], False)
    assert ids(report, "candidate")[:3] == ids(before, "candidate")
    assert ids(report, "baseline")[:3] == ids(before, "baseline")
    assert ids(report, "baseline", "control") == ids(before, "baseline", "control")
    assert [look["n"] for look in report["looks"]] == [3, 5]
    assert report["looks"][0] == before["looks"][0]
    assert len(ids(report, "candidate")) == len(ids(report, "baseline")) == 5
    assert report["verdict"] == report["looks"][1]
    assert told.err == ""


@pytest.mark.slow
def test_a_limit_of_pairs_is_not_a_look(measured: Workspace, history: History) -> None:
    """Four pairs are run, and nothing is decided between the looks at three and at five."""
    told = measured.paribus("run", "-S", f"{GAIN}=0.002", "--seeds", "4", "--json")
    assert told.code == 4
    assert len(ids(told.json, "candidate")) == 4
    assert [look["n"] for look in told.json["looks"]] == [3]
    assert told.json["verdict"]["n"] == 3


@pytest.mark.slow
def test_a_new_idea_reuses_the_baselines_runs(measured: Workspace) -> None:
    told = measured.paribus("run", "-S", f"{GAIN}=0.3", "--seeds", "2")
    lines = told.err.splitlines()
    assert told.code == 4
    assert [line.split("  ")[1:3] for line in lines[1:]] == [
        [f"run {n} of 2", f"candidate pair {n}"] for n in (1, 2)
    ]


@pytest.mark.slow
def test_a_commit_of_docs_does_not_throw_the_baseline_away(
    measured: Workspace, history: History
) -> None:
    """Nor does it make a judged idea a new one."""
    old = measured.git("rev-parse", "HEAD")
    new = measured.commit("words", {"README.md": "# Better words\n", "docs/a.md": "b\n"})
    found = measured.paribus("run", "-S", f"{GAIN}=0.2", "--json")
    assert (found.code, found.json["found"]) == (0, True)
    assert found.json["experiment"] == history.id("improved")
    told = measured.paribus("run", "-S", f"{GAIN}=0.3", "--seeds", "1", "--json")
    assert (told.json["baseline"], found.json["baseline"]) == (new, old)
    assert ids(told.json, "baseline")[0] == ids(found.json, "baseline")[0]
    assert len(ids(told.json, "baseline")) == 1


def test_a_commit_of_code_makes_a_new_baseline(measured: Workspace) -> None:
    text = measured.read("train.py").replace("score = 0.8", "score = 0.7")
    measured.commit("another program", {"train.py": text})
    shown = measured.paribus("baseline", "--json").json
    assert (shown["n"], shown["mean"]) == (0, None)
    told = measured.paribus("run", "-S", f"{GAIN}=0.2", "--dry-run", "--json")
    assert (told.json["baseline_runs"], told.json["verdict"]) == (0, None)


@pytest.mark.slow
def test_other_seeds_are_other_runs(measured: Workspace) -> None:
    """The baseline's files are the same, but its runs varied one seed more."""
    protocol = measured.read("paribus.yaml").replace(', "params.json:split_seed"', "")
    measured.commit("one seed", {"paribus.yaml": protocol})
    assert measured.paribus("baseline", "--json").json["n"] == 0
    told = measured.paribus("run", "-S", f"{GAIN}=0.3", "--seeds", "1", "--json")
    assert all(list(run["seeds"]) == ["params.json:seed"] for run in told.json["runs"])


@pytest.mark.slow
def test_another_name_of_the_metric_is_the_same_metric(measured: Workspace) -> None:
    protocol = measured.read("paribus.yaml").replace(
        "metric: accuracy", "metric: 'metrics.json:accuracy'"
    )
    measured.commit("by its file", {"paribus.yaml": protocol})
    told = measured.paribus("run", "-S", f"{GAIN}=0.3", "--json")
    assert (told.code, told.json["verdict"]["outcome"]) == (0, "improved")
    assert told.json["verdict"]["metric"] == "metrics.json:accuracy"
    assert told.json["null_control"] == {"differ": 0, "of": 3}


def fake_package(folder: Path, name: str) -> str:
    """Another installed package, as far as anybody can see: another session."""
    about = folder / f"{name}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    return str(folder)


@pytest.mark.slow
def test_a_new_session_repeats_one_seed_before_it_trusts_the_old(
    measured: Workspace, tmp_path: Path
) -> None:
    """Numbers that it repeats count; the rerun is kept as a control."""
    measured.environment["PYTHONPATH"] = fake_package(tmp_path / "packages", "somethingnew")
    told = measured.paribus("run", "-S", f"{GAIN}=0.3", "--json")
    sessions = {run["session"] for run in told.json["runs"]}
    assert (told.code, told.json["verdict"]["outcome"]) == (0, "improved")
    assert len(sessions) == 2
    assert len(ids(told.json, "baseline")) == 3
    assert len(ids(told.json, "baseline", "control")) == 4
    assert told.json["null_control"] == {"differ": 0, "of": 4}


@pytest.mark.slow
def test_a_session_with_other_numbers_runs_pairs_side_by_side_again(
    measured: Workspace, tmp_path: Path
) -> None:
    """What a stage computes depends on something that no file tells: the old runs do not count."""
    text = measured.read("train.py").replace(
        "score = 0.8", 'import os\nscore = float(os.environ.get("DRIFT", "0")) + 0.8'
    )
    measured.commit("it drifts", {"train.py": text})
    first = measured.paribus("run", "-S", f"{GAIN}=0.3", "--seeds", "1", "--json")
    measured.environment["PYTHONPATH"] = fake_package(tmp_path / "packages", "somethingnew")
    measured.environment["DRIFT"] = "0.1"
    told = measured.paribus("run", "-S", f"{GAIN}=0.4", "--seeds", "1", "--json")
    old, new = first.json["runs"][0], told.json["runs"]
    measures = [run for run in new if run["purpose"] == "measure"]
    assert {run["session"] for run in measures} != {old["session"]}
    assert len({run["session"] for run in measures}) == 1
    baseline = next(run for run in measures if run["side"] == "baseline")
    assert baseline["pair"] == old["pair"]
    assert baseline["metrics"]["accuracy"] == pytest.approx(old["metrics"]["accuracy"] + 0.1)


@pytest.mark.slow
def test_the_clones_and_logs_can_be_thrown_away(measured: Workspace, history: History) -> None:
    """All that counts is in Git."""
    shutil.rmtree(measured.path / ".dvc" / "tmp")
    shutil.rmtree(measured.path / ".dvc" / "cache")
    shutil.rmtree(measured.path / ".git" / "paribus")
    assert len(measured.paribus("log", "--json").json["experiments"]) == 5
    told = measured.paribus("run", "-S", f"{GAIN}=0.3", "--seeds", "1")
    assert told.code == 4, told.err


@pytest.mark.slow
def test_the_ledger_survives_a_clone_and_its_garbage_collection(
    measured: Workspace, history: History
) -> None:
    """A plain clone and a plain fetch of one branch carry every record."""
    measured.git("reflog", "expire", "--expire=now", "--all")
    measured.git("gc", "--quiet", "--prune=now")
    target = measured.path.parent / "clone"
    measured.git("clone", "--quiet", f"file://{measured.path}", str(target))
    measured.git("-C", str(target), "fetch", "--quiet", "origin", "paribus/ledger:paribus/ledger")
    shown = measured.paribus("show", history.id("improved"), "--json").json
    shutil.rmtree(measured.path)
    target.rename(measured.path)
    assert measured.paribus("show", history.id("improved"), "--json").json == shown
    assert measured.git("fsck", "--no-dangling") == ""
