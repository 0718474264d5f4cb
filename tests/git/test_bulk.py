"""Many files of a tree as one stream."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from paribus.git.bulk import changed_paths, contents, listed, listed_together
from paribus.git.command import Git, GitError
from paribus.git.objects import LARGEST_BLOB

if TYPE_CHECKING:
    from tests.conftest import Workspace

MANY = 3000


def read(project: Workspace, *folders: str, commit: str = "HEAD") -> dict[str, bytes | None]:
    """The files of a commit by their path."""
    return dict(contents(Git(project.path), listed(Git(project.path), commit, *folders)))


def test_every_file_is_read_in_the_order_of_paths(empty: Workspace) -> None:
    files = {f"some/{number % 7}/{number}": f"{number}\n" * (number % 50) for number in range(MANY)}
    files |= {"other/with space\nand line": "x", "other/ümlaut": "", "some.txt": "beside"}
    empty.commit("many", files)
    found = read(empty, "some", "other")
    assert found == {
        name: content.encode() for name, content in files.items() if name != "some.txt"
    }
    assert list(found) == sorted(found, key=str.encode)
    assert read(empty, "none") == {}


def test_a_missing_tree_is_an_error(project: Workspace) -> None:
    with pytest.raises(GitError):
        list(listed(Git(project.path), "1" * 40))
    with pytest.raises(GitError):
        list(contents(Git(project.path), listed(Git(project.path), "1" * 40)))
    with pytest.raises(GitError):
        list(changed_paths(Git(project.path), "HEAD", "1" * 40))


@pytest.mark.parametrize("at", [0, 1, 700, 1499])
def test_what_is_damaged_does_not_take_the_others_with_it(empty: Workspace, at: int) -> None:
    """Missing, empty, cut off and garbage: one each, wherever in the stream."""
    names = [f"{number:04}" for number in range(1500)]
    empty.commit("many", {name: f"content of {name}\n" for name in names})
    ids = dict(listed(Git(empty.path), "HEAD"))
    for step, spoil in enumerate((b"", None, b"garbage", b"x\x9cK")):
        name = names[(at + 2 * step) % len(names)]
        path = empty.path / ".git" / "objects" / ids[name][:2] / ids[name][2:]
        path.chmod(0o600)
        if spoil is None:
            path.unlink()
        else:
            path.write_bytes(spoil)
    bad = {names[(at + 2 * step) % len(names)] for step in range(4)}
    assert read(empty) == {
        name: None if name in bad else f"content of {name}\n".encode() for name in names
    }


def test_what_is_too_large_is_left_out(empty: Workspace) -> None:
    empty.write({"a": "before", "z": "after"})
    with (empty.path / "huge").open("wb") as file:
        file.truncate(LARGEST_BLOB + 1)
    empty.commit("huge")
    assert read(empty) == {"a": b"before", "huge": None, "z": b"after"}


def test_a_reader_that_stops_early_leaves_no_process(empty: Workspace) -> None:
    empty.commit("many", {f"{number:04}": "x" * 500 for number in range(MANY)})
    stream = contents(Git(empty.path), listed(Git(empty.path), "HEAD"))
    assert next(stream) == ("0000", b"x" * 500)
    stream.close()  # type: ignore[attr-defined]
    running = subprocess.run(
        ["ps", "-eo", "args"], capture_output=True, text=True, check=True
    ).stdout
    assert str(empty.path) not in running


def test_two_trees_together(project: Workspace) -> None:
    git = Git(project.path)
    first = project.commit("one", {"all/a": "1", "all/b": "1", "all/c/d": "1"})
    project.git("rm", "-q", "all/a")
    second = project.commit("two", {"all/b": "2", "all/c.": "2", "all/z": "2"})
    both = dict(contents(git, listed_together(git, (first, second), "all")))
    assert both == {"all/a": b"1", "all/b": b"1", "all/c.": b"2", "all/c/d": b"1", "all/z": b"2"}
    assert list(both) == sorted(both)
    assert list(changed_paths(git, first, second, "all")) == ["all/a", "all/b", "all/c.", "all/z"]
