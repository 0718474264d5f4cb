"""A project with a past: five experiments with five outcomes, made once for all tests."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace

GAIN = "params.json:train.gain"

COMMANDS = {
    "improved": ("-S", f"{GAIN}=0.2", "-m", "a larger gain gains"),
    "worse": ("-S", f"{GAIN}=-0.2"),
    "no-difference": ("-S", "params.json:train.name=fancy"),
    "undecided": ("-S", f"{GAIN}=0.002", "--seeds", "3"),
    "failed": ("-S", "params.json:train.fail=true", "-m", "it must <b>fail</b>"),
}
"""The experiments of the past, by their outcome, in the order in which they were run."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class History:
    """A project and how each of its experiments ended.

    Attributes:
        kept: a copy of the project in which no command is called: what reads brings the index up to date,
            and what comes and goes meanwhile cannot be copied.
    """

    project: Workspace
    calls: dict[str, Ended]
    kept: Path

    def id(self, outcome: str) -> str:
        """The full id of one of the experiments."""
        rows = self.project.paribus("log", "--json").json["experiments"]
        return str(
            dict(zip(reversed(COMMANDS), (row["experiment"] for row in rows), strict=True))[outcome]
        )


@pytest.fixture
def history(project: Workspace, tmp_path_factory: pytest.TempPathFactory) -> History:
    """Read it, do not write: all tests share it, those of other processes (pytest-xdist) too."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "history"
    with (folder.parent / "history.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        past = replace(project, path=folder / "project")
        if not (folder / "calls.json").exists():
            shutil.copytree(project.path, past.path, symlinks=True)
            made = {name: past.paribus("run", *command) for name, command in COMMANDS.items()}
            shutil.copytree(past.path, folder / "kept", symlinks=True)
            ends = {name: (told.code, told.out, told.err) for name, told in made.items()}
            (folder / "calls.json").write_text(json.dumps(ends))
    calls = json.loads((folder / "calls.json").read_text())
    ended = {name: Ended(*end) for name, end in calls.items()}
    return History(past, ended, folder / "kept")


@pytest.fixture
def measured(history: History, project: Workspace) -> Workspace:
    """A copy of the project with a past, to go on with: its baseline has three runs."""
    shutil.rmtree(project.path)
    shutil.copytree(history.kept, project.path, symlinks=True)
    return project


@pytest.fixture
def shape() -> Callable[[str], str]:
    """Makes a text's varying parts alike: decimals, ids, dates, drawn intervals."""

    def shaped(text: str) -> str:
        text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d", "DATE", text)
        text = re.sub(r"\d{4}-\d\d-\d\d", "DATE", text)
        text = re.sub(r"paribus-[0-9a-f]{8}-", "paribus-ID-", text)
        text = re.sub(r"[+-]?\b\d+\.\d+\b", "#", text)
        text = re.sub(r"(?<![\w#])(?=\w*\d)[0-9a-f]{7,}\b", "HEX", text)
        return re.sub(r"(?<=#\]  ) *[-\[\]*+| ]+(?=  )", "DRAWN", text)

    return shaped


@dataclass
class Staged:
    """A project whose stage `train` does first what a Python file outside of it says.

    Attributes:
        does: that file; empty for nothing.
    """

    project: Workspace
    does: Path

    @property
    def outside(self) -> Path:
        """The folder around the project, where a stage may leave what a test reads."""
        return self.does.parent

    def sleeps(self, seconds: float = 60) -> None:
        """From now on the stage says that it began, and takes so long."""
        self.does.write_text(
            f"import pathlib, time, os\n"
            f"pathlib.Path({str(self.outside / 'began')!r}).write_text(str(os.getpid()))\n"
            f"print('epoch 1', flush=True)\ntime.sleep({seconds})\n"
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts the command in a session of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "paribus", *arguments],
            cwd=self.project.path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def began(self) -> int:
        """Waits for the stage's beginning; its process."""
        file = self.outside / "began"
        eventually(lambda: file.exists() and file.read_text() != "")
        return int(file.read_text())

    def ended(self, process: subprocess.Popen[str], timeout: float = 60) -> Ended:
        """How a command that was started ended."""
        out, err = process.communicate(timeout=timeout)
        assert "Traceback" not in err, err
        return Ended(process.returncode, out, err)

    def alive(self) -> list[str]:
        """Processes of runs and workers of this project that are still there."""
        found = []
        for process in psutil.process_iter(["cmdline", "cwd", "status", "environ"]):
            info = process.info
            inside = (info["cwd"] or "").startswith(str(self.project.path))
            marked = str(self.outside) in (info["environ"] or {}).get("STAGED", "")
            if (inside or marked) and info["status"] != psutil.STATUS_ZOMBIE:
                found.append(" ".join(info["cmdline"] or []))
        return found

    def runs(self) -> list[tuple[str, int, str, str | None]]:
        """Side, pair, status and cause of the runs of the only experiment, for a verdict or not."""
        (row,) = self.project.paribus("log", "--json").json["experiments"]
        shown = self.project.paribus("show", row["experiment"], "--json").json
        return [
            (run["side"], run["pair"], run["status"], run["cause"])
            for run in shown["runs"]
            if run["purpose"] == "measure"
        ]


def eventually(question: Callable[[], object], within: float = 30) -> None:
    """Waits until something is so."""
    end = time.monotonic() + within
    while not question():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


@pytest.fixture
def staged(project: Workspace, monkeypatch: pytest.MonkeyPatch) -> Staged:
    """The small project, with a stage that does what the test wants."""
    does = project.path.parent / "does.py"
    does.write_text("")
    program = project.read("train.py").replace(
        "score = 0.8", f"exec(open({str(does)!r}).read())\nscore = 0.8"
    )
    project.commit("staged", {"train.py": program})
    monkeypatch.setenv("STAGED", str(does.parent))
    return Staged(project, does)
