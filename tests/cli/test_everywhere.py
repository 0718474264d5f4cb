"""One table of changes, judged in five places: the outcome is the same in all of them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from tests.conftest import Workspace

TOP = Path(__file__).resolve().parents[2]

BASE: dict[str, str | bytes] = {
    "conf.yaml": "a: 1\nb:\n  c: 2\n  d: 3\n",
    "data.csv": "x,y\n1,2\n",
    "link.csv": "x,y\n1,2\n",
    "weights.bin": bytes(range(256)),
    "features.py": "def ratio(x):\n    return x / 2\n",
}
"""Beside the small project: a YAML params file, data, a binary file, and a module that train.py imports."""

NEUTRAL_EDIT = "# A title\n\nA paragraph.\n"


def edit(project: Workspace, file: str, old: str, new: str) -> None:
    """Replaces text in a file of the working tree."""
    text = project.read(file)
    assert old in text
    project.write({file: text.replace(old, new)})


def two_params(project: Workspace) -> None:
    project.set_param("train.gain", 0.3)
    project.set_param("train.noise", 0.02)


def param_and_code(project: Workspace) -> None:
    project.set_param("train.noise", 0.02)
    edit(project, "train.py", "score = 0.8", "score = 0.9")


def renamed_and_edited(project: Workspace) -> None:
    project.git("mv", "features.py", "ratios.py")
    edit(project, "ratios.py", "x / 2", "x / 3")
    edit(project, "train.py", "from features import", "from ratios import")


def linked(project: Workspace) -> None:
    (project.path / "link.csv").unlink()
    (project.path / "link.csv").symlink_to("data.csv")


def executable(project: Workspace) -> None:
    (project.path / "train.py").chmod(0o755)


def used_module(project: Workspace) -> None:
    project.write({"offset.py": "def offset():\n    return 0.1\n"})
    edit(project, "train.py", "score = 0.8", "from offset import offset\n\nscore = offset() + 0.8")


CASES: dict[str, tuple[str, Callable[[Workspace], object]]] = {
    "one param": ("one", lambda p: p.set_param("train.gain", 0.3)),
    "two params": ("many", two_params),
    "a param and unrelated code": ("many", param_and_code),
    "only the type of a param": ("one", lambda p: p.set_param("train.gain", 0)),
    "a declared seed": ("none", lambda p: p.set_param("seed", 7)),
    "a comment": ("none", lambda p: edit(p, "train.py", "params =", "# all of them\nparams =")),
    "code": ("one", lambda p: edit(p, "train.py", "score = 0.8", "score = 0.9")),
    "a file renamed and edited": ("one", renamed_and_edited),
    "a mode": ("one", executable),
    "a symlink": ("one", linked),
    "a binary file": ("one", lambda p: p.write({"weights.bin": bytes(range(255))})),
    "YAML in another order": ("none", lambda p: p.write({"conf.yaml": "b: {d: 3, c: 2}\na: 1\n"})),
    "data": ("one", lambda p: p.write({"data.csv": "x,y\n1,3\n"})),
    "docs": ("none", lambda p: p.write({"README.md": NEUTRAL_EDIT})),
    "a new file and its use": ("one", used_module),
    "a command": ("one", lambda p: edit(p, "dvc.yaml", "-S train.py", "-S train.py --fast")),
    "the ruler": ("one", lambda p: edit(p, "evaluate.py", "round(score, 6)", "round(score, 5)")),
}


@pytest.fixture
def branch(project: Workspace) -> Workspace:
    """The small project with more in it on main, its hooks installed, on a branch for an experiment."""
    pipeline = (
        project.read("dvc.yaml")
        .replace(
            "deps: [train.py]", "deps: [train.py, features.py, data.csv, link.csv, weights.bin]"
        )
        .replace("      - params.json:", "      - conf.yaml: [a, b]\n      - params.json:")
    )
    edit(project, "train.py", "import sys\n", "import sys\n\nfrom features import ratio\n")
    edit(project, "train.py", "score = 0.8", "score = 0.8 + ratio(0.0)")
    project.commit("the baseline", {**BASE, "dvc.yaml": pipeline})
    assert project.paribus("init", "--hooks").code == 0
    project.git("switch", "--quiet", "--create", "exp")
    return project


@pytest.fixture
def server(branch: Workspace, tmp_path: Path) -> Path:
    """A bare repository with main, which takes a push only if Paribus lets it."""
    path = tmp_path / "server.git"
    branch.git("clone", "--quiet", "--bare", "--branch=main", ".", str(path))
    hook = path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexec paribus hook pre-receive\n")
    hook.chmod(0o755)
    return path


def by_staged(project: Workspace) -> str:
    return str(project.paribus("check", "--staged", "--json").json["outcome"])


def by_revision(project: Workspace) -> str:
    return str(project.paribus("check", "HEAD", "--json").json["outcome"])


def by_commit(project: Workspace) -> str:
    """A real commit; a refused one is made nevertheless, so that the others have something to judge."""
    done = subprocess.run(
        ["git", "commit", "--quiet", "-m", "try"],
        cwd=project.path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        project.git("commit", "--quiet", "--no-verify", "-m", "try")
    return told_outcome(done.stderr, done.returncode)


def by_ci(project: Workspace, folder: Path) -> str:
    """The script of action.yml, as a runner starts it."""
    steps = yaml.safe_load((TOP / "action.yml").read_text())["runs"]["steps"]
    script = next(step["run"] for step in steps if step.get("id") == "check")
    output, summary = folder / "output", folder / "summary.md"
    inputs = {"BASELINE": "", "REVISION": "HEAD", "PROJECT": "", "PER_COMMIT": "false"}
    files = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=project.path,
        env={**os.environ, **inputs, **files, "RUNNER_TEMP": str(folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    values = dict(line.split("=", 1) for line in output.read_text().splitlines())
    assert done.returncode == (values["outcome"] == "many"), done.stderr
    assert summary.read_text().startswith("### Paribus: ")
    told = [line for line in done.stdout.splitlines() if line.startswith("::")]
    commands = [line for line in told if not line.startswith("::warning ")]
    assert len(commands) == int(values["changes"])
    level = "::error " if values["outcome"] == "many" else "::notice "
    assert all(command.startswith(level) for command in commands)
    return values["outcome"]


def by_push(project: Workspace, server: Path) -> str:
    done = subprocess.run(
        ["git", "push", "--quiet", str(server), "HEAD:main"],
        cwd=project.path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    taken = project.git("ls-remote", str(server), "main").split()[0]
    assert (taken == project.git("rev-parse", "HEAD")) == (done.returncode == 0)
    return told_outcome(done.stderr.replace("remote: ", ""), done.returncode)


def told_outcome(text: str, code: int) -> str:
    """The outcome as the first line of a hook tells it; it fits the exit code."""
    first = text.splitlines()[0]
    words = {"paribus: ": 0, "error[one-change]: ": 1}
    expected = next(code for start, code in words.items() if first.startswith(start))
    assert code == expected, text
    if expected:
        return "many"
    return "none" if "no change against" in first else "one"


@pytest.mark.parametrize(
    "case",
    [*list(CASES)[:4], *(pytest.param(case, marks=pytest.mark.slow) for case in list(CASES)[4:])],
)
def test_the_outcome_is_the_same_everywhere(
    case: str, branch: Workspace, server: Path, tmp_path: Path
) -> None:
    expected, change = CASES[case]
    change(branch)
    branch.git("add", "--all")
    found = {
        "index": by_staged(branch),
        "pre-commit": by_commit(branch),
        "revision": by_revision(branch),
        "ci": by_ci(branch, tmp_path),
        "pre-receive": by_push(branch, server),
    }
    assert found == dict.fromkeys(found, expected)


def test_the_commands_of_the_docs(project: Workspace, tmp_path: Path) -> None:
    """Every block of `docs/everywhere.md` that a person can paste."""
    server = tmp_path / "server.git"
    project.git("clone", "--quiet", "--bare", ".", str(server))
    (server / "hooks").mkdir(exist_ok=True)
    blocks = (TOP / "docs" / "everywhere.md").read_text().split("```sh\n")[1:]
    assert len(blocks) == 4
    for block in blocks:
        script = block.split("```")[0]
        subprocess.run(["sh", "-e", "-c", script], cwd=project.path, check=True)
    project.set_param("train.gain", 0.3)
    project.git("commit", "--quiet", "-a", "-m", "one")
    assert "Paribus-Change: train.gain 0.0 -> 0.3" in project.git("log", "-1", "--format=%B")
    project.git("push", "--quiet", str(server), "main")
    two_params(project)
    project.set_param("train.gain", 0.4)
    project.git("commit", "--quiet", "-a", "--no-verify", "-m", "two")
    with pytest.raises(AssertionError, match=r"error\[one-change\]: main: 2 changes"):
        project.git("push", "--quiet", str(server), "main")
