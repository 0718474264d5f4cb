"""The ways to give an experiment, the places to give it from, and what stays as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace

GAIN = "params.json:train.gain"
ONE = ("--seeds", "1", "--json")


@contextmanager
def untouched(project: Workspace) -> Iterator[None]:
    """HEAD, index, files, stash and foreign refs are what they were."""
    before = project.state()
    yield
    assert project.state() == before
    assert project.git("fsck", "--strict", "--no-dangling") == ""


def candidates(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The experiment's own runs."""
    return [run for run in report["runs"] if run["side"] == "candidate"]


def held(project: Workspace, report: dict[str, Any], file: str) -> str:
    """A file as the first candidate run had it."""
    return project.git("show", f"{candidates(report)[0]['commit']}:{file}")


@pytest.mark.slow
def test_overrides_lie_on_top_of_edits(measured: Workspace) -> None:
    """Some staged, some not, beside what nobody may touch: stash, ignored and untracked files."""
    measured.write({"README.md": "# My draft\n"})
    measured.git("stash", "--quiet")
    measured.write({"README.md": "# Staged\n", "model.json": "ignored", "note.txt": "untracked"})
    measured.git("add", "README.md")
    measured.write({"README.md": "# Not staged\n"})
    (measured.path / "link.md").symlink_to("README.md")
    with untouched(measured):
        told = measured.paribus("run", "-S", f"{GAIN}=0.3", *ONE)
    assert told.code == 4
    assert [change["summary"] for change in told.json["changes"]] == ["train.gain 0.0 -> 0.3"]
    assert held(measured, told.json, "README.md") == "# Not staged"
    assert json.loads(held(measured, told.json, "params.json"))["train"]["gain"] == 0.3


def test_edits_in_the_working_tree_run_inside_this_process(measured: Workspace) -> None:
    """`--jobs 0` is for debugging, and touches as little."""
    measured.set_param("train.gain", 0.3)
    with untouched(measured):
        told = measured.paribus("run", "--jobs", "0", *ONE)
    assert told.code == 4
    run = candidates(told.json)[0]
    assert run["metrics"]["accuracy"] > 1.0
    assert told.json["revision"] is None


def test_a_branch_is_run_while_the_user_works_on_another(measured: Workspace) -> None:
    """Neither their branch nor their edits are part of it, nor are they touched."""
    measured.git("switch", "--quiet", "--create", "exp/gain")
    measured.set_param("train.gain", 0.3)
    commit = measured.commit("gain")
    measured.git("switch", "--quiet", "main")
    measured.set_param("train.noise", 0.5)
    measured.write({"train.py": "this is not even Python\n", "helper.py": "untracked = 1\n"})
    with untouched(measured):
        told = measured.paribus("run", "exp/gain", *ONE)
    assert (told.code, told.json["revision"]) == (4, commit)
    assert [change["summary"] for change in told.json["changes"]] == ["train.gain 0.0 -> 0.3"]
    assert candidates(told.json)[0]["metrics"]["accuracy"] > 1.0
    assert f"      revision {commit}\n" in measured.paribus("show", told.json["experiment"]).out


@pytest.mark.slow
def test_a_commit_by_its_sha_with_an_override_on_top(measured: Workspace) -> None:
    measured.commit("words", {"README.md": "# Other words\n"})
    base = measured.git("rev-parse", "HEAD~1")
    told = measured.paribus("run", base[:8], "-S", f"{GAIN}=0.3", *ONE)
    assert (told.code, told.json["baseline"]) == (4, base)


def test_the_same_idea_has_one_id_however_it_is_given(measured: Workspace) -> None:
    dry = ("--dry-run", "--json")
    ids = {measured.paribus("run", "-S", f"{GAIN}=0.3", *dry).json["experiment"]}
    measured.set_param("train.gain", 0.3)
    ids.add(measured.paribus("run", *dry).json["experiment"])
    measured.git("switch", "--quiet", "--create", "exp/gain")
    measured.commit("gain", {"README.md": "# With other words\n"})
    ids.add(measured.paribus("run", "exp/gain", *dry).json["experiment"])
    assert len(ids) == 1


@pytest.mark.slow
def test_a_module_that_no_stage_declares_is_run_all_the_same(project: Workspace) -> None:
    """DVC alone would answer from its run cache: it does not know that the stage imports it."""
    program = project.read("train.py").replace(
        "import sys\n", 'import sys\n\nsys.path.insert(0, ".")\nfrom bonus import BONUS\n'
    )
    program = program.replace("score = 0.8 + ", "score = BONUS + 0.8 + ")
    project.commit("a helper", {"train.py": program, "bonus.py": "BONUS = 0.0\n"})
    project.write({"bonus.py": "BONUS = 0.25\n"})
    with untouched(project):
        told = project.paribus("run", *ONE)
    assert [change["file"] for change in told.json["changes"]] == ["bonus.py"]
    baseline, candidate = (
        next(run for run in told.json["runs"] if run["side"] == side)["metrics"]["accuracy"]
        for side in ("baseline", "candidate")
    )
    assert round(candidate - baseline, 6) == 0.25


def test_a_new_file_is_part_of_it_and_a_deleted_one_is_not(measured: Workspace) -> None:
    measured.write({"extra.cu": "x = 1\n", "deep/er/more.cu": "y = 1\n"})
    measured.git("add", "extra.cu", "deep")
    (measured.path / "README.md").unlink()
    with untouched(measured):
        told = measured.paribus("run", "--allow", "a file and its helper", *ONE)
    assert [change["summary"] for change in told.json["changes"]] == [
        "deep/er/more.cu added",
        "extra.cu added",
    ]
    assert told.json["change"] is None
    assert told.json["allow"] == "a file and its helper"
    commit = candidates(told.json)[0]["commit"]
    listed = measured.git("ls-tree", "-r", "--name-only", commit).splitlines()
    assert {"extra.cu", "deep/er/more.cu"} <= set(listed)
    assert "README.md" not in listed
    text = measured.paribus("show", told.json["experiment"]).out
    assert "      allowed as one: a file and its helper\n" in text


@pytest.mark.slow
def test_an_executable_bit_is_part_of_it(measured: Workspace) -> None:
    (measured.path / "train.py").chmod(0o755)
    told = measured.paribus("run", *ONE)
    assert [change["summary"] for change in told.json["changes"]] == [
        "train.py mode 100644 -> 100755"
    ]
    commit = candidates(told.json)[0]["commit"]
    assert measured.git("ls-tree", commit, "train.py").startswith("100755 blob ")


@pytest.mark.slow
def test_odd_names_of_files(measured: Workspace) -> None:
    odd = {
        "docs/sp ace.md": "1",
        "docs/ümläut.md": "2",
        "docs/$(touch canary).md": "3",
        "docs/-x.md": "4",
    }
    measured.write(odd)
    measured.git("add", "--all", "docs")
    with untouched(measured):
        told = measured.paribus("run", "-S", f"{GAIN}=0.3", *ONE)
    assert told.code == 4
    for name, content in odd.items():
        assert held(measured, told.json, name) == content


# Refusals: nothing is run, nothing is written.


def test_more_than_one_change_is_not_run(measured: Workspace) -> None:
    before = measured.state(), measured.git("rev-parse", "paribus/ledger")
    measured_runs = ("run", "-S", f"{GAIN}=0.3", "-S", "params.json:train.noise=0.5")
    told = measured.paribus(*measured_runs)
    head = measured.git("rev-parse", "HEAD")[:7]
    assert (told.code, told.err) == (1, "")
    assert told.out == (
        f"error[one-change]: 2 changes against {head}; an experiment has one\n"
        "\n"
        "  1  param  train.gain 0.0 -> 0.3\n"
        "            params.json:5\n"
        "  2  param  train.noise 0.01 -> 0.5\n"
        "            params.json:6\n"
        "\n"
        f"help: one experiment each       paribus run {head} -S params.json:train.gain=0.3\n"
        'help: they belong together      the same command, with --allow "why"   (recorded)\n'
        "help: they always go together   list them under `coupled` in paribus.yaml\n"
        "\n"
        "2 changes, 0 runs made\n"
    )
    machine = measured.paribus(*measured_runs, "--json")
    assert (machine.code, machine.json["outcome"]) == (1, "many")
    assert (machine.json["verdict"], machine.json["runs"]) == (None, [])
    assert (measured.state(), measured.git("rev-parse", "paribus/ledger")) == before


def test_a_moved_ruler_is_not_comparable(measured: Workspace) -> None:
    text = measured.read("evaluate.py").replace("round(score, 6)", "round(score, 5)")
    measured.write({"evaluate.py": text})
    before = measured.state(), measured.git("rev-parse", "paribus/ledger")
    told = measured.paribus("run")
    assert (told.code, told.err) == (4, "")
    assert told.out == (
        f"not comparable: the ruler changed against {measured.git('rev-parse', 'HEAD')[:7]}\n"
        "\n"
        "  1  ruler  6 -> 5\n"
        "            evaluate.py:6; numbers before and after are not comparable\n"
        "\n"
        "a number on a new ruler is neither better nor worse; 0 runs made\n"
        "next: commit the ruler alone, then measure anew   paribus baseline --measure\n"
    )
    machine = measured.paribus("run", "--json")
    verdict = machine.json["verdict"]
    assert machine.code == 4
    assert (verdict["outcome"], verdict["metric"], verdict["n"]) == (
        "not-comparable",
        "accuracy",
        0,
    )
    assert (verdict["estimate"], verdict["low"], verdict["high"]) == (None, None, None)
    assert machine.json["runs"] == []
    measured.set_param("train.gain", 0.5)
    assert measured.paribus("run").code == 1
    assert measured.paribus("run", "--allow", "both").code == 4
    measured.set_param("train.gain", 0.0)
    assert (measured.state(), measured.git("rev-parse", "paribus/ledger")) == before


def test_a_dry_run_writes_nothing(project: Workspace) -> None:
    def files() -> list[str]:
        return sorted(str(path) for path in project.path.rglob("*"))

    before = project.state(), files()
    told = project.paribus("run", "-S", f"{GAIN}=0.3", "--dry-run")
    machine = project.paribus("run", "-S", f"{GAIN}=0.3", "--dry-run", "--json", "--seeds", "6")
    assert (told.code, told.err, machine.code) == (0, "", 0)
    assert told.out == (
        f"would run {machine.json['experiment'][:8]}:\n"
        "\n"
        "  1  param  train.gain 0.0 -> 0.3\n"
        "            params.json:5\n"
        "\n"
        "  3 to 20 pairs; the baseline has 0 runs\n"
        "\n"
        "nothing was run or written\n"
    )
    assert machine.json["looks"] == [3, 5, 6]
    assert (machine.json["baseline_runs"], machine.json["verdict"]) == (0, None)
    assert (project.state(), files()) == before


# Where it is given.


def test_without_a_git_identity_from_a_subfolder_on_a_detached_head(measured: Workspace) -> None:
    measured.git("switch", "--quiet", "--detach")
    measured.write({"src/deep/keep.md": "x\n"})
    nobody = {"GIT_CONFIG_GLOBAL": os.devnull, "EMAIL": "", "USER": "grace", "LOGNAME": "grace"}
    measured.environment |= nobody
    with untouched(measured):
        told = measured.paribus("run", "-S", f"{GAIN}=0.3", *ONE, folder="src/deep")
    assert told.code == 4
    assert told.json["author"].startswith("grace <grace@")


@pytest.mark.slow
def test_a_hooks_variables_do_not_lead_astray(measured: Workspace) -> None:
    """As in a hook of another repository: they name its index and its objects."""
    measured.environment |= {
        "GIT_DIR": "/nonexistent",
        "GIT_INDEX_FILE": "/nonexistent/index",
        "GIT_WORK_TREE": "/nonexistent",
    }
    told = measured.paribus("run", "-S", f"{GAIN}=0.3", *ONE)
    assert told.code == 4, told.err


@pytest.mark.slow
def test_a_linked_worktree_shares_the_ledger(measured: Workspace) -> None:
    target = measured.path.parent / "linked"
    measured.git("worktree", "add", "--quiet", "-b", "side", str(target))
    linked = replace(measured, path=target)
    told = linked.paribus("run", "-S", f"{GAIN}=0.3", *ONE)
    assert told.code == 4, told.err
    assert linked.git("status", "--porcelain") == ""
    listed = measured.paribus("log", "--json").json["experiments"]
    assert listed[0]["experiment"] == told.json["experiment"]
    assert {run["purpose"] for run in told.json["runs"] if run["side"] == "baseline"} == {
        "measure",
        "control",
    }
    assert len(told.json["runs"]) == 1 + 3 + 1  # the baseline's runs of the main worktree count


@pytest.mark.slow
def test_a_project_in_a_subfolder_of_the_repository(project: Workspace, empty: Workspace) -> None:
    (project.path / ".git").rename(project.path.parent / "gone")
    project.path.rename(empty.path / "ml")
    empty.git("branch", "-M", "main")
    empty.commit("all of it", {"README.md": "x\n", ".dvcignore": ""})
    before = empty.state()
    told = empty.paribus("run", "-S", f"{GAIN}=0.3", *ONE, folder="ml")
    assert told.code == 4, told.err
    after = empty.state()
    assert {name: after[name] for name in before} == before
    assert {name.split("/")[:2] == ["ml", ".dvc"] for name in after.keys() - before.keys()} == {
        True
    }
    assert candidates(told.json)[0]["metrics"]["accuracy"] > 1.0
    assert told.json["changes"][0]["file"] == "ml/params.json"
    assert empty.paribus("log", folder="ml").out.startswith(told.json["experiment"][:4])


@pytest.mark.slow
def test_two_projects_of_one_repository_do_not_mix(measured: Workspace) -> None:
    """A second DVC project below the first has experiments of its own."""
    for name in ("dvc.yaml", "params.json", "train.py", "evaluate.py", "paribus.yaml"):
        measured.write({f"other/{name}": measured.read(name)})
    measured.write({"other/.dvc/config": "", "other/.gitignore": "/model.json\n"})
    measured.commit("a second project")
    told = measured.paribus("log", folder="other")
    assert (told.code, told.out.splitlines()[0]) == (0, "no experiments")


# What DVC sees of it.


@pytest.mark.slow
def test_dvc_lists_the_results_beside_its_own(measured: Workspace) -> None:
    def dvc(*arguments: str) -> str:
        done = subprocess.run(
            ["dvc", *arguments], cwd=measured.path, capture_output=True, text=True, check=True
        )
        return done.stdout

    (measured.path / "model.json").unlink(missing_ok=True)
    dvc("exp", "run", "--quiet", "--temp", "--name", "by-hand", "-S", f"{GAIN}=0.4")
    measured.paribus("run", "-S", f"{GAIN}=0.3", "--seeds", "1")
    shown = json.loads(dvc("exp", "show", "--json"))
    baseline = next(item for item in shown if item["rev"] == measured.git("rev-parse", "HEAD"))
    names = [experiment["name"] for experiment in baseline["experiments"]]
    gains = {
        experiment["name"]: experiment["revs"][0]["data"]["params"]["params.json"]["data"]["train"][
            "gain"
        ]
        for experiment in baseline["experiments"]
    }
    ours = [name for name in names if name.startswith("paribus-")]
    # 3 baseline runs and 3 controls, 3 experiments of 3 runs, one of 1; the failed ones gave nothing.
    assert len(ours) == 3 + 3 + 4 * 3 + 1
    assert gains["by-hand"] == 0.4
    assert [gains[name] for name in ours].count(0.3) == 1
    assert "by-hand" in dvc("exp", "list", "--name-only")
    result = next(name for name in ours if gains[name] == 0.3)
    assert "0.3" in dvc("exp", "diff", result)


@pytest.mark.slow
def test_stages_find_this_environment_first_on_their_path(project: Workspace) -> None:
    """And an editable package, or a PYTHONPATH, that points into the working tree leads to the clone."""
    stage = project.read("train.py").replace(
        "import sys\n",
        "import shutil\nimport sys\nimport where\nprint(shutil.which('python'), where.__file__)\n",
    )
    seen = "raise SystemExit(f\"{shutil.which('python')} {where.__file__}\")\n"
    project.commit("look", {"train.py": stage + seen, "lib/where.py": ""})
    pipeline = project.read("dvc.yaml").replace("python -S train.py", "python train.py")
    project.commit("with site", {"dvc.yaml": pipeline})
    project.environment |= {
        "PYTHONPATH": str(project.path / "lib"),
        "PATH": f"/usr/bin:{os.environ['PATH']}",
    }
    told = project.paribus("baseline", "--measure", "--seeds", "1")
    assert told.code == 5
    said = next(line for line in told.err.splitlines() if line.startswith("help: the last"))
    python, module = said.rpartition(": ")[2].split()
    assert Path(python).parent == Path(sys.executable).parent
    assert module.startswith(str(project.path / ".dvc" / "tmp" / "paribus" / "pool"))


PARAMS = """\
# What we tune.
seed: 1       # the generator
split_seed: 2
train: {gain: 0.0, noise: 0.01,  fail: false, name: plain}  # all of it
"""


@pytest.mark.slow
def test_the_usual_layout_of_dvc(project: Workspace) -> None:
    """params.yaml without a file's name, metrics that DVC caches, a protocol that is not committed yet."""
    (project.path / "params.json").unlink()
    program = project.read("train.py").replace(
        'params = json.load(open("params.json"))',
        'import re\nread = lambda key: re.search(key + r": ([^\\s,}]+)", open("params.yaml").read())[1]\n'
        'params = {"seed": int(read("seed")), "split_seed": int(read("split_seed")), "train": {'
        '"gain": float(read("gain")), "noise": float(read("noise")), "fail": False}}',
    )
    pipeline = project.read("dvc.yaml").replace(
        "- params.json: [seed, split_seed, train]", "- train"
    )
    pipeline = pipeline.replace(
        "      - train\n", "      - seed\n      - split_seed\n      - train\n"
    )
    files = {
        "params.yaml": PARAMS,
        "train.py": program,
        "dvc.yaml": pipeline.replace("metrics.json: {cache: false}", "metrics.json"),
        ".gitignore": "/model.json\n/metrics.json\n",
    }
    protocol = project.read("paribus.yaml").replace("params.json:", "")
    (project.path / "paribus.yaml").unlink()
    project.commit("as DVC makes it", files)
    project.write({"paribus.yaml": protocol})
    with untouched(project):
        told = project.paribus("run", "-S", "train.gain=0.3", *ONE)
    assert told.code == 4, told
    (run,) = candidates(told.json)
    assert run["metrics"]["accuracy"] > 1.0
    seeds = run["seeds"]
    assert (
        held(project, told.json, "params.yaml")
        == PARAMS.replace("gain: 0.0", "gain: 0.3")
        .replace("\nseed: 1 ", f"\nseed: {seeds['seed']} ")
        .replace("split_seed: 2", f"split_seed: {seeds['split_seed']}")
        .strip()
    )
    assert project.git("status", "--porcelain") == "?? paribus.yaml"
