"""Trees and blobs are read as they are, and whatever is wrong with one leaves the reader usable."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import paribus.git.objects
from paribus.core.errors import Exit, Problem
from paribus.core.snapshot import Entry, FileDelta
from paribus.git.command import Git
from paribus.git.objects import Objects

if TYPE_CHECKING:
    from tests.conftest import Workspace

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
ODD_PATHS = [
    "with space",
    " leading and trailing ",
    'quote"d',
    "it's",
    "back\\slash",
    "tab\there",
    "line\nbreak",
    "deep/line\nbreak/x",
    "-dash",
    ":colon",
    "a:b",
    "*.star",
    "ümlaut/ñ",
    "\udcff\udcfe-latin",
    "missing",
    "x missing",
    "x blob 5",
    "trailing.",
    "\x1b[31m",
]


@pytest.fixture
def objects(project: Workspace) -> Iterator[Objects]:
    with Objects(Git(project.path)) as reader:
        yield reader


def blob(workspace: Workspace, content: bytes) -> str:
    done = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"],
        cwd=workspace.path, input=content, capture_output=True, check=True,
    )  # fmt: skip
    return done.stdout.decode().strip()


def loose(workspace: Workspace, oid: str) -> Path:
    path = workspace.path / ".git" / "objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    return path


def is_usable(objects: Objects, workspace: Workspace) -> bool:
    content = (workspace.path / "train.py").read_bytes()
    return objects.read("HEAD:train.py") == content == objects.read("HEAD:train.py")


# Blobs


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"x", b"\0\1\2\xff", b"x\n" * 100_000, b"0000 blob 12\n", os.urandom(70_000)],
    ids=["empty", "newline", "letter", "binary", "long", "like a header", "noise"],
)
def test_a_blob_is_read_byte_by_byte(content: bytes, project: Workspace, objects: Objects) -> None:
    oid = blob(project, content)
    assert objects.read(oid) == content
    assert is_usable(objects, project)


@pytest.mark.parametrize("path", ODD_PATHS)
def test_odd_paths(path: str, project: Workspace, objects: Objects) -> None:
    content = f"in {path!r}".encode()
    project.write({path: content})
    commit = project.commit()
    entry = objects.tree(commit)[path]
    assert objects.read(entry.oid) == content
    assert objects.read(f"{commit}:{path}") == content
    assert set(objects.tree(commit, path)) == {path}
    project.git("rm", "--quiet", "--cached", "--", f":(literal){os.fsdecode(path)}")
    gone = project.git("commit-tree", project.git("write-tree"), "-m", "gone")
    assert objects.read(f"{gone}:{path}") is None
    assert objects.changed(commit, gone) == (FileDelta(path, entry, None),)
    assert is_usable(objects, project)


@pytest.mark.parametrize(
    "path",
    [
        "nowhere",
        "nowhere/at/all",
        "train.py/below",
        ".dvc",
        "",
        "train.py\n",
        "no\nwhere",
        "./train.p",
    ],
)
def test_where_the_tree_has_no_blob_there_is_none(
    path: str, project: Workspace, objects: Objects
) -> None:
    assert objects.read(f"HEAD:{path}") is None
    assert is_usable(objects, project)


def test_what_is_no_blob_is_not_read(project: Workspace, objects: Objects) -> None:
    commit = project.git("rev-parse", "HEAD")
    assert objects.read(commit) is None
    assert objects.read(f"{commit}^{{tree}}") is None
    assert is_usable(objects, project)


def test_a_link_is_its_text(project: Workspace, objects: Objects) -> None:
    """Never the file to which it leads, which may be anywhere."""
    (project.path / "outside").symlink_to("/etc/passwd")
    commit = project.commit("a link")
    entry = objects.tree(commit)["outside"]
    assert entry.mode == "120000"
    assert objects.read(f"{commit}:outside") == b"/etc/passwd"


def test_a_submodule_is_an_entry_without_a_blob(project: Workspace, objects: Objects) -> None:
    commit = project.git("rev-parse", "HEAD")
    project.git("update-index", "--add", "--cacheinfo", f"160000,{commit},module")
    elsewhere = "0123456789" * 4
    project.git("update-index", "--add", "--cacheinfo", f"160000,{elsewhere},far/module")
    tree = project.git("write-tree")
    listed = objects.tree(tree)
    assert listed["module"] == Entry("160000", commit)
    assert listed["far/module"] == Entry("160000", elsewhere)
    for path in ("module", "far/module", "far/module/params.yaml"):
        assert objects.read(f"{tree}:{path}") is None
    assert is_usable(objects, project)


# What should be there and is not: never taken for an absent file


def missing(objects: Objects, name: str) -> Problem:
    with pytest.raises(Problem) as caught:
        objects.read(name)
    assert caught.value.code == "missing-object"
    assert caught.value.status is Exit.BAD_INPUT
    return caught.value


@pytest.mark.parametrize("damage", ["gone", "empty", "garbage", "cut", "flipped", "another's"])
def test_a_damaged_blob_is_said(damage: str, project: Workspace, objects: Objects) -> None:
    path = "deep/down/file.txt"
    commit = project.commit("one more", {path: "content " * 5_000})
    oid = objects.tree(commit)[path].oid
    file = loose(project, oid)
    content = file.read_bytes()
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(
            {
                "empty": b"",
                "garbage": b"garbage",
                "cut": content[:-5],
                "flipped": content[:-30] + bytes(byte ^ 255 for byte in content[-30:]),
                "another's": loose(project, objects.tree(commit)["train.py"].oid).read_bytes(),
            }[damage]
        )
    for name in (oid, f"{commit}:{path}"):
        if damage == "another's":
            continue
        problem = missing(objects, name)
        assert problem.message == f"the repository does not hold {name}"
        assert problem.helps == (
            "a partial clone   git fetch --refetch --no-filter (CI: fetch-depth: 0, no filter)",
            "a damaged one     git fsck",
        )
        assert is_usable(objects, project)
    assert objects.read(f"{commit}:deep/down/other.txt") is None


def test_an_id_that_nobody_wrote(project: Workspace, objects: Objects) -> None:
    missing(objects, "f" * 40)
    missing(objects, f"{'f' * 40}:train.py")
    assert is_usable(objects, project)


def test_a_damaged_tree_is_said(project: Workspace, objects: Objects) -> None:
    commit = project.commit("one more", {"deep/down/file.txt": "content"})
    folder = project.git("rev-parse", f"{commit}:deep")
    loose(project, folder).unlink()
    missing(objects, f"{commit}:deep/down/file.txt")
    with pytest.raises(Problem) as caught:
        objects.tree(commit)
    assert caught.value.code == "missing-object"
    with pytest.raises(Problem) as caught:
        objects.changed(EMPTY_TREE, commit)
    assert caught.value.code == "missing-object"
    assert is_usable(objects, project)


@pytest.fixture
def partial(project: Workspace, tmp_path: Path) -> Workspace:
    """A clone that has the trees, and would fetch each blob when it is first read."""
    project.git("config", "uploadpack.allowFilter", "true")
    path, url = tmp_path / "partial", f"file://{project.path}"
    options = ["--quiet", "--no-checkout", "--filter=blob:none"]
    subprocess.run(["git", "clone", *options, url, path], check=True)
    return replace(project, path=path)


def test_a_partial_clone_is_neither_fetched_nor_taken_for_empty(partial: Workspace) -> None:
    packs = sorted((partial.path / ".git" / "objects" / "pack").iterdir())
    with Objects(Git(partial.path)) as objects:
        for path in ("train.py", ".dvc/config"):
            missing(objects, f"HEAD:{path}")
            missing(objects, objects.tree("HEAD")[path].oid)
            assert objects.read(f"HEAD:{path}.other") is None
    assert sorted((partial.path / ".git" / "objects" / "pack").iterdir()) == packs


def test_what_helps_a_partial_clone(partial: Workspace) -> None:
    partial.git("fetch", "--refetch", "--no-filter")
    with Objects(Git(partial.path)) as objects:
        assert objects.read("HEAD:README.md") == b"# A small project\n"


# Size


def test_a_huge_blob_is_refused_and_the_reader_goes_on(
    project: Workspace, objects: Objects
) -> None:
    content = b"0123456789abcdef" * (4 * 2**20) + b"!"
    oid = blob(project, content)
    with pytest.raises(Problem) as caught:
        objects.read(oid)
    assert caught.value.code == "file-too-large"
    assert caught.value.message == f"{oid}: 67108865 bytes are too many to judge"
    assert is_usable(objects, project)


def test_the_largest_that_is_read(
    project: Workspace, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paribus.git.objects, "LARGEST_BLOB", 10)
    assert objects.read(blob(project, b"x" * 10)) == b"x" * 10
    with pytest.raises(Problem):
        objects.read(blob(project, b"x" * 11))
    assert objects.read(blob(project, b"y" * 10)) == b"y" * 10


# Ids


def test_ids_and_trees(project: Workspace, objects: Objects) -> None:
    commit = project.git("rev-parse", "HEAD")
    tree = project.git("rev-parse", "HEAD^{tree}")
    assert objects.tree_of(commit) == tree
    assert objects.identify("HEAD") == commit
    assert objects.identify("HEAD:train.py") == project.git("rev-parse", "HEAD:train.py")
    assert objects.identify("HEAD:nowhere") is None
    assert objects.identify("HEAD\n") is None
    with pytest.raises(Problem) as caught:
        objects.tree_of("f" * 40)
    assert caught.value.code == "missing-object"


def test_a_tree_lists_every_file_in_order(project: Workspace, objects: Objects) -> None:
    (project.path / "run.sh").write_text("#!/bin/sh\n")
    (project.path / "run.sh").chmod(0o755)
    project.commit("more", {"data/a/b.txt": "b"})
    listed = objects.tree("HEAD")
    assert list(listed) == sorted(project.git("ls-files").splitlines())
    assert listed["run.sh"].mode == "100755"
    assert listed["data/a/b.txt"] == Entry("100644", project.git("hash-object", "data/a/b.txt"))
    assert list(objects.tree("HEAD", "data")) == ["data/a/b.txt"]
    assert list(objects.tree("HEAD", "data/a/b.txt", "train.py")) == ["data/a/b.txt", "train.py"]
    assert objects.tree("HEAD", "nowhere") == {}
    assert objects.tree(EMPTY_TREE) == {}


def test_the_paths_of_a_tree_are_no_patterns(project: Workspace, objects: Objects) -> None:
    project.commit("odd", {"data/*": "star", "data/x": "x"})
    assert list(objects.tree("HEAD", "data/*")) == ["data/*"]


# Changes


def test_every_status(project: Workspace, objects: Objects) -> None:
    project.write(
        {"stays.txt": "stays", "moves.txt": "moves " * 50, "link": "text", "goes.txt": "goes"}
    )
    old = project.commit("before")
    project.write({"train.py": "print(1)\n", "new/file.txt": "new"})
    (project.path / "evaluate.py").chmod(0o755)
    (project.path / "goes.txt").unlink()
    (project.path / "moves.txt").rename(project.path / "moved.txt")
    (project.path / "link").unlink()
    (project.path / "link").symlink_to("train.py")
    new = project.commit("after")

    before, after = objects.tree(old), objects.tree(new)
    assert objects.changed(old, new) == (
        FileDelta("evaluate.py", before["evaluate.py"], after["evaluate.py"]),
        FileDelta("goes.txt", before["goes.txt"], None),
        FileDelta("link", before["link"], after["link"]),
        FileDelta("moved.txt", None, after["moved.txt"]),
        FileDelta("moves.txt", before["moves.txt"], None),
        FileDelta("new/file.txt", None, after["new/file.txt"]),
        FileDelta("train.py", before["train.py"], after["train.py"]),
    )
    assert before["evaluate.py"].oid == after["evaluate.py"].oid
    assert (before["evaluate.py"].mode, after["evaluate.py"].mode) == ("100644", "100755")
    assert (before["link"].mode, after["link"].mode) == ("100644", "120000")
    assert objects.changed(new, new) == ()


def test_a_folder_in_the_place_of_a_file(project: Workspace, objects: Objects) -> None:
    old = project.commit("a file", {"thing": "file"})
    (project.path / "thing").unlink()
    new = project.commit("a folder", {"thing/inside": "file"})
    oid = project.git("rev-parse", f"{old}:thing")
    assert objects.changed(old, new) == (
        FileDelta("thing", Entry("100644", oid), None),
        FileDelta("thing/inside", None, Entry("100644", oid)),
    )


def test_a_submodule_that_moves(project: Workspace, objects: Objects) -> None:
    ids = ["01" * 20, "23" * 20]
    trees = []
    for oid in ids:
        project.git("update-index", "--add", "--cacheinfo", f"160000,{oid},module")
        trees.append(project.git("write-tree"))
    project.git("config", "diff.ignoreSubmodules", "all")
    project.git("config", "submodule.module.ignore", "all")
    assert objects.changed(*trees) == (
        FileDelta("module", Entry("160000", ids[0]), Entry("160000", ids[1])),
    )


def test_the_users_taste_in_diffs_changes_nothing(project: Workspace, objects: Objects) -> None:
    old = project.git("rev-parse", "HEAD")
    new = project.commit("edits", {"train.py": "print(1)\n", "new.py": project.read("train.py")})
    plain = objects.changed(old, new)
    for name, value in {
        "diff.renames": "copies", "diff.noprefix": "true", "diff.relative": "true", "core.abbrev": "4",
        "core.quotePath": "true", "color.ui": "always", "diff.orderFile": "/dev/null",
    }.items():  # fmt: skip
        project.git("config", name, value)
    assert objects.changed(old, new) == plain
    assert [delta.path for delta in plain] == ["new.py", "train.py"]


# The process behind it


def test_closing_ends_the_process_and_reading_starts_another(project: Workspace) -> None:
    objects = Objects(Git(project.path))
    objects.close()
    assert is_usable(objects, project)
    objects.close()
    objects.close()
    assert is_usable(objects, project)
    objects.close()
    children = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "args="],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    assert "cat-file" not in children
