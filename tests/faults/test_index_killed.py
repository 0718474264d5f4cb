"""The index is killed or without room while it is made: what answers next tells what the ledger says."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.faults.oracle import before, index_is_true, listed, nothing_lost
from tests.faults.shim import Fault, spread
from tests.ledger.team import Clone

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Called, Workspace

ANEW, MORE, NO_ROOM = 12, 10, 4
STATE = "*/.dvc/tmp/paribus/*"


@pytest.fixture(params=["anew", "more"])
def behind(request: pytest.FixtureRequest, tiny: Workspace) -> Workspace:
    """A project without an index, or with one that lacks what was recorded last."""
    return left(tiny, request.param)


def left(project: Workspace, how: str) -> Workspace:
    """As `behind`."""
    shutil.rmtree(project.path / ".dvc" / "tmp", ignore_errors=True)
    if how == "more":
        listed(project)
        clone = Clone(project.path, project.environment)
        clone.fail(clone.start(1, "aa"))
    return project


def place(project: Workspace) -> Path:
    """Where the index is."""
    return project.path / ".dvc" / "tmp" / "paribus"


def survives(project: Workspace, fault: Fault, called: Callable[..., Called]) -> None:
    """A list under the fault, and another: both say the same wherever they say anything."""
    then = before(project)
    told = called(project, fault, "log", "--json")
    if told.code == 0:
        rows = told.json["experiments"]
    else:
        assert told.code == -9, told
        rows = None
    nothing_lost(project, fault, then, told)
    index_is_true(project)
    now = project.paribus("log", "--json")
    assert (now.code, now.err) == (0, ""), now
    assert rows in (None, now.json["experiments"])
    files = {path.name for path in place(project).glob("index*")}
    assert files == {"index.sqlite", "index.lock"}
    assert before(project) == then


def check(project: Workspace, fault: Fault, called: Callable[..., Called]) -> None:
    """As `survives`; a failure names the operation that was hit."""
    with fault.named():
        survives(project, fault, called)


def counted(project: Workspace, fault: Callable[..., Fault], called: Callable[..., Called]) -> int:
    """How many operations there are, by a copy of the place."""
    aside = project.path.parent / "aside"
    shutil.copytree(project.path / ".dvc", aside)
    counting = fault(PATH=str(project.path))
    assert called(project, counting, "log").code == 0
    shutil.rmtree(project.path / ".dvc")
    aside.rename(project.path / ".dvc")
    assert counting.count > 5
    return counting.count


def test_killed_at_its_last_steps(
    behind: Workspace, fault: Callable[..., Fault], called: Callable[..., Called]
) -> None:
    at = counted(behind, fault, called) - 1
    met = fault("kill", at, PATH=str(behind.path))
    check(behind, met, called)
    assert "/index" in met.what


@pytest.mark.slow
@pytest.mark.parametrize("point", range(ANEW))
def test_killed_anywhere_while_it_is_made(
    point: int, tiny: Workspace, fault: Callable[..., Fault], called: Callable[..., Called]
) -> None:
    left(tiny, "anew")
    at = spread(ANEW, counted(tiny, fault, called))[point]
    check(tiny, fault("kill", at, PATH=str(tiny.path)), called)


@pytest.mark.slow
@pytest.mark.parametrize("point", range(MORE))
def test_killed_anywhere_while_it_is_brought_up_to_date(
    point: int, tiny: Workspace, fault: Callable[..., Fault], called: Callable[..., Called]
) -> None:
    left(tiny, "more")
    points = spread(MORE, counted(tiny, fault, called))
    if point >= len(points):
        pytest.skip("there are fewer operations")
    check(tiny, fault("kill", points[point], PATH=str(tiny.path)), called)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["anew", "more"])
@pytest.mark.parametrize("point", range(NO_ROOM))
def test_no_room_for_it(
    point: int,
    how: str,
    tiny: Workspace,
    fault: Callable[..., Fault],
    called: Callable[..., Called],
) -> None:
    """The answer comes without an index, and says so."""
    left(tiny, how)
    at = spread(NO_ROOM + 2, counted(tiny, fault, called))[1:-1][point]
    mode = ("enospc", "enospc-on")[point % 2]
    met = fault(mode, at, PATH=str(tiny.path), MATCH=STATE)
    then = before(tiny)
    told = called(tiny, met, "log", "--json")
    nothing_lost(tiny, met, then, told)
    assert told.code == 0, told
    now = tiny.paribus("log", "--json")
    assert (now.code, now.err) == (0, "")
    assert told.json["experiments"] == now.json["experiments"]
