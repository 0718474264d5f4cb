"""Whether a result could be recorded is known before the first stage; a full disk loses nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paribus.core.errors import Exit, Problem
from paribus.dvc.cache_folder import cache_folder
from paribus.execute.room import existing, is_short, room
from paribus.workflows.project import open_project
from paribus.workflows.readiness import require_recordable

if TYPE_CHECKING:
    from tests.conftest import Workspace

GAIN = "params.json:train.gain"


@pytest.fixture
def small(project: Workspace, tmp_path: Path) -> Iterator[Workspace]:
    """The project on a disk of 16 MB; its stage fills it where `gain` is 0.7."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        fill = "open('big.bin', 'wb').write(bytes(30_000_000))"
        project.commit(
            "greedy",
            {"train.py": project.read("train.py").replace(
                "score = 0.8", f"if params['train']['gain'] == 0.7:\n    {fill}\nscore = 0.8")},
        )  # fmt: skip
        shutil.copytree(project.path, disk / "project", symlinks=True)
        yield replace(project, path=disk / "project")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def filled(disk: Path) -> Path:
    """A file that takes all the room that a disk has left."""
    file = disk / "filling"
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as stream:
        while stream.write(bytes(100_000)):
            pass
    return file


@pytest.mark.slow
def test_a_full_disk_before_during_and_after(small: Workspace) -> None:
    before = small.state()
    during = small.paribus("run", "-S", f"{GAIN}=0.7", "--seeds", "1", "--json")
    (run,) = [run for run in during.json["runs"] if run["side"] == "candidate"]
    assert (during.code, run["status"]) == (5, "killed")
    assert run["cause"] == "stage train, exit 1: no space left on device"
    # What the clone took is given back, so that the others can go on.
    assert not is_short(small.path)
    filling = filled(small.path.parent)
    full = small.paribus("run", "-S", f"{GAIN}=0.3", "--seeds", "1")
    assert (full.code, full.out) == (6, "")
    assert full.err.splitlines()[-1].startswith("help: ")
    assert small.paribus("log", "--json").code == 0
    filling.unlink()
    after = small.paribus("run", "-S", f"{GAIN}=0.3", "--seeds", "1", "--json")
    assert after.code == 4
    assert small.git("fsck", "--no-dangling") == ""
    assert small.state() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("folder", ["objects", "refs"])
def test_what_cannot_be_written_is_known_before_anything_runs(
    project: Workspace, folder: str
) -> None:
    path = project.path / ".git" / folder
    path.chmod(0o500)
    try:
        told = project.paribus("baseline", "--seeds", "1")
        assert (told.code, told.out) == (6, "")
        assert told.err.startswith("error[not-recordable]: ")
        assert not (project.path / ".dvc" / "tmp" / "paribus" / "logs").exists()
    finally:
        path.chmod(0o700)


def test_where_there_is_room(project: Workspace) -> None:
    require_recordable(open_project(project.path))
    free, least = room(project.path / "not" / "there")
    assert free > least > 0
    assert existing(project.path / "not" / "there") == project.path


def test_the_disk_of_the_cache_counts(project: Workspace, small: Workspace) -> None:
    cache = small.path.parent / "cache"
    project.write({".dvc/config.local": f"[cache]\n    dir = {cache}\n"})
    require_recordable(open_project(project.path))
    filled(small.path.parent)
    with pytest.raises(
        Problem, match=r"the disk of .*cache has 0\.0 MB left, and a run needs 0\.8 MB"
    ) as found:
        require_recordable(open_project(project.path))
    assert found.value.status is Exit.NOT_RECORDED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ".dvc/cache"),
        ("[cache]\n    dir = /data/cache\n", "/data/cache"),
        ("[cache]\n    dir = ../../shared\n", ".dvc/../../shared"),
        ("['remote \"x\"']\n    url = s3://y\n[cache]\n    type = symlink\n", ".dvc/cache"),
        ("nonsense", ".dvc/cache"),
    ],
)
def test_the_cache_without_loading_dvc(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc" / "config").write_text(text)
    assert cache_folder(tmp_path) == tmp_path / expected
