"""What a verification that was killed leaves: whatever command comes next, and the doctor, end it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.faults.oracle import before, goes_on, nothing_lost
from tests.faults.shim import Fault

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Called, Workspace

COMMAND = ("run", "-S", "params.json:gain=0.7")
BEGUN = 60.0
"""Seconds within which a verification has come to its stage."""


@pytest.fixture
def killed(tiny: Workspace, fault: Callable[..., Fault]) -> Fault:
    """A verification whose stage hangs, and whose command alone was killed."""
    pipe, own = tiny.path.parent / "pipe", fault(PATH="/nowhere")
    os.mkfifo(pipe)  # the stage waits for whoever reads it
    hanging = {**os.environ, **tiny.environment, **own.environment, "STAGES": str(pipe)}
    with subprocess.Popen(
        [sys.executable, "-m", "paribus", "verify", "baseline"], cwd=tiny.path, env=hanging,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    ) as process:  # fmt: skip
        until = time.monotonic() + BEGUN
        while not any("train.sh" in each for each in own.alive()):
            assert time.monotonic() < until
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    return own


def left(project: Workspace) -> list[Path]:
    """Private clones and cards that are there for nobody."""
    state = project.path / ".dvc" / "tmp" / "paribus"
    return [path for name in ("afresh", "cards") for path in (state / name).glob("*")]


@pytest.mark.slow
def test_the_next_run_ends_it(tiny: Workspace, killed: Fault) -> None:
    then = before(tiny)
    assert left(tiny)
    goes_on(tiny, COMMAND, "0.7")
    assert (left(tiny), killed.left()) == ([], [])
    assert before(tiny).state == then.state


@pytest.mark.slow
def test_the_doctor_ends_it(tiny: Workspace, killed: Fault) -> None:
    tiny.git("update-ref", "-d", "refs/exps/somebody-elses")
    then = before(tiny)
    found = {one["code"] for one in tiny.paribus("doctor", "--json").json["findings"]}
    assert "leftover-folder" in found
    assert found <= {"leftover-folder", "orphan-processes", "stale-card"}
    told = tiny.paribus("doctor", "--fix", "--json")
    assert (told.code, told.json["sound"]) == (0, True), told
    assert (left(tiny), killed.left()) == ([], [])
    assert before(tiny) == then


@pytest.mark.slow
@pytest.mark.parametrize("at", [1, 40, 200, 600])
def test_killed_with_all_that_it_started(
    at: int, tiny: Workspace, fault: Callable[..., Fault], called: Callable[..., Called]
) -> None:
    met = fault("killall", at, PATH=str(tiny.path), MATCH="*/paribus/afresh/*")
    then = before(tiny)
    told = called(tiny, met, "verify", "baseline")
    assert told.code == -9
    nothing_lost(tiny, met, then, told)
    again = replace(tiny).paribus("verify", "baseline", "--json")
    assert again.code == 0, again
    assert left(tiny) == []
    goes_on(tiny, COMMAND, "0.7")
