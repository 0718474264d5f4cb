"""The index as a tree: what a commit would hold, with nothing written beside it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paribus.core.errors import Problem
from paribus.git.index import index_file, staged
from paribus.git.objects import Objects
from paribus.git.repository import discover, discover_any

if TYPE_CHECKING:
    from tests.conftest import Workspace


def held(workspace: Workspace, path: str) -> bytes | None:
    with staged(discover(workspace.path)) as found, Objects(found.git) as objects:
        return objects.read(f"{found.tree}:{path}")


def everything(workspace: Workspace) -> dict[str, str]:
    """Every file's bytes below the Git directory and beside it."""
    files = [path for path in workspace.path.rglob("*") if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_it_is_the_tree_that_a_commit_would_have(project: Workspace) -> None:
    project.write({"train.py": "staged\n", "new.py": "new\n"})
    project.git("add", "train.py", "new.py")
    project.git("rm", "--quiet", "--cached", "README.md")
    project.write({"train.py": "edited since\n"})
    before = everything(project)
    with staged(discover(project.path)) as found:
        assert everything(project) == before
        tree = found.tree
        place = Path(found.git.extra["GIT_OBJECT_DIRECTORY"])
        assert [path for path in place.rglob("*") if path.is_file()]
    assert not place.exists()
    assert everything(project) == before
    project.git("commit", "--quiet", "-m", "it")
    assert project.git("rev-parse", "HEAD^{tree}") == tree


def test_no_filter_is_run(project: Workspace) -> None:
    """Git would run them on files that are as young as the index."""
    project.git("config", "filter.planted.clean", "touch planted; cat")
    project.write({".gitattributes": "*.py filter=planted\n", "young.py": "1\n"})
    project.git("add", "--all")
    for path in (project.path / "young.py", project.path / ".git" / "index"):
        os.utime(path, (2_000_000_000, 2_000_000_000))
    project.git("update-index", "--refresh")
    os.utime(project.path / ".git" / "index", (2_000_000_000, 2_000_000_000))
    (project.path / "planted").unlink()
    assert held(project, "young.py") == b"1\n"
    assert not (project.path / "planted").exists()


def test_no_index_is_an_empty_tree(empty: Workspace) -> None:
    with staged(discover(empty.path)) as found:
        assert found.tree == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
        assert found.intended == ()


def test_files_that_are_only_intended(project: Workspace) -> None:
    project.write({"a.py": "1\n", "b \n.py": "2\n", "c.py": "3\n"})
    project.git("add", "--intent-to-add", "a.py", "b \n.py")
    project.git("add", "c.py")
    project.write({"c.py": "edited\n"})
    with staged(discover(project.path)) as found:
        assert found.intended == ("a.py", "b \n.py")
    assert held(project, "a.py") is None
    assert held(project, "c.py") == b"3\n"


def test_the_index_that_git_names_to_its_hooks(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`git commit -a` and `git commit FILE` write one of their own, beside the usual one."""
    repository = discover(project.path)
    project.git("read-tree", "--index-output=.git/next-index-7.lock", "HEAD")
    project.write({"train.py": "staged\n"})
    project.git("add", "train.py")
    assert held(project, "train.py") == b"staged\n"
    for name in (".git/next-index-7.lock", str(project.path / ".git" / "next-index-7.lock")):
        monkeypatch.setenv("GIT_INDEX_FILE", name)
        assert held(project, "train.py") != b"staged\n"
    for name in ("elsewhere", str(project.path.parent / "index"), ".git/objects/index"):
        monkeypatch.setenv("GIT_INDEX_FILE", name)
        assert index_file(repository) == project.path / ".git" / "index"


def test_what_cannot_be_told(project: Workspace, tmp_path: Path) -> None:
    project.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare"))
    with (
        pytest.raises(Problem, match="a bare repository has no index"),
        staged(discover_any(tmp_path / "bare")),
    ):
        pass
    project.git("update-index", "--add", "--info-only", "--cacheinfo", f"100644,{'1' * 40},gone.py")
    with pytest.raises(Problem, match="git cannot read what is staged: "), staged(discover(project.path)):  # fmt: skip
        pass
    assert not list((project.path / ".git").glob("*.lock"))
