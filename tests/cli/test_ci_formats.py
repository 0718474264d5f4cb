"""`paribus check` in CI: annotations, summary, outputs, code quality; the action's own script."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from tests.conftest import Workspace

TOP = Path(__file__).resolve().parents[2]


def name(project: Workspace, revision: str = "HEAD") -> str:
    """A commit as it is shown."""
    return project.git("rev-parse", revision)[:7]


def sha(project: Workspace, revision: str = "HEAD") -> str:
    return project.git("rev-parse", revision)


def test_for_github(line: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output, summary = tmp_path / "output", tmp_path / "summary"
    output.write_text("earlier=1\n")
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    text = line.paribus("check", "main..exp").out
    told = line.paribus("check", "main..exp", "--format", "github")
    base = name(line, "main")
    assert (told.code, told.err) == (1, "")
    assert told.out == text + (
        f"::error file=params.json,line=5,title=param%3A one of 2 changes against {base}::train.gain 0.0 -> 0.4\n"
        f"::error file=params.json,line=6,title=param%3A one of 2 changes against {base}::train.noise 0.01 -> 0.02\n"
    )
    assert output.read_text() == (
        f"earlier=1\noutcome=many\nchanges=2\nbaseline={sha(line, 'main')}\nrevision={sha(line)}\n"
    )
    assert summary.read_text() == (
        "### Paribus: 2 changes, an experiment has one\n"
        "\n"
        f"against `main` ({base})\n"
        "\n"
        "1. **param** `train.gain 0.0 -> 0.4` in `params.json:5`\n"
        "2. **param** `train.noise 0.01 -> 0.02` in `params.json:6`\n"
    )


def test_each_commit_for_github(
    line: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    told = line.paribus("check", "--per-commit", "--format", "github")
    one, two, three = (name(line, f"HEAD~{back}") for back in (2, 1, 0))
    assert told.out.splitlines()[-3:] == [
        f"::error file=params.json,line=5,title=param%3A one of 2 changes against {two}::train.gain 0.3 -> 0.4",
        f"::error file=params.json,line=6,title=param%3A one of 2 changes against {two}::train.noise 0.01 -> 0.02",
        f"::notice file=params.json,line=5,title=param change against {name(line, 'main')}::train.gain 0.0 -> 0.3",
    ]
    assert (tmp_path / "summary").read_text() == (
        f"### Paribus: 1 of 3 commits has several changes ({name(line, 'main')}..{three})\n"
        "\n"
        f"- `{one}` **one** `a gain`\n- `{two}` **none** `words`\n- `{three}` **many** `both`\n"
        "\n"
        f"#### `{three}`: 2 changes\n"
        "\n"
        "1. **param** `train.gain 0.3 -> 0.4` in `params.json:5`\n"
        "2. **param** `train.noise 0.01 -> 0.02` in `params.json:6`\n"
    )


def test_for_gitlab(line: Workspace) -> None:
    told = line.paribus("check", "main..exp", "--format", "gitlab")
    assert told.code == 1
    assert told.err == line.paribus("check", "main..exp").out
    issues = json.loads(told.out)
    base = name(line, "main")
    assert len({issue.pop("fingerprint") for issue in issues}) == 2
    assert issues == [
        {
            "description": f"param: {summary}; one of 2 changes against {base}",
            "check_name": "paribus-one-change",
            "severity": "major",
            "location": {"path": "params.json", "lines": {"begin": at}},
        }
        for summary, at in (("train.gain 0.0 -> 0.4", 5), ("train.noise 0.01 -> 0.02", 6))
    ]


@pytest.mark.parametrize("form", ["github", "gitlab", "json"])
def test_what_cannot_be_judged_is_told_to_machines(
    form: str, line: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    line.commit("broken", {"params.json": "{"})
    plain = line.paribus("check", "main..")
    told = line.paribus("check", "main..", "--format", form)
    message = plain.err.splitlines()[0].partition(": ")[2]
    assert (told.code, told.err) == (2, plain.err)
    if form == "github":
        assert told.out.startswith("::error title=")
        assert told.out.count("\n") == 1
        assert (tmp_path / "summary").read_text().startswith("### Paribus: cannot be judged (")
    elif form == "gitlab":
        assert json.loads(told.out)[0]["description"] == f"cannot be judged: {message}"
    else:
        assert told.json["error"]["message"] == message


def test_a_file_name_cannot_command_a_ci_system(project: Workspace) -> None:
    """At the top of the repository a name is the first thing on its line."""
    project.commit("odd", {"::error::pwned.bin": b"\0", "##[group]x.bin": b"\0"})
    project.git("tag", "-a", "baseline/1", "-m", "x")
    stages = project.read("dvc.yaml").replace("deps: [train.py]", 'deps: [train.py, "::error::pwned.bin", "##[group]x.bin"]')  # fmt: skip
    project.commit("used", {"dvc.yaml": stages})
    project.git("tag", "-a", "baseline/2", "-m", "x")
    project.write({"::error::pwned.bin": b"\1", "##[group]x.bin": b"\1"})
    for arguments in ((), ("--format", "github"), ("--format", "gitlab")):
        told = project.paribus("check", *arguments)
        assert told.code == 1
        lines = [
            *told.err.splitlines(),
            *(told.out.splitlines() if "gitlab" not in arguments else []),
        ]
        assert not any("##[" in line for line in lines if not line.startswith("::error file="))
        commands = [line for line in lines if line.lstrip().startswith("::")]
        assert len(commands) == (2 if "github" in arguments else 0)
        assert all(line.startswith("::error file=") for line in commands)


@pytest.mark.parametrize("inputs", ["shallow", "options"])
def test_the_actions_script(inputs: str, line: Workspace, tmp_path: Path) -> None:
    """A shallow checkout is completed; inputs that look like options or code are values."""
    action = yaml.safe_load((TOP / "action.yml").read_text())
    script = next(step["run"] for step in action["runs"]["steps"] if step.get("id") == "check")
    values = {"BASELINE": "", "REVISION": "HEAD", "PROJECT": "", "PER_COMMIT": "true"}
    here = line.path
    if inputs == "shallow":
        here = tmp_path / "checkout"
        line.git("clone", "--quiet", "--depth=1", "--no-single-branch", "--branch=exp", line.path.as_uri(), str(here))  # fmt: skip
        line.git("-C", str(here), "remote", "set-head", "origin", "--delete")  # as actions/checkout
    else:
        values |= {"BASELINE": "$(touch planted)", "REVISION": "--help", "PER_COMMIT": "; touch planted"}  # fmt: skip
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=here, env={**os.environ, **values, "RUNNER_TEMP": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if inputs == "shallow":
        assert done.returncode == 1, done.stderr
        assert done.stdout.startswith("error[one-change]: 1 of 3 commits has several changes (")
    else:
        assert done.returncode == 2
        assert done.stderr.startswith("error[unknown-revision]: no commit is called '--help' here")
        assert not list(here.rglob("planted"))
