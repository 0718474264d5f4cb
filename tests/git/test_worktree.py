"""The working tree is captured as it is, and left as it was."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paribus.core.errors import Exit, Problem
from paribus.core.snapshot import Entry
from paribus.git.objects import Objects
from paribus.git.repository import discover
from paribus.git.worktree import captured, scratch

if TYPE_CHECKING:
    from tests.conftest import Workspace


def files(workspace: Workspace, folder: str = ".", *, keep: bool = False) -> dict[str, bytes]:
    """Every file of the captured tree."""
    repository = discover(workspace.path / folder)
    with captured(repository, keep=keep) as capture, Objects(capture.git) as objects:
        found = {}
        for path, entry in objects.tree(capture.tree).items():
            content = objects.read(entry.oid)
            assert content is not None
            found[path] = content
        return found


def modes(workspace: Workspace) -> dict[str, str]:
    with captured(discover(workspace.path), keep=False) as capture, Objects(capture.git) as objects:
        return {path: entry.mode for path, entry in objects.tree(capture.tree).items()}


def untracked(workspace: Workspace, folder: str = ".") -> tuple[str, ...]:
    with captured(discover(workspace.path / folder), keep=False) as capture:
        return capture.untracked


def tracked(workspace: Workspace) -> dict[str, bytes]:
    """The files that the index names and the disk holds; of a link nothing."""
    listed = [path for path in workspace.git("ls-files", "-z").split("\0") if path]
    paths = {path: workspace.path / path for path in listed}
    return {
        path: file.read_bytes() if not file.is_symlink() else b""
        for path, file in paths.items()
        if os.path.lexists(file)
    }


def everything(workspace: Workspace) -> dict[str, str]:
    """All that a capture must leave as it is, every byte and time, but Paribus's own folder.

    Git renews the time of an object, or of a shared index, that it would have written and found
    there, so that it is not collected as garbage.
    """
    found = {}
    for path in sorted(workspace.path.rglob("*")):
        about = path.lstat()
        if path.is_relative_to(workspace.path / ".git" / "paribus") and path.is_dir():
            continue
        renewed = "objects" in path.parts or path.name.startswith((".git", "sharedindex."))
        told = f"{about.st_mode:o} {0 if renewed else about.st_mtime_ns} {about.st_size}"
        if path.is_file() and not path.is_symlink():
            told += " " + hashlib.sha256(path.read_bytes()).hexdigest()
        found[path.relative_to(workspace.path).as_posix()] = told
    return found


def stored(workspace: Workspace) -> set[Path]:
    """The objects that are there, those of captures too."""
    return {
        path
        for place in (".git/objects", ".git/paribus/objects")
        for path in (workspace.path / place).rglob("*")
        if path.is_file()
    }


@pytest.fixture
def busy(project: Workspace) -> Workspace:
    """A working tree in the middle of everything."""
    project.commit(
        "more",
        {"gone.txt": "gone", "unstaged-gone.txt": "gone", "run.sh": "#!/bin/sh\n", "becomes-link": "x",
         "data/kept.csv": "1,2\n", "staged-then-edited.txt": "0\n"},
    )  # fmt: skip
    project.write({"README.md": "stashed\n"})
    project.git("stash", "--quiet")
    top = project.path
    project.write({"train.py": "print('staged')\n", "staged-new.txt": "new\n"})
    project.write({"staged-then-edited.txt": "1\n"})
    project.git("add", "train.py", "staged-new.txt", "staged-then-edited.txt")
    project.write({"staged-then-edited.txt": "2\n", "evaluate.py": "print('unstaged')\n"})
    project.git("rm", "--quiet", "gone.txt")
    (top / "unstaged-gone.txt").unlink()
    (top / "run.sh").chmod(0o755)
    (top / "becomes-link").unlink()
    (top / "becomes-link").symlink_to("../outside")
    project.write({"intended.txt": "intended\n"})
    project.git("add", "--intent-to-add", "intended.txt")
    project.write(
        {
            "untracked.txt": "?",
            "data/new/un tracked\n.csv": "?",
            "model.json": "{}",
            ".dvc/tmp/x": "?",
        }
    )
    return project


@pytest.mark.parametrize("keep", [True, False])
def test_it_holds_the_tracked_files_as_they_lie_there(keep: bool, busy: Workspace) -> None:
    expected = tracked(busy) | {"becomes-link": b"../outside"}
    assert files(busy, keep=keep) == expected
    assert expected["train.py"] == b"print('staged')\n"
    assert expected["evaluate.py"] == b"print('unstaged')\n"
    assert expected["staged-then-edited.txt"] == b"2\n"
    assert expected["intended.txt"] == b"intended\n"
    assert {"gone.txt", "unstaged-gone.txt", "untracked.txt", "model.json"}.isdisjoint(expected)


def test_modes_are_those_of_the_disk(busy: Workspace) -> None:
    found = modes(busy)
    assert found["run.sh"] == "100755"
    assert found["becomes-link"] == "120000"
    assert set(found.values()) == {"100644", "100755", "120000"}


def test_what_is_untracked_and_not_ignored_is_listed(busy: Workspace) -> None:
    assert untracked(busy) == ("data/new/un tracked\n.csv", "untracked.txt")
    assert untracked(busy, "data") == untracked(busy)


def test_odd_names_among_the_untracked(project: Workspace) -> None:
    names = [" space", 'quote"', "\udcff", "ümlaut", "nested"]
    project.write(dict.fromkeys(names[:-1], "x"))
    inner = project.path / "nested"
    subprocess.run(["git", "init", "--quiet", inner], check=True)
    assert set(untracked(project)) == {*names[:-1], "nested/"}


@pytest.mark.parametrize("keep", [True, False])
def test_index_files_stash_and_head_are_left_as_they_were(keep: bool, busy: Workspace) -> None:
    told = busy.git("status", "--porcelain=v2", "--branch", "--show-stash")
    before, objects = everything(busy), stored(busy)
    with captured(discover(busy.path), keep=keep) as capture:
        inside = everything(busy)
    after = everything(busy)
    for found in (inside, after):
        changed = {path for path in before | found if before.get(path) != found.get(path)}
        assert all(path.startswith(".git/paribus/objects") for path in changed)
        assert keep == bool(changed)
    assert stored(busy) > objects if keep else stored(busy) == objects
    assert busy.git("status", "--porcelain=v2", "--branch", "--show-stash") == told
    assert len(capture.tree) == 40


def test_what_is_kept_can_be_read_later_and_what_is_not_is_gone(busy: Workspace) -> None:
    repository = discover(busy.path)
    with captured(repository, keep=False) as scratched, Objects(scratched.git) as objects:
        assert objects.read(f"{scratched.tree}:evaluate.py") == b"print('unstaged')\n"
    assert repository.git.lookup("cat-file", "-t", scratched.tree) is None
    with captured(repository, keep=True) as kept:
        pass
    assert kept.tree == scratched.tree
    with Objects(kept.git) as objects:
        assert objects.read(f"{kept.tree}:evaluate.py") == b"print('unstaged')\n"


def test_an_unchanged_working_tree_is_its_commit(project: Workspace) -> None:
    objects = stored(project)
    with captured(discover(project.path), keep=True) as capture:
        assert capture.tree == project.git("rev-parse", "HEAD^{tree}")
        assert capture.untracked == ()
    assert stored(project) == objects


def test_it_can_be_done_twice_at_once(busy: Workspace) -> None:
    repository = discover(busy.path)
    with captured(repository, keep=False) as one, captured(repository, keep=True) as other:
        assert one.tree == other.tree


def test_no_temporary_file_stays(
    busy: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    with captured(discover(busy.path), keep=False):
        assert len(list(temporary.iterdir())) == 2
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("folder", ["data", ".dvc"])
def test_from_a_subfolder_it_is_still_the_whole_tree(folder: str, busy: Workspace) -> None:
    assert files(busy, folder) == files(busy)


def test_a_linked_worktree_is_captured_by_its_own_index(busy: Workspace, tmp_path: Path) -> None:
    linked = replace(busy, path=tmp_path / "linked")
    busy.git("worktree", "add", "--quiet", "-b", "idea", str(linked.path), "HEAD~1")
    linked.write({"train.py": "print('linked')\n", "only-here.txt": "?"})
    before = busy.state()
    assert files(linked)["train.py"] == b"print('linked')\n"
    assert files(busy)["train.py"] == b"print('staged')\n"
    assert untracked(linked) == ("only-here.txt",)
    assert "gone.txt" not in files(linked)
    with captured(discover(linked.path), keep=True) as capture:
        pass
    assert busy.git_of_captures("show", f"{capture.tree}:train.py") == "print('linked')"
    assert busy.state() == before


@pytest.mark.parametrize("name", ["colon:colon", 'quote"d', "back\\slash", "with space", "ümlaut"])
def test_odd_names_of_the_repository(name: str, busy: Workspace, tmp_path: Path) -> None:
    """Git separates object directories by colons, and unquotes them."""
    expected = files(busy)
    odd = replace(busy, path=busy.path.rename(tmp_path / name))
    assert files(odd) == expected


def test_objects_that_come_from_an_alternate_are_found(project: Workspace, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--shared", project.path, clone], check=True)
    borrower = replace(project, path=clone)
    borrower.write({"train.py": "print(1)\n"})
    assert files(borrower)["evaluate.py"] == project.read("evaluate.py").encode()


# Times: an edit that leaves size and time alone is the hardest to see


def test_an_edit_of_the_same_size_within_the_same_moment_is_seen(project: Workspace) -> None:
    """The index is as young as the file, so that git has to look into it."""
    path = project.path / "train.py"
    for number in range(20):
        content = f"print({number:04})\n"
        path.write_text(content)
        project.git("add", "train.py")
        edited = content.replace("print", "PRINT")
        path.write_text(edited)
        assert files(project)["train.py"] == edited.encode()


def test_an_edit_that_leaves_size_and_times_alone_is_seen(project: Workspace) -> None:
    """Git looks into a file that is as young as the index, so the copy must not look younger."""
    project.git("config", "core.trustCtime", "false")
    project.git("config", "core.checkStat", "minimal")
    path, index, moment = project.path / "train.py", project.path / ".git" / "index", (10**9, 10**9)
    path.write_text("print(1)\n")
    os.utime(path, moment)
    project.git("add", "train.py")
    path.write_text("print(2)\n")
    os.utime(path, moment)
    os.utime(index, moment)
    assert files(project)["train.py"] == b"print(2)\n"


def test_files_that_were_only_touched_are_not_changed(project: Workspace) -> None:
    for path in project.path.glob("*.py"):
        os.utime(path, (1, 1))
    before = everything(project)
    with captured(discover(project.path), keep=True) as capture:
        assert capture.tree == project.git("rev-parse", "HEAD^{tree}")
    assert everything(project) == before


# States of the repository


def conflicted(workspace: Workspace, *how: str) -> None:
    workspace.git("checkout", "--quiet", "-b", "theirs")
    workspace.commit("theirs", {"train.py": "print('theirs')\n"})
    workspace.git("checkout", "--quiet", "main")
    workspace.commit("ours", {"train.py": "print('ours')\n"})
    done = subprocess.run(["git", *how], cwd=workspace.path, capture_output=True, check=False)
    assert done.returncode == 1


@pytest.mark.parametrize(
    "how",
    [("merge", "theirs"), ("cherry-pick", "theirs"), ("rebase", "theirs")],
    ids=["merge", "cherry-pick", "rebase"],
)
@pytest.mark.parametrize("keep", [True, False])
def test_conflict_markers_are_no_experiment(
    how: tuple[str, ...], keep: bool, project: Workspace
) -> None:
    conflicted(project, *how)
    before = everything(project)
    with (
        pytest.raises(Problem) as caught,
        captured(discover(project.path), keep=keep),
    ):
        raise AssertionError("captured")
    assert caught.value.code == "merge-under-way"
    assert caught.value.status is Exit.BAD_INPUT
    assert everything(project) == before


def test_a_merge_whose_conflicts_are_resolved_is_captured(project: Workspace) -> None:
    conflicted(project, "merge", "theirs")
    project.write({"train.py": "print('both')\n"})
    project.git("add", "train.py")
    assert files(project)["train.py"] == b"print('both')\n"


def test_a_file_and_a_folder_that_change_places(project: Workspace) -> None:
    project.commit("before", {"thing": "file", "other/inside": "file"})
    (project.path / "thing").unlink()
    shutil.rmtree(project.path / "other")
    project.write({"thing/inside": "new", "other": "new"})
    found = files(project)
    assert {"thing", "other/inside"}.isdisjoint(found)
    assert set(untracked(project)) == {"other", "thing/inside"}


def test_a_missing_index_is_that_of_the_commit(project: Workspace) -> None:
    expected = files(project)
    (project.path / ".git" / "index").unlink()
    project.write({"train.py": "print(1)\n"})
    assert files(project) == expected | {"train.py": b"print(1)\n"}
    assert not (project.path / ".git" / "index").exists()


def test_before_the_first_commit(empty: Workspace) -> None:
    empty.write({"a.txt": "a", "b.txt": "b"})
    assert files(empty) == {}
    assert untracked(empty) == ("a.txt", "b.txt")
    empty.git("add", "a.txt")
    empty.write({"a.txt": "edited"})
    assert files(empty) == {"a.txt": b"edited"}


def test_a_split_index_stays_in_its_two_parts(project: Workspace) -> None:
    project.git("config", "core.splitIndex", "true")
    project.git("update-index", "--split-index")
    project.write({"train.py": "print(1)\n", "new.txt": "new"})
    project.git("add", "new.txt")
    before = everything(project)
    found = files(project)
    assert (found["train.py"], found["new.txt"]) == (b"print(1)\n", b"new")
    assert everything(project) == before


def test_a_file_outside_the_sparse_checkout_is_still_there(project: Workspace) -> None:
    project.commit("data", {"data/a.csv": "1\n", "src/b.py": "2\n"})
    project.git("sparse-checkout", "set", "src")
    assert not (project.path / "data").exists()
    assert files(project)["data/a.csv"] == b"1\n"


def test_a_file_whose_edits_the_user_hides_is_as_committed(project: Workspace) -> None:
    project.git("update-index", "--skip-worktree", "params.json")
    committed = project.read("params.json").encode()
    project.write({"params.json": "{}"})
    assert files(project)["params.json"] == committed


def test_an_ignored_file_that_is_tracked_is_in_the_tree(project: Workspace) -> None:
    project.write({"model.json": "{}"})
    project.git("add", "--force", "model.json")
    project.write({"model.json": '{"score": 1}'})
    assert files(project)["model.json"] == b'{"score": 1}'


def test_line_ends_are_as_git_stores_them(project: Workspace) -> None:
    project.git("config", "core.autocrlf", "true")
    project.write({"train.py": "print(1)\r\n"})
    assert files(project)["train.py"] == b"print(1)\n"


def test_a_submodule_is_at_the_commit_that_is_checked_out(
    project: Workspace, tmp_path: Path
) -> None:
    inner = replace(project, path=tmp_path / "inner")
    shutil.copytree(project.path, inner.path)
    project.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "module"
    )
    project.commit("a module")
    module = replace(project, path=project.path / "module")
    moved = module.commit("moved", {"README.md": "moved\n"})
    module.write({"train.py": "edited and not committed\n"})
    with captured(discover(project.path), keep=False) as capture, Objects(capture.git) as objects:
        assert objects.tree(capture.tree)["module"] == Entry("160000", moved)
    assert discover(module.path).top == module.path


def test_a_file_that_cannot_be_read_is_named(project: Workspace) -> None:
    (project.path / "train.py").unlink()
    os.mkfifo(project.path / "train.py")
    with pytest.raises(Problem) as caught, captured(discover(project.path), keep=False):
        raise AssertionError("captured")
    assert caught.value.code == "unreadable-working-tree"
    assert caught.value.message == (
        "git cannot read the working tree: "
        "train.py: can only add regular files, symbolic links or git-directories"
    )


# Scratch


def test_scratch_objects_are_gone_afterwards(project: Workspace) -> None:
    repository, objects = discover(project.path), stored(project)
    with scratch(repository, keep=False) as git:
        oid = git.text("hash-object", "-w", "--stdin", stdin=b"for a moment")
        assert git.text("cat-file", "blob", oid) == "for a moment"
        assert git.text("rev-parse", "HEAD^{tree}") == project.git("rev-parse", "HEAD^{tree}")
    assert repository.git.lookup("cat-file", "blob", oid) is None
    assert stored(project) == objects
    with scratch(repository, keep=True) as git:
        git.text("hash-object", "-w", "--stdin", stdin=b"for good")
    assert len(stored(project)) == len(objects) + 1
