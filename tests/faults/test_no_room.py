"""No room: at any moment the command says so or goes on, and never claims what is not recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.faults.oracle import before, goes_on, listed, nothing_lost, runs
from tests.faults.shim import Fault, spread

if TYPE_CHECKING:
    from tests.conftest import Called, Workspace

COMMAND = ("run", "-S", "params.json:gain=0.7")
POOL = "*/paribus/pool/*"
MODES = ("enospc", "enospc-on")
EVERY = 10
AT_MOST = 48
"""Points outside of the clones, at every tenth operation; those that a run does not reach are skipped."""
IN_CLONES = 8


def survives(project: Workspace, fault: Fault, called: Callable[..., Called]) -> None:
    """Exit 0 with all of it recorded; 5 where a run that failed is; 6 where it could not be."""
    then = before(project)
    told = called(project, fault, *COMMAND)
    nothing_lost(project, fault, then, told)
    new = [run for run in runs(project) if run["id"] not in _ids(then.records)]
    if told.code == 0:
        assert "improved: " in told.out
        assert listed(project)["0.7"] == "judged"
    elif told.code == 5:
        assert any(run["status"] != "succeeded" for run in new), told
    else:
        assert told.code == 6, told
        assert told.err.splitlines()[-2].startswith(("error[", "help: ")), told
        assert "improved" not in told.out
    goes_on(project, COMMAND, "0.7")


def check(project: Workspace, fault: Fault, called: Callable[..., Called]) -> None:
    """As `survives`; a failure names the operation that was hit."""
    with fault.named():
        survives(project, fault, called)


@pytest.mark.slow
@pytest.mark.parametrize("point", range(2))
def test_a_few_of_them(
    point: int,
    tiny: Workspace,
    fault: Callable[..., Fault],
    called: Callable[..., Called],
    operations: dict[str, int],
) -> None:
    at = spread(4, operations["home"])[1:-1][point]
    check(tiny, fault(MODES[point], at, PATH=str(tiny.path), SKIP=POOL), called)


@pytest.mark.slow
@pytest.mark.parametrize("point", range(AT_MOST))
def test_every_tenth_operation(
    point: int,
    tiny: Workspace,
    fault: Callable[..., Fault],
    called: Callable[..., Called],
    operations: dict[str, int],
) -> None:
    at = 1 + EVERY * point
    if at > operations["home"]:
        pytest.skip("a run has fewer operations")
    check(tiny, fault(MODES[point % 2], at, PATH=str(tiny.path), SKIP=POOL), called)


@pytest.mark.slow
@pytest.mark.parametrize("point", range(IN_CLONES))
def test_in_the_clones(
    point: int,
    tiny: Workspace,
    fault: Callable[..., Fault],
    called: Callable[..., Called],
    operations: dict[str, int],
) -> None:
    at = spread(IN_CLONES, operations["clones"])[point]
    check(tiny, fault(MODES[point % 2], at, PATH=str(tiny.path), MATCH=POOL), called)


# Private functions


def _ids(records: dict[str, dict[str, object]]) -> set[object]:
    return {record["id"] for record in records.values() if record["kind"] == "run"}
