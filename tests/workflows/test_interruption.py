"""Ctrl-C, a signal, kill -9: at any moment of a run nothing is lost, and the next command works."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace

COMMAND = ("run", "-S", "params.json:train.gain=0.3", "--seeds", "1", "--jobs", "2")
NOTE = "interrupted earlier: made again where needed\n"


@pytest.fixture
def slow(project: Workspace) -> Workspace:
    """A project whose stage takes as long as `takes` says, and can be told by its arguments."""
    pipeline = project.read("dvc.yaml").replace(
        "python -S train.py", f"python -S train.py {marker(project)}"
    )
    wait = (
        f"import time\nopen({str(began(project))!r}, 'w').close()\n"
        f"time.sleep(float(open({str(seconds(project))!r}).read()))\n"
    )
    program = project.read("train.py").replace("score = 0.8", f"{wait}score = 0.8")
    project.commit("slow", {"dvc.yaml": pipeline, "train.py": program})
    takes(project, 60)
    return project


def seconds(project: Workspace) -> Path:
    """The file that holds how long a stage takes."""
    return project.path.parent / "seconds"


def began(project: Workspace) -> Path:
    """The file that is there once a stage has begun."""
    return project.path.parent / "began"


def takes(project: Workspace, duration: float) -> None:
    """From now on a stage takes so many seconds."""
    seconds(project).write_text(str(duration))


def marker(project: Workspace) -> str:
    """What no other process on this machine has among its arguments."""
    return f"--mark={project.path.parent.name}-{os.getpid()}"


def alive(project: Workspace) -> list[str]:
    """Command lines of stages and of workers of this project that are still running."""
    found = []
    for process in psutil.process_iter(["cmdline", "cwd", "status"]):
        info = process.info
        line = " ".join(info["cmdline"] or [])
        inside = (info["cwd"] or "").startswith(str(project.path))
        if (marker(project) in line or (inside and "paribus" in line)) and (
            info["status"] != psutil.STATUS_ZOMBIE
        ):
            found.append(line)
    return found


def interrupted(project: Workspace, number: signal.Signals, delay: float) -> tuple[int, str, str]:
    """Starts the command and sends it a signal; (exit code, stdout, stderr)."""
    process = subprocess.Popen(
        [sys.executable, "-m", "paribus", *COMMAND],
        cwd=project.path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    if delay < 0:  # when its first stage is under way
        _until(began(project).exists)
        time.sleep(-delay)
        assert any(marker(project) in line for line in alive(project))
    else:
        time.sleep(delay)
    if number is signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal does it
    else:
        process.send_signal(number)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def _until(condition: Callable[[], bool], limit: float = 30) -> None:
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.1)


def acknowledged(err: str) -> int:
    """How many runs were said to have ended."""
    return sum(line.startswith("  run ") for line in err.splitlines())


def recorded(project: Workspace) -> int:
    """How many runs the ledger has with a result."""
    if not project.git("branch", "--list", "paribus/ledger"):
        return 0
    search = ["git", "grep", "-l", '"status": *"succeeded"', "paribus/ledger"]
    done = subprocess.run(search, cwd=project.path, capture_output=True, text=True, check=False)
    return len(done.stdout.splitlines())


def nothing_is_lost(project: Workspace, before: dict[str, str]) -> str:
    """What must hold after every interruption; the next command finishes, and says this on stderr."""
    _until(lambda: not alive(project), 10)
    assert project.state() == before
    assert project.git("fsck", "--no-dangling") == ""
    takes(project, 0)
    done = project.paribus(*COMMAND, "--json")
    assert done.code == 4, done
    runs = done.json["runs"]
    succeeded = [run for run in runs if run["status"] == "succeeded"]
    assert sorted(
        (run["side"], run["pair"]) for run in succeeded if run["purpose"] == "measure"
    ) == [
        ("baseline", 1),
        ("candidate", 1),
    ]
    assert sum(run["purpose"] == "control" for run in succeeded) == 3
    assert {run["status"] for run in runs} <= {"succeeded", "interrupted", "cancelled"}
    assert project.state() == before
    assert not alive(project)
    return done.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGINT, 130),
        pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, 129, marks=pytest.mark.slow),
        (signal.SIGKILL, -9),
    ],
)
def test_in_the_middle_of_a_stage(slow: Workspace, number: signal.Signals, code: int) -> None:
    before = slow.state()
    ended, out, err = interrupted(slow, number, delay=-0.2)
    assert (ended, out) == (code, "")
    assert "Traceback" not in err
    if number is not signal.SIGKILL:
        assert err.endswith("interrupted; what had ended is recorded\n")
    (experiment,) = slow.paribus("log", "--json").json["experiments"]
    assert (experiment["status"], experiment["verdict"]) == ("interrupted", None)
    shown = slow.paribus("show", experiment["experiment"][:5])
    assert "\ninterrupted: no verdict yet\n" in shown.out
    assert nothing_is_lost(slow, before) == f"note: 2 runs {NOTE}"
    assert NOTE not in slow.paribus(*COMMAND).err


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_at_any_moment(slow: Workspace, seed: int) -> None:
    """Whatever was said to have ended is there afterwards, and is not run again."""
    chance = random.Random(seed)
    takes(slow, 0.5)
    before, said = slow.state(), 0
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        _, _, err = interrupted(slow, number, delay=chance.uniform(0.5, 5.0))
        assert "Traceback" not in err
        _until(lambda: not alive(slow), 10)
        said += acknowledged(err)
        assert slow.state() == before
        assert recorded(slow) >= said
    nothing_is_lost(slow, before)


@pytest.mark.slow
def test_twice_in_a_row(slow: Workspace) -> None:
    """An impatient person: the second Ctrl-C comes while the first is being dealt with."""
    before = slow.state()
    process = subprocess.Popen(
        [sys.executable, "-m", "paribus", *COMMAND],
        cwd=slow.path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip
    _until(began(slow).exists)
    for _ in range(2):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.02)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    nothing_is_lost(slow, before)


@pytest.mark.slow
def test_a_watcher_who_leaves_does_not_stop_the_runs(slow: Workspace) -> None:
    """As in `paribus run 2>&1 >/dev/null | head -1`."""
    takes(slow, 0.1)
    command = (
        f"{sys.executable} -m paribus {' '.join(COMMAND)} 2>&1 >{slow.path.parent}/out | head -1"
    )
    subprocess.run(["bash", "-c", command], cwd=slow.path, check=True, capture_output=True)
    assert "undecided: accuracy" in (Path(slow.path.parent) / "out").read_text()
