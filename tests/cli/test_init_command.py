"""`paribus init`: the protocol that it writes, and that it works at once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from tests.conftest import Workspace

PROTOCOL = """\
# What this team measures, and what counts as a change. Versioned with the code.
schema: 1
metric: accuracy  # also measured: loss
direction: higher  # higher or lower is better

# The smallest difference that matters, in the metric's units. Without it, one standard
# deviation of the baseline's own runs is taken.
# effect: 0.005

# Metrics that an improvement must not break, and the loss of them that is tolerated.
# guards:
#   - {metric: latency, direction: lower, margin: 0.1}

# Params that are seeds: varied between repeats, never a change.
seeds:
  - "params.json:seed"
  - "params.json:split_seed"

# Stages that measure: when one of them changes, numbers are not comparable.
ruler:
  - evaluate

# Files that cannot move a metric, beyond docs, tests and CI.
neutral: []
"""

METRICS = '{"loss": 0.2, "accuracy": 0.8}\n'

NEXT = """\
next: look it over, commit it   git add paribus.yaml && git commit -m 'Agree on what we measure'
next: see what will be beaten   paribus baseline
next: judge each commit         paribus init --hooks
next: judge each pull request   paribus init --ci github   (or gitlab)
"""


@pytest.fixture
def bare(project: Workspace) -> Workspace:
    """The small project before anybody had heard of Paribus, its metrics committed."""
    (project.path / "paribus.yaml").unlink()
    project.commit("before Paribus", {"metrics.json": METRICS})
    return project


def test_it_finds_metric_direction_seeds_and_ruler(bare: Workspace) -> None:
    before = bare.state()
    told = bare.paribus("init")
    assert (told.code, told.err) == (0, "")
    assert told.out == (
        "wrote paribus.yaml\n"
        "  metric  accuracy, higher is better\n"
        "  seeds   params.json:seed, params.json:split_seed\n"
        "  ruler   evaluate\n"
        f"{NEXT}"
    )
    assert bare.read("paribus.yaml") == PROTOCOL
    after = bare.state()
    assert after.pop("paribus.yaml").startswith("100644 ")
    assert after == before


def test_a_second_call_changes_nothing(bare: Workspace) -> None:
    bare.paribus("init")
    mine = bare.read("paribus.yaml") + "effect: 0.1  # mine\n"
    bare.write({"paribus.yaml": mine})
    before = bare.state()
    for arguments in ((), ("--metric", "loss")):
        told = bare.paribus("init", *arguments)
        assert (told.code, told.err) == (0, "")
        assert told.out == (
            "paribus.yaml is there and in order\n"
            "next: see what will be beaten   paribus baseline\n"
            "next: judge each commit         paribus init --hooks\n"
            "next: judge each pull request   paribus init --ci github   (or gitlab)\n"
        )
    assert bare.state() == before


def test_for_machines(bare: Workspace) -> None:
    assert bare.paribus("init", "--json").json == {
        "schema": 1,
        "file": "paribus.yaml",
        "written": True,
        "metric": "accuracy",
        "seeds": ["params.json:seed", "params.json:split_seed"],
        "ruler": ["evaluate"],
        "files": [],
        "next": [
            "look it over, commit it   git add paribus.yaml && git commit -m 'Agree on what we measure'",
            "see what will be beaten   paribus baseline",
            "judge each commit   paribus init --hooks",
            "judge each pull request   paribus init --ci github   (or gitlab)",
        ],
    }
    assert bare.paribus("init", "--json").json["written"] is False


def test_a_metric_and_a_direction_of_ones_own(bare: Workspace) -> None:
    told = bare.paribus("init", "--metric", "loss")
    assert "  metric  loss, lower is better\n" in told.out
    assert "metric: loss  # also measured: accuracy\ndirection: lower " in bare.read("paribus.yaml")
    (bare.path / "paribus.yaml").unlink()
    told = bare.paribus("init", "--metric", "loss", "--direction", "higher")
    assert "  metric  loss, higher is better\n" in told.out


def test_metrics_that_dvc_caches_are_read_where_they_lie(bare: Workspace) -> None:
    """The default of DVC: Git ignores the file, and the last `dvc repro` left it there."""
    bare.commit("cache the metrics", {".gitignore": "/model.json\n/metrics.json\n"})
    bare.git("rm", "--quiet", "--cached", "metrics.json")
    bare.git("commit", "--quiet", "-m", "cached")
    assert bare.paribus("init").code == 0
    assert bare.read("paribus.yaml") == PROTOCOL


def test_names_that_yaml_would_read_otherwise_are_quoted(bare: Workspace) -> None:
    bare.commit("odd", {"metrics.json": '{"yes": 1, "a\\n# b: c": 2, "1": 3}\n'})
    names = list(bare.paribus("compare", "--json").json["metrics"])
    assert len(names) == 3
    for name in names:
        assert bare.paribus("init", "--metric", name).code == 0
        assert bare.paribus("init", "--json").code == 0  # it reads what it has written
        lines = bare.read("paribus.yaml").splitlines()
        assert [line for line in lines if line.startswith("direction: ")], lines
        (bare.path / "paribus.yaml").unlink()


def test_before_the_first_run_the_metric_must_be_named(bare: Workspace) -> None:
    bare.git("rm", "--quiet", "metrics.json")
    before = bare.state()
    told = bare.paribus("init")
    assert (told.code, told.out) == (2, "")
    assert told.err == (
        "error[no-metric]: the primary metric cannot be told: there is no number in a metrics file"
        " (metrics.json)\n"
        "help: name it   paribus init --metric accuracy\n"
    )
    assert bare.state() == before
    assert bare.paribus("init", "--metric", "accuracy").code == 0


def test_several_metrics_of_which_none_is_usual(bare: Workspace) -> None:
    bare.commit("odd", {"metrics.json": '{"glory": 1, "fame": 2}\n'})
    told = bare.paribus("init")
    assert (told.code, told.out) == (2, "")
    assert told.err == (
        "error[no-metric]: the primary metric cannot be told: there are glory, fame\n"
        "help: name it   paribus init --metric glory\n"
    )


def test_an_unknown_metric(bare: Workspace) -> None:
    told = bare.paribus("init", "--metric", "accurracy")
    assert (told.code, told.out) == (2, "")
    assert told.err == (
        "error[unknown-metric]: no metrics file has accurracy\nhelp: there are loss, accuracy\n"
    )
    assert not (bare.path / "paribus.yaml").exists()


def test_a_broken_protocol_is_left_alone(bare: Workspace) -> None:
    bare.write({"paribus.yaml": "metric: accuracy\ncolour: blue\n"})
    told = bare.paribus("init")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(
        "error[broken-protocol]: paribus.yaml:2: unknown key `colour`\nhelp: "
    )
    assert bare.read("paribus.yaml") == "metric: accuracy\ncolour: blue\n"


def test_before_the_first_commit(empty: Workspace, bare: Workspace) -> None:
    for name in ("dvc.yaml", "params.json", "metrics.json", ".dvc/config"):
        empty.write({name: bare.read(name)})
    told = empty.paribus("init")
    assert told.code == 2
    assert told.err.startswith("error[no-pipeline]: ")
    assert "git add dvc.yaml" in told.err
    empty.git("add", "--all")
    assert empty.paribus("init").code == 0
    assert empty.read("paribus.yaml") == PROTOCOL


def test_in_a_subfolder(bare: Workspace) -> None:
    bare.write({"src/keep.md": "x\n"})
    assert bare.paribus("init", folder="src").out.startswith("wrote paribus.yaml\n")
    assert bare.read("paribus.yaml") == PROTOCOL


def test_it_counts_before_it_is_committed_and_after(bare: Workspace) -> None:
    """Who has just been told to write a protocol must not be told so again."""
    asked = ("run", "-S", "params.json:train.gain=0.2", "--dry-run", "--json")
    refused = bare.paribus(*asked)
    assert (refused.code, refused.json["error"]["code"]) == (2, "no-metric")
    assert refused.json["next"] == ["write one for this project   paribus init"]
    bare.paribus("init")
    uncommitted = bare.paribus(*asked)
    told = bare.paribus("check")
    shown = bare.paribus("baseline", "--json")
    assert (uncommitted.code, told.code, shown.code) == (0, 0, 0)
    assert "untracked" not in told.out
    assert shown.json["metric"] == "accuracy"
    bare.commit("Agree on what we measure")
    committed = bare.paribus(*asked)
    assert committed.json["experiment"] == uncommitted.json["experiment"]


def test_a_protocol_that_a_branch_does_not_have(bare: Workspace) -> None:
    """It lies in the working tree, and neither the baseline nor the branch knows it."""
    bare.git("switch", "--quiet", "--create", "exp/gain")
    bare.set_param("train.gain", 0.2)
    bare.commit("gain")
    bare.git("switch", "--quiet", "main")
    bare.paribus("init")
    told = bare.paribus("run", "exp/gain")
    assert (told.code, told.out) == (2, "")
    assert told.err == (
        "error[no-metric]: no primary metric is declared, neither at the baseline nor in what is tested\n"
        "help: if paribus.yaml has one, commit it   git add paribus.yaml && git commit\n"
        "help: if not, add a line to it             metric: NAME\n"
    )


# Hooks and CI.


def test_hooks_are_written_once_and_never_over_others(project: Workspace) -> None:
    hooks = project.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    (hooks / "commit-msg").write_text("#!/bin/sh\nours\n")
    told = project.paribus("init", "--hooks")
    assert (told.code, told.err) == (0, "")
    assert told.out == (
        "paribus.yaml is there and in order\n"
        "wrote .git/hooks/pre-commit\n"
        ".git/hooks/commit-msg is yours and left as it is; add to it:\n"
        "\n"
        '    paribus hook commit-msg "$1"\n'
        "\n"
        "next: see what will be beaten   paribus baseline\n"
        "next: judge each pull request   paribus init --ci github   (or gitlab)\n"
    )
    assert (hooks / "commit-msg").read_text() == "#!/bin/sh\nours\n"
    assert (hooks / "pre-commit").read_text() == (
        "#!/bin/sh\n"
        "# One change against the baseline. Written by `paribus init --hooks`.\n"
        'command -v paribus >/dev/null || { echo "paribus is not on PATH: not judged" >&2; exit 0; }\n'
        "exec paribus hook pre-commit\n"
    )
    assert (hooks / "pre-commit").stat().st_mode & 0o777 == 0o755
    (hooks / "commit-msg").write_text('#!/bin/sh\nours\nparibus hook commit-msg "$1"\n')
    before = project.state(), (hooks / "pre-commit").stat()
    told = project.paribus("init", "--hooks")
    assert told.out.splitlines()[1:3] == [
        ".git/hooks/pre-commit calls Paribus already",
        ".git/hooks/commit-msg calls Paribus already",
    ]
    assert (project.state(), (hooks / "pre-commit").stat()) == before


def test_hooks_go_where_git_looks_for_them(project: Workspace, tmp_path: Path) -> None:
    project.git("config", "core.hooksPath", ".githooks")
    assert "wrote .githooks/pre-commit\nwrote .githooks/commit-msg\n" in project.paribus("init", "--hooks").out  # fmt: skip
    assert not (project.path / ".git" / "hooks" / "pre-commit").exists()
    shared = tmp_path / "everybodys"
    project.git("config", "core.hooksPath", str(shared))
    told = project.paribus("init", "--hooks")
    assert f"{shared}/pre-commit is yours and left as it is; add to it:\n" in told.out
    assert not shared.exists()
    project.git("config", "--unset", "core.hooksPath")
    project.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    told = project.paribus("init", "--hooks", folder=str(tmp_path / "linked"))
    assert "/pre-commit\n" in told.out
    assert (project.path / ".git" / "hooks" / "pre-commit").exists()


def test_the_pre_commit_framework_is_told_what_to_add(project: Workspace) -> None:
    project.write({".pre-commit-config.yaml": "repos: []\n"})
    told = project.paribus("init", "--hooks")
    assert told.out == (
        "paribus.yaml is there and in order\n"
        ".pre-commit-config.yaml is yours and left as it is; add to it:\n"
        "\n"
        "      - repo: local\n"
        "        hooks:\n"
        "          - id: paribus-check\n"
        "            name: one change against the baseline\n"
        "            entry: paribus hook pre-commit\n"
        "            language: system\n"
        "            stages: [pre-commit]\n"
        "            pass_filenames: false\n"
        "            always_run: true\n"
        "          - id: paribus-commit-msg\n"
        "            name: the change named in the message\n"
        "            entry: paribus hook commit-msg\n"
        "            language: system\n"
        "            stages: [commit-msg]\n"
        "\n"
        "next: see what will be beaten   paribus baseline\n"
        "next: judge each pull request   paribus init --ci github   (or gitlab)\n"
    )
    found = project.paribus("init", "--hooks", "--json").json["files"]
    project.write({".pre-commit-config.yaml": "repos:\n" + found[0]["add"]})
    assert ".pre-commit-config.yaml calls Paribus already\n" in project.paribus("init", "--hooks").out  # fmt: skip


@pytest.mark.parametrize("system", ["github", "github-forks", "gitlab"])
def test_a_ci_job_is_written_once(project: Workspace, system: str) -> None:
    files = {
        "github": [".github/workflows/paribus.yml"],
        "github-forks": [
            ".github/workflows/paribus.yml",
            ".github/workflows/paribus-review.yml",
        ],
        "gitlab": [".gitlab/paribus.yml", ".gitlab-ci.yml"],
    }[system]
    told = project.paribus("init", "--ci", system, "--json")
    assert told.json["files"] == [{"file": file, "written": True, "add": None} for file in files]
    texts = [project.read(file) for file in files]
    for text in texts:
        assert yaml.safe_load(text)
        assert str(project.path) not in text
    posts = f"--format {system.removesuffix('-forks')} --post"
    assert ["paribus check HEAD" in text for text in texts] == {
        "github": [False], "github-forks": [True, False], "gitlab": [True, False],
    }[system]  # fmt: skip
    assert [posts in text for text in texts] == {
        "github": [True], "github-forks": [False, True], "gitlab": [True, False],
    }[system]  # fmt: skip
    told = project.paribus("init", "--ci", system)
    assert told.out.splitlines()[1 : len(files) + 1] == [
        f"{file} calls Paribus already" for file in files
    ]
    project.write({files[0]: "name: mine\n"})
    assert project.paribus("init", "--ci", system, "--json").json["files"][0] == {
        "file": files[0], "written": False, "add": texts[0],
    }  # fmt: skip
    assert project.read(files[0]) == "name: mine\n"


def test_an_existing_gitlab_file_is_told_what_to_include(project: Workspace) -> None:
    project.write({".gitlab-ci.yml": "stages: [test]\n"})
    told = project.paribus("init", "--ci", "gitlab")
    assert told.out.startswith(
        "paribus.yaml is there and in order\n"
        "wrote .gitlab/paribus.yml\n"
        ".gitlab-ci.yml is yours and left as it is; add to it:\n"
        "\n    include:\n      - local: .gitlab/paribus.yml\n\n"
    )
    assert project.read(".gitlab-ci.yml") == "stages: [test]\n"


def test_a_project_in_a_folder_names_itself(project: Workspace) -> None:
    inner = project.path / "a b"
    shutil.copytree(project.path, inner, ignore=shutil.ignore_patterns(".git", "a b"))
    assert project.paribus("init", "--hooks", "--ci", "github", folder="a b").code == 0
    hook = project.read(".git/hooks/pre-commit")
    assert hook.endswith("exec paribus hook pre-commit --project 'a b'\n")
    steps = yaml.safe_load(project.read(".github/workflows/paribus.yml"))["jobs"]["review"]["steps"]
    assert steps[-1]["run"] == (
        """paribus review "origin/$BASE...$HEAD" --format github --post --project 'a b' || [ $? = 4 ]"""
    )
    project.git("add", "--all")
    project.git("commit", "--quiet", "-m", "a project of its own")
