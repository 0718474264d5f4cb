"""Only git runs when git is run: no hook, filter or variable of anybody's changes what is read."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paribus.core.errors import Problem
from paribus.git.command import Git, GitError, clean_environment
from paribus.git.identity import identity
from paribus.git.objects import Objects
from paribus.git.own_objects import at_home
from paribus.git.refs import fetch_commit, with_files
from paribus.git.repository import discover
from paribus.git.revisions import find_baseline, resolve
from paribus.git.worktree import captured
from paribus.ledger.branch import Branch

if TYPE_CHECKING:
    from tests.conftest import Workspace


def test_output_comes_as_bytes_and_as_text(project: Workspace) -> None:
    git = Git(project.path)
    assert git.run("rev-parse", "--abbrev-ref", "HEAD") == b"main\n"
    assert git.text("rev-parse", "--abbrev-ref", "HEAD") == "main"
    assert (
        git.text("hash-object", "--stdin", stdin=b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    )


def test_an_error_carries_command_code_and_what_git_said(project: Workspace) -> None:
    with pytest.raises(GitError) as caught:
        Git(project.path).run("cat-file", "blob", "HEAD:nowhere")
    error = caught.value
    assert error.arguments == ("cat-file", "blob", "HEAD:nowhere")
    assert error.code == 128
    assert error.stderr == "fatal: path 'nowhere' does not exist in 'HEAD'"
    assert error.detail == "path 'nowhere' does not exist in 'HEAD'"
    assert str(error) == (
        "git cat-file blob HEAD:nowhere: exit 128: fatal: path 'nowhere' does not exist in 'HEAD'"
    )


def test_an_error_of_which_git_says_nothing_has_its_code(project: Workspace) -> None:
    with pytest.raises(GitError) as caught:
        Git(project.path).run("rev-parse", "--verify", "--quiet", "nowhere")
    assert (caught.value.detail, caught.value.stderr) == ("exit 1", "")


def test_a_lookup_without_an_answer_is_none(project: Workspace) -> None:
    git = Git(project.path)
    assert git.lookup("rev-parse", "--verify", "--quiet", "nowhere") is None
    assert git.lookup("config", "--get", "core.bare") == "false"


def test_git_speaks_english_whatever_the_user_speaks(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")
    assert clean_environment()["LC_ALL"] == "C"
    with pytest.raises(GitError, match="path 'nowhere' does not exist in 'HEAD'"):
        Git(project.path).run("cat-file", "blob", "HEAD:nowhere")


def test_a_machine_without_git_is_told_to_install_it(
    project: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Problem) as caught:
        Git(project.path).run("version")
    assert caught.value.code == "no-git"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GIT_DIR", "{other}/.git"),
        ("GIT_WORK_TREE", "{other}"),
        ("GIT_INDEX_FILE", "{other}/.git/index"),
        ("GIT_COMMON_DIR", "{other}/.git"),
        ("GIT_NAMESPACE", "elsewhere"),
        ("GIT_PREFIX", "sub/"),
        ("GIT_CONFIG_PARAMETERS", "'core.worktree'='{other}'"),
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("GIT_REPLACE_REF_BASE", "refs/heads/"),
        ("GIT_SHALLOW_FILE", "{other}/shallow"),
    ],
)
def test_variables_that_a_hook_exports_redirect_nothing(
    name: str, value: str, project: Workspace, empty: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = project.git("rev-parse", "HEAD")
    files = project.git("ls-files").splitlines()
    empty.commit("somewhere else", {"other.txt": "other\n"})
    elsewhere = empty.state()
    monkeypatch.setenv(name, value.format(other=empty.path))

    repository = discover(project.path)
    assert repository.top == project.path
    assert repository.git_dir == project.path / ".git"
    assert resolve(repository, "HEAD") == here
    with captured(repository, keep=True) as capture, Objects(capture.git) as objects:
        assert sorted(objects.tree(capture.tree)) == files
        assert capture.untracked == ()
    monkeypatch.delenv(name)
    assert empty.state() == elsewhere


def test_the_objects_of_a_push_that_is_being_received_are_seen(
    project: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git shows them to a pre-receive hook through these two variables, and nowhere else."""
    quarantine = tmp_path / "incoming"
    quarantine.mkdir()
    variables = {
        "GIT_OBJECT_DIRECTORY": str(quarantine),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(project.path / ".git" / "objects"),
    }
    with monkeypatch.context() as hook:
        for name, value in variables.items():
            hook.setenv(name, value)
        pushed = project.git("hash-object", "-w", "--path=x", "train.py")
        new = subprocess.run(
            ["git", "hash-object", "-w", "--stdin"],
            cwd=project.path, input=b"pushed\n", capture_output=True, check=True,
        ).stdout.decode().strip()  # fmt: skip
        repository = discover(project.path)
        with Objects(repository.git) as objects:
            assert objects.read(new) == b"pushed\n"
            assert objects.read(pushed) == project.read("train.py").encode()
        with captured(repository, keep=False) as capture, Objects(capture.git) as objects:
            assert objects.read(new) == b"pushed\n"
            assert objects.read(f"{capture.tree}:train.py") == project.read("train.py").encode()
    with Objects(repository.git) as objects, pytest.raises(Problem):
        objects.read(new)


# Canaries: each would write a file if anything but git ran


def planted(workspace: Workspace, nest: Path) -> Path:
    """Every door by which git can be made to start a program while it reads, opened wide."""
    script = nest / "canary"
    script.write_text(f'#!/bin/sh\necho "$0 $@" >> {nest}/sang\ncat\n')
    script.chmod(0o755)
    hooks = workspace.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in (
        "pre-commit", "post-commit", "post-checkout", "post-index-change", "reference-transaction",
        "post-rewrite", "pre-auto-gc", "post-merge", "fsmonitor-watchman",
    ):  # fmt: skip
        (hooks / hook).symlink_to(script)
    for name, value in {
        "core.hooksPath": str(hooks),
        "core.fsmonitor": str(script),
        "core.pager": str(script),
        "core.editor": str(script),
        "core.sshCommand": str(script),
        "core.alternateRefsCommand": str(script),
        "diff.external": str(script),
        "diff.canary.command": str(script),
        "diff.canary.textconv": str(script),
        "filter.canary.smudge": str(script),
        "filter.canary.process": str(script),
        "log.showSignature": "true",
        "gpg.program": str(script),
        "credential.helper": str(script),
        "uploadpack.packObjectsHook": str(script),
    }.items():
        workspace.git("config", name, value)
    return nest / "sang"


def test_reading_starts_nothing_but_git(project: Workspace, tmp_path: Path) -> None:
    """Whatever the configuration and the attributes of the judged revision ask for."""
    old = project.git("rev-parse", "HEAD")
    project.git("tag", "-a", "baseline/1", "-m", "first", old)
    new = project.commit(
        "attributes", {".gitattributes": "* filter=canary diff=canary\n", "train.py": "print(1)\n"}
    )
    sang = planted(project, tmp_path)
    (project.path / "train.py").write_text("print(2)\n")

    repository = discover(project.path)
    assert resolve(repository, "main") == new
    assert find_baseline(repository, new).commit == old
    assert identity(repository.git)["GIT_AUTHOR_NAME"] == "Ada Lovelace"
    with Objects(repository.git) as objects:
        assert objects.read(f"{new}:train.py") == b"print(1)\n"
        assert {delta.path for delta in objects.changed(old, new)} == {".gitattributes", "train.py"}
        assert "train.py" in objects.tree(new)
    ledger = Branch(repository.git)
    assert (list(ledger.read("experiments")), ledger.last_touching("experiments")) == ([], None)
    assert not sang.exists(), sang.read_text()
    # The same doors with plain git, to show that they were open.
    subprocess.run(
        ["git", "diff", "--stat", "-p"], cwd=project.path, check=False, capture_output=True
    )
    assert sang.exists()


def test_capturing_and_writing_run_no_hook_and_no_monitor(
    project: Workspace, tmp_path: Path
) -> None:
    sang = planted(project, tmp_path)
    project.write({"train.py": "print(2)\n"})
    repository = discover(project.path)
    with captured(repository, keep=True) as capture:
        tree = with_files(capture.git, capture.tree, {"README.md": b"# Other\n"}, tmp_path)
    with at_home(repository.git, tree, "HEAD"):
        commit = repository.git.with_environment(identity(repository.git)).text(
            "commit-tree", tree, "-m", "a result"
        )
        repository.git.run("update-ref", "refs/exps/c", commit)
    other = tmp_path / "other"
    subprocess.run(["git", "clone", "--quiet", "--bare", project.path, other], check=True)
    subprocess.run(["git", "update-ref", "refs/exps/a", "HEAD"], cwd=other, check=True)
    sang.unlink(missing_ok=True)  # what plain git just ran
    assert fetch_commit(repository.git, other, "refs/exps/a", "refs/exps/b") == project.git(
        "rev-parse", "main"
    )
    assert not sang.exists(), sang.read_text()


def test_a_filter_that_the_user_configured_cleans_what_is_captured(project: Workspace) -> None:
    """Without it, every file of Git LFS or git-crypt would look edited."""
    project.git("config", "filter.upper.clean", "tr a-z A-Z")
    project.git("config", "filter.upper.smudge", "tr A-Z a-z")
    project.commit("filtered", {".gitattributes": "*.low filter=upper\n", "a.low": "abc\n"})
    project.write({"a.low": "abcd\n"})
    repository = discover(project.path)
    with captured(repository, keep=False) as capture, Objects(capture.git) as objects:
        assert objects.read(f"{capture.tree}:a.low") == b"ABCD\n"


def test_a_bare_repository_inside_a_revision_is_not_entered(
    project: Workspace, tmp_path: Path
) -> None:
    """A pull request can commit one with a `config` that names programs."""
    nested = project.path / "data" / "evil"
    subprocess.run(["git", "init", "--quiet", "--bare", nested], check=True)
    (nested / "config").write_text(
        f"[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n"
        f"\tfsmonitor = touch {tmp_path}/sang #\n"
    )
    with pytest.raises(Problem) as caught:
        discover(nested)
    assert caught.value.code == "no-working-tree"
    assert not (tmp_path / "sang").exists()
    subprocess.run(["git", "status"], cwd=nested, check=False, capture_output=True)
    assert (tmp_path / "sang").exists()


def test_nothing_is_fetched_over_the_network(project: Workspace, tmp_path: Path) -> None:
    with pytest.raises(GitError, match="transport 'file' not allowed"):
        Git(project.path).run("fetch", str(tmp_path))


def test_replaced_objects_are_not_followed(project: Workspace) -> None:
    """A reviewer sees the real commit; `refs/replace` would show another one here only."""
    real = project.git("rev-parse", "HEAD:train.py")
    fake = project.git("rev-parse", "HEAD:evaluate.py")
    project.git("replace", real, fake)
    with Objects(discover(project.path).git) as objects:
        assert objects.read("HEAD:train.py") == (project.path / "train.py").read_bytes()
    assert project.git("show", "HEAD:train.py") == project.read("evaluate.py").strip()


def test_the_environment_passes_on_all_but_git_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "x")
    monkeypatch.setenv("GIT_SSH_COMMAND", "x")
    monkeypatch.setenv("SOME_TOKEN", "kept")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1500000000 +0000")
    found = clean_environment({"GIT_INDEX_FILE": "mine"})
    expected = {
        name: value for name, value in os.environ.items() if not name.startswith("GIT_")
    } | {
        "GIT_COMMITTER_DATE": "1500000000 +0000",
        "GIT_CONFIG_GLOBAL": os.environ["GIT_CONFIG_GLOBAL"],
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_INDEX_FILE": "mine",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
    assert found == expected
