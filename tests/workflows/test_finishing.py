"""The commit that an experiment leaves: the tested change on its baseline, with its results, and no more."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paribus.core.run import Purpose
from paribus.workflows.experiments import find, open_notebook
from paribus.workflows.project import open_project

if TYPE_CHECKING:
    from tests.conftest import Called, Workspace

RESULTS = ["A\tdvc.lock", "A\tmetrics.json"]


def experiment(project: Workspace, *arguments: str) -> str:
    """The id of an experiment after one pair."""
    told = project.paribus("run", *arguments, "--seeds", "1", "--json")
    assert told.code in (0, 4), told.err
    return str(told.json["experiment"])


def branched(project: Workspace, identifier: str) -> Called:
    """Makes the branch `it`; nothing else may differ afterwards."""
    before = project.state()
    told = project.paribus("branch", identifier, "it")
    after = project.state()
    made = after.pop("refs/heads/it", None)
    assert after == before
    assert (made is None) == (told.code != 0), told.err
    assert project.git("fsck", "--strict", "--no-dangling") == ""
    return told


def files(project: Workspace, old: str = "it~1", new: str = "it") -> list[str]:
    """The files in which two commits differ, each with what became of it."""
    return project.git("diff", "--name-status", "--no-renames", old, new).splitlines()


def changes(project: Workspace, *arguments: str) -> list[str]:
    """What `paribus check` counts."""
    told = project.paribus("check", *arguments, "--json")
    return [change["summary"] for change in told.json["changes"]]


def result_runs(project: Workspace, identifier: str) -> int:
    page = find(open_notebook(open_project(project.path)), identifier)
    return sum(run.intent.purpose is Purpose.RESULT for run in page.runs)


@pytest.mark.slow
def test_what_cannot_move_a_metric_stays_out(measured: Workspace) -> None:
    """An edit of the code amid edits of other files, staged and not, in the working tree."""
    program = measured.read("train.py").replace("score = 0.8 +", "score = 0.85 +")
    measured.write(
        {
            "train.py": program,
            "README.md": "# A draft\n",
            "docs/notes.md": "notes\n",
            ".gitignore": "/model.json\n/mine\n",
            "paribus.yaml": measured.read("paribus.yaml") + "neutral: [drafts/]\n",
        }
    )
    measured.git("add", "docs", "README.md")
    identifier = experiment(measured)
    assert branched(measured, identifier).code == 0
    assert files(measured) == [*RESULTS, "M\ttrain.py"]
    assert measured.git("show", "it:train.py") == program.rstrip("\n")
    assert measured.git("rev-parse", "it~1") == measured.git("rev-parse", "main")
    assert changes(measured, "it") == changes(measured)
    assert len(changes(measured, "it")) == 1
    assert result_runs(measured, identifier) == 1


@pytest.mark.slow
def test_the_results_are_those_of_the_trees_own_seeds(measured: Workspace) -> None:
    """Whoever checks the branch out has nothing to reproduce, nor to ask for two changes again."""
    overrides = ("-S", "params.json:train.gain=0.3", "-S", "params.json:train.noise=0.02")
    branched(measured, experiment(measured, *overrides, "--allow", "they belong together"))
    assert changes(measured, "it") == ["train.gain 0.0 -> 0.3", "train.noise 0.01 -> 0.02"]
    trailer = measured.git("log", "-1", "--format=%(trailers:key=Paribus-Allow,valueonly)", "it")
    assert trailer == "they belong together"
    assert measured.paribus("check", "it").code == 0
    params = json.loads(measured.git("show", "it:params.json"))
    assert (params["seed"], params["split_seed"], params["train"]["gain"]) == (1, 2, 0.3)
    measured.git("switch", "--quiet", "it")
    for command, said in (
        (("checkout", "--quiet"), ""),
        (("status",), "Data and pipelines are up to date.\n"),
    ):
        done = subprocess.run(
            [Path(sys.executable).parent / "dvc", *command],
            cwd=measured.path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == said
    score = json.loads(measured.read("model.json"))["score"]
    assert json.loads(measured.read("metrics.json"))["accuracy"] == round(score, 6)


@pytest.mark.slow
def test_the_same_experiment_gives_the_same_commit(measured: Workspace) -> None:
    """Made twice, though time has passed and the user has gone on; it is run once."""
    identifier = experiment(measured, "-S", "params.json:train.gain=0.3")
    branched(measured, identifier)
    first = measured.git("rev-parse", "it")
    measured.git("branch", "--quiet", "-D", "it")
    measured.commit("words", {"README.md": "# Other words\n"})
    assert branched(measured, identifier).code == 0
    assert measured.git("rev-parse", "it") == first
    assert result_runs(measured, identifier) == 1
    started = find(open_notebook(open_project(measured.path)), identifier).registration
    assert started is not None
    dates = measured.git("log", "-1", "--format=%aI %cI", "it").split()
    assert dates == [f"{started.started[:19]}+00:00"] * 2


@pytest.mark.slow
def test_a_commit_with_a_new_output_and_a_file_less(measured: Workspace) -> None:
    """Its own results are not believed; DVC's `.gitignore` of the new output comes along."""
    measured.commit("a file that goes", {"old.txt": "old\n", "README.md": "# Before\n"})
    measured.git("tag", "-a", "baseline/1", "-m", "the baseline")
    measured.git("switch", "--quiet", "--create", "work")
    (measured.path / "old.txt").unlink()
    text = measured.read("train.py") + 'open("extra.json", "w").write("{}")\n'
    pipeline = measured.read("dvc.yaml").replace(
        "outs: [model.json]", "outs: [model.json, extra.json]"
    )
    made_up = {"train.py": text, "dvc.yaml": pipeline, "dvc.lock": "schema: '2.0'\nstages: {}\n"}
    commit = measured.commit("mine", {**made_up, "README.md": "# After\n"})
    measured.git("switch", "--quiet", "main")
    assert branched(measured, experiment(measured, commit)).code == 0
    assert files(measured) == [
        "M\t.gitignore", "A\tdvc.lock", "M\tdvc.yaml", "A\tmetrics.json", "D\told.txt", "M\ttrain.py",
    ]  # fmt: skip
    assert measured.git("show", "it:.gitignore") == "/model.json\n/extra.json"
    assert "extra.json" in measured.git("show", "it:dvc.lock")
    assert changes(measured, "it") == changes(measured, commit)


@pytest.mark.slow
def test_the_agreement_comes_along_where_the_baseline_has_none(project: Workspace) -> None:
    """Nothing else would say what was measured."""
    agreement = project.read("paribus.yaml")
    (project.path / "paribus.yaml").unlink()
    project.commit("no agreement")
    project.write({"paribus.yaml": agreement})
    branched(project, experiment(project, "-S", "params.json:train.gain=0.3"))
    assert files(project) == [*RESULTS, "M\tparams.json", "A\tparibus.yaml"]


@pytest.mark.slow
def test_what_no_stage_reaches_comes_along_and_is_told(measured: Workspace) -> None:
    """It is part of the snapshot that was tested; only what is neutral for sure stays out."""
    measured.commit("a tool", {"tool/plot.py": "x = 1\n", "tool/README.md": "# Tool\n"})
    measured.git("tag", "-a", "baseline/1", "-m", "the baseline")
    measured.write({"tool/plot.py": "x = 2\n", "tool/README.md": "# A tool\n"})
    told = branched(measured, experiment(measured, "-S", "params.json:train.gain=0.3"))
    assert files(measured) == [*RESULTS, "M\tparams.json", "M\ttool/plot.py"]
    assert told.out.splitlines()[3] == (
        "  beside the change, since it was tested with them: tool/plot.py"
    )
    assert changes(measured, "it") == ["train.gain 0.0 -> 0.3"]


@pytest.mark.slow
def test_a_run_that_fails_with_the_trees_own_seeds(measured: Workspace) -> None:
    """No branch: every pair went well, and yet there is no result to commit."""
    text = measured.read("train.py") + 'if params["seed"] == 1:\n    sys.exit("not with seed 1")\n'
    measured.write({"train.py": text})
    identifier = experiment(measured)
    told = branched(measured, identifier)
    assert (told.code, told.out) == (5, "")
    assert told.err.splitlines()[-3:] == [
        "error[run-failed]: the run with the tree's own seeds failed: stage train, exit 1; it is recorded",
        "help: the last that it said: not with seed 1",
        "help: mend it and try again   run the same command",
    ]
    assert result_runs(measured, identifier) == 1
    assert measured.paribus("show", identifier, "--json").json["status"] == "judged"


def test_a_ledger_without_the_baseline(measured: Workspace, tmp_path: Path) -> None:
    """Whoever fetched the notebook alone is told what is missing."""
    identifier = measured.paribus("log", "--json").json["experiments"][0]["experiment"]
    commit = measured.git("rev-parse", "main")
    alone = tmp_path / "alone"
    measured.git(
        "clone", "--quiet", "--no-local", "--single-branch", "--branch", "paribus/ledger",
        ".", str(alone),
    )  # fmt: skip
    (alone / ".dvc").mkdir()
    theirs = type(measured)(alone)
    told = theirs.paribus("branch", identifier)
    assert (told.code, told.err.splitlines()) == (
        2,
        [
            f"error[missing-object]: its baseline {commit[:7]} ({commit[:7]}) is not in this repository",
            "help: bring what others have   git fetch --all --tags",
        ],
    )


def test_another_projects_experiment(measured: Workspace) -> None:
    """Two DVC projects share a ledger; each makes its own branches."""
    measured.write({"other/.dvc/config": "", "other/dvc.yaml": "stages: {}\n"})
    identifier = measured.paribus("log", "--json").json["experiments"][0]["experiment"]
    told = measured.paribus("branch", identifier, folder="other")
    assert (told.code, told.err.splitlines()) == (
        2,
        [
            "error[other-project]: this experiment belongs to the DVC project in the top folder",
            f"help: go there   cd {measured.path}",
        ],
    )
