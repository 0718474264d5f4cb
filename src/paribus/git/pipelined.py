"""Reads many objects at the price of few: git is asked ahead, and answers while it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from paribus.core.errors import Problem
from paribus.git.objects import LARGEST_BLOB, Objects

AHEAD = 24_000
"""Bytes of names that are written before the first answer is read: a pipe holds 64 kB."""

_PIECE = 2**20


@dataclass(frozen=True, slots=True)
class Got:
    """An object.

    Attributes:
        oid: its id.
        kind: `commit`, `tree`, `blob` or `tag`.
        data: None where it is larger than what was asked for.
    """

    oid: str
    kind: str
    data: bytes | None


class Pipelined(Objects):
    """A reader that can be asked for many objects at once, too."""

    def read_many(self, names: Sequence[str], most: int = LARGEST_BLOB) -> Iterator[Got | None]:
        """Each object in the order of the names; None for one that is not there.

        All of it must be read: the next question's answer comes after the last of these.

        Args:
            names: object ids, or what stands for one, without line breaks.
            most: bytes; the content of a larger object is passed over.
        """
        for piece in _pieces(names):
            rest = piece
            while rest:
                answered = 0
                for got in self._answers(rest, most):
                    answered += 1
                    yield got
                rest = rest[answered:]

    # Private methods

    def _answers(self, names: Sequence[str], most: int) -> Iterator[Got | None]:
        """As many as git answers: over a damaged object it dies, and that one counts as not there."""
        stdin, _ = self._pipes()
        stdin.write("".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape"))
        stdin.flush()
        for name in names:
            try:
                got = self._next(name, most)
            except Problem:
                yield None
                return
            yield got

    def _next(self, name: str, most: int) -> Got | None:
        header = self._answer(name)
        if header is None:
            return None
        if header.size <= most:
            return Got(header.oid, header.kind, self._rest(header, name))
        _, stdout = self._pipes()
        left = header.size + 1
        while left and (piece := stdout.read(min(left, _PIECE))):
            left -= len(piece)
        return Got(header.oid, header.kind, None)


# Private functions


def _pieces(names: Sequence[str]) -> Iterator[list[str]]:
    piece: list[str] = []
    size = 0
    for name in names:
        if size and size + len(name) >= AHEAD // 4:  # a character may be four bytes
            yield piece
            piece, size = [], 0
        piece.append(name)
        size += len(name) + 1
    if piece:
        yield piece
