"""Opens the index as it must be now: brought up to date, mended, or made in memory."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from paribus.core.errors import Problem
from paribus.git.command import Git, GitError
from paribus.ledger.branch import Branch
from paribus.ledger.index.building import fill, is_current, refresh
from paribus.ledger.index.schema import Damaged, OtherVersion
from paribus.ledger.index.soundness import require_sound

NAME = "index.sqlite"
_LOCK = "index.lock"
_ASIDE = "index-new.sqlite"
_PATIENCE = 300.0
"""Seconds for which another process may be making the index."""
_PAUSE = 0.02
_ROUNDS = 4
"""Attempts, since the file may be taken away as soon as it is made."""
_BUSY = 60.0
"""Seconds for which SQLite waits for another process's transaction."""
_UNUSABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOLFS,
    }
)  # fmt: skip
"""What SQLite says of a disk or a folder, and not of the file's content."""

_Answer = TypeVar("_Answer")


class Index:
    """The index of one repository's ledger.

    Nothing is ever lost with it: whatever is wrong with its file, the answer is that of the ledger.
    """

    def __init__(
        self, git: Git, folder: Path, make_folder: Callable[[], object], warn: Callable[[str], None]
    ) -> None:
        """
        Args:
            git: in the user's repository.
            folder: where the file is.
            make_folder: makes that folder where it is not there.
            warn: is told once, in one line, where something had to be mended or cannot be kept.
        """
        self._git = git
        self._branch = Branch(git)
        self._file = folder / NAME
        self._make_folder = make_folder
        self._warn = warn
        self._has_told = False

    def ask(self, question: Callable[[sqlite3.Connection], _Answer]) -> _Answer:
        """The answer to a question, which sees the ledger as it is at one moment.

        Args:
            question: reads, and writes nothing but temporary tables. It raises `Damaged` where what it
                reads is not what was written, and is then asked again.

        Raises:
            Problem: the ledger itself cannot be read.
        """
        try:
            return self._answer(question)
        except GitError as error:
            raise Problem(
                "missing-object",
                f"the repository does not hold all of its ledger: {error.detail}",
                "a partial clone   git fetch --refetch --no-filter",
                "a damaged one     git fsck",
            ) from error

    def recall(self, question: Callable[[sqlite3.Connection], _Answer]) -> _Answer | None:
        """The answer of the file as it is, behind the ledger or not; None where there is none to ask."""
        try:
            with self._reading() as connection:
                return question(connection)
        except (_Absent, Damaged, sqlite3.DatabaseError, OSError):
            return None

    def remember(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Adds what is found out once, such as what a commit says; where that cannot be, it is not."""
        with (
            contextlib.suppress(sqlite3.DatabaseError, OSError, _Absent),
            self._writing() as connection,
        ):
            connection.executemany(statement, rows)

    def _answer(self, question: Callable[[sqlite3.Connection], _Answer]) -> _Answer:
        trouble: Exception | None = None
        for _ in range(_ROUNDS):
            seen = _identity(self._file)
            try:
                answer = self._from_file(question)
            except (_Absent, Damaged, sqlite3.DatabaseError, OSError) as error:
                if not _is_gone(error, moved=_identity(self._file) != seen):
                    is_hopeless = trouble is not None or _is_unusable(error)
                    trouble = trouble or error
                    if is_hopeless:
                        break
            else:
                if trouble is not None:
                    is_other = isinstance(trouble, OtherVersion)
                    was = "of another version of Paribus" if is_other else "damaged"
                    self._warn(f"the index was {was} ({_told(trouble)}) and has been made anew")
                return answer
            try:
                self._make_anew(seen)
            except (sqlite3.DatabaseError, OSError) as error:
                trouble = trouble or error
                break
        if not self._has_told:
            self._has_told = True
            self._warn(
                f"the index cannot be kept ({_told(trouble)}); the ledger is read without it, "
                "which takes longer"
            )
        return self._in_memory(question)

    def _from_file(self, question: Callable[[sqlite3.Connection], _Answer]) -> _Answer:
        """Asks the file, brought up to date; raises `_Absent` where there is none to begin with."""
        tips = self._branch.tips()
        with self._reading() as connection:
            if is_current(connection, self._git, tips):
                return question(connection)
        with self._writing() as connection:
            if not refresh(connection, self._git, self._branch.tips()):
                raise _Absent
        with self._reading() as connection:
            return question(connection)

    def _make_anew(self, seen: tuple[int, int] | None) -> None:
        """Builds the file aside, so that whoever reads meanwhile has the old one or the new one.

        Args:
            seen: the file that will not do; where it is another one by now, somebody has mended it.
        """
        self._make_folder()
        aside = self._file.with_name(_ASIDE)
        with _locked(self._file.parent):
            if _identity(self._file) not in (seen, None):
                return
            try:
                aside.unlink(missing_ok=True)
                with _connected(aside, "rwc") as connection:
                    for setting in (
                        "journal_mode = OFF",
                        "synchronous = OFF",
                        "cache_size = -16000",
                    ):
                        connection.execute(f"PRAGMA {setting}")
                    connection.execute("BEGIN")
                    fill(connection, self._git, self._branch.tips())
                    connection.execute("COMMIT")
                with aside.open("rb") as file:
                    os.fsync(file.fileno())
                # A journal that was left behind belongs to the old file, and must not be played into
                # the new one; so it goes after the one and before the other.
                self._file.unlink(missing_ok=True)
                self._file.with_name(f"{NAME}-journal").unlink(missing_ok=True)
                aside.replace(self._file)
            finally:
                aside.unlink(missing_ok=True)

    def _in_memory(self, question: Callable[[sqlite3.Connection], _Answer]) -> _Answer:
        tips = self._branch.tips()
        with (
            contextlib.suppress(_Absent, Damaged, sqlite3.DatabaseError, OSError),
            _own() as connection,
        ):
            with self._reading() as kept:
                kept.backup(connection)
            if refresh(connection, self._git, tips):
                return question(connection)
        with _own() as connection:
            fill(connection, self._git, tips)
            return question(connection)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """The file as it is at one moment, and found to be whole."""
        if not self._file.exists():
            raise _Absent
        with _connected(self._file) as connection:
            connection.execute("BEGIN")
            require_sound(connection)
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """The file for one process alone; what is done to it happens whole or not at all."""
        if not self._file.exists():
            raise _Absent
        with _locked(self._file.parent), _connected(self._file) as connection:
            connection.execute("BEGIN IMMEDIATE")
            require_sound(connection)
            yield connection
            connection.execute("COMMIT")


# Private functions


class _Absent(Exception):  # noqa: N818 (no error: it is made)
    """There is no index, or none from which the present one could be made."""


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        about = file.stat()
    except OSError:
        return None
    return about.st_ino, about.st_mtime_ns


def _is_unusable(trouble: Exception) -> bool:
    """Whether it lies with the disk or the folder, so that making the file anew would not help."""
    code = getattr(trouble, "sqlite_errorcode", None)
    return isinstance(trouble, OSError) if code is None else code & 0xFF in _UNUSABLE


def _is_gone(trouble: Exception, *, moved: bool) -> bool:
    """Whether there is no file, or none any more: somebody has put another one in its place, or none.

    Args:
        moved: whether the file is another one than before; one that goes while it is opened cannot be.
    """
    code = getattr(trouble, "sqlite_errorcode", None)
    if isinstance(trouble, _Absent) or code == sqlite3.SQLITE_READONLY_DBMOVED:
        return True
    return moved and code is not None and code & 0xFF == sqlite3.SQLITE_CANTOPEN


def _told(trouble: Exception | None) -> str:
    if isinstance(trouble, OSError) and trouble.strerror:
        return f"{trouble.strerror}: {trouble.filename}" if trouble.filename else trouble.strerror
    return str(trouble or "") or "it was taken away, or made anew, meanwhile"


def _own() -> contextlib.closing[sqlite3.Connection]:
    """A database for this process alone; SQLite keeps one without a name in memory while it is small."""
    return contextlib.closing(sqlite3.connect("", isolation_level=None))


@contextmanager
def _connected(file: Path, mode: str = "rw") -> Iterator[sqlite3.Connection]:
    address = f"file:{quote(os.fsencode(file))}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=_BUSY, isolation_level=None)
    with contextlib.closing(connection):
        connection.execute("PRAGMA temp_store = MEMORY")
        yield connection


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One writer at a time: of two that build, the second finds what the first has built."""
    until = time.monotonic() + _PATIENCE
    with (folder / _LOCK).open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise
                time.sleep(_PAUSE)
        yield
