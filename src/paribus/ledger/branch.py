"""Appends files to the ledger's branch with compare-and-swap, and reads them back."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from paribus.core.errors import Exit, Problem
from paribus.core.record import Record, decoded
from paribus.git.command import Git, GitError
from paribus.git.identity import identity
from paribus.git.objects import Objects

REF = "refs/heads/paribus/ledger"
ATTEMPTS = 60
LONGEST_PAUSE = 0.25
"""Seconds; sixty attempts ride out several writers for about eight seconds."""


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
        failure = ""
        for attempt in range(ATTEMPTS):
            # The tip that we left is most likely still there, and asking costs a process.
            tip = (self._tip if attempt == 0 else None) or self.tip()
            stream = _stream(tip, self._who(), subject, writes, trees or {})
            try:
                self._git.run(
                    "-c", "core.fsync=committed,reference", "fast-import", "--quiet", "--done",
                    "--date-format=now", stdin=stream,
                )  # fmt: skip
            except GitError as error:
                failure = error.detail
                if self.tip() == tip and not _is_contention(error):
                    break
                time.sleep(random.uniform(0, LONGEST_PAUSE * min(1, (attempt + 1) / 8)))  # noqa: S311
                continue
            self._tip = self._read_back(writes)
            return self._tip
        raise Problem(
            "not-recorded",
            f"the ledger could not be written: {failure}",
            "see that the disk has room and .git is writable, then run the same command again",
            status=Exit.NOT_RECORDED,
            retryable=True,
        )

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
                data = objects.read(entry.oid)
                yield Found(path, None if data is None else decoded(data))

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of what is directly in a folder."""
        tip = self.tip()
        listed = tip and self._git.lookup("ls-tree", "--name-only", f"{tip}:{folder}")
        return tuple(listed.split("\n")) if listed else ()

    def last_touching(self, folder: str) -> str | None:
        """The newest commit that added to a folder; None where none did."""
        tip = self.tip()
        return (tip and self._git.lookup("log", "-1", "--format=%H", tip, "--", folder)) or None

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
                if objects.read(f"{REF}:{write.path}") != write.record.encoded():
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
    lines.append(_data(subject.encode()))
    if tip:
        lines.append(f"from {tip}\n".encode())
    lines += [f"M 040000 {tree} {folder}\n".encode() for folder, tree in sorted(trees.items())]
    for write in writes:
        lines += [f"M 100644 inline {write.path}\n".encode(), _data(write.record.encoded())]
    return b"".join([*lines, b"\ndone\n"])


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _is_contention(error: GitError) -> bool:
    said = error.stderr
    return any(sign in said for sign in ("cannot lock ref", "Not updating", "Unable to create"))
