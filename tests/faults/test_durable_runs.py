"""What is on the disk first: objects before the references that name them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace

CALLS = "trace=openat,fsync,fdatasync,rename,renameat,renameat2,link,linkat"
STRACE = ["strace", "-f", "-qq", "-y", "-s", "300", "-e", CALLS, "-e", "signal=none"]
LEDGER = "refs/heads/paribus/ledger"


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not here")
def test_objects_reach_the_disk_before_references(tiny: Workspace, tmp_path: Path) -> None:
    """For each pack that arrives, and for each reference, of the result and of the ledger.

    A pack has its final name before any reference moves, and before that its content, its index and
    the reference's new value were each waited for with fsync.
    """
    trace = tmp_path / "trace"
    command = [sys.executable, "-m", "paribus", "run", "-S", "params.json:gain=0.7", "--json"]
    done = subprocess.run(
        [*STRACE, "-o", str(trace), *command], cwd=tiny.path, check=False,
        env={**os.environ, **tiny.environment}, capture_output=True, text=True,
    )  # fmt: skip
    if "ptrace" in done.stderr.lower():
        pytest.skip("nothing can be traced here")
    assert done.returncode == 0, done.stderr
    home = f"{tiny.path}/.git/"
    synced: set[str] = set()
    moved: list[str] = []
    packs = 0
    for line in trace.read_text().splitlines():
        if " = -1 " in line or "<unfinished" in line:
            continue
        if found := re.search(r"f(?:data)?sync\(\d+<([^>]+)>", line):
            synced.add(_stable(found[1]))
        elif found := re.search(r'(?:rename|link)\w*\(.*?"([^"]+)".*"([^"]+)"', line):
            source, target = (_absolute(name, tiny.path) for name in found.groups())
            if target.startswith(f"{home}objects/pack/") and target.endswith((".pack", ".idx")):
                assert _stable(source) in synced, line
                packs += 1
            if target.startswith(f"{home}refs/"):
                assert f"{target}.lock" in synced, line
                moved.append(target.removeprefix(home))
    results = [ref for ref in moved if ref.startswith("refs/exps/")]
    assert len(results) == 3
    assert moved.count(LEDGER) >= 5
    assert packs >= 2 * (len(results) + moved.count(LEDGER))


# Private functions


def _absolute(name: str, top: Path) -> str:
    return name if name.startswith("/") else f"{top}/{name}"


def _stable(path: str) -> str:
    return path.removesuffix(" (deleted)")
