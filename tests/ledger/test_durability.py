"""Objects are on the disk before the reference that names them, whoever writes it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paribus.ledger.branch import KEPT, REF

if TYPE_CHECKING:
    from tests.conftest import Workspace

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")

WRITER = """\
import sys
from pathlib import Path
from paribus.core.record import Record
from paribus.git.command import Git
from paribus.git.refs import fetch_commit
from paribus.ledger.branch import Branch, Write

what, folder, other = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
branch = Branch(Git(folder))
if what == "append":
    branch.append([Write("experiments/01/0123", Record("run", {"number": 2}))], "a run")
elif what == "join":
    branch.join(other)
else:
    fetch_commit(Git(folder), Path(other), "refs/heads/main", "refs/exps/aa/result")
"""
CALL = re.compile(r"^\d+ +(?P<name>fsync|fdatasync|rename|renameat2?|link|linkat)\((?P<rest>.*)$")


def traced(log: Path, *arguments: str) -> list[tuple[str, str]]:
    """(call, arguments) of what the command and its children did, in order; it must succeed."""
    calls = "fsync,fdatasync,rename,renameat,renameat2,link,linkat"
    done = subprocess.run(
        ["strace", "-f", "-y", "-q", "-o", log, "-e", f"trace={calls}", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "PTRACE" in done.stderr or "ptrace" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.returncode == 0, done.stderr
    lines = (CALL.match(line) for line in log.read_text().splitlines())
    return [(found["name"], found["rest"]) for found in lines if found]


def assert_durable(calls: list[tuple[str, str]], *refs: str) -> None:
    """Each pack and index that became visible was synced, and so was each reference, in this order."""
    synced: list[str] = []
    visible: list[str] = []
    for name, rest in calls:
        if name in ("fsync", "fdatasync"):
            synced.append(rest)
            continue
        if ".git/objects/pack/" in rest and ".pack" in rest.split(",")[-1] + rest:
            assert any("pack/tmp_pack" in one for one in synced), (name, rest)
            assert any("pack/tmp_idx" in one for one in synced), (name, rest)
            visible.append("pack")
        for ref in refs:
            if f"{ref}.lock" in rest:
                assert any(f"{ref}.lock" in one for one in synced), (name, rest)
                assert "pack" in visible, f"{ref} was moved before its objects were there"
                visible.append(ref)
    assert {*refs} <= {*visible}


def call(what: str, workspace: Workspace, other: str, log: Path) -> list[tuple[str, str]]:
    return traced(log, sys.executable, "-c", WRITER, what, str(workspace.path), other)


def written(what: str, workspace: Workspace, other: str = "") -> None:
    command = [sys.executable, "-c", WRITER, what, str(workspace.path), other]
    subprocess.run(command, check=True)


def test_a_record(project: Workspace, tmp_path: Path) -> None:
    assert_durable(call("append", project, "", tmp_path / "log"), REF, KEPT)


def test_a_union(project: Workspace, empty: Workspace, tmp_path: Path) -> None:
    for each in (project, empty):
        written("append", each)
    project.git("fetch", "--quiet", str(empty.path), REF)
    other = empty.git("commit-tree", f"{REF}^{{tree}}", "-m", "not related")
    empty.git("update-ref", "refs/heads/other", other)
    project.git("fetch", "--quiet", str(empty.path), "refs/heads/other")
    assert_durable(call("join", project, other, tmp_path / "log"), REF, KEPT)
    assert project.git("rev-list", "--merges", "--count", REF) == "1"


def test_a_result(project: Workspace, empty: Workspace, tmp_path: Path) -> None:
    project.git("config", "fetch.unpackLimit", "100")
    calls = call("fetch", empty, str(project.path), tmp_path / "log")
    assert_durable(calls, "refs/exps/aa/result")


def test_what_others_send(project: Workspace, tmp_path: Path) -> None:
    """The branch is moved to what was fetched only when that is on the disk."""
    project.git("init", "--quiet", "--bare", str(tmp_path / "team.git"))
    project.git("remote", "add", "origin", f"file://{tmp_path / 'team.git'}")
    written("append", project)
    assert project.paribus("sync").code == 0
    clone = tmp_path / "clone"
    project.git("init", "--quiet", str(clone))
    project.git("-C", str(clone), "remote", "add", "origin", f"file://{tmp_path / 'team.git'}")
    command = ["sh", "-c", f"cd {clone} && {sys.executable} -m paribus sync"]
    assert_durable(traced(tmp_path / "log", *command), REF, KEPT)
