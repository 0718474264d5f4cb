"""Appends files to the ledger's branch with compare-and-swap, and reads them back."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from paribus.core.entries import Entry
from paribus.core.errors import Exit, Problem
from paribus.git.command import Git, GitError
from paribus.git.identity import identity
from paribus.git.locks import moving
from paribus.git.objects import Objects
from paribus.ledger.merge import Union, union
from paribus.ledger.reader import Found, Reader
from paribus.ledger.stream import DURABLE, FOLDER_MODE, IMPORT, Draft, Write, stream
from paribus.ledger.tips import KEPT, REF, Tips, holds

__all__ = ["KEPT", "REF", "Branch", "Found", "Joined", "Write"]

PATIENCE = 4.0
"""Seconds; a reference that stays locked longer while nobody moves it was left so by a crash."""
LONGEST_PAUSE = 0.25
"""Seconds between two attempts."""
BROUGHT_BACK = "note: records that the branch paribus/ledger lacked are back"
_Done = TypeVar("_Done")


@dataclass(frozen=True, slots=True)
class Joined:
    """How another ledger was taken in.

    Attributes:
        before: our tip before, with what had been rewound brought back; None where there was none.
        after: our tip now, read back; None where there is no ledger at all.
        replaced: paths at which both had something else, as `Union` tells.
    """

    before: str | None
    after: str | None
    replaced: tuple[str, ...] = ()


class Branch(Reader):
    """The ledger's branch in one repository, to be read and written."""

    def __init__(self, git: Git) -> None:
        """
        Args:
            git: in the user's repository.
        """
        super().__init__(git)
        self._tip: str | None = None
        self._committer: str | None = None
        self._common_dir: str | None = None

    def append(
        self, writes: Sequence[Write], subject: str, trees: Mapping[str, str] | None = None
    ) -> str:
        """Adds records, and whole trees by their id, as one commit.

        `git fast-import` writes objects and reference in one process, and moves the reference only
        from the commit on which it built; whoever comes second builds again on the first. Records that
        the branch lacks, because somebody deleted or rewound it, are brought back on the way.

        Args:
            subject: first line of the commit's message.
            trees: existing tree objects to keep, by their folder in the ledger.

        Returns:
            The SHA of the ledger's commit that holds them, read back.

        Raises:
            Problem: it could not be recorded; nothing was.
        """
        entries = {path: Entry(FOLDER_MODE, tree) for path, tree in (trees or {}).items()}
        draft = Draft(subject, writes, entries)
        with self._alone() as common_dir:
            unmoved = self._unmoved(common_dir)
            known = Tips(unmoved, self._kept, (unmoved,)) if unmoved else None
            tip = self._insisting(lambda now: self._written(now.whole, draft), known)
            # Where it could not be kept, somebody moved the branch, and the next append has to look.
            self._tip = tip if self._kept == tip else None
        if not unmoved and self._was_rewound:
            logging.getLogger(__name__).warning(BROUGHT_BACK)
        return tip

    def join(self, other: str | None, subject: str = "merge") -> Joined:
        """Takes in all of another ledger, by union, and brings back what the branch lacks.

        The branch only moves forward; where one side holds the other there is no merge.

        Args:
            other: SHA of its commit, which is here; None only to bring back.
            subject: of the merge's message, where one is needed.

        Raises:
            Problem: it could not be recorded.
        """
        with self._alone():
            return self._insisting(lambda now: self._joined(now, other, subject))

    @contextmanager
    def _alone(self) -> Iterator[str]:
        """Waits for other writers on this machine, so that they need not race one another.

        Who gets no lock, as on some network disks, is still safe: git moves the reference only from
        where it was. Yields the Git directory of all working trees.
        """
        if self._common_dir is None:
            ask = ("rev-parse", "--path-format=absolute", "--git-common-dir")
            self._common_dir = self.git.text(*ask)
        directory = os.open(self._common_dir, os.O_RDONLY)
        try:
            with contextlib.suppress(OSError):
                fcntl.flock(directory, fcntl.LOCK_EX)
            with moving(Path(self._common_dir), REF, KEPT):
                yield self._common_dir
        finally:
            os.close(directory)

    def _insisting(self, attempt: Callable[[Tips], _Done], known: Tips | None = None) -> _Done:
        """Tries again while somebody else moves the reference, or holds its lock for a moment."""
        now, since = known or self.references(), time.monotonic()
        while True:
            try:
                return attempt(now)
            except GitError as error:
                self._drop_crash_report(error)
                before, now = now, self.references()
                if now != before:
                    since = time.monotonic()  # somebody else was quicker
                elif not _may_pass(error) or time.monotonic() - since > PATIENCE:
                    raise _not_recorded(error) from error
            time.sleep(random.uniform(0, LONGEST_PAUSE))  # noqa: S311

    def _written(self, parents: tuple[str, ...], draft: Draft) -> str:
        """One commit on what holds the ledger, read back; raises `GitError` where git cannot."""
        if len(parents) > 1:
            united = self._union(*parents)
            draft = replace(draft, entries={**united.entries, **(draft.entries or {})})
        content = stream(REF, parents, self._who(), draft)
        self.git.run_to_the_end(*IMPORT, stdin=content)
        tip = self._read_back(draft)
        self._keep(tip)
        return tip

    def _joined(self, now: Tips, other: str | None, subject: str) -> Joined:
        if len(now.whole) > 1:
            tip = self._written(now.whole, Draft("bring back what the branch lacked"))
            now = Tips(tip, self._kept, (tip,))
        before = next(iter(now.whole), None)
        if before is None or other is None:
            return Joined(before, self._forwarded(now, before or other))
        if holds(self.git, before, other):
            return Joined(before, self._forwarded(now, before))
        if holds(self.git, other, before):
            return Joined(before, self._forwarded(now, other))
        replaced = self._union(before, other).replaced
        return Joined(before, self._written((before, other), Draft(subject)), replaced)

    def _forwarded(self, now: Tips, target: str | None) -> str | None:
        """Moves both references, if they are still there, to a commit that holds all that they hold."""
        moves = [
            f"update {ref} {target} {old or '0' * len(target)}\n"
            for ref, old in ((REF, now.branch), (KEPT, now.kept))
            if target is not None and old != target
        ]
        if moves:
            self.git.run_to_the_end(
                *DURABLE, "update-ref", "--stdin", stdin="".join(moves).encode()
            )
        return target

    def _union(self, ours: str, theirs: str) -> Union:
        with Objects(self.git) as objects:
            return union(objects, ours, theirs)

    def _keep(self, tip: str) -> None:
        """Notes that this commit holds everything; where it does not, `tips` will have two.

        Killed before this, or unable to do it, nothing is lost: the branch holds it, too.
        """
        old = self._kept or "0" * len(tip)
        with contextlib.suppress(GitError):
            self.git.run_to_the_end(*DURABLE, "update-ref", KEPT, tip, old)
            self._kept = tip

    def _unmoved(self, common_dir: str) -> str | None:
        """The tip that we left, where the reference's own file shows it: asking git costs a process."""
        with contextlib.suppress(OSError):
            if Path(common_dir, REF).read_text().strip() == self._tip:
                return self._tip
        return None

    def _drop_crash_report(self, error: GitError) -> None:
        """`git fast-import` leaves one in the user's repository; all that it says we know."""
        report = re.search(r"dumping crash report to (.+fast_import_crash_\d+)", error.stderr)
        if report:
            with contextlib.suppress(OSError):
                Path(self.git.directory, report[1]).unlink(missing_ok=True)

    def _who(self) -> str:
        """Who writes, found out when something is written: readers need not pay for it."""
        if self._committer is None:
            who = identity(self.git)
            self._committer = f"{who['GIT_COMMITTER_NAME']} <{who['GIT_COMMITTER_EMAIL']}>"
        return self._committer

    def _read_back(self, draft: Draft) -> str:
        """Reads through the reference itself, so that it is what others will see."""
        with Objects(self.git) as objects:
            for write in draft.writes:
                try:
                    held = objects.read(f"{REF}:{write.path}")
                except Problem:
                    held = None
                if held != write.record.encoded():
                    raise _not_held(write.path)
            tip = objects.identify(REF)
        assert tip is not None
        return tip


# Private functions


def _may_pass(error: GitError) -> bool:
    """Whether another git process was in the way: one that writes the ledger, or collects garbage."""
    signs = (
        "Not updating",
        "but expected",
        "already exists",
        "File exists",
        "No such file or directory",
        "nonexistent object",
    )
    return any(sign in error.stderr for sign in signs)


def _not_held(path: str) -> Problem:
    return Problem(
        "not-recorded",
        f"the ledger does not hold what was just written: {path}",
        status=Exit.NOT_RECORDED,
    )


def _not_recorded(error: GitError) -> Problem:
    if "'refs/heads/paribus' exists" in error.stderr:
        return Problem(
            "branch-in-the-way",
            "there is a branch paribus here, beside which git can have no branch paribus/ledger",
            "call it otherwise   git branch -m paribus OTHER",
            status=Exit.NOT_RECORDED,
        )
    helps = ["see that the disk has room and .git is writable, then run the same command again"]
    lock = re.search(r"Unable to create '(.+\.lock)': File exists", error.stderr)
    if lock:
        helps.insert(0, f"if no git is at work there   rm {lock[1]}")
    return Problem(
        "not-recorded",
        f"the ledger could not be written: {error.detail}",
        *helps,
        status=Exit.NOT_RECORDED,
        retryable=True,
    )
