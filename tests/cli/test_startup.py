"""What a start costs: nothing is imported that the command does not need."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace

HEAVY = {"dvc", "git", "numpy", "scipy", "sklearn", "pandas", "asyncio", "requests"}

LOADED = "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"

COMMAND = f"""
import sys
from paribus.cli import main
try:
    main()
except SystemExit as end:
    print("exit", end.code, file=sys.stderr)
{LOADED}
"""


def loaded(project: Workspace, code: str, *arguments: str) -> tuple[str, set[str]]:
    """What an interpreter prints on standard output, and the top-level modules that it has then."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=project.path,
        capture_output=True,
        text=True,
        check=True,
    )
    *said, modules = done.stderr.splitlines()
    return "\n".join(said), set(modules.split())


def test_importing_the_command_line_loads_no_heavy_package(project: Workspace) -> None:
    said, modules = loaded(project, f"import sys, paribus.cli\n{LOADED}")
    assert said == ""
    assert "click" in modules
    assert not modules & (HEAVY | {"yaml", "tabulate"})


@pytest.mark.parametrize(
    "command",
    [
        "check",
        "check HEAD --json",
        "check --staged --format github",
        "check --per-commit",
        "hook pre-commit",
        "compare --all",
        "log",
        "log --jsonl",
        "review --baseline HEAD",
        "init",
        "--help",
    ],
)
def test_a_command_that_only_reads_loads_no_heavy_package(project: Workspace, command: str) -> None:
    project.set_param("train.gain", 0.1)
    said, modules = loaded(project, COMMAND, *command.split())
    assert said == "exit 0"
    assert not modules & HEAVY


def test_planning_a_run_loads_neither_dvc_nor_gitpython(project: Workspace) -> None:
    """It knows the quantiles of Student's t, so it has scipy; DVC is for the workers."""
    said, modules = loaded(project, COMMAND, "run", "--dry-run", "-S", "params.json:train.gain=1")
    assert said == "exit 0"
    assert not modules & {"dvc", "git", "sklearn", "pandas"}


def test_help_loads_no_command(project: Workspace) -> None:
    code = COMMAND.replace(LOADED, "print(*sorted(sys.modules), file=sys.stderr)")
    _, modules = loaded(project, code, "--help")
    assert "paribus.cli" in modules
    assert not {name for name in modules if name.startswith(("paribus.workflows", "paribus.dvc"))}
