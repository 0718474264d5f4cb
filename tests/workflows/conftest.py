"""A project with a past: five experiments with five outcomes, made once for all tests."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

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
    """A project and how each of its experiments ended."""

    project: Workspace
    calls: dict[str, Ended]

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
            ends = {name: (told.code, told.out, told.err) for name, told in made.items()}
            (folder / "calls.json").write_text(json.dumps(ends))
    calls = json.loads((folder / "calls.json").read_text())
    return History(past, {name: Ended(*end) for name, end in calls.items()})


@pytest.fixture
def measured(history: History, project: Workspace) -> Workspace:
    """A copy of the project with a past, to go on with: its baseline has three runs."""
    shutil.rmtree(project.path)
    shutil.copytree(history.project.path, project.path, symlinks=True)
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
