"""Killed anywhere: whatever was said to be recorded is, and the same command goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.faults.oracle import before, goes_on, listed, nothing_lost
from tests.faults.shim import Fault, spread

if TYPE_CHECKING:
    from tests.conftest import Called, Workspace

COMMAND = ("run", "-S", "params.json:gain=0.7")
POOL = "*/paribus/pool/*"
AT_HOME = 28
IN_CLONES = 12
MODES = ("kill", "killall")
LEDGER = "*/refs/heads/paribus/ledger"
KEPT = "*/refs/paribus/kept"
RESULT = "*/refs/exps/*/paribus-*"


def survives(
    project: Workspace, fault: Fault, called: Callable[..., Called], command: tuple[str, ...]
) -> None:
    """Carries out the command under the fault, and judges what is left."""
    then = before(project)
    told = called(project, fault, *command)
    if told.code == 0:
        assert "improved: " in told.out
    else:
        assert told.code in (-9, 5, 6), told
        assert fault.what, told
    nothing_lost(project, fault, then, told)
    status = listed(project).get("0.7")
    assert status in (None, "planned", "interrupted", "failed", "judged")
    goes_on(project, command, "0.7")


def check(
    project: Workspace,
    fault: Fault,
    called: Callable[..., Called],
    command: tuple[str, ...] = COMMAND,
) -> None:
    """As `survives`; a failure names the operation that was hit."""
    with fault.named():
        survives(project, fault, called, command)


@pytest.mark.parametrize("point", range(2))
def test_a_few_of_them(
    point: int,
    tiny: Workspace,
    fault: Callable[..., Fault],
    called: Callable[..., Called],
    operations: dict[str, int],
) -> None:
    at = spread(6, operations["home"])[1:-1][point]
    check(tiny, fault(MODES[point % 2], at, PATH=str(tiny.path), SKIP=POOL), called)


@pytest.mark.slow
@pytest.mark.parametrize("point", range(AT_HOME))
def test_anywhere_outside_of_the_clones(
    point: int,
    tiny: Workspace,
    fault: Callable[..., Fault],
    called: Callable[..., Called],
    operations: dict[str, int],
) -> None:
    """Where the ledger, the results and the user's own things are."""
    at = spread(AT_HOME, operations["home"])[point]
    check(tiny, fault(MODES[point % 2], at, PATH=str(tiny.path), SKIP=POOL), called)


@pytest.mark.slow
@pytest.mark.parametrize("point", range(IN_CLONES))
def test_anywhere_in_the_clones(
    point: int,
    tiny: Workspace,
    fault: Callable[..., Fault],
    called: Callable[..., Called],
    operations: dict[str, int],
) -> None:
    """They are thrown away; nothing of them may be taken for a result."""
    at = spread(IN_CLONES, operations["clones"])[point]
    check(tiny, fault(MODES[point % 2], at, PATH=str(tiny.path), MATCH=POOL), called)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reference", "time"),
    [
        (LEDGER, 3),
        (LEDGER, 1),
        (LEDGER, 2),
        (LEDGER, 4),
        (LEDGER, 5),
        (KEPT, 1),
        (KEPT, 3),
        (RESULT, 2),
        (RESULT, 1),
        (RESULT, 3),
    ],
)
def test_between_the_objects_and_the_reference(
    reference: str,
    time: int,
    tiny: Workspace,
    fault: Callable[..., Fault],
    called: Callable[..., Called],
) -> None:
    """All objects are there and no reference names them: each time the same way out of it."""
    for _ in range(2):
        met = fault("killall", time, PATH=f"{tiny.path}/.git", MATCH=reference, OPS="rename")
        then = before(tiny)
        told = called(tiny, met, *COMMAND)
        assert told.code == -9 or not met.what
        nothing_lost(tiny, met, then, told)
        assert listed(tiny).get("0.7") in (None, "planned", "interrupted", "judged")
    goes_on(tiny, COMMAND, "0.7")
