"""`sync` is killed or without room anywhere: nobody's records are lost, and the next one ends the work."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from tests.faults.oracle import before, measured, nothing_lost, records
from tests.faults.shim import Fault, spread
from tests.ledger.team import Clone

if TYPE_CHECKING:
    from tests.conftest import Called, Workspace

POINTS, NO_ROOM = 16, 4
MODES = ("kill", "killall")
COME = {"refs/tags/baseline/1", "refs/remotes/origin/paribus/ledger"}
"""References that a sync may bring, besides results and what the ledger itself is."""


@dataclass(frozen=True)
class Shared:
    """A project and its remote: each has records and results that the other lacks."""

    project: Workspace
    remote: Workspace


@pytest.fixture
def shared(tiny: Workspace) -> Shared:
    """The remote has a colleague's experiment and baseline; the project has its own past, and a run more."""
    remote = replace(tiny, path=tiny.path.parent / "team.git")
    one = ["--quiet", "--bare", "--single-branch", "--branch", "main"]
    subprocess.run(["git", "clone", *one, tiny.path, remote.path], check=True)
    colleague = Clone(tiny.path.parent / "colleague", tiny.environment)
    subprocess.run(["git", "clone", "--quiet", remote.path, colleague.path], check=True)
    colleague.finish(colleague.start(1, "aa"), measured("0.5", 1))
    colleague.git("tag", "-a", "baseline/1", "-m", "theirs")
    assert colleague.paribus("sync").code == 0
    tiny.git("remote", "add", "origin", "../team.git")
    own = Clone(tiny.path, tiny.environment)
    own.fail(own.start(2, "bb"))
    return Shared(tiny, remote)


def results(workspace: Workspace) -> list[str]:
    """Those of Paribus, with their commits."""
    listed = workspace.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/exps")
    return [line for line in listed.splitlines() if "/paribus-" in line]


def survives(shared: Shared, fault: Fault, called: Callable[..., Called]) -> None:
    """A sync under the fault, and one more without: each side has all of both."""
    project, remote = shared.project, shared.remote
    then, there = before(project), records(remote)
    told = called(project, fault, "sync")
    assert told.code in (-9, 0, 2, 6), told
    assert told.code == 0 or fault.what, told
    if told.code:
        assert "in step with" not in told.out
    nothing_lost(project, fault, then, told, COME)
    assert records(remote).items() >= there.items()
    assert told.code or records(remote) == records(project)
    again = project.paribus("sync")
    assert (again.code, again.err) == (0, ""), again
    assert again.out.startswith("in step with origin: "), again
    assert records(remote) == records(project)
    assert records(project).items() >= {**then.records, **there}.items()
    assert results(remote) == results(project)
    assert remote.git("rev-parse", "baseline/1") == project.git("rev-parse", "baseline/1")
    nothing_lost(project, fault, then, again, COME)
    assert remote.git("fsck", "--no-dangling", "--no-progress") == ""
    last = project.paribus("sync")
    assert (last.code, last.out) == (0, "in step with origin: nothing was new\n")


def check(shared: Shared, fault: Fault, called: Callable[..., Called]) -> None:
    """As `survives`; a failure names the operation that was hit."""
    with fault.named():
        survives(shared, fault, called)


def counted(shared: Shared, fault: Callable[..., Fault], called: Callable[..., Called]) -> int:
    """How many operations a sync has in the project, by copies of it and of its remote."""
    copy = replace(shared.project, path=shared.project.path.parent / "again" / "project")
    remote = copy.path.parent / "team.git"
    shutil.copytree(shared.project.path, copy.path, symlinks=True)
    shutil.copytree(shared.remote.path, remote)
    counting = fault(PATH=str(copy.path))
    assert called(copy, counting, "sync").code == 0
    shutil.rmtree(copy.path.parent)
    assert counting.count > POINTS
    return counting.count


def test_killed_when_both_are_merged(
    shared: Shared, fault: Callable[..., Fault], called: Callable[..., Called]
) -> None:
    """What the remote has is here, and no reference of ours leads to it."""
    where = "*/.git/refs/heads/paribus/ledger"
    met = fault("killall", 1, PATH=str(shared.project.path), MATCH=where, OPS="rename")
    check(shared, met, called)
    assert met.what.endswith(where[1:])


@pytest.mark.slow
@pytest.mark.parametrize("point", range(POINTS))
def test_killed_anywhere(
    point: int, shared: Shared, fault: Callable[..., Fault], called: Callable[..., Called]
) -> None:
    at = spread(POINTS, counted(shared, fault, called))[point]
    check(shared, fault(MODES[point % 2], at, PATH=str(shared.project.path)), called)


@pytest.mark.slow
@pytest.mark.parametrize("point", range(NO_ROOM))
def test_no_room(
    point: int, shared: Shared, fault: Callable[..., Fault], called: Callable[..., Called]
) -> None:
    at = spread(NO_ROOM + 2, counted(shared, fault, called))[1:-1][point]
    mode = ("enospc", "enospc-on")[point % 2]
    check(shared, fault(mode, at, PATH=str(shared.project.path)), called)
