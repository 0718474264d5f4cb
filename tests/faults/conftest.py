"""A project whose runs cost next to nothing, with a past, and the shim that makes them fail."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.faults.shim import Fault, compiled

if TYPE_CHECKING:
    from tests.conftest import Called, Workspace

TRAIN = """\
set -e
seed=$(sed -n 's/.*"seed": \\([0-9]*\\).*/\\1/p' params.json)
gain=$(sed -n 's/.*"gain": \\([0-9.]*\\).*/\\1/p' params.json)
echo "$gain $seed" >> "${STAGES:-/dev/null}"
test -z "$FILL_BEFORE" || cat /dev/zero > "$FILL_BEFORE"
cat params.json > model.txt
echo "{\\"accuracy\\": ${gain}0$((seed * ${gain#0.} / 7 % 90 + 10))}" > metrics.json
test -z "$FILL_AFTER" || cat /dev/zero > "$FILL_AFTER" || true
"""

PIPELINE = """\
stages:
  train:
    cmd: sh train.sh
    deps: [train.sh]
    params:
      - params.json: [seed, gain]
    outs: [model.txt]
    metrics:
      - metrics.json: {cache: false}
"""

FILES = {
    "params.json": '{\n    "seed": 1,\n    "gain": 0.5\n}\n',
    "train.sh": TRAIN,
    "dvc.yaml": PIPELINE,
    "paribus.yaml": 'schema: 1\nmetric: accuracy\nseeds: ["params.json:seed"]\neffect: 0.01\n',
    "README.md": "# Tiny\n",
    ".gitignore": "/model.txt\n",
    ".dvc/config": "[core]\n    analytics = false\n",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
    ".dvcignore": "",
}

PAST = "0.6"
"""The gain of the experiment that the project has behind it."""


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shim, compiled once."""
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        pytest.skip("no C compiler is here, and the fault shim is in C")
    return compiled(compiler, tmp_path_factory.mktemp("shim"))


@pytest.fixture
def fault(library: Path, tmp_path: Path) -> Callable[..., Fault]:
    """Makes a fault: `fault("kill", 17, OPS="rename")`."""
    made = 0

    def make(mode: str = "count", at: int = 0, **only: str) -> Fault:
        nonlocal made
        made += 1
        return Fault(library, tmp_path / f"fault-{made}", mode, at, only)

    return make


@pytest.fixture
def fresh(empty: Workspace) -> Workspace:
    """A project without a past, with an edit, a stash and a branch of its user's."""
    empty.environment["STAGES"] = str(empty.path.parent / "stages")
    with pytest.MonkeyPatch.context() as clock:  # the seeds are derived from the commit's SHA
        for role in ("AUTHOR", "COMMITTER"):
            clock.setenv(f"GIT_{role}_DATE", "1500000000 +0000")
        empty.commit("the baseline", FILES)
    empty.git("branch", "idea")
    empty.write({"README.md": "# Stashed\n"})
    empty.git("stash", "push", "--quiet")
    empty.git("update-ref", "refs/exps/somebody-elses", "HEAD")
    empty.write({"README.md": "# Edited\n", "notes.txt": "untracked\n"})
    empty.write({"staged.md": "staged\n"})
    empty.git("add", "staged.md")
    return empty


@pytest.fixture
def tiny(fresh: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The project with one experiment behind it: three pairs and the controls of its baseline.

    What it had under way is gone (clones, caches, state), as on another machine.
    """
    with _once(tmp_path_factory, "tiny") as shared:
        if not (shared / "made").exists():
            past = replace(fresh, path=shared / "project")
            shutil.copytree(fresh.path, past.path, symlinks=True)
            told = past.paribus("run", "-S", f"params.json:gain={PAST}")
            assert told.code == 0, told
            shutil.rmtree(past.path / ".dvc" / "tmp")
            (shared / "made").touch()
    shutil.rmtree(fresh.path)
    shutil.copytree(shared / "project", fresh.path, symlinks=True)
    return fresh


@pytest.fixture
def promotable(tiny: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The project with all runs that a promotion needs, as one killed before its tag leaves it.

    Of the fresh runs there is only what an unconfirmed promotion takes.
    """
    with _once(tmp_path_factory, "promotable") as shared:
        past = replace(tiny, path=shared / "project")
        if not (shared / "made").exists():
            shutil.copytree(tiny.path, past.path, symlinks=True)
            options = ("--provisional", "in a hurry", "--jobs", "2")
            told = past.paribus("promote", promoted(past), *options)
            assert told.code == 0, told
            past.git("tag", "--delete", "baseline/1")
            before = past.git("rev-parse", "refs/paribus/kept~1")
            for ref in ("refs/heads/paribus/ledger", "refs/paribus/kept"):
                past.git("update-ref", ref, before)
            shutil.rmtree(past.path / ".dvc" / "tmp")
            (shared / "made").touch()
    shutil.rmtree(tiny.path)
    shutil.copytree(shared / "project", tiny.path, symlinks=True)
    return tiny


def promoted(project: Workspace) -> str:
    """The id of the experiment that the project has behind it."""
    (row,) = project.paribus("log", "--json").json["experiments"]
    return str(row["experiment"])


@pytest.fixture
def called() -> Callable[..., Called]:
    """Runs `paribus` under a fault: `called(project, fault, "run", ...)`."""

    def call(project: Workspace, fault: Fault, *arguments: str) -> Called:
        faulty = replace(project, environment={**project.environment, **fault.environment})
        return faulty.paribus(*arguments, timeout=180)

    return call


@pytest.fixture
def operations(
    tiny: Workspace,
    fault: Callable[..., Fault],
    called: Callable[..., Called],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, int]:
    """How many operations one `run` has, in the private clones and outside of them; counted once."""
    with _once(tmp_path_factory, "operations") as folder:
        if not (folder / "counted").exists():
            copy = replace(tiny, path=folder / "project")
            shutil.copytree(tiny.path, copy.path, symlinks=True)
            counting = fault(PATH=str(copy.path))
            assert called(copy, counting, "run", "-S", "params.json:gain=0.7").code == 0
            lines = counting.journal.read_text().splitlines()
            clones = sum("/paribus/pool/" in line for line in lines)
            told = {"clones": clones, "home": len(lines) - clones}
            (folder / "counted").write_text(json.dumps(told))
        return dict(json.loads((folder / "counted").read_text()))


# Private functions


@contextmanager
def _once(tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[Path]:
    """A folder that all tests share, those of other processes (pytest-xdist) too, one at a time."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
