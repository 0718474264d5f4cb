"""Runs git, so that nothing but git runs.

A judged revision, a hook of the user's or a variable exported by a hook must not be able to make
git start another program, read another repository or touch the network.
"""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from paribus.core.errors import Problem

HARDENED = (
    "--no-replace-objects",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.safecrlf=false",
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "safe.bareRepository=explicit",
    "-c",
    "protocol.allow=never",
)

# A hook exports GIT_DIR, GIT_INDEX_FILE and more, which would point our git at another repository.
# The object directories are kept: in a pre-receive hook the pushed objects are only there.
KEPT_VARIABLES = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_AUTHOR_DATE",
        "GIT_AUTHOR_EMAIL",
        "GIT_AUTHOR_NAME",
        "GIT_CEILING_DIRECTORIES",
        "GIT_COMMITTER_DATE",
        "GIT_COMMITTER_EMAIL",
        "GIT_COMMITTER_NAME",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_SYSTEM",
        "GIT_OBJECT_DIRECTORY",
    }
)


_FROM_OUTSIDE = (
    errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.ENOMEM,
)  # fmt: skip

LONGEST_END = 10.0
"""Seconds for which an interrupted command waits for a git that must not be cut off."""


class GitError(Exception):
    """A git command failed; `detail` is the first line of what it said, without its `fatal:`."""

    def __init__(self, arguments: tuple[str, ...], code: int, stderr: str) -> None:
        self.arguments = arguments
        self.code = code
        self.stderr = stderr.strip()
        said = self.stderr.splitlines()[0] if self.stderr else f"exit {code}"
        self.detail = said.removeprefix("fatal: ").removeprefix("error: ")
        super().__init__(f"git {' '.join(arguments)}: exit {code}: {self.stderr}")

    @property
    def from_outside(self) -> bool:
        """Whether git was killed, or the system did not let it write: another try may do better."""
        return self.code < 0 or any(os.strerror(number) in self.stderr for number in _FROM_OUTSIDE)


_under_way: list[None] = []
_afterwards: list[Callable[[], None]] = []


def when_uncut(action: Callable[[], None]) -> None:
    """Does something now; or, while git does what must not be cut off, as soon as it has.

    Of several that wait only the last is done.
    """
    _afterwards[:] = [action]
    if not _under_way:
        _go_on()


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The process's environment without inherited `GIT_*` that would redirect git, plus `extra`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in KEPT_VARIABLES
    }
    fixed = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    return kept | fixed | {"GIT_NO_LAZY_FETCH": "1"} | dict(extra or {})


@dataclass(frozen=True, slots=True)
class Git:
    """Git, run in one directory."""

    directory: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    def arguments(self, *arguments: str) -> list[str]:
        """The whole command line, for a process that its caller keeps."""
        return ["git", *HARDENED, *arguments]

    def with_environment(self, extra: Mapping[str, str]) -> Git:
        """The same repository with more environment variables."""
        return replace(self, extra={**self.extra, **extra})

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What the command prints; raises `GitError` when it fails."""
        return _output(arguments, self._run(arguments, stdin))

    def run_to_the_end(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """As `run`, for what must not be cut off half-way: killed, git leaves its locks behind.

        A signal from the terminal does not reach it, and one for this process waits for its end.
        """
        with _uncut():
            return _output(arguments, self._run(arguments, stdin, apart=True))

    def text(self, *arguments: str, stdin: bytes = b"") -> str:
        """What the command prints, as text without the final newline."""
        return self.run(*arguments, stdin=stdin).decode("utf-8", "surrogateescape").rstrip("\n")

    def lookup(self, *arguments: str) -> str | None:
        """What the command prints, or None when it fails: for questions that may have no answer.

        A git that was killed has not answered.
        """
        try:
            return self.text(*arguments)
        except GitError as error:
            if error.code < 0:
                raise
            return None

    def _run(
        self, arguments: tuple[str, ...], stdin: bytes, *, apart: bool = False
    ) -> subprocess.CompletedProcess[bytes]:
        command = self.arguments(*arguments)
        try:
            process = subprocess.Popen(
                command,
                cwd=self.directory,
                env=clean_environment(self.extra),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                process_group=0 if apart else None,
            )
        except FileNotFoundError as error:
            if not self.directory.is_dir():
                raise
            raise Problem(
                "no-git",
                "the command git is not on this machine's PATH",
                "install Git 2.31 or newer",
            ) from error
        with process:
            try:
                stdout, stderr = process.communicate(stdin)
            except BaseException:
                if apart:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.communicate(timeout=LONGEST_END)
                process.kill()
                raise
        return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)


# Private functions


@contextlib.contextmanager
def _uncut() -> Iterator[None]:
    _under_way.append(None)
    try:
        yield
    finally:
        _under_way.pop()
        if not _under_way:
            _go_on()


def _go_on() -> None:
    while _afterwards:
        _afterwards.pop()()


def _output(arguments: tuple[str, ...], done: subprocess.CompletedProcess[bytes]) -> bytes:
    if done.returncode:
        raise GitError(arguments, done.returncode, done.stderr.decode("utf-8", "replace"))
    return done.stdout
