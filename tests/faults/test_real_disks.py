"""A disk that really is full, and folders that really cannot be written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.faults.oracle import before, executed, goes_on, nothing_lost
from tests.faults.shim import Fault

if TYPE_CHECKING:
    from tests.conftest import Called, Workspace

COMMAND = ("run", "-S", "params.json:gain=0.7")
ROOM = "size=32m"
INSIDE = "FAULTS_INSIDE"
"""Set where the test runs again in a namespace of its own, as nobody may mount otherwise."""


@contextmanager
def mounted(target: Path, *arguments: str) -> Iterator[bool]:
    """Mounts something for the length of the block; yields whether that is allowed."""
    done = subprocess.run(["mount", *arguments, str(target)], capture_output=True, check=False)
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "--lazy", str(target)], check=True)


def again_inside(request: pytest.FixtureRequest) -> None:
    """Runs this test as root of a namespace; skips it where that is not allowed either."""
    if INSIDE in os.environ or not shutil.which("unshare"):
        pytest.skip("no disk can be mounted here")
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no namespace can be made here")
    command = ["unshare", "-rm", sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    environment = {**os.environ, INSIDE: "1"}
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS"):
        environment.pop(name, None)
    done = subprocess.run(
        [*command, request.node.nodeid], cwd=request.config.rootpath, env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    if " skipped" in done.stdout:
        pytest.skip("no disk can be mounted here")


@pytest.mark.slow
@pytest.mark.parametrize("when", ["FILL_BEFORE", "FILL_AFTER"])
def test_a_full_disk(
    when: str,
    tiny: Workspace,
    tmp_path: Path,
    fault: Callable[..., Fault],
    called: Callable[..., Called],
    request: pytest.FixtureRequest,
) -> None:
    """Full in the stage, so that it fails; or right after it, so that nothing can be recorded."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted(disk, "-t", "tmpfs", "-o", ROOM, "tmpfs") as allowed:
        if not allowed:
            return again_inside(request)
        small = replace(tiny, path=disk / "project")
        shutil.copytree(tiny.path, small.path, symlinks=True)
        then, counting = before(small), fault()
        filler = disk / "filler"
        filling = replace(small, environment={**small.environment, when: str(filler)})
        told = called(filling, counting, *COMMAND)
        assert filler.exists()
        assert shutil.disk_usage(disk).free < 1_000_000  # what a run had only for itself is gone
        nothing_lost(small, counting, then, told)
        new = before(small).records.keys() - then.records.keys()
        if told.code == 5:  # there was just enough room to record that the stage had failed
            assert any("/run-" in path for path in new)
        else:
            assert (told.code, told.out) == (6, "")
            assert "No space left on device" in told.err or "Out of diskspace" in told.err
        again = small.paribus(*COMMAND, "--json")
        assert again.code == 6
        assert again.json["error"]["code"] in ("not-recorded", "not-recordable")
        assert again.json["error"]["retryable"] is True
        filler.unlink()
        goes_on(small, COMMAND, "0.7")
    return None


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["objects", "refs"])
def test_a_repository_that_cannot_be_written(
    folder: str, tiny: Workspace, request: pytest.FixtureRequest
) -> None:
    """It is said before any stage starts."""
    path = tiny.path / ".git" / folder
    then, ran = before(tiny), len(executed(tiny))
    with read_only(path) as allowed:
        if not allowed:
            return again_inside(request)
        told = tiny.paribus(*COMMAND, "--json")
        assert (told.code, told.json["error"]["code"]) == (6, "not-recordable")
        assert told.json["error"]["retryable"] is True
        assert told.err.startswith("error[not-recordable]: ")
        assert "\nhelp: " in told.err
        assert len(executed(tiny)) == ran
        assert before(tiny) == then
    goes_on(tiny, COMMAND, "0.7")
    return None


# Private functions


@contextmanager
def read_only(path: Path) -> Iterator[bool]:
    """By its mode; for root, whom no mode stops, by a mount."""
    if os.geteuid() == 0:
        with mounted(path, "--bind", str(path)) as allowed:
            remount = ["mount", "-o", "remount,ro,bind", str(path)]
            yield allowed and not subprocess.run(remount, check=False).returncode
        return
    folders = [path, *(each for each in path.rglob("*") if each.is_dir())]
    for each in folders:
        each.chmod(0o555)
    try:
        yield True
    finally:
        for each in folders:
            each.chmod(0o755)
