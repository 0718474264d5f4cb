"""Every plain file of a tree can be asked for by its path, and nothing else can."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

import paribus.git.objects
from paribus.git.command import Git
from paribus.git.objects import Objects
from paribus.workflows.tree_files import LARGEST_KEPT, TreeFiles

if TYPE_CHECKING:
    from tests.conftest import Workspace

FILES: dict[str, str | bytes] = {
    "a.txt": "one\n",
    "deep/er/b": b"no line's end",
    "deep/er/line\nbreak": "odd\n",
    "deep/empty": "",
    "nul": b"a\0b",
    "with space/ü.py": "x = 1\n",
    "large": b"x" * (LARGEST_KEPT + 1),
}


@pytest.fixture
def bare(project: Workspace) -> Workspace:
    """A repository with these files, a link to one of them, and a submodule."""
    project.git("rm", "-r", "--quiet", ".")
    project.write(FILES)
    (project.path / "link").symlink_to("a.txt")
    (project.path / "linked").symlink_to("deep")
    head = project.git("rev-parse", "HEAD")
    project.git("add", "--all")
    project.git("update-index", "--add", "--cacheinfo", f"160000,{head},module")
    project.git("commit", "--quiet", "-m", "files")
    return project


@pytest.fixture
def objects(bare: Workspace) -> Iterator[Objects]:
    with Objects(Git(bare.path)) as reader:
        yield reader


def tree(workspace: Workspace) -> str:
    return workspace.git("rev-parse", "HEAD^{tree}")


@pytest.mark.parametrize("listed", [False, True])
def test_every_plain_file_is_there(bare: Workspace, objects: Objects, listed: bool) -> None:
    files = TreeFiles(objects, tree(bare))
    if listed:
        assert len(files) == len(FILES)

    for path, content in FILES.items():
        assert files[path] == (content.encode() if isinstance(content, str) else content)
        assert path in files
        assert files.get(path) == files[path]


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize(
    "path",
    [
        "missing", "deep", "deep/", "deep/er/../er/b", "./a.txt", "a.txt/", "../a.txt", "/a.txt", "",
        ".", "..", "link", "linked", "linked/er/b", "module", "module/x", "a.txt\0", "a.txt\nb", "//a.txt",
    ],
)  # fmt: skip
def test_nothing_else_is_there(bare: Workspace, objects: Objects, path: str, listed: bool) -> None:
    files = TreeFiles(objects, tree(bare))
    if listed:
        assert len(files) == len(FILES)

    assert path not in files
    assert files.get(path) is None
    with pytest.raises(KeyError):
        files[path]


def test_the_tree_is_listed_only_when_names_are_asked_for(
    bare: Workspace, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, ...]] = []
    listing = objects.tree

    def counted(*arguments: str) -> object:
        calls.append(arguments)
        return listing(*arguments)

    monkeypatch.setattr(objects, "tree", counted)
    name = tree(bare)
    files = TreeFiles(objects, name)
    assert [files[path] for path in ("a.txt", "deep/empty", "nul")] == [b"one\n", b"", b"a\0b"]
    assert "missing" not in files
    assert calls == []
    assert sorted(files) == sorted(FILES)
    assert len(files) == len(FILES)
    assert calls == [(name,)]


def test_a_file_is_read_once(
    bare: Workspace, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = TreeFiles(objects, tree(bare))
    assert (files["a.txt"], "missing" in files) == (b"one\n", False)
    monkeypatch.setattr(objects, "read", None)
    assert (files["a.txt"], "missing" in files) == (b"one\n", False)


@pytest.mark.parametrize("listed", [False, True])
def test_a_file_too_large_to_read_is_not_there(
    bare: Workspace, objects: Objects, monkeypatch: pytest.MonkeyPatch, listed: bool
) -> None:
    monkeypatch.setattr(paribus.git.objects, "LARGEST_BLOB", 100)
    files = TreeFiles(objects, tree(bare))
    if listed:
        assert "large" in list(files)

    assert "large" not in files
    assert files["a.txt"] == b"one\n"
