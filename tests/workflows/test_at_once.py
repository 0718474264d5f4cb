"""Several commands at once in one repository: nothing is lost, nothing is done twice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Workspace

GAIN = "params.json:train.gain"


@contextmanager
def started(project: Workspace, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command in the background; it has ended when the block has."""
    process = subprocess.Popen(
        [sys.executable, "-m", "paribus", *arguments],
        cwd=project.path,
        env={**os.environ, **project.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def waiting(project: Workspace, gate: Path) -> None:
    """Makes every stage wait until a file is there."""
    wait = (
        "import os, time\n"
        "for _ in range(600):\n"
        f"    if os.path.exists({str(gate)!r}):\n"
        "        break\n"
        "    time.sleep(0.05)\n"
    )
    text = project.read("train.py").replace("import json\n", f"import json\n{wait}", 1)
    project.commit("it waits", {"train.py": text})


def until_running(project: Workspace) -> str:
    """Waits until the log says that an experiment is running; returns its id."""
    for _ in range(1000):
        if project.git("branch", "--list", "paribus/ledger"):
            (experiment,) = project.paribus("log", "--json").json["experiments"]
            assert experiment["status"] == "running"
            return str(experiment["experiment"])
        time.sleep(0.02)
    raise AssertionError("it never ran")


@pytest.mark.slow
def test_two_experiments_at_once_are_both_recorded(measured: Workspace) -> None:
    before = measured.state()
    commands = [("run", "-S", f"{GAIN}={gain}", "--seeds", "1") for gain in ("0.3", "0.4")]
    with started(measured, *commands[0]) as first, started(measured, *commands[1]) as second:
        ends = [
            (*process.communicate(timeout=100), process.returncode) for process in (first, second)
        ]
    assert [code for _, _, code in ends] == [4, 4], ends
    listed = measured.paribus("log", "--json").json["experiments"]
    summaries = [row["change"]["summary"] for row in listed if row["status"] == "judged"]
    assert {"train.gain 0.0 -> 0.3", "train.gain 0.0 -> 0.4"} <= set(summaries)
    for row in listed[:2]:
        runs = measured.paribus("show", row["experiment"], "--json").json["runs"]
        assert [run["status"] for run in runs if run["side"] == "candidate"] == ["succeeded"]
    assert measured.state() == before
    assert measured.git("fsck", "--no-dangling") == ""


@pytest.mark.slow
def test_the_same_experiment_at_once_is_run_once(project: Workspace, tmp_path: Path) -> None:
    """From the moment it starts, while only its baseline runs, in a linked worktree too."""
    gate = tmp_path / "gate"
    waiting(project, gate)
    project.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "linked"))
    command = ("run", "-S", f"{GAIN}=0.3", "--seeds", "1", "--json")
    with started(project, *command) as first:
        identifier = until_running(project)
        linked = replace(project, path=tmp_path / "linked")
        for place in (project, linked):
            second = place.paribus(*command)
            assert (second.code, second.json["error"]["code"]) == (5, "already-running")
            assert second.json["error"]["retryable"] is True
            assert second.err.startswith(
                f"error[already-running]: experiment {identifier[:8]} is being run by another process on "
            )
        assert linked.paribus("log").out.split()[1] == "running"
        assert "\nrunning: no verdict yet\n" in linked.paribus("show", identifier[:8]).out
        gate.touch()
        _, err = first.communicate(timeout=100)
    assert (first.returncode, err) == (4, "")
    listed = project.paribus("log", "--json").json["experiments"]
    assert [row["status"] for row in listed] == ["judged"]


@pytest.mark.slow
def test_work_goes_on_while_an_experiment_runs(project: Workspace, tmp_path: Path) -> None:
    """Edits, commits, a deleted branch and `git gc` beside a run: it tests what it captured."""
    gate = tmp_path / "gate"
    waiting(project, gate)
    project.set_param("train.gain", 0.3)
    with started(project, "run", "--seeds", "1", "--json") as process:
        until_running(project)
        project.set_param("train.gain", 0.9)
        project.commit("meanwhile", {"train.py": "raise SystemExit('never run')\n"})
        project.git("gc", "--quiet", "--prune=now")
        project.git("pack-refs", "--all")
        before = project.state()
        gate.touch()
        process.wait(100)
        assert project.state() == before
        assert process.returncode == 4
    (experiment,) = project.paribus("log", "--json").json["experiments"]
    runs = project.paribus("show", experiment["experiment"], "--json").json["runs"]
    assert [run["status"] for run in runs] == ["succeeded"] * len(runs)
    commit = next(run["commit"] for run in runs if run["side"] == "candidate")
    assert '"gain": 0.3' in project.git("show", f"{commit}:params.json")
    assert project.git("fsck", "--no-dangling") == ""
