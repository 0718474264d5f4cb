"""A private clone holds exactly the tree that is to be run, whatever the last run left in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paribus.core.errors import Problem
from paribus.core.values import KeyPath, Value
from paribus.execute.clone import (
    Origin,
    Slot,
    enter,
    leave,
    make_clone,
    reset,
    set_params,
    take_slot,
)
from paribus.git.command import GitError
from paribus.git.repository import discover

if TYPE_CHECKING:
    from tests.conftest import Workspace

NOBODY = 54321


def origin_of(workspace: Workspace) -> Origin:
    repository = discover(workspace.path)
    return Origin(repository.top, repository.common_dir, "")


@pytest.fixture
def slot(tmp_path: Path) -> Iterator[Slot]:
    taken = take_slot(tmp_path / "pool")
    yield taken
    taken.lock.close()


def prepared(
    slot: Slot, project: Workspace, baseline: str = "HEAD", tree: str | None = None
) -> None:
    """The clone as a run finds it, at a tree (the baseline's own, if none is given)."""
    commit = project.git("rev-parse", baseline)
    enter(slot)
    make_clone(slot, origin_of(project))
    reset(slot, commit, tree or f"{commit}^{{tree}}")


def on_disk(top: Path) -> dict[str, str]:
    """Every file with its mode and content, but for Git's own."""
    found = {}
    for path in sorted(top.rglob("*")):
        name = path.relative_to(top).as_posix()
        if name.startswith(".git/") or (path.is_dir() and not path.is_symlink()):
            continue
        content = f"-> {path.readlink()}" if path.is_symlink() else path.read_text()
        found[name] = f"{path.lstat().st_mode & 0o100:o} {content}"
    return found


def folders(top: Path) -> set[str]:
    return {
        path.relative_to(top).as_posix()
        for path in top.rglob("*")
        if path.is_dir() and ".git" not in path.relative_to(top).parts
    }


# Slots


def test_slots_are_taken_from_the_first_free_one(tmp_path: Path) -> None:
    pool = tmp_path / "deep" / "pool"
    first, second, third = take_slot(pool), take_slot(pool), take_slot(pool)
    assert [slot.directory for slot in (first, second, third)] == [
        pool / "0",
        pool / "1",
        pool / "2",
    ]
    second.lock.close()
    again = take_slot(pool)
    assert again.directory == pool / "1"
    for slot in (first, third, again):
        slot.lock.close()


TAKER = """\
import sys
from pathlib import Path
from paribus.execute.clone import take_slot

slot = take_slot(Path(sys.argv[1]))
print(slot.directory.name, flush=True)
sys.stdin.readline()
"""


def test_two_processes_take_different_ones_and_a_dead_one_gives_its_own_back(
    tmp_path: Path,
) -> None:
    def taker() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", TAKER, str(tmp_path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def said(process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()

    with taker() as one, taker() as other:
        assert {said(one), said(other)} == {"0", "1"}
        one.kill()
        one.wait()
        with taker() as third:
            assert said(third) in {"0", "1"}
            third.communicate("\n")
        other.communicate("\n")


def test_a_slot_in_which_a_run_was_killed_is_thrown_away(slot: Slot, project: Workspace) -> None:
    prepared(slot, project)
    leave(slot)
    (slot.directory / "kept").touch()
    enter(slot)
    assert (slot.directory / "kept").exists()
    # no `leave`: the run is killed here
    (slot.clone / ".git" / "index.lock").touch()
    outside = project.path / "outside"
    outside.mkdir(mode=0o750)
    (slot.clone / "link").symlink_to(outside)
    closed = slot.clone / "read-only" / "deeper"
    closed.mkdir(parents=True)
    (closed / "file").touch()
    closed.chmod(0o500)
    closed.parent.chmod(0o500)
    enter(slot)
    assert list(slot.directory.iterdir()) == [slot.busy]
    assert outside.stat().st_mode & 0o777 == 0o750
    make_clone(slot, origin_of(project))
    reset(slot, project.git("rev-parse", "HEAD"), "HEAD")
    assert on_disk(slot.clone) == on_disk(project.path)


@pytest.mark.skipif(os.geteuid() != 0, reason="root may remove anything; others are tested above")
def test_what_a_stage_made_read_only_can_be_thrown_away_by_anybody() -> None:
    top = Path(tempfile.mkdtemp(prefix="paribus-test-"))
    top.chmod(0o777)
    script = (
        "import os, sys; from pathlib import Path\n"
        "from paribus.execute.clone import enter, take_slot\n"
        f"os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "slot = take_slot(Path(sys.argv[1], 'pool')); enter(slot)\n"
        "for folder in (slot.clone / 'closed' / 'deeper', slot.clone / 'blind'):\n"
        "    folder.mkdir(parents=True); (folder / 'file').touch(); folder.chmod(0)\n"
        "(slot.clone / 'closed').chmod(0o500)\n"
        "enter(slot); print(os.listdir(slot.directory))\n"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", script, str(top)], capture_output=True, text=True, check=False
        )
        assert done.stdout == "['busy']\n", done.stderr
    finally:
        shutil.rmtree(top)


# Making the clone


def test_a_clone_borrows_objects_and_nothing_else(
    slot: Slot, project: Workspace, tmp_path: Path
) -> None:
    """No hook, remote or reference; of the user's configuration only what is for all repositories."""
    hooks = tmp_path / "template" / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "post-checkout").write_text(f"#!/bin/sh\ntouch {tmp_path}/sang\n")
    (hooks / "post-checkout").chmod(0o755)
    project.git("config", "--global", "init.templateDir", str(hooks.parent))
    project.git("config", "--global", "core.hooksPath", str(hooks))
    before = project.state()
    prepared(slot, project)
    assert not (slot.clone / ".git" / "hooks").exists()
    assert slot.git.text("for-each-ref") == ""
    assert slot.git.text("remote") == ""
    assert not (tmp_path / "sang").exists()
    loose = slot.clone / ".git" / "objects"
    assert [path for path in loose.rglob("*") if path.is_file()] == [loose / "info" / "alternates"]
    assert project.state() == before


def test_a_clone_is_made_once(slot: Slot, project: Workspace) -> None:
    prepared(slot, project)
    before = (slot.clone / ".git").stat().st_ino
    leave(slot)
    prepared(slot, project)
    assert (slot.clone / ".git").stat().st_ino == before


def test_a_repository_that_was_moved_gets_a_new_clone(slot: Slot, project: Workspace) -> None:
    prepared(slot, project)
    leave(slot)
    moved = replace(project, path=project.path.rename(project.path.with_name("moved")))
    prepared(slot, moved)
    assert on_disk(slot.clone) == on_disk(moved.path)


@pytest.mark.parametrize("name", ["with space", "colon:colon", 'quote"d', "ümlaut", "#hash"])
def test_odd_names_of_the_repository(
    name: str, slot: Slot, project: Workspace, tmp_path: Path
) -> None:
    odd = replace(project, path=project.path.rename(tmp_path / name))
    prepared(slot, odd)
    assert on_disk(slot.clone) == on_disk(odd.path)


def test_a_clone_follows_its_origin_into_shallowness_and_out_of_it(
    slot: Slot, project: Workspace, tmp_path: Path
) -> None:
    project.commit("second", {"README.md": "second\n"})
    shallow = replace(project, path=tmp_path / "shallow")
    url = f"file://{project.path}"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", url, shallow.path], check=True)
    prepared(slot, shallow)
    assert slot.git.text("rev-list", "--count", "HEAD") == "1"
    leave(slot)
    shallow.git("fetch", "--quiet", "--unshallow")
    prepared(slot, shallow)
    assert slot.git.text("rev-list", "--count", "HEAD") == "2"
    leave(slot)


def test_a_linked_worktree_is_an_origin_too(slot: Slot, project: Workspace, tmp_path: Path) -> None:
    linked = replace(project, path=tmp_path / "linked")
    project.git("worktree", "add", "--quiet", "-b", "idea", str(linked.path))
    linked.commit("idea", {"train.py": "print('idea')\n"})
    assert origin_of(linked) == Origin(linked.path, project.path / ".git", "")
    prepared(slot, linked)
    assert (slot.clone / "train.py").read_text() == "print('idea')\n"


# Bringing it to a tree


@pytest.fixture
def tree(project: Workspace) -> str:
    """The id of a tree with every kind of difference from the project's commit."""
    top = project.path
    project.write({
        "train.py": "print('edited')\n",
        "new/deep/file.txt": "new\n",
        "odd name'\n\udcff.txt": "odd\n",
        "ignored.log": "tracked all the same\n",
        ".gitignore": "/model.json\n*.log\n",
        "run.sh": "#!/bin/sh\n",
    })  # fmt: skip
    (top / "run.sh").chmod(0o755)
    (top / "link").symlink_to("../somewhere/else")
    (top / "evaluate.py").unlink()
    (top / "README.md").unlink()
    (top / "README.md").symlink_to("train.py")
    project.git("add", "--all")
    project.git("add", "--force", "ignored.log")
    return project.git("write-tree")


def test_files_are_exactly_those_of_the_tree(slot: Slot, project: Workspace, tree: str) -> None:
    prepared(slot, project, tree=tree)
    assert on_disk(slot.clone) == on_disk(project.path)
    assert slot.git.text("write-tree") == tree
    assert slot.git.text("rev-parse", "HEAD") == project.git("rev-parse", "main")
    assert slot.git.lookup("symbolic-ref", "--quiet", "HEAD") is None
    assert slot.git.run("diff-files", "-z") == b""


def test_nothing_of_the_last_run_is_left(slot: Slot, project: Workspace, tree: str) -> None:
    prepared(slot, project, tree=tree)
    leave(slot)
    clone = slot.clone
    (clone / "train.py").write_text("altered")
    (clone / "run.sh").chmod(0o644)
    (clone / "link").unlink()
    (clone / "link").mkdir()
    (clone / "link" / "inside").write_text("a folder in the place of a link")
    shutil.rmtree(clone / "new")
    (clone / "new").write_text("a file in the place of a folder")
    for name in (
        "untracked.txt",
        "model.json",
        "left/over/deep.log",
        "__pycache__/x.pyc",
        ".dvc/cache/x",
    ):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text("left over")
    subprocess.run(["git", "init", "--quiet", clone / "nested"], check=True)
    slot.git.run("add", "--all", "--", ".", ":!nested")
    slot.git.run("update-ref", "refs/exps/aa/bb/result", "HEAD")
    slot.git.run("update-ref", "refs/exps/exec/EXEC_BASELINE", "HEAD")
    slot.git.run("pack-refs", "--all")
    slot.git.run("update-ref", "refs/exps/exec/EXEC_HEAD", "HEAD")
    slot.git.run("update-ref", "refs/exps/stash", "HEAD")
    prepared(slot, project, tree=tree)
    assert on_disk(clone) == on_disk(project.path)
    assert folders(clone) == folders(project.path)
    assert slot.git.text("write-tree") == tree
    assert slot.git.text("for-each-ref") == ""
    leave(slot)
    prepared(slot, project, "HEAD", project.git("rev-parse", "HEAD^{tree}"))
    project.git("reset", "--quiet", "--hard")
    assert on_disk(clone) == on_disk(project.path)


def test_an_alteration_of_the_same_size_in_the_same_moment_is_undone(
    slot: Slot, project: Workspace
) -> None:
    prepared(slot, project)
    file = slot.clone / "train.py"
    content, about = file.read_text(), file.stat()
    for number in range(10):
        leave(slot)
        file.write_text(content.replace("training", f"TRAIN{number:03}"))
        if number % 2:
            os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))
        prepared(slot, project)
        assert file.read_text() == content


def test_the_next_run_may_have_another_baseline(slot: Slot, project: Workspace) -> None:
    first = project.git("rev-parse", "HEAD")
    second = project.commit("second", {"README.md": "second\n"})
    for commit in (second, first, second):
        prepared(slot, project, commit)
        assert slot.git.text("rev-parse", "HEAD") == commit
        assert slot.git.text("write-tree") == project.git("rev-parse", f"{commit}^{{tree}}")
        leave(slot)


def test_raw_data_and_dvcs_own_files_stay(slot: Slot, project: Workspace) -> None:
    """Copying the data anew for each run would cost what it weighs."""
    pointer = "outs:\n- md5: 5d41402abc4b2a76b9719d911017c592\n  path: {}\n"
    odd = "data/odd [name]*?#! \\x.csv"
    project.commit(
        "data",
        {
            "raw.csv.dvc": pointer.format("raw.csv"),
            "data/images.dvc": pointer.format("images"),
            f"{odd}.dvc": pointer.format("x"),
            ".gitignore": "/model.json\n/raw.csv\n/data/images\n",
        },
    )
    prepared(slot, project)
    leave(slot)
    kept = ["raw.csv", "data/images/1/2.png", odd, ".dvc/tmp/btime", ".dvc/config.local"]
    kept += ["sub/.dvc/tmp/lock", "sub/.dvc/config.local"]
    gone = [
        "sub/raw.csv",
        "data/raw.csv",
        "data/other.csv",
        "data/odd name",
        "sub/.dvc/cache/x",
        "images/1",
    ]
    for name in (*kept, *gone):
        (slot.clone / name).parent.mkdir(parents=True, exist_ok=True)
        (slot.clone / name).write_text(name)
    times = {name: (slot.clone / name).stat().st_mtime_ns for name in kept}
    prepared(slot, project)
    left = set(on_disk(slot.clone)) - set(on_disk(project.path))
    assert left == set(kept)
    assert {name: (slot.clone / name).stat().st_mtime_ns for name in kept} == times
    leave(slot)
    project.git("rm", "--quiet", "raw.csv.dvc")
    prepared(slot, project, tree=project.git("write-tree"))
    assert not (slot.clone / "raw.csv").exists()


def test_a_tree_that_is_gone_is_an_error(slot: Slot, project: Workspace) -> None:
    with pytest.raises(GitError):
        prepared(slot, project, tree="f" * 40)
    assert slot.busy.exists()


# Params


def test_params_are_written_and_staged(slot: Slot, project: Workspace) -> None:
    odd = ":(odd) name*.yaml"
    project.commit(
        "params",
        {
            "params.yaml": "seed: 1  # the seed\ntrain:\n  lr: 0.1\n",
            "deep/conf.toml": "seed = 1\n",
            odd: "a: 1\n",
        },
    )
    prepared(slot, project)
    values: dict[str, dict[KeyPath, Value]] = {
        "params.json": {("seed",): 7, ("train", "name"): "ümlaut"},
        "params.yaml": {("seed",): 8},
        "deep/conf.toml": {("seed",): 9},
        odd: {("a",): 10},
    }
    set_params(slot, values)
    clone = slot.clone
    assert (clone / "params.yaml").read_text() == "seed: 8  # the seed\ntrain:\n  lr: 0.1\n"
    assert (clone / "deep/conf.toml").read_text() == "seed = 9\n"
    assert (clone / odd).read_text() == "a: 10\n"
    params = json.loads((clone / "params.json").read_text())
    assert (params["seed"], params["split_seed"], params["train"]["name"]) == (7, 2, "ümlaut")
    staged = slot.git.text("diff-index", "--cached", "--name-only", "HEAD").splitlines()
    assert set(staged) == set(values)
    assert slot.git.run("diff-files", "-z") == b""


def test_an_ignored_params_file_is_staged_as_well(slot: Slot, project: Workspace) -> None:
    project.write({".gitignore": "/model.json\n/params.json\n"})
    project.commit("ignored")
    prepared(slot, project)
    set_params(slot, {"params.json": {("seed",): 7}})
    assert slot.git.text("diff-files", "--name-only") == ""
    assert json.loads(slot.git.text("show", ":params.json"))["seed"] == 7


def test_a_param_that_cannot_be_set_is_a_problem(slot: Slot, project: Workspace) -> None:
    prepared(slot, project)
    with pytest.raises(Problem):
        set_params(slot, {"params.json": {("seed", "deep"): 7}})
    with pytest.raises(FileNotFoundError):
        set_params(slot, {"nowhere.json": {("seed",): 7}})
