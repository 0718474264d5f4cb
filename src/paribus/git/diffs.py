"""Differences of many pairs of trees as text, by one git process, and only as much as anybody reads."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from paribus.git.command import Git, clean_environment

_COMMAND = (
    "diff-tree", "--stdin", "-r", "-p", "--no-ext-diff", "--no-textconv", "--no-color",
    "--find-renames=100%", "--submodule=short", "--ignore-submodules=none", "--unified=3",
    "--inter-hunk-context=0", "--diff-algorithm=myers", "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip
"""What people set for their own diffs is set here, so that all see the same. It starts no program."""

_TREES = re.compile(rb"([0-9a-f]{40,64}) ([0-9a-f]{40,64})\n")
_LINE = 8192
"""Bytes of a line that are read at once."""
_DEATHS = 20
"""After so many trees that git cannot read, the rest is not asked: a partial clone has none of them."""


@dataclass(frozen=True, slots=True)
class Diff:
    """How two trees differ.

    Attributes:
        text: unified, `diff --git` and hunks, without the ids of blobs; empty where nothing differs.
        is_cut: whether there is more.
    """

    text: str
    is_cut: bool = False


def diffs(
    git: Git, pairs: Sequence[tuple[str, str]], paths: Sequence[str], most: int
) -> Iterator[Diff | None]:
    """For each pair of trees how they differ, in that order; None where one is not here, or damaged.

    Args:
        pairs: names of trees, or of commits, old and new.
        paths: pathspecs.
        most: characters of a text, to the end of a line.
    """
    trees = _trees(git, [name for pair in pairs for name in pair])
    known = [(trees[old], trees[new]) for old, new in pairs]
    wanted = [(old, new) for old, new in known if old and new]
    found = _told(git, wanted, paths, most)
    for old, new in known:
        yield next(found) if old and new else None


# Private functions


def _trees(git: Git, names: Sequence[str]) -> dict[str, str | None]:
    """The id of the tree behind each name; None where it is not here."""
    asked = list(dict.fromkeys(names))
    lines = "".join(f"{_inert(name)}^{{tree}}\n" for name in asked).encode()
    told = git.text("cat-file", "--batch-check", stdin=lines).splitlines() if asked else []
    found: dict[str, str | None] = {}
    for name, line in zip(asked, told, strict=True):
        words = line.split(" ")
        found[name] = words[0] if len(words) == 3 and words[1] == "tree" else None
    return found


def _inert(name: str) -> str:
    """Records say which trees; what is no id is asked for as nothing."""
    return name if re.fullmatch(r"[0-9a-f]{40,64}", name) else "0" * 40


def _told(
    git: Git, wanted: Sequence[tuple[str, str]], paths: Sequence[str], most: int
) -> Iterator[Diff | None]:
    """As `diffs` for trees that are here; a git that dies of one of them is started again after it."""
    rest, deaths = list(wanted), 0
    while rest and deaths < _DEATHS:
        done = 0
        for diff in _by_one_process(git, rest, paths, most):
            done += 1
            yield diff
        del rest[:done]
        if rest:
            deaths += 1
            yield None
            del rest[0]
    yield from [None] * len(rest)


def _by_one_process(
    git: Git, wanted: Sequence[tuple[str, str]], paths: Sequence[str], most: int
) -> Iterator[Diff]:
    """The differences up to the one of which git died, if it did."""
    with tempfile.TemporaryFile() as asked:
        # A file, so that git need not read while we do not write.
        asked.write("".join(f"{old} {new}\n" for old, new in wanted).encode())
        asked.seek(0)
        with subprocess.Popen(
            git.arguments(*_COMMAND, "--", *paths),
            cwd=git.directory,
            env=clean_environment(git.extra),
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdout is not None
            try:
                yield from _read(process, process.stdout, most)
            finally:
                process.kill()


def _read(process: subprocess.Popen[bytes], stream: IO[bytes], most: int) -> Iterator[Diff]:
    text: _Text | None = None
    is_begin = True
    while line := stream.readline(_LINE):
        if is_begin and _TREES.fullmatch(line):
            if text is not None:
                yield text.ended()
            text = _Text(most)
        elif text is not None:
            text.add(line, is_begin=is_begin)
        is_begin = line.endswith(b"\n")
    if text is not None and process.wait() == 0:
        yield text.ended()


class _Text:
    """One difference as it comes in, up to its limit."""

    def __init__(self, most: int) -> None:
        self._room = most
        self._lines: list[str] = []
        self._is_cut = False

    def add(self, line: bytes, *, is_begin: bool) -> None:
        """The next line, or the next part of a long one."""
        if self._is_cut or (is_begin and line.startswith(b"index ")):
            return  # how long ids are shortened depends on the repository
        told = line.decode("utf-8", "replace")
        self._is_cut = len(told) > self._room
        if not self._is_cut:
            self._lines.append(told)
            self._room -= len(told)

    def ended(self) -> Diff:
        """All that was kept."""
        return Diff("".join(self._lines), self._is_cut)
