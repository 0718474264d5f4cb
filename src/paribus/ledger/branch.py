"""Appends files to the ledger's branch with compare-and-swap, and reads them back."""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from paribus.core.errors import Exit, Problem
from paribus.core.record import Record, decoded
from paribus.git.command import Git, GitError
from paribus.git.identity import identity
from paribus.git.objects import Objects

REF = "refs/heads/paribus/ledger"
PATIENCE = 4.0
"""Seconds; a reference that stays locked longer while nobody moves it was left so by a crash."""
LONGEST_PAUSE = 0.25
"""Seconds between two attempts."""

IMPORT = (
    "-c", "core.fsync=committed,reference", "-c", "core.filesRefLockTimeout=1000",
    # As one pack, which git keeps from a `git gc --prune=now` until the reference is there; the loose
    # objects that it would write instead could be gone by then, and with them the ledger.
    "-c", "fastimport.unpackLimit=0",
    "fast-import", "--quiet", "--done", "--date-format=now",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Write:
    """One record and the folder that it belongs in."""

    folder: str
    record: Record

    @property
    def path(self) -> str:
        """Where the record will be; it follows from its content."""
        return f"{self.folder}/{self.record.name}"


@dataclass(frozen=True, slots=True)
class Found:
    """A record as the ledger has it; `record` is None where this version cannot read it."""

    path: str
    record: Record | None


class Branch:
    """The ledger's branch in one repository."""

    def __init__(self, git: Git) -> None:
        """
        Args:
            git: in the user's repository.
        """
        self._git = git
        self._tip: str | None = None
        self._committer: str | None = None
        self._common_dir: str | None = None

    def append(
        self, writes: Sequence[Write], subject: str, trees: Mapping[str, str] | None = None
    ) -> str:
        """Adds records, and whole trees by their id, as one commit.

        `git fast-import` writes objects and reference in one process, and moves the reference only
        from the commit on which it built; whoever comes second builds again on the first.

        Args:
            subject: first line of the commit's message.
            trees: existing tree objects to keep, by their folder in the ledger.

        Returns:
            The SHA of the ledger's commit that holds them, read back.

        Raises:
            Problem: it could not be recorded; nothing was.
        """
        with self._alone() as common_dir:
            tip, since = self._unmoved(common_dir) or self.tip(), time.monotonic()
            while True:
                try:
                    self._git.run_to_the_end(
                        *IMPORT, stdin=_stream(tip, self._who(), subject, writes, trees or {})
                    )
                    break
                except GitError as error:
                    self._drop_crash_report(error)
                    before, tip = tip, self.tip()
                    if tip != before:
                        since = time.monotonic()  # somebody else was quicker
                    elif not _may_pass(error) or time.monotonic() - since > PATIENCE:
                        raise _not_recorded(error) from error
                time.sleep(random.uniform(0, LONGEST_PAUSE))  # noqa: S311
            self._tip = self._read_back(writes)
            return self._tip

    def tip(self) -> str | None:
        """The newest commit of the ledger; None before the first record."""
        return self._git.lookup("rev-parse", "--verify", "--quiet", f"{REF}^{{commit}}")

    def read(self, *folders: str) -> Iterator[Found]:
        """The records in some folders, in the order of their paths."""
        tip = self.tip()
        if tip is None:
            return
        with Objects(self._git) as objects:
            for path, entry in objects.tree(tip, *folders).items():
                try:
                    data = objects.read(entry.oid)
                except Problem:
                    data = None  # damaged: one record, which must not take the others with it
                yield Found(path, None if data is None else decoded(data))

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of what is directly in a folder."""
        tip = self.tip()
        listed = tip and self._git.lookup("ls-tree", "--name-only", f"{tip}:{folder}")
        return tuple(listed.split("\n")) if listed else ()

    def last_touching(self, folder: str) -> str | None:
        """The newest commit that added to a folder; None where none did."""
        tip = self.tip()
        return (tip and self._git.lookup("rev-list", "-1", tip, "--", folder)) or None

    @contextmanager
    def _alone(self) -> Iterator[str]:
        """Waits for other writers on this machine, so that they need not race one another.

        Who gets no lock, as on some network disks, is still safe: git moves the reference only from
        where it was. Yields the Git directory of all working trees.
        """
        if self._common_dir is None:
            ask = ("rev-parse", "--path-format=absolute", "--git-common-dir")
            self._common_dir = self._git.text(*ask)
        directory = os.open(self._common_dir, os.O_RDONLY)
        try:
            with contextlib.suppress(OSError):
                fcntl.flock(directory, fcntl.LOCK_EX)
            yield self._common_dir
        finally:
            os.close(directory)

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
                Path(self._git.directory, report[1]).unlink(missing_ok=True)

    def _who(self) -> str:
        """Who writes, found out when something is written: readers need not pay for it."""
        if self._committer is None:
            who = identity(self._git)
            self._committer = f"{who['GIT_COMMITTER_NAME']} <{who['GIT_COMMITTER_EMAIL']}>"
        return self._committer

    def _read_back(self, writes: Sequence[Write]) -> str:
        """Reads through the reference itself, so that it is what others will see."""
        with Objects(self._git) as objects:
            for write in writes:
                try:
                    held = objects.read(f"{REF}:{write.path}")
                except Problem:
                    held = None
                if held != write.record.encoded():
                    raise Problem(
                        "not-recorded",
                        f"the ledger does not hold what was just written: {write.path}",
                        status=Exit.NOT_RECORDED,
                    )
            tip = objects.identify(REF)
        assert tip is not None
        return tip


# Private functions


def _stream(
    tip: str | None,
    committer: str,
    subject: str,
    writes: Sequence[Write],
    trees: Mapping[str, str],
) -> bytes:
    """The commit in the language of `git fast-import`."""
    lines = [b"feature done\n", f"commit {REF}\n".encode()]
    lines.append(f"committer {committer} now\n".encode())
    lines.append(_data(subject.encode("utf-8", "replace")))
    if tip:
        lines.append(f"from {tip}\n".encode())
    lines += [f"M 040000 {tree} {folder}\n".encode() for folder, tree in sorted(trees.items())]
    for write in writes:
        lines += [f"M 100644 inline {write.path}\n".encode(), _data(write.record.encoded())]
    return b"".join([*lines, b"\ndone\n"])


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


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


def _not_recorded(error: GitError) -> Problem:
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
