"""`paribus check` as a user types it: one change, none or many, of every kind."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace

HELPER = "def bonus():\n    return 1\n"
NOTHING = "nothing but comments, formatting, logging, imports or names of local variables"
GAIN = '"gain": 0.0'
NEXT = '\nnext: measure it   paribus run -m "why it should help"\n'


def name(project: Workspace, revision: str = "HEAD") -> str:
    """A commit as it is shown."""
    return project.git("rev-parse", revision)[:7]


def edit(project: Workspace, file: str, old: str, new: str) -> None:
    """Replaces text in a file of the working tree."""
    text = project.read(file)
    assert old in text
    project.write({file: text.replace(old, new)})


def test_no_change(project: Workspace) -> None:
    told = project.paribus("check")
    assert (told.code, told.err) == (0, "")
    assert (
        told.out == f"no change against {name(project)}: nothing that can move a metric differs\n"
    )


def test_no_change_for_machines(project: Workspace) -> None:
    told = project.paribus("check", "--json")
    head = project.git("rev-parse", "HEAD")
    assert (told.code, told.err) == (0, "")
    assert next(iter(told.json)) == "schema"
    assert told.json == {
        "schema": 1,
        "baseline": head,
        "baseline_name": head[:7],
        "revision": None,
        "outcome": "none",
        "changes": [],
        "not_counted": [],
        "warnings": [],
        "joined": [],
        "untracked": [],
        "next": [],
    }


# One change of each kind: what to edit, and what is told of it.


def test_one_param(project: Workspace) -> None:
    project.set_param("train.gain", 0.3)
    told = project.paribus("check")
    assert (told.code, told.err) == (0, "")
    assert told.out == (
        f"one change against {name(project)}\n"
        "\n"
        "  1  param  train.gain 0.0 -> 0.3\n"
        "            params.json:5\n"
        f"{NEXT}"
    )


def test_one_param_for_machines(project: Workspace) -> None:
    project.set_param("train.gain", 0.3)
    head = project.git("rev-parse", "HEAD")
    assert project.paribus("check", "--json").json == {
        "schema": 1,
        "baseline": head,
        "baseline_name": head[:7],
        "revision": None,
        "outcome": "one",
        "changes": [
            {
                "kind": "param",
                "file": "params.json",
                "path": "train.gain",
                "old": 0.0,
                "new": 0.3,
                "summary": "train.gain 0.0 -> 0.3",
                "line": 5,
                "parts": [],
            }
        ],
        "not_counted": [],
        "warnings": [],
        "joined": [],
        "untracked": [],
        "next": ['measure it   paribus run -m "why it should help"'],
    }


@pytest.mark.parametrize(
    ("key", "value", "summary"),
    [
        ("train.gain", 0, "train.gain 0.0 -> 0 (type only)"),
        ("train.gain", None, "train.gain 0.0 -> null"),
        ("train.gain", "0.0", 'train.gain 0.0 -> "0.0"'),
        ("train.fail", 0, "train.fail false -> 0 (type only)"),
        ("train.gain", [0.0], "train.gain 0.0 -> [0.0]"),
    ],
)
def test_values_of_another_type_are_changes(
    project: Workspace, key: str, value: object, summary: str
) -> None:
    """DVC's own diff reports none of them."""
    project.set_param(key, value)
    changes = project.paribus("check", "--json").json["changes"]
    assert [change["summary"] for change in changes] == [summary]


def test_a_new_param_is_a_change_where_code_reads_it(project: Workspace) -> None:
    whole = project.read("train.py").replace(
        'print("training with", params["train"])', "use(params)"
    )
    project.commit("any param may be read", {"train.py": whole})
    project.set_param("train.more", None)
    changes = project.paribus("check", "--json").json["changes"]
    assert [change["summary"] for change in changes] == ["train.more (absent) -> null"]


def test_a_new_param_that_nothing_reads_is_a_warning(project: Workspace) -> None:
    project.set_param("train.more", None)
    told = project.paribus("check")
    assert told.code == 0
    assert told.out == (
        f"no change against {name(project)}: nothing that can move a metric differs\n"
        "\n"
        "not counted: params.json (train.more (nothing reads it))\n"
        "\n"
        "warning[unread-param]: no stage and no code reads train.more in params.json: a typing mistake?\n"
    )


def test_one_change_of_code(project: Workspace) -> None:
    seeds = 'params["seed"], params["split_seed"]'
    project.commit(
        "a bonus", {"train.py": project.read("train.py").replace(seeds, f"{seeds}, 0.8")}
    )
    edit(project, "train.py", "0.8\n", "0.9\n")
    told = project.paribus("check")
    assert told.code == 0
    assert told.out == (
        f"one change against {name(project)}\n"
        "\n"
        "  1  code  seeds 0.8 -> 0.9\n"
        "           train.py:11\n"
        f"{NEXT}"
    )
    change = project.paribus("check", "--json").json["changes"][0]
    assert (change["kind"], change["file"], change["path"]) == ("code", "train.py", "seeds")
    assert (change["old"], change["new"]) == ("0.8", "0.9")


def test_one_change_of_data(project: Workspace) -> None:
    with_data = project.read("dvc.yaml").replace("deps: [train.py]", "deps: [train.py, data.csv]")
    project.commit("data", {"dvc.yaml": with_data, "data.csv": "a,b\n1,2\n"})
    project.write({"data.csv": "a,b\n1,3\n"})
    told = project.paribus("check")
    assert (told.code, told.out.splitlines()[2]) == (0, "  1  data  data.csv edited, +1 -1 lines")


def test_one_change_of_data_that_dvc_tracks(project: Workspace) -> None:
    pointer = "outs:\n- md5: {}\n  size: 3\n  hash: md5\n  path: raw.bin\n"
    with_data = project.read("dvc.yaml").replace("deps: [train.py]", "deps: [train.py, raw.bin]")
    files = {
        "dvc.yaml": with_data,
        "raw.bin.dvc": pointer.format("0" * 32),
        ".gitignore": "/model.json\n/raw.bin\n",
    }
    project.commit("data", files)
    project.write({"raw.bin.dvc": pointer.format("1" * 32)})
    told = project.paribus("check")
    assert (told.code, told.out.splitlines()[2]) == (0, "  1  data  raw.bin.dvc edited")


def test_one_change_of_the_pipeline(project: Workspace) -> None:
    edit(project, "dvc.yaml", "python -S train.py", "python -S -O train.py")
    told = project.paribus("check")
    assert told.code == 0
    assert told.out == (
        f"one change against {name(project)}\n"
        "\n"
        "  1  pipeline  train.cmd python -S train.py -> python -S -O train.py\n"
        "               dvc.yaml:3\n"
        f"{NEXT}"
    )


def test_one_change_of_the_environment(project: Workspace) -> None:
    project.commit("lock", {"requirements.txt": "numpy==2.0\n"})
    project.write({"requirements.txt": "numpy==2.1\n"})
    told = project.paribus("check")
    assert told.code == 0
    assert told.out == (
        f"one change against {name(project)}\n"
        "\n"
        "  1  environment  numpy 2.0 -> 2.1\n"
        "                  requirements.txt:1\n"
        "\nnext: measure the baseline in the new environment   paribus baseline --measure\n"
    )


def test_a_change_of_the_ruler_says_that_numbers_are_not_comparable(project: Workspace) -> None:
    edit(project, "evaluate.py", "round(score, 6)", "round(score, 5)")
    told = project.paribus("check")
    assert told.code == 0
    assert told.out == (
        f"one change against {name(project)}\n"
        "\n"
        "  1  ruler  6 -> 5\n"
        "            evaluate.py:6; numbers before and after are not comparable\n"
        "\nnext: commit the ruler alone, then measure anew   paribus baseline --measure\n"
    )


# Many changes.


def test_a_refusal_names_every_change_and_the_ways_out(project: Workspace) -> None:
    project.set_param("train.gain", 0.3)
    project.set_param("train.noise", 0.02)
    project.set_param("seed", 7)
    edit(project, "train.py", ".gauss(0, 0.3)", ".gauss(0, 0.4)")
    project.write({"README.md": "# Another title\n", "notes.txt": "mine\n"})
    told = project.paribus("check")
    head = name(project)
    assert (told.code, told.err) == (1, "")
    assert told.out == (
        f"error[one-change]: 3 changes against {head}; an experiment has one\n"
        "\n"
        "  1  param  train.gain 0.0 -> 0.3\n"
        "            params.json:5\n"
        "  2  param  train.noise 0.01 -> 0.02\n"
        "            params.json:6\n"
        "  3  code   0.3 -> 0.4\n"
        "            train.py:13\n"
        "\n"
        "not counted: README.md (neutral), params.json (seed (declared seed))\n"
        "\n"
        "help: one experiment each       paribus split\n"
        'help: they belong together      paribus run --allow "why"   (recorded)\n'
        "help: they always go together   list them under `coupled` in paribus.yaml\n"
        "\n"
        "3 changes, 0 runs made\n"
        "\n"
        "untracked, so not part of it: notes.txt\n"
    )


def test_the_first_way_out_is_one_change(project: Workspace) -> None:
    """Each by itself: pasted as it stands, it is not refused again."""
    project.set_param("train.gain", 0.3)
    project.set_param("train.name", "it's; touch canary")
    told = project.paribus("check", "--json")
    way = told.json["next"][0].partition("   ")[2]
    assert way == "paribus split"
    planned = project.paribus(*shlex.split(way)[1:], "--dry-run", "--json")
    assert (told.code, planned.code) == (1, 0)
    assert [each["change"]["summary"] for each in planned.json["experiments"]] == [
        "train.gain 0.0 -> 0.3",
        "train.name plain -> it's; touch canary",
    ]


def test_many_changes_for_machines(project: Workspace) -> None:
    project.set_param("train.gain", 0.3)
    project.write({"train.py": "print('another program')\n"})
    told = project.paribus("check", "--json")
    assert (told.code, told.err) == (1, "")
    assert told.json["outcome"] == "many"
    assert [change["kind"] for change in told.json["changes"]] == ["param", "code"]
    assert "error" not in told.json


def test_a_ruler_among_many_cannot_be_allowed_away(project: Workspace) -> None:
    project.set_param("train.gain", 0.3)
    edit(project, "evaluate.py", "round(score, 6)", "round(score, 5)")
    told = project.paribus("check")
    assert told.code == 1
    assert "--allow" not in told.out
    assert (
        "help: commit the ruler alone, then measure anew   paribus baseline --measure\n" in told.out
    )


def test_coupled_params_are_one_change(project: Workspace) -> None:
    protocol = project.read("paribus.yaml")
    coupled = "coupled: [['params.json:train.gain', 'params.json:train.noise']]\n"
    project.commit("they go together", {"paribus.yaml": protocol + coupled})
    project.set_param("train.gain", 0.3)
    project.set_param("train.noise", 0.02)
    told = project.paribus("check")
    assert told.code == 0
    assert told.out == (
        f"one change against {name(project)}\n"
        "\n"
        "  1  param  train.gain 0.0 -> 0.3\n"
        "            params.json:5\n"
        "            with train.noise 0.01 -> 0.02\n"
        "                 params.json:6\n"
        f"{NEXT}"
    )
    parts = project.paribus("check", "--json").json["changes"][0]["parts"]
    assert [part["path"] for part in parts] == ["train.gain", "train.noise"]


# What is no change.


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"README.md": "# Other words\n"}, "README.md (neutral)"),
        ({"docs/guide.md": "New.\n"}, "docs/guide.md (neutral)"),
        ({"tests/test_it.py": "assert 1\n"}, "tests/test_it.py (neutral)"),
        ({".github/workflows/ci.yml": "on: push\n"}, ".github/workflows/ci.yml (neutral)"),
        ({"dvc.lock": "schema: '2.0'\n"}, "dvc.lock (written by DVC)"),
        ({"metrics.json": '{"accuracy": 1}\n'}, "metrics.json (output of a stage)"),
    ],
)
def test_what_cannot_move_a_metric_is_told_and_not_counted(
    project: Workspace, files: dict[str, str], reason: str
) -> None:
    project.write(files)
    project.git("add", "--all")
    told = project.paribus("check")
    assert told.code == 0
    assert told.out == (
        f"no change against {name(project)}: nothing that can move a metric differs\n"
        f"\nnot counted: {reason}\n"
    )


def test_comments_and_docstrings_are_no_change(project: Workspace) -> None:
    edit(project, "train.py", "import json\n", "import json  # for the params\n")
    edit(project, "train.py", '"""Trains', '"""It trains')
    assert project.paribus("check", "--json").json["not_counted"] == [
        {"file": "train.py", "reason": NOTHING}
    ]


def test_formatting_of_params_is_no_change(project: Workspace) -> None:
    params = json.loads(project.read("params.json"))
    project.write({"params.json": json.dumps(dict(reversed(params.items())))})
    assert project.paribus("check", "--json").json["not_counted"] == [
        {"file": "params.json", "reason": "comments, order or formatting only"}
    ]


def test_declared_seeds_are_no_change(project: Workspace) -> None:
    project.set_param("seed", 8)
    project.set_param("split_seed", 9)
    told = project.paribus("check")
    assert told.code == 0
    assert told.out == (
        f"no change against {name(project)}: nothing that can move a metric differs\n"
        "\nnot counted: params.json (seed (declared seed)), params.json (split_seed (declared seed))\n"
    )


def test_the_baselines_protocol_governs(project: Workspace) -> None:
    """A revision cannot declare its own change neutral."""
    project.git("switch", "-c", "sly")
    protocol = project.read("paribus.yaml") + "neutral: ['*.py']\n"
    edit(project, "train.py", "score = 0.8", "score = 0.9")
    project.commit("sly", {"paribus.yaml": protocol})
    told = project.paribus("check", "--json")
    assert [change["file"] for change in told.json["changes"]] == ["train.py"]


# What is judged, and against what.


def test_a_revision(project: Workspace) -> None:
    base = project.git("rev-parse", "HEAD")
    project.git("switch", "--create", "exp/gain")
    project.set_param("train.gain", 0.3)
    commit = project.commit("more gain")
    project.git("switch", "main")
    project.set_param("train.noise", 0.5)  # in the working tree, which is not judged
    for revision in ("exp/gain", commit, commit[:9], "exp/gain^0"):
        told = project.paribus("check", revision, "--json")
        assert (told.code, told.json["outcome"]) == (0, "one")
        assert (told.json["baseline"], told.json["revision"]) == (base, commit)
    shown = project.paribus("check", "exp/gain")
    assert shown.out.endswith('\nnext: measure it   paribus run exp/gain -m "why it should help"\n')


def test_a_given_baseline(project: Workspace) -> None:
    first = project.git("rev-parse", "HEAD")
    project.set_param("train.gain", 0.3)
    second = project.commit("gain")
    assert project.paribus("check", "--json").json["baseline"] == second
    told = project.paribus("check", "--baseline", "HEAD~1")
    assert told.code == 0
    assert told.out == (
        f"one change against HEAD~1 ({first[:7]})\n"
        "\n"
        "  1  param  train.gain 0.0 -> 0.3\n"
        "            params.json:5\n"
        "\nnext: measure it   paribus run --baseline 'HEAD~1' -m \"why it should help\"\n"
    )


def test_the_nearest_annotated_baseline_tag(project: Workspace) -> None:
    first = project.git("rev-parse", "HEAD")
    project.git("tag", "-a", "baseline/1", "-m", "the first")
    project.set_param("train.gain", 0.3)
    second = project.commit("gain")
    project.git("tag", "baseline/2")  # a lightweight tag promises nothing
    project.git("tag", "-a", "baseline/next", "-m", "not a number")
    told = project.paribus("check")
    assert told.out.startswith(f"one change against baseline/1 ({first[:7]})\n")
    project.git("tag", "-a", "baseline/3", "-m", "the third")
    assert project.paribus("check", "--json").json["baseline"] == second


def test_the_merge_base_with_the_main_branch(project: Workspace) -> None:
    base = project.git("rev-parse", "HEAD")
    project.git("switch", "--create", "work")
    project.set_param("train.gain", 0.3)
    project.commit("gain")
    project.git("switch", "main")
    project.set_param("train.noise", 0.2)
    project.commit("main went on")
    told = project.paribus("check", "work", "--json")
    assert (told.json["baseline"], told.json["outcome"]) == (base, "one")


def test_edits_are_judged_staged_or_not(project: Workspace) -> None:
    project.set_param("train.gain", 0.3)
    project.git("add", "params.json")
    staged = project.paribus("check", "--json").json["changes"]
    project.git("reset", "--quiet")
    assert project.paribus("check", "--json").json["changes"] == staged
    assert staged[0]["summary"] == "train.gain 0.0 -> 0.3"


def test_the_working_tree_counts_where_the_index_says_otherwise(project: Workspace) -> None:
    project.set_param("train.gain", 0.3)
    project.git("add", "params.json")
    project.set_param("train.gain", 0.4)
    change = project.paribus("check", "--json").json["changes"][0]
    assert change["summary"] == "train.gain 0.0 -> 0.4"


def test_a_new_file_counts_once_git_knows_it(project: Workspace) -> None:
    project.commit("helped", {"train.py": "import helper\n" + project.read("train.py")})
    project.write({"helper.py": HELPER})
    assert project.paribus("check").code == 2
    project.git("add", "--intent-to-add", "helper.py")
    told = project.paribus("check")
    assert (told.code, told.out.splitlines()[2]) == (0, "  1  code  helper.py added")


def test_a_deleted_file_and_a_mode_count(project: Workspace) -> None:
    helped = {"helper.py": HELPER, "train.py": "import helper\n" + project.read("train.py")}
    project.commit("helper", helped)
    (project.path / "helper.py").unlink()
    assert project.paribus("check").out.splitlines()[2] == "  1  code  helper.py deleted"
    project.git("restore", "helper.py")
    (project.path / "train.py").chmod(0o755)
    told = project.paribus("check").out.splitlines()
    assert told[2] == "  1  code  train.py mode 100644 -> 100755"


def test_from_a_subfolder(project: Workspace) -> None:
    project.set_param("train.gain", 0.3)
    project.write({"src/deep/keep.md": "x\n"})
    assert project.paribus("check", folder="src/deep").out == project.paribus("check").out


def test_a_project_in_a_subfolder(empty: Workspace, project: Workspace) -> None:
    """Its paths are told from the repository's top, its `-S` from the project's."""
    (project.path / ".git").rename(project.path.parent / "gone")
    project.path.rename(empty.path / "ml")
    empty.git("branch", "-M", "main")
    empty.commit("all of it", {"notebook.py": "print()\n"})
    params = json.loads(empty.read("ml/params.json"))
    params["train"] |= {"gain": 0.3, "noise": 0.5}
    empty.write({"ml/params.json": json.dumps(params, indent=4) + "\n"})
    told = empty.paribus("check", folder="ml")
    assert told.code == 1
    assert "            ml/params.json:5\n" in told.out
    both = ("-S", "params.json:train.gain=0.4", "-S", "params.json:train.noise=0.4")
    told = empty.paribus("run", *both, folder="ml")
    assert f"paribus run {name(empty)} -S params.json:train.gain=0.4\n" in told.out
    way = f"paribus run {name(empty)} -S params.json:train.gain=0.4 --dry-run".split()[1:]
    assert empty.paribus(*way, folder="ml").code == 0


def test_nothing_is_written(project: Workspace) -> None:
    def objects() -> int:
        return sum(len(files) for _, _, files in os.walk(project.path / ".git"))

    project.set_param("train.gain", 0.3)
    project.write({"train.py": "print('new content')\n", "new.txt": "x\n"})
    before = project.state(), objects()
    for command in (("check",), ("check", "HEAD"), ("check", "--json", "--baseline", "HEAD")):
        project.paribus(*command)
    assert (project.state(), objects()) == before
    assert not (project.path / ".dvc" / "tmp").exists()


def test_nothing_that_a_revision_holds_is_executed(project: Workspace) -> None:
    """Hooks, filters, monitors, a sitecustomize, a params file in Python: none of them runs."""
    canary = project.path.parent / "canary"
    shout = f"open({str(canary)!r}, 'w')\n"
    files = {
        "sitecustomize.py": shout,
        "params.py": shout,
        "dvc.py": shout,
        "paribus.py": shout,
        ".gitattributes": "*.json filter=evil diff=evil\n",
    }
    project.commit("a trap", files)
    for key in ("filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv", "core.fsmonitor"):
        project.git("config", key, f"touch {canary} #")
    project.write({".git/hooks/post-index-change": f"#!/bin/sh\ntouch {canary}\n"})
    (project.path / ".git/hooks/post-index-change").chmod(0o755)
    console_script = str(Path(sys.executable).with_name("paribus"))
    for command in (("check", "HEAD", "--baseline", "HEAD~1"), ("compare", "HEAD", "HEAD~1")):
        told = subprocess.run(
            [console_script, *command], cwd=project.path, capture_output=True, check=False
        )
        assert told.returncode in (0, 1), told
        assert not canary.exists(), command
