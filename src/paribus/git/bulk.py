"""Reads many files of a tree as one stream: a ledger may hold a million, which no memory should."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import subprocess
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import IO, Generic, Self, TypeVar

from paribus.git.command import Git, GitError, clean_environment
from paribus.git.objects import LARGEST_BLOB

_AHEAD = 256
"""Names that git is given at once."""
_FRUGAL = (
    # What git maps of its packs counts as its memory, and by default it maps all that it touches.
    "-c", "core.packedGitWindowSize=16m", "-c", "core.packedGitLimit=64m",
    "-c", "core.deltaBaseCacheLimit=16m",
)  # fmt: skip
_PIECE = 2**20
_Key = TypeVar("_Key")


def listed(git: Git, tree: str, *folders: str) -> Iterator[tuple[str, str]]:
    """(path, object id) of every file in some folders of a tree, in the order of their paths.

    Raises:
        GitError: the tree, or one that it names, is not there.
    """
    below = [f":(literal){folder}" for folder in folders]
    command = ("ls-tree", "-r", "-z", "--full-tree", tree, "--", *below)
    with subprocess.Popen(
        git.arguments(*_FRUGAL, *command),
        cwd=git.directory,
        env=clean_environment(git.extra),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            for entry in _separated(process.stdout):
                about, _, path = entry.partition(b"\t")
                yield (
                    path.decode("utf-8", "surrogateescape"),
                    about[about.rindex(b" ") + 1 :].decode(),
                )
            said = process.stderr.read().decode("utf-8", "replace")
        finally:
            process.kill()
    if process.returncode > 0:
        raise GitError(command, process.returncode, said)


def listed_together(git: Git, trees: Iterable[str], *folders: str) -> Iterator[tuple[str, str]]:
    """As `listed` for several trees at once; of what both hold at one path the first tree's."""
    streams = [listed(git, tree, *folders) for tree in trees]
    merged = streams[0] if len(streams) == 1 else heapq.merge(*streams, key=lambda each: each[0])
    last = None
    for path, oid in merged:
        if path != last:
            yield path, oid
        last = path


def contents(git: Git, named: Iterable[tuple[_Key, str]]) -> Iterator[tuple[_Key, bytes | None]]:
    """Objects by their ids, in that order; None for one that is missing, damaged or too large.

    Args:
        named: each id with what the caller knows it by.
    """
    rest = iter(named)
    asked: deque[tuple[_Key, str]] = deque()
    is_over = False
    while not is_over:
        with _Asking(git, rest, asked) as asking:
            while (header := asking.next_header()) is not None:
                key, _ = asked.popleft()
                yield key, asking.content(header)
        is_over = not asked
        if asked and not asking.is_cut:  # it killed git: the rest is asked of another
            yield asked.popleft()[0], None


def changed_paths(git: Git, old: str, new: str, *folders: str) -> Iterator[str]:
    """Paths in some folders that differ between two trees; raises `GitError` where one is missing."""
    below = [f":(literal){folder}" for folder in folders]
    told = git.run(
        "diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv",
        old, new, "--", *below,
    )  # fmt: skip
    for path in told.split(b"\0")[:-1]:
        yield path.decode("utf-8", "surrogateescape")


# Private functions


def _separated(stream: IO[bytes]) -> Iterator[bytes]:
    """What stands before each NUL."""
    rest = b""
    while piece := stream.read(_PIECE):
        *whole, rest = (rest + piece).split(b"\0")
        yield from whole


class _Asking(Generic[_Key]):
    """A `git cat-file` that is asked by a thread, while its answers are read."""

    def __init__(
        self, git: Git, rest: Iterator[tuple[_Key, str]], asked: deque[tuple[_Key, str]]
    ) -> None:
        """
        Args:
            rest: what to ask, after what has been asked already.
            asked: what has no answer yet; it grows here.
        """
        self._rest = rest
        self._asked = asked
        self._again = [oid for _, oid in asked]
        self._failure: BaseException | None = None
        self.is_cut = False
        """Whether git ended in the middle of an object."""
        self._process = subprocess.Popen(
            git.arguments(*_FRUGAL, "cat-file", "--batch", "--buffer"),
            cwd=git.directory,
            env=clean_environment(git.extra),
            bufsize=_PIECE,
            pipesize=_PIECE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError, ValueError):
                stream and stream.close()
        if kind is None and self._failure is not None:
            raise self._failure

    def next_header(self) -> list[bytes] | None:
        """The words before the next object; None at the end."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().split() or None

    def content(self, header: list[bytes]) -> bytes | None:
        """What follows such words."""
        assert self._process.stdout is not None
        if len(header) != 3 or not header[2].isdigit():
            return None  # "<id> missing"
        size = int(header[2]) + 1
        if size > LARGEST_BLOB:
            while size and (piece := self._process.stdout.read(min(size, _PIECE))):
                size -= len(piece)
            self.is_cut = size > 0
            return None
        found = self._process.stdout.read(size)
        self.is_cut = len(found) < size
        return None if self.is_cut else found[:-1]

    def _ask(self) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write("".join(f"{oid}\n" for oid in self._again).encode())
            while some := list(itertools.islice(self._rest, _AHEAD)):
                self._asked += some
                stdin.write("".join(f"{oid}\n" for _, oid in some).encode())
                stdin.flush()
            stdin.close()
        except (BrokenPipeError, ValueError):
            pass  # git died, or nobody reads any further
        except BaseException as error:
            self._failure = error
            self._process.kill()
