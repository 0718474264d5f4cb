"""What must hold after every fault: nothing is lost, nothing is left, nothing of the user's moved."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.faults.shim import Fault

from paribus.ledger.index.opening import Index
from paribus.workflows.project import open_project

if TYPE_CHECKING:
    from tests.conftest import Called, Workspace

LEDGER = "refs/heads/paribus/ledger"
LONGEST_END = 15.0
"""Seconds after which whatever a killed command had started must have ended by itself."""


@dataclass(frozen=True, slots=True)
class Before:
    """What a fault must leave as it is.

    Attributes:
        state: the user's own, as `Workspace.state` tells it.
        records: everything in the ledger, by path.
        stages: how many stages had been executed.
    """

    state: dict[str, str]
    records: dict[str, Any]
    stages: int


def before(project: Workspace) -> Before:
    """Remembers it all."""
    return Before(project.state(), records(project), len(executed(project)))


def records(project: Workspace) -> dict[str, Any]:
    """The ledger's records by path, read with git alone and as strict JSON."""
    if not project.git("for-each-ref", LEDGER):
        return {}
    listed = project.git("ls-tree", "-r", LEDGER).splitlines()
    entries = [line.partition("\t")[::2] for line in listed]
    wanted = {path: about.split()[2] for about, path in entries if not path.startswith("trees/")}
    done = subprocess.run(
        ["git", "cat-file", "--batch"], cwd=project.path, check=True, capture_output=True,
        input="".join(f"{oid}\n" for oid in wanted.values()).encode(),
    )  # fmt: skip
    found, rest = {}, done.stdout
    for path in wanted:
        header, _, rest = rest.partition(b"\n")
        size = int(header.split()[2])
        found[path] = json.loads(rest[:size], parse_constant=_refused)
        rest = rest[size + 1 :]
    return found


def runs(project: Workspace, status: str | None = None) -> list[dict[str, Any]]:
    """Runs that ended, with a status or with any."""
    return [
        record
        for record in records(project).values()
        if record["kind"] == "run" and status in (None, record["status"])
    ]


def executed(project: Workspace) -> list[str]:
    """`gain seed` of each stage that was executed, in the order in which they were."""
    log = project.path.parent / "stages"
    return log.read_text().splitlines() if log.exists() else []


def measured(gain: str, seed: int) -> float:
    """What the stage of the tiny project makes of its params."""
    return float(f"{gain}0{seed * int(gain.removeprefix('0.')) // 7 % 90 + 10}")


def acknowledged(told: Called) -> int:
    """How many runs a command said to have ended well."""
    return len(re.findall(r"^  run \d+ of \d+ .* accuracy ", told.err, re.MULTILINE))


def nothing_lost(
    project: Workspace, fault: Fault, then: Before, told: Called, new: Collection[str] = ()
) -> None:
    """The oracle for everything that holds at once, whatever comes next.

    Args:
        new: references that may have come.
    """
    gone = time.monotonic() + LONGEST_END
    while fault.alive():
        assert time.monotonic() < gone, f"still running: {fault.alive()}"
        time.sleep(0.05)
    assert "Traceback" not in told.err, told.err
    assert len(told.err) < 20_000
    now = before(project)
    may_come = {name for name in new if name not in then.state}
    assert {name: now.state[name] for name in now.state.keys() - may_come} == then.state
    assert now.records.items() >= then.records.items()
    assert _damage(project) == ""
    _true_to_their_params(project)
    came = [record for path, record in now.records.items() if path not in then.records]
    succeeded = [record for record in came if record.get("status") == "succeeded"]
    assert len(succeeded) >= acknowledged(told), told.err
    if "recorded " in told.out:
        assert {"verdict", "promotion"} & {record["kind"] for record in came}, told.out
    index_is_true(project)


def listed(project: Workspace) -> dict[str, str]:
    """The statuses that `paribus log` tells, by gain; it must work whatever happened."""
    log = project.paribus("log", "--json")
    assert (log.code, log.err) == (0, ""), log
    assert log.json["unreadable"] == []
    index_is_true(project)
    return {str(row["change"]["new"]): row["status"] for row in log.json["experiments"]}


def index_is_true(project: Workspace) -> None:
    """Whatever lies there as an index, its answer is that of one made from nothing."""
    around, warnings = open_project(project.path), list[str]()
    with tempfile.TemporaryDirectory() as folder:
        kept, anew = (
            Index(around.repository.git, place, around.make_state, warnings.append).ask(_dump)
            for place in (around.state, Path(folder))
        )
    assert kept == anew
    assert warnings == []


def goes_on(project: Workspace, command: Sequence[str], gain: str) -> None:
    """The same command again finishes, executes what was missing, and nothing else."""
    then, had = before(project), _pairs(project, gain)
    told = project.paribus(*command, "--json")
    assert told.code == 0, told
    assert told.json["verdict"]["outcome"] == "improved"
    now = _pairs(project, gain)
    assert now.keys() == {0, 1, 2}
    made = [line.split()[0] for line in executed(project)[then.stages :]]
    # What had run and was not recorded may come from DVC's run cache.
    assert made == [gain] * len(made), made
    assert len(made) <= len(now) - len(had), (made, sorted(had))
    assert project.state() == then.state
    assert listed(project)[gain] == "judged"
    assert told.json["verdict"]["n"] == len(now)
    shown = {run["id"]: run for run in told.json["runs"]}
    for run in now.values():
        assert shown[run["id"]]["metrics"] == run["metrics"]
    assert _damage(project) == ""


# Private functions


def _dump(connection: sqlite3.Connection) -> dict[str, list[Any]]:
    """All rows but what is remembered of commits, which is asked for where it is needed."""
    listed = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {
        name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
        for (name,) in listed
        if name != "results" and not name.startswith("sqlite_")
    }


def _refused(constant: str) -> None:
    raise AssertionError(f"not strict JSON: {constant}")


def _pairs(project: Workspace, gain: str) -> dict[int, dict[str, Any]]:
    """The candidate's runs that succeeded, by pair."""
    wanted = {
        path.split("/")[2]
        for path, record in records(project).items()
        if record["kind"] == "registration" and str(record["changes"][0]["new"]) == gain
    }
    return {run["index"]: run for run in runs(project, "succeeded") if run["experiment"] in wanted}


def _damage(project: Workspace) -> str:
    """All that `git fsck` says, but for objects that nobody names."""
    done = subprocess.run(
        ["git", "fsck", "--no-dangling", "--no-progress"],
        cwd=project.path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


def _true_to_their_params(project: Workspace) -> None:
    """Each run's commit has the params that the record tells, and its metric follows from them.

    The result of another's run may come later than its record.
    """
    here = project.git("for-each-ref", "--format=%(refname)", "refs/exps").split()
    for run in runs(project, "succeeded"):
        if run["host"] != socket.gethostname() and run["ref"] not in here:
            continue
        params = json.loads(project.git("show", f"{run['commit']}:params.json"))
        own = 1  # as the baseline has it: the run that makes what is tagged
        assert params["seed"] == run["seeds"].get("params.json:seed", own)
        assert run["metrics"] == {"accuracy": measured(str(params["gain"]), params["seed"])}
        assert project.git("rev-parse", run["ref"]) == run["commit"]
