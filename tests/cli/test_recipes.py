"""What CI systems are told to do: the action, the templates, and what `paribus init` writes."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from paribus.reports.installed import (
    GITHUB_FILE,
    GITHUB_FORKS_FILE,
    github_forks,
    github_review,
    gitlab_job,
)

if TYPE_CHECKING:
    from tests.conftest import Workspace

TOP = Path(__file__).resolve().parents[2]
TEMPLATES = TOP / "templates"
WORKFLOWS = sorted(TEMPLATES.glob("github-*.yml"))
WRITES = {"contents": "read", "pull-requests": "write", "checks": "write"}
PERMISSIONS = {
    "github-review.yml": WRITES,
    "github-forks-check.yml": {"contents": "read"},
    "github-forks-review.yml": WRITES,
}
HEAD = "a" * 40


def loaded(path: Path) -> dict[Any, Any]:
    found = yaml.safe_load(path.read_text())
    assert isinstance(found, dict)
    return found


def steps(path: Path) -> list[dict[str, Any]]:
    """Of a workflow with one job, or of an action."""
    found = loaded(path)
    if "runs" in found:
        return list(found["runs"]["steps"])
    (job,) = found["jobs"].values()
    return list(job["steps"])


def test_the_templates_are_what_init_writes() -> None:
    forks = github_forks("")
    assert {path.name: path.read_text() for path in TEMPLATES.iterdir()} == {
        "github-review.yml": github_review(""),
        "github-forks-check.yml": forks[GITHUB_FILE],
        "github-forks-review.yml": forks[GITHUB_FORKS_FILE],
        "gitlab-ci.yml": gitlab_job(""),
    }


@pytest.mark.parametrize("path", [*WORKFLOWS, TOP / "action.yml"], ids=lambda path: path.name)
def test_what_others_wrote_is_never_part_of_a_script(path: Path) -> None:
    """A branch or a title would be code; actions come from their owners, each with its version."""
    for step in steps(path):
        assert "${{" not in step.get("run", "")
        if "uses" in step:
            assert re.fullmatch(r"actions/(checkout|setup-python)@v[0-9]+", step["uses"])
        expressions = re.findall(r"\$\{\{ (.*?) \}\}", str(step.get("env", {})))
        assert not [
            one for one in expressions if re.search("secrets|title|body|head_branch|head.ref", one)
        ]
    assert "pull_request_target" not in path.read_text()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_do_no_more_than_it_does(path: Path) -> None:
    found = loaded(path)
    assert found["permissions"] == PERMISSIONS[path.name]
    assert not [job for job in found["jobs"].values() if "permissions" in job]
    trigger = found[True]  # YAML 1.1 reads `on` so
    if "forks-review" not in path.name:
        assert trigger == {"pull_request": None}
        checkout = next(step for step in steps(path) if "checkout" in step.get("uses", ""))
        assert checkout["with"] == {"fetch-depth": 0, "persist-credentials": False}


def test_the_trusted_workflow_checks_nothing_of_a_pull_request_out() -> None:
    path = TEMPLATES / "github-forks-review.yml"
    found = loaded(path)
    first = loaded(TEMPLATES / "github-forks-check.yml")
    assert found[True] == {"workflow_run": {"workflows": [first["name"]], "types": ["completed"]}}
    (job,) = found["jobs"].values()
    assert job["if"] == "github.event.workflow_run.event == 'pull_request'"
    install, checkout, fetch, review = steps(path)[1:]
    assert checkout["with"] == {
        "fetch-depth": 0
    }  # of the branch that the event has: the default one
    assert install["run"] == "pip install paribus"  # before any file of a repository is there
    commands = [line for step in (fetch, review) for line in step["run"].splitlines()]
    assert [command.split()[:2] for command in commands] == [
        ["git", "fetch"],
        ["paribus", "review"],
    ]
    assert "artifact" not in path.read_text()


def test_jobs_at_gitlab() -> None:
    jobs = loaded(TEMPLATES / "gitlab-ci.yml")
    assert set(jobs) == {"paribus", "paribus-review"}
    assert jobs["paribus-review"]["allow_failure"] == {"exit_codes": 4}
    for job, report in (("paribus", "codequality"), ("paribus-review", "metrics")):
        (file,) = jobs[job]["artifacts"]["reports"].values()
        assert list(jobs[job]["artifacts"]["reports"]) == [report]
        assert jobs[job]["script"][-1].endswith(f"> {file}")


TELLING = """\
#!/bin/sh
for argument; do printf '%s\\n' "$argument"; done > "$TOLD"
echo "${GITHUB_TOKEN:-none}" >> "$TOLD"
exit "$ENDS"
"""


@pytest.fixture
def runner(project: Workspace, tmp_path: Path) -> Runner:
    """A checkout of a pull request, and a `paribus` that notes how it is called."""
    project.git("branch", "-M", "trunk")
    project.git("switch", "--quiet", "-c", "idea")
    head = project.commit("an idea", {"params.json": "{}\n"})
    project.git("update-ref", "refs/heads/paribus/ledger", "trunk")
    project.git("tag", "-a", "baseline/1", "-m", "x", "trunk")
    return Runner(project, tmp_path, head)


class Runner:
    """Calls the script of the action's review as GitHub does."""

    def __init__(self, project: Workspace, folder: Path, head: str) -> None:
        self.project = project
        self.head = head
        self.folder = folder
        self.checkout = folder / "checkout"
        program = folder / "paribus" / "bin" / "paribus"
        program.parent.mkdir(parents=True)
        program.write_text(TELLING)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def clone(self, *options: str) -> None:
        """As actions/checkout leaves it."""
        self.project.git("clone", "--quiet", *options, "--branch=idea", self.project.path.as_uri(), str(self.checkout))  # fmt: skip

    def call(self, ends: int = 0, **inputs: str) -> tuple[int, list[str], str]:
        """(exit code of the step, arguments of paribus and its token, what the step printed)."""
        step = next(step for step in steps(TOP / "action.yml") if step.get("id") == "review")
        values = dict.fromkeys(step["env"], "") | {
            "REVISION": "HEAD", "COMMENT": "true", "FAIL_ON": "rule", "GITHUB_TOKEN": "ghs_x",
            "PULL_HEAD": self.head, "PULL_BASE": "trunk",
        }  # fmt: skip
        told, output = self.folder / "told", self.folder / "output"
        told.unlink(missing_ok=True)
        output.write_text("")
        places = {"TOLD": str(told), "GITHUB_OUTPUT": str(output), "RUNNER_TEMP": str(self.folder)}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.checkout,
            env={**os.environ, **values, **inputs, **places, "ENDS": str(ends)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert output.read_text() == (f"exit-code={ends}\n" if told.exists() else "")
        return done.returncode, told.read_text().splitlines() if told.exists() else [], done.stdout

    def ledger(self) -> bool:
        """Whether the evidence can be read in the checkout, and the baseline's tag."""
        wanted = ("refs/remotes/origin/paribus/ledger", "refs/tags/baseline/1")
        refs = self.project.git("-C", str(self.checkout), "for-each-ref", "--format=%(refname)")
        return set(wanted) <= set(refs.split())


def test_the_actions_review(runner: Runner) -> None:
    runner.clone("--depth=1", "--single-branch", "--no-tags")
    assert not runner.ledger()
    default = [
        "review",
        "--format=github",
        "--post",
        "--",
        f"origin/trunk...{runner.head}",
        "ghs_x",
    ]
    assert runner.call() == (0, default, "")
    assert runner.ledger()
    assert (
        runner.project.git("-C", str(runner.checkout), "rev-parse", "--is-shallow-repository")
        == "false"
    )
    others: tuple[tuple[dict[str, str], list[str]], ...] = (
        ({"COMMENT": "false"}, ["--", f"origin/trunk...{runner.head}"]),
        ({"BASELINE": "baseline/1"}, ["--baseline=baseline/1", "--post", "--", runner.head]),
        ({"REVISION": "main..idea", "PROJECT": "a b"}, ["--project=a b", "--post", "--", "main..idea"]),
        ({"PULL_HEAD": "", "PULL_BASE": ""}, ["--post", "--", "HEAD"]),
        ({"BASELINE": "$(touch planted)", "REVISION": "--help", "PROJECT": "; touch planted"},
         ["--baseline=$(touch planted)", "--project=; touch planted", "--post", "--", "--help"]),
    )  # fmt: skip
    for inputs, wanted in others:
        assert runner.call(0, **inputs) == (0, ["review", "--format=github", *wanted, "ghs_x"], "")
    assert not list(runner.folder.rglob("planted"))


def test_what_fails_the_actions_job(runner: Runner) -> None:
    runner.clone()
    runner.project.git("-C", str(runner.checkout), "remote", "set-url", "origin", "/nowhere")
    found = {
        (fail_on, code): runner.call(code, FAIL_ON=fail_on)[0]
        for fail_on in ("rule", "undecided")
        for code in (0, 1, 2, 3, 4)
    }
    assert found == {
        ("rule", 0): 0, ("rule", 1): 1, ("rule", 2): 2, ("rule", 3): 3, ("rule", 4): 0,
        ("undecided", 0): 0, ("undecided", 1): 1, ("undecided", 2): 2, ("undecided", 3): 3,
        ("undecided", 4): 4,
    }  # fmt: skip
    assert runner.call(FAIL_ON="never") == (
        2,
        [],
        "::error title=fail-on::it is rule or undecided\n",
    )


def test_the_action_tells_where_the_evidence_could_not_be_fetched(runner: Runner) -> None:
    runner.clone("--single-branch", "--no-tags")
    runner.project.git("-C", str(runner.checkout), "remote", "set-url", "origin", "/nowhere")
    code, told, said = runner.call()
    assert (code, told[0]) == (0, "review")
    assert said == "::warning title=not fetched::give actions/checkout fetch-depth: 0\n"


def test_the_trusted_workflow_reads_a_forks_commit_without_its_files(
    project: Workspace, tmp_path: Path
) -> None:
    """The recipe's own commands, on a clone of the default branch alone and a head that is in no branch."""
    fetch, review = steps(TEMPLATES / "github-forks-review.yml")[-2:]
    base = project.git("rev-parse", "HEAD")
    project.git("switch", "--quiet", "--detach")
    project.set_param("train.gain", 0.1)
    head = project.commit("of a fork", {"sitecustomize.py": "open('planted', 'w')\n"})
    project.git("update-ref", "refs/pull/7/head", head)
    project.git("switch", "--quiet", "main")
    project.git("config", "uploadpack.allowAnySHA1InWant", "true")  # as GitHub has it
    clone = tmp_path / "clone"
    project.git("clone", "--quiet", project.path.as_uri(), str(clone))
    environment = {**os.environ, "BASE": "main", "HEAD": head}
    for script in (fetch["run"], review["run"].replace(" --post", "")):
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=clone, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "train.gain 0.0 -> 0.1" in done.stdout
    assert project.git("-C", str(clone), "rev-parse", "HEAD") == base
    assert project.git("-C", str(clone), "status", "--porcelain") == ""
