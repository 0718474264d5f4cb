"""What the checks have in common: the repository, and one pass over its ledger."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from paribus.execute.processes import marked
from paribus.git.command import Git
from paribus.ledger.branch import Branch
from paribus.ledger.tips import Tips, read_tips
from paribus.workflows.doctor.survey import Survey, surveyed
from paribus.workflows.project import Project

MINUTE, DAY = 60.0, 86_400.0


@dataclass
class Ground:
    """What is examined.

    Attributes:
        project: around the current folder; the repository's top where there is no DVC project.
        has_project: whether there is one.
        now: seconds since the epoch.
    """

    project: Project
    has_project: bool
    now: float = field(default_factory=time.time)

    @property
    def git(self) -> Git:
        """In the user's repository."""
        return self.project.repository.git

    @property
    def common_dir(self) -> Path:
        """The Git directory that all working trees share."""
        return self.project.repository.common_dir

    @cached_property
    def branch(self) -> Branch:
        """The ledger, to be written."""
        return Branch(self.git)

    @cached_property
    def tips(self) -> Tips:
        """Where the ledger's references pointed when this was asked first."""
        return read_tips(self.git)

    @cached_property
    def references(self) -> dict[str, str]:
        """The object that each reference below `refs/exps/` names, by its full name."""
        listed = self.git.text("for-each-ref", "--format=%(objectname) %(refname)", "refs/exps/")
        pairs = (line.split(" ", 1) for line in listed.splitlines())
        return {ref: sha for sha, ref in pairs}

    @cached_property
    def working_trees(self) -> tuple[Path, ...]:
        """The folders of all working trees of this repository."""
        listed = self.git.lookup("worktree", "list", "--porcelain", "-z") or ""
        named = [line.partition(" ") for line in listed.split("\0")]
        found = [Path(path) for word, _, path in named if word == "worktree"]
        return tuple(dict.fromkeys((self.project.repository.top, *found)))

    @cached_property
    def marked(self) -> dict[str, list[tuple[int, str]]]:
        """This user's processes that belong to runs, as `processes.marked` tells them."""
        return marked()

    @cached_property
    def survey(self) -> Survey:
        """What the ledger says of all runs."""
        return surveyed(self.git, self.tips.whole, self.references, frozenset(self.marked))

    def since(self, started: str) -> float:
        """Seconds since a time in UTC; what nobody can read is long ago."""
        try:
            then = datetime.fromisoformat(started)
        except ValueError:
            return math.inf
        then = then if then.tzinfo else then.replace(tzinfo=UTC)
        return self.now - then.timestamp()

    def age(self, file: Path) -> float | None:
        """Seconds since a file changed last; None where it is not there."""
        try:
            return self.now - file.lstat().st_mtime
        except OSError:
            return None
