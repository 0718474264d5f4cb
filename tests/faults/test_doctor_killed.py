"""`doctor --fix` is killed anywhere in its repairs: called again, it finishes, and nothing is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.faults.oracle import records
from tests.faults.shim import Fault, spread
from tests.workflows.doctoring import EXPERIMENT, KEPT, LEDGER, intent, past, succeeded

if TYPE_CHECKING:
    from tests.conftest import Workspace

POINTS = 6


@pytest.fixture
def ill(project: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A project in which a branch, two runs, a result, a clone, a card and a lock need a repair."""
    full = past(project, monkeypatch)
    for number in (4, 5):
        full.notebook.advance([], [(EXPERIMENT, intent(number))], {"id": "0123456789abcdef"})
    succeeded(project, intent(5))
    files = {
        ".git/paribus/holders/old.lock": "",
        ".dvc/tmp/paribus/.gitignore": "*\n",
        ".dvc/tmp/paribus/pool/0.lock": "",
        ".dvc/tmp/paribus/pool/0/busy": "",
        ".dvc/tmp/paribus/pool/0/clone/file": "",
        f".git/refs/exps/aa/{38 * 'b'}/paribus-baseline-1-00000000ff": "garbage",
    }
    project.write(files)
    (project.path / ".git" / LEDGER).write_text("")
    return project


@pytest.mark.slow
@pytest.mark.parametrize("point", range(POINTS))
def test_killed(
    point: int, ill: Workspace, fault: Callable[..., Fault], called: Callable[..., Any]
) -> None:
    (ill.path / ".git" / LEDGER).write_text(ill.git("rev-parse", KEPT) + "\n")
    before, then = ill.state(), records(ill)
    (ill.path / ".git" / LEDGER).write_text("")
    total = _writes(ill, fault, called)
    told = called(
        ill, fault("kill", spread(POINTS, total)[point], PATH=str(ill.path)), "doctor", "--fix"
    )
    assert told.code in (-9, 0), told
    again = ill.paribus("doctor", "--fix", "--json")
    assert (again.code, again.json["sound"]) == (0, True), again
    assert ill.paribus("doctor", "--json").json["findings"] == []
    assert ill.state() == before
    now = records(ill)
    assert now.items() >= then.items()
    runs = [record["id"] for path, record in now.items() if "/run-" in path]
    assert len(runs) == len(set(runs)) == 5
    assert ill.git("fsck", "--no-dangling") == ""


def _writes(ill: Workspace, fault: Callable[..., Fault], called: Callable[..., Any]) -> int:
    """How many operations the repairs take, by a copy that is repaired."""
    copy = replace(ill, path=ill.path.parent / "copy")
    shutil.copytree(ill.path, copy.path, symlinks=True)
    counted = fault("count", PATH=str(copy.path))
    told = called(copy, counted, "doctor", "--fix")
    assert told.code == 0, told
    assert counted.count > POINTS
    return counted.count
