"""Trees that no reference names yet: kept while they are needed, and not for ever."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paribus.git.own_objects import (
    at_home,
    keeps_left,
    own_objects,
    release,
    remove_old_objects,
    written_to,
)
from paribus.git.repository import discover

if TYPE_CHECKING:
    from tests.conftest import Workspace

DAY = 86_400.0


def aged(file: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(file, (then, then))


def keeps(project: Workspace) -> list[Path]:
    return list((project.path / ".git" / "objects" / "pack").glob("*.keep"))


@pytest.fixture
def tree(project: Workspace) -> str:
    """The id of a tree that lies in our own place alone."""
    repository = discover(project.path)
    place = own_objects(repository.common_dir)
    place.mkdir(parents=True)
    writing = repository.git.with_environment(written_to(place, repository.common_dir))
    blob = writing.text("hash-object", "-w", "--stdin", stdin=b"captured\n")
    return writing.text("mktree", stdin=f"100644 blob {blob}\tfile\n".encode())


def test_a_tree_outlives_a_collection_while_it_is_needed(project: Workspace, tree: str) -> None:
    git = discover(project.path).git
    with at_home(git, tree, "HEAD"):
        project.git("gc", "--quiet", "--prune=now")
        assert project.git("cat-file", "-t", tree) == "tree"
    assert keeps(project) == []
    assert project.git("cat-file", "-t", tree) == "tree"
    project.git("gc", "--quiet", "--prune=now")
    assert git.lookup("cat-file", "-e", tree) is None


def test_of_two_who_need_it_the_last_lets_it_go(project: Workspace, tree: str) -> None:
    repository = discover(project.path)
    pack = project.path / ".git" / "objects" / "pack"
    with at_home(repository.git, tree, "HEAD"):
        (keep,) = keeps(project)
        aside = pack.with_name("aside")
        pack.rename(aside)  # so that another does not see that the tree is there
        pack.mkdir()
        for file in aside.glob("pack-*.[kpi]*"):
            if file.suffix == ".keep":
                (pack / file.name).hardlink_to(file)
        with at_home(repository.git, tree, "HEAD"):
            aged(keep, DAY)
            assert keeps_left(repository.common_dir) == []
        assert keep.exists()
    assert keeps(project) == []


def test_what_a_killed_registration_left_is_let_go(project: Workspace, tree: str) -> None:
    common_dir = discover(project.path).common_dir
    script = (
        "import os, signal, sys, pathlib\n"
        "from paribus.git.own_objects import at_home\n"
        "from paribus.git.repository import discover\n"
        "with at_home(discover(pathlib.Path('.')).git, sys.argv[1], 'HEAD'):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(["python", "-c", script, tree], cwd=project.path, check=False)
    assert done.returncode == -9
    (keep,) = keeps(project)
    assert keeps_left(common_dir) == []  # somebody may be about to take hold of it
    assert not release(keep)
    aged(keep, 61)
    assert keeps_left(common_dir) == [keep]
    remove_old_objects(common_dir)
    assert keeps(project) == []


@pytest.mark.parametrize(
    ("said", "age", "left"),
    [
        ("paribus\n", 61, True),
        ("paribus\n", 5, False),
        ("paribus", DAY, False),
        ("", DAY, False),
        ("precious, by Ada\n", 400 * DAY, False),
        ("fetch-pack {gone} on {host}\n", 2 * 3600, True),
        ("fetch-pack {gone} on {host}\n", 120, False),
        ("fetch-pack {here} on {host}\n", DAY, False),
        ("fetch-pack {gone} on {host}-2\n", DAY, False),
        ("fetch-pack 99999999999999999999 on {host}\n", DAY, False),
        ("receive-pack {gone} on {host}\n", DAY, False),
    ],
)
def test_whose_a_keep_is(said: str, age: float, left: bool, project: Workspace) -> None:
    common_dir = discover(project.path).common_dir
    keep = common_dir / "objects" / "pack" / "pack-00.keep"
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    keep.write_text(said.format(gone=gone.pid, here=os.getpid(), host=socket.gethostname()))
    aged(keep, age)
    assert keeps_left(common_dir) == ([keep] if left else [])
    assert release(keep) is left
    assert keep.exists() is not left


def test_what_no_registration_asked_for_goes_after_a_week(project: Workspace, tree: str) -> None:
    common_dir = discover(project.path).common_dir
    place = own_objects(common_dir)
    (place / "pack").mkdir(exist_ok=True)
    for name in ("pack/tmp_pack_cut", "pack/pack-00.pack", "12/tmp_obj_cut"):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).touch()
        aged(place / name, 8 * DAY)
    remove_old_objects(common_dir)
    left = sorted(file for file in place.rglob("*") if file.is_file())
    assert len(left) == 2  # the blob and the tree
    for file in left:
        aged(file, 8 * DAY)
    remove_old_objects(common_dir)
    assert not [file for file in place.rglob("*") if file.is_file()]
