"""Our references and DVC's own side by side, foreign ones too: both tools go on."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.faults.oracle import goes_on, listed
from tests.faults.shim import Fault

if TYPE_CHECKING:
    from tests.conftest import Called, Workspace

COMMAND = ("run", "-S", "params.json:gain=0.7")


def dvc(project: Workspace, *arguments: str) -> str:
    """What DVC prints; the call must succeed."""
    done = subprocess.run(
        ["dvc", *arguments], cwd=project.path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_what_a_killed_run_leaves_stops_neither(
    tiny: Workspace, fault: Callable[..., Fault], called: Callable[..., Called]
) -> None:
    """DVC itself stops at a foreign reference that is not in its layout: that one goes first."""
    assert "0.6" in listed(tiny)  # beside somebody's refs/exps/somebody-elses
    tiny.git("update-ref", "-d", "refs/exps/somebody-elses")
    pattern = f"{tiny.path}/.git/refs/exps/*"
    met = fault("killall", 2, PATH=f"{tiny.path}/.git", MATCH=pattern, OPS="rename")
    assert called(tiny, met, *COMMAND).code == -9
    assert list((tiny.path / ".git" / "refs" / "exps").rglob("*.lock"))
    names = dvc(tiny, "exp", "list", "--all", "--name-only").split()
    ours = tiny.git("for-each-ref", "--format=%(refname:lstrip=4)", "refs/exps").split()
    assert set(names) == set(ours)
    goes_on(tiny, COMMAND, "0.7")
    names = dvc(tiny, "exp", "list", "--all", "--name-only").split()
    assert len(names) == len(set(names)) == len(ours) + 2
