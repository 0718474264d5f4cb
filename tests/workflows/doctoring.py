"""A project with a ledger that no stage had to run for, and how it is examined."""

from __future__ import annotations

import re
import socket
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paribus.core.run import Intent, Purpose, Run, Status
from paribus.dvc.layout import result_ref
from paribus.git.repository import discover
from paribus.ledger.branch import Branch
from paribus.ledger.notebook import Notebook
from paribus.reports.doctor import DoctorReport, as_text
from paribus.workflows.doctor.examination import doctor

if TYPE_CHECKING:
    import pytest
    from tests.conftest import Workspace

EXPERIMENT = "ab12cd34" + 8 * "0"
BASELINE = "fe98dc76" + 8 * "0"
LEDGER = "refs/heads/paribus/ledger"
KEPT = "refs/paribus/kept"
HERE = socket.gethostname()
PACKAGES = {"requirements.txt": "numpy==1.26.4\n"}
SHARED = {"unshared-records"}
"""What is said of every ledger without a remote."""


@dataclass(frozen=True)
class Past:
    """What the ledger has: a run of an experiment and two of a baseline, all of which succeeded.

    Attributes:
        ref, commit: of the experiment's run.
    """

    project: Workspace
    ref: str
    commit: str

    @property
    def notebook(self) -> Notebook:
        """The ledger, as a new process finds it."""
        return notebook(self.project)


def notebook(project: Workspace) -> Notebook:
    """A repository's ledger."""
    return Notebook(Branch(discover(project.path).git))


def intent(number: int, *, host: str = HERE, owner: str = EXPERIMENT, seed: int = 1) -> Intent:
    """A run that is about to start; nobody holds it."""
    return Intent(
        id=f"{number:010x}",
        index=number,
        seeds={"params.json:seed": seed, "params.json:split_seed": 2},
        purpose=Purpose.MEASURE,
        session="0123456789abcdef",
        holder="gone",
        host=host,
        started=f"2026-01-0{number % 9 + 1}T00:00:00.000000+00:00",
        experiment=owner if owner == EXPERIMENT else None,
    )


def succeeded(project: Workspace, told: Intent, accuracy: float = 0.8) -> Run:
    """How it ended: well, with a result where DVC looks for it."""
    label = EXPERIMENT[:8] if told.experiment else "baseline"
    head = project.git("rev-parse", "HEAD")
    commit = project.git("commit-tree", "HEAD^{tree}", "-p", head, "-m", f"run {told.id}")
    ref = result_ref(head, f"paribus-{label}-{told.index + 1}-{told.id}")
    project.git("update-ref", ref, commit)
    return Run(told, Status.SUCCEEDED, {"accuracy": accuracy}, 1.0, commit, ref)


def recorded(
    project: Workspace, told: Intent, accuracy: float = 0.8, owner: str = EXPERIMENT
) -> Run:
    """A run from its start to its end."""
    book = notebook(project)
    book.advance([], [(owner, told)], {"id": told.session})
    run = succeeded(project, told, accuracy)
    book.advance([(owner, run)], [], {})
    return run


def past(project: Workspace, monkeypatch: pytest.MonkeyPatch) -> Past:
    """Gives a project such a past, packages that are pinned, and a place for temporary files."""
    temporary = project.path.parent / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    project.commit("packages", PACKAGES)
    for number, accuracy in ((1, 0.8), (2, 0.81)):
        told = intent(number, owner=BASELINE, seed=number)
        recorded(project, told, accuracy, f"baseline/{BASELINE}")
    run = recorded(project, intent(3))
    assert run.ref is not None
    assert run.commit is not None
    return Past(project, run.ref, run.commit)


def examined(project: Workspace, *, fix: bool = False) -> DoctorReport:
    """What the doctor finds."""
    return doctor(project.path, fix=fix)


def codes(report: DoctorReport) -> list[str]:
    """Of what is broken and not repaired."""
    return [finding.code for finding in report.left]


def told(report: DoctorReport, project: Workspace) -> str:
    """The report for people, with what varies made alike, and what is good to know left out."""
    text = re.sub(r"\n\ngood to know:(?:\n .*)+", "", as_text(report))
    for name, path in (("COMMON", project.path / ".git"), ("TOP", project.path)):
        text = text.replace(str(path), name)
    text = text.replace(HERE, "HERE")
    return re.sub(r"\b[0-9a-f]{40}\b", "SHA", re.sub(r"\b[0-9a-f]{12}\b", "HEX", text))


def mended(project: Workspace, *expected: str) -> DoctorReport:
    """Repairs, and what must hold then: nothing is left, nothing of the user's has moved, once is enough."""
    before = project.state()
    report = examined(project, fix=True)
    assert [finding.code for finding in report.repaired] == list(expected)
    assert codes(report) == []
    assert project.state() == before
    again = examined(project, fix=True)
    assert (again.faults, project.state()) == ((), before)
    return report


def untouched(project: Workspace) -> dict[str, str]:
    """Everything in the repository and beside it, the index apart, by its path."""
    index = project.path / ".dvc" / "tmp" / "paribus"
    return {
        str(path): str(path.readlink()) if path.is_symlink() else path.read_bytes().hex()
        for path in sorted(project.path.rglob("*"))
        if not path.is_dir() and not path.is_relative_to(index)
    }
