"""The few writes to the user's repository."""

from __future__ import annotations

import subprocess
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paribus.core.snapshot import Entry
from paribus.git.command import Git, GitError
from paribus.git.objects import Objects
from paribus.git.refs import fetch_commit, with_files
from paribus.git.repository import discover

if TYPE_CHECKING:
    from tests.conftest import Workspace

SOURCE = "refs/exps/aa/bbbb/here"
TARGET = "refs/exps/cc/dddd/there"


def test_contents_are_replaced_and_modes_stay(project: Workspace, tmp_path: Path) -> None:
    project.write({"run.sh": "#!/bin/sh\n", "deep/odd name'\n.txt": "old", ":colon": "old"})
    (project.path / "run.sh").chmod(0o755)
    commit = project.commit("more")
    before = project.state()
    contents = {
        "run.sh": b"#!/bin/bash\n",
        "train.py": b"\0binary",
        "deep/odd name'\n.txt": b"new",
        ":colon": b"",
    }
    git = discover(project.path).git
    with Objects(git) as objects:
        old = objects.tree(commit)
        tree = with_files(git, f"{commit}^{{tree}}", contents, tmp_path)
        new = objects.tree(tree)
        assert {path: objects.read(new[path].oid) for path in contents} == contents
        assert {path: entry.mode for path, entry in new.items()} == {
            path: entry.mode for path, entry in old.items()
        }
        changed = {delta.path for delta in objects.changed(commit, tree)}
    assert new["run.sh"].mode == "100755"
    assert changed == set(contents)
    assert project.state() == before


def test_a_new_file_is_a_plain_one(project: Workspace, tmp_path: Path) -> None:
    git = discover(project.path).git
    tree = with_files(git, "HEAD^{tree}", {"new/paribus.yaml": b"schema: 1\n"}, tmp_path)
    oid = git.text("hash-object", "--stdin", stdin=b"schema: 1\n")
    with Objects(git) as objects:
        assert objects.tree(tree, "new") == {"new/paribus.yaml": Entry("100644", oid)}


def test_without_contents_the_tree_is_the_same(project: Workspace, tmp_path: Path) -> None:
    tree = project.git("rev-parse", "HEAD^{tree}")
    assert with_files(discover(project.path).git, tree, {}, tmp_path) == tree


def test_line_ends_and_filters_leave_the_content_alone(project: Workspace, tmp_path: Path) -> None:
    """A param file with CRLF keeps it, whatever this machine's checkout would do."""
    project.git("config", "core.autocrlf", "true")
    git = discover(project.path).git
    tree = with_files(git, "HEAD^{tree}", {"params.json": b"{}\r\n"}, tmp_path)
    with Objects(git) as objects:
        assert objects.read(f"{tree}:params.json") == b"{}\r\n"


# Results come home


@pytest.fixture
def other(project: Workspace, tmp_path: Path) -> Workspace:
    """A clone with a result on top of the project's commit, as a run leaves it."""
    path = tmp_path / "other"
    subprocess.run(["git", "clone", "--quiet", "--shared", project.path, path], check=True)
    clone = replace(project, path=path)
    clone.git("checkout", "--quiet", "--detach")
    result = clone.commit("a result", {"metrics.json": '{"accuracy": 1}\n'})
    clone.git("update-ref", SOURCE, result)
    return clone


def test_a_commit_comes_home_and_nothing_else(project: Workspace, other: Workspace) -> None:
    other.git("tag", "-a", "v1", "-m", "a tag", SOURCE)
    before, config = project.state(), (project.path / ".git" / "config").read_bytes()
    result = other.git("rev-parse", SOURCE)

    assert fetch_commit(discover(project.path).git, other.path, SOURCE, TARGET) == result

    assert project.git("show", f"{TARGET}:metrics.json") == '{"accuracy": 1}'
    assert project.git("rev-parse", f"{TARGET}~1") == project.git("rev-parse", "HEAD")
    after = project.state()
    assert after.pop(TARGET) == result
    assert after == before
    assert (project.path / ".git" / "config").read_bytes() == config
    assert not (project.path / ".git" / "FETCH_HEAD").exists()
    assert list((project.path / ".git" / "objects" / "pack").glob("*.keep")) == []
    project.git("fsck", "--full", "--strict")


def test_it_can_be_done_again(project: Workspace, other: Workspace) -> None:
    git = discover(project.path).git
    first = fetch_commit(git, other.path, SOURCE, TARGET)
    assert fetch_commit(git, other.path, SOURCE, TARGET) == first


def test_a_result_that_is_there_is_never_overwritten(project: Workspace, other: Workspace) -> None:
    git = discover(project.path).git
    first = fetch_commit(git, other.path, SOURCE, TARGET)
    other.git("commit", "--quiet", "--amend", "-m", "another")
    other.git("update-ref", SOURCE, "HEAD")
    with pytest.raises(GitError):
        fetch_commit(git, other.path, SOURCE, TARGET)
    assert project.git("rev-parse", TARGET) == first


def test_what_is_not_there_cannot_come(project: Workspace, other: Workspace) -> None:
    with pytest.raises(GitError) as caught:
        fetch_commit(discover(project.path).git, other.path, "refs/exps/no", TARGET)
    assert caught.value.detail == "couldn't find remote ref refs/exps/no"
    assert project.git("for-each-ref", "refs/exps") == ""


def test_a_locked_reference_is_an_error(project: Workspace, other: Workspace) -> None:
    """DVC would report success here, and lose the result."""
    lock = project.path / ".git" / f"{TARGET}.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    with pytest.raises(GitError):
        fetch_commit(discover(project.path).git, other.path, SOURCE, TARGET)
    assert project.git("for-each-ref", "refs/exps") == ""
    lock.unlink()
    assert fetch_commit(discover(project.path).git, other.path, SOURCE, TARGET)


def test_garbage_collection_takes_no_result(project: Workspace, other: Workspace) -> None:
    """What just arrived is named by nothing for a moment, and `git gc --prune=now` could take it."""
    over = threading.Event()

    def collect() -> None:
        while not over.is_set():
            gc = ["git", "gc", "--quiet", "--prune=now"]
            subprocess.run(gc, cwd=project.path, capture_output=True, check=False)

    git, thread = discover(project.path).git, threading.Thread(target=collect)
    thread.start()
    try:
        for number in range(12):
            result = other.commit(
                f"result {number}", {"metrics.json": f'{{"accuracy": {number}}}\n'}
            )
            other.git("update-ref", SOURCE, result)
            assert fetch_commit(git, other.path, SOURCE, f"{TARGET}{number}") == result
    finally:
        over.set()
        thread.join()
    for number in range(12):
        assert project.git("show", f"{TARGET}{number}:metrics.json") == f'{{"accuracy": {number}}}'
    project.git("fsck", "--full", "--strict")


def test_it_comes_home_to_a_shallow_clone(project: Workspace, tmp_path: Path) -> None:
    project.commit("second", {"README.md": "second\n"})
    shallow = replace(project, path=tmp_path / "shallow")
    url = f"file://{project.path}"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", url, shallow.path], check=True)
    clone = replace(project, path=tmp_path / "clone")
    subprocess.run(["git", "clone", "--quiet", "--depth=1", url, clone.path], check=True)
    result = clone.commit("a result", {"metrics.json": "{}"})
    clone.git("update-ref", SOURCE, result)
    assert fetch_commit(discover(shallow.path).git, clone.path, SOURCE, TARGET) == result
    assert shallow.git("rev-list", "--count", TARGET) == "2"
    shallow.git("fsck", "--full")


def test_it_comes_home_to_the_repository_of_a_linked_worktree(
    project: Workspace, other: Workspace, tmp_path: Path
) -> None:
    linked = tmp_path / "linked"
    project.git("worktree", "add", "--quiet", "-b", "idea", str(linked))
    result = fetch_commit(Git(linked), other.path, SOURCE, TARGET)
    assert project.git("rev-parse", TARGET) == result


@pytest.mark.parametrize(
    ("name", "value"),
    [("fetch.prune", "true"), ("fetch.recurseSubmodules", "true"), ("fetch.fsckObjects", "true")],
)
def test_the_users_taste_in_fetching_changes_nothing(
    name: str, value: str, project: Workspace, other: Workspace
) -> None:
    project.git("config", name, value)
    project.git("update-ref", "refs/exps/ee/ffff/kept", "HEAD")
    assert fetch_commit(discover(project.path).git, other.path, SOURCE, TARGET)
    assert project.git("for-each-ref", "--format=%(refname)", "refs/exps").splitlines() == [
        TARGET,
        "refs/exps/ee/ffff/kept",
    ]
