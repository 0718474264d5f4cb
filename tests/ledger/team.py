"""A team: clones that share a bare repository, and runs that are recorded as the runner does it."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from tests.conftest import Workspace

from paribus.core.experiment import Conclusion, Registration
from paribus.core.plan import Plan
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.verdict import Outcome, Verdict
from paribus.git.command import Git
from paribus.ledger.branch import Branch
from paribus.ledger.notebook import Notebook

SESSION = {"id": "5e55", "host": "here"}
AT = "2026-01-01T00:00:00"
BASELINE_KEY = "45" * 10


def experiment(number: int) -> str:
    """An experiment's id."""
    return hashlib.sha256(b"%d" % number).hexdigest()[:20]


@dataclass
class Clone(Workspace):
    """One clone, with what its user's Paribus writes."""

    @property
    def book(self) -> Notebook:
        """The ledger, opened anew as each command does."""
        return Notebook(Branch(Git(self.path)))

    def start(self, number: int, run: str) -> Intent:
        """Registers an experiment, and tells that a run of it is about to start."""
        own, book = experiment(number), self.book
        tree, head = self.git("rev-parse", "HEAD^{tree}", "HEAD").splitlines()
        book.register(
            Registration(
                id=own,
                project="",
                baseline={"commit": head, "name": "main", "key": BASELINE_KEY},
                changes=({"kind": "param", "summary": f"a -> {number}", "parts": []},),
                hypothesis="",
                plan=Plan("accuracy", True, 0.005),
                effect_is_default=False,
                tree=tree,
                revision=None,
                allow=None,
                author="Ada Lovelace <ada@example.com>",
                started=AT,
            )
        )
        intent = Intent(
            run, 0, {"params.json:seed": number}, Purpose.MEASURE, "5e55", "cafe", "here", AT, own
        )
        book.advance([], [(own, intent)], SESSION)
        return intent

    def finish(self, intent: Intent, accuracy: float) -> Run:
        """Brings a result home, and records it; returns what was acknowledged."""
        head = self.git("rev-parse", "HEAD")
        label = str(intent.experiment)[:8]
        ref = f"refs/exps/{head[:2]}/{head[2:]}/paribus-{label}-1-{intent.id}"
        commit = self.git("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", f"run {intent.id}")
        self.git("update-ref", ref, commit)
        run = Run(intent, Status.SUCCEEDED, {"accuracy": accuracy}, 1.5, commit, ref)
        self.book.advance([(str(intent.experiment), run)], [], SESSION)
        return run

    def fail(self, intent: Intent) -> Run:
        """Records that a run failed."""
        run = Run(intent, Status.FAILED, cause="stage train, exit 1", stage="train", exit_code=1)
        self.book.advance([(str(intent.experiment), run)], [], SESSION)
        return run

    def conclude(self, intent: Intent) -> None:
        """Records a verdict."""
        verdict = Verdict(Outcome.UNDECIDED, "accuracy", 0.0, -0.1, 0.1, 3, (), next_look=5)
        self.book.conclude(str(intent.experiment), Conclusion(verdict, (), (), (0, 3), AT))

    def runs(self) -> dict[str, Run]:
        """Every run that ended, by its id."""
        return {run.intent.id: run for page in self.book.experiments() for run in page.runs}

    def results(self) -> set[str]:
        """The references of results."""
        return set(self.git("for-each-ref", "--format=%(refname)", "refs/exps/").splitlines())

    def make_branch(self) -> str:
        """Makes a branch that stands in nobody's way; returns its name."""
        self.git("branch", "--force", "spare")
        return "spare"

    def is_sound(self) -> bool:
        """Whether git finds everything that is referenced, and nothing malformed."""
        self.git("fsck", "--full", "--strict", "--no-dangling", "--no-reflogs")
        return True


@dataclass
class Team:
    """A bare repository and its clones."""

    remote: Workspace
    clones: list[Clone]


def gathered(project: Workspace, folder: Path, clones: int) -> Team:
    """Clones of a project that share a bare repository by `file://`."""
    bare = replace(project, path=folder / "team.git")
    subprocess.run(["git", "clone", "--quiet", "--bare", project.path, bare.path], check=True)
    made = []
    for number in range(clones):
        path = folder / f"clone-{number}"
        subprocess.run(["git", "clone", "--quiet", f"file://{bare.path}", path], check=True)
        made.append(Clone(path))
    return Team(bare, made)
