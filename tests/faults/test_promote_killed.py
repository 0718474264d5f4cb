"""`promote` is killed or without room anywhere: there is one baseline in the end, and it is recorded."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.faults.conftest import PAST, promoted
from tests.faults.oracle import before, listed, nothing_lost, records
from tests.faults.shim import Fault, spread

if TYPE_CHECKING:
    from tests.conftest import Called, Workspace

TAG = "refs/tags/baseline/1"
POOL = "*/paribus/pool/*"
QUICK = ("--provisional", "in a hurry")
TAGGING, NO_ROOM, RUNNING, CONFIRMING = 12, 4, 6, 2
MODES = ("kill", "killall")


def survives(
    project: Workspace, fault: Fault, called: Callable[..., Called], *options: str
) -> None:
    """Carries out the promotion under the fault, and once more without."""
    command = ("promote", promoted(project), *options)
    then = before(project)
    told = called(project, fault, *command)
    if told.code == 0:
        assert told.out.startswith("promoted: baseline/1, "), told
    else:
        assert told.code in (-9, 5, 6), told
        assert fault.what, told
        assert "promoted: " not in told.out
    nothing_lost(project, fault, then, told, {TAG})
    assert listed(project)[PAST] == "judged"
    again = project.paribus(*command)
    assert again.code == 0, again
    assert again.out.partition("promoted: baseline/1, ")[1], again
    held_to_be(project, then.state | {TAG: project.git("rev-parse", TAG)})


def held_to_be(project: Workspace, state: dict[str, str]) -> None:
    """One tag at one commit that has what was tested, one promotion, which is of this commit."""
    assert project.state() == state
    assert project.git("tag", "--list", "baseline/*") == "baseline/1"
    commit = project.git("rev-parse", "baseline/1^{commit}")
    assert f'"gain": {PAST}' in project.git("show", f"{commit}:params.json")
    promotions = [one for one in records(project).values() if one["kind"] == "promotion"]
    assert [one["commit"] for one in promotions] == [commit]
    assert project.git("fsck", "--no-dangling", "--no-progress") == ""
    assert project.paribus("status").code == 0


def check(project: Workspace, fault: Fault, called: Callable[..., Called], *options: str) -> None:
    """As `survives`; a failure names the operation that was hit."""
    with fault.named():
        survives(project, fault, called, *options)


def counted(
    project: Workspace,
    fault: Callable[..., Fault],
    called: Callable[..., Called],
    *options: str,
) -> int:
    """How many operations a promotion has outside of the clones, by a copy."""
    copy = replace(project, path=project.path.parent / "copy")
    shutil.copytree(project.path, copy.path, symlinks=True)
    counting = fault(PATH=str(copy.path), SKIP=POOL)
    assert called(copy, counting, "promote", promoted(copy), *options).code == 0
    shutil.rmtree(copy.path)
    return counting.count


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "where"),
    [
        ("killall", f"*/{TAG}"),
        ("kill", "*/refs/heads/paribus/ledger"),
        pytest.param("kill", f"*/{TAG}", marks=pytest.mark.slow),
        pytest.param("killall", "*/refs/heads/paribus/ledger", marks=pytest.mark.slow),
        pytest.param("killall", "*/refs/paribus/kept", marks=pytest.mark.slow),
    ],
)
def test_between_the_tag_and_its_record(
    mode: str,
    where: str,
    promotable: Workspace,
    fault: Callable[..., Fault],
    called: Callable[..., Called],
) -> None:
    met = fault(mode, 1, PATH=f"{promotable.path}/.git", MATCH=where, OPS="rename")
    check(promotable, met, called, *QUICK)
    assert met.what.endswith(where[1:])


@pytest.mark.slow
@pytest.mark.parametrize("point", range(TAGGING))
def test_anywhere_in_tagging(
    point: int,
    promotable: Workspace,
    fault: Callable[..., Fault],
    called: Callable[..., Called],
) -> None:
    at = spread(TAGGING, counted(promotable, fault, called, *QUICK))[point]
    met = fault(MODES[point % 2], at, PATH=str(promotable.path), SKIP=POOL)
    check(promotable, met, called, *QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("point", range(NO_ROOM))
def test_no_room_for_the_tag(
    point: int,
    promotable: Workspace,
    fault: Callable[..., Fault],
    called: Callable[..., Called],
) -> None:
    at = spread(NO_ROOM + 2, counted(promotable, fault, called, *QUICK))[1:-1][point]
    mode = ("enospc", "enospc-on")[point % 2]
    check(promotable, fault(mode, at, PATH=str(promotable.path), SKIP=POOL), called, *QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("point", range(RUNNING))
def test_anywhere_in_its_runs(
    point: int,
    tiny: Workspace,
    fault: Callable[..., Fault],
    called: Callable[..., Called],
) -> None:
    """Before the new baseline is measured."""
    at = 1 + point * 150  # of about a thousand
    met = fault(MODES[point % 2], at, PATH=str(tiny.path), SKIP=POOL)
    check(tiny, met, called, *QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("point", range(CONFIRMING))
def test_anywhere_in_a_confirmation(
    point: int,
    tiny: Workspace,
    fault: Callable[..., Fault],
    called: Callable[..., Called],
) -> None:
    """Fresh seeds that were drawn are the ones that count, whatever happens to who drew them."""
    at = 400 + point * 3000  # of about seven thousand
    met = fault(MODES[point % 2], at, PATH=str(tiny.path), SKIP=POOL)
    check(tiny, met, called, "--jobs", "2")
    starts = [one for one in records(tiny).values() if one["kind"] == "confirmation-start"]
    assert len(starts) == 1
