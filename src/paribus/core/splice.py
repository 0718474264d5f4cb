"""A text taken apart line by line, so that some edits of it can be made without the others.

Lines are bytes with their ends, as the file has them; nothing here knows what a file means.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

ALIKE = 0.5
"""How similar two lines are, of at most 1, for one to be the other one edited."""

MOST_COMPARED = 2500
"""Pairs of lines of one block that are compared letter by letter; larger blocks are rewritten text."""

Lines = Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Edit:
    """One line that came, went or was edited; of a large block all of its lines at once.

    Attributes:
        old, new: the lines on each side, 0-based, the end excluded; either may be empty.
        block: edits with no common line between them have the same number.
    """

    old: tuple[int, int]
    new: tuple[int, int]
    block: int

    @property
    def kind(self) -> tuple[bool, bool]:
        """Whether it stands on the old side, and on the new one."""
        return self.old[0] < self.old[1], self.new[0] < self.new[1]


@dataclass(frozen=True, slots=True)
class Clash:
    """Two versions of a text edit the same lines.

    Attributes:
        first, last: those lines of their common ancestor, 1-based, both included.
    """

    first: int
    last: int


def lines_of(data: bytes) -> list[bytes]:
    """The lines of a file, with their ends, counted as Python counts them."""
    return data.splitlines(keepends=True)


def edits(old: Lines, new: Lines) -> tuple[Edit, ...]:
    """The smallest edits that make the new text of the old one, in the order of the text."""
    opcodes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    blocks = [(a, b, c, d) for tag, a, b, c, d in opcodes if tag != "equal"]
    return tuple(
        Edit(left, right, number)
        for number, (a, b, c, d) in enumerate(blocks)
        for left, right in _atoms(old[a:b], new[c:d], a, c)
    )


def spliced(old: Lines, new: Lines, every: Sequence[Edit], chosen: Collection[int]) -> bytes:
    """The old text with some of its edits made.

    Args:
        every: what `edits` says of the two texts.
        chosen: which of them to make.
    """
    pieces: list[bytes] = []
    at = 0
    for number, edit in enumerate(every):
        pieces += old[at : edit.old[0]]
        if number in chosen:
            pieces += new[edit.new[0] : edit.new[1]]
        else:
            pieces += old[edit.old[0] : edit.old[1]]
        at = edit.old[1]
    return _joined([*pieces, *old[at:]])


def needed(
    old: Lines, new: Lines, every: Sequence[Edit], chosen: Collection[int], free: Collection[int]
) -> frozenset[int]:
    """Edits that bring a word which chosen ones use and the old text has not: an import, an option.

    Args:
        free: the edits that may be needed, by their places; what they need in turn is needed, too.
    """
    known = set(_WORD.findall(b"".join(old)))
    fresh = [set(_WORD.findall(b"".join(new[slice(*edit.new)]))) - known for edit in every]
    found: set[int] = set()
    wanted = set().union(*(fresh[at] for at in chosen))
    while more := {at for at in free if at not in found and fresh[at] & wanted}:
        found |= more
        wanted.update(*(fresh[at] for at in more))
    return frozenset(found)


def merged(base: Lines, ours: Lines, theirs: Lines) -> bytes | Clash:
    """Both edits of a text made in it; the first place where they touch the same lines, if they do.

    Edits of neighbouring lines do not clash, unlike in `git merge`: what is asked here is whether a
    line is the one that was edited, and whoever calls judges the result.
    """
    mine, added = _placed(base, ours), _placed(base, theirs)
    for span, text in added.items():
        for other, their in mine.items():
            if _clash(span, other) and (span, text) != (other, their):
                return Clash(min(span[0], other[0]) + 1, max(span[1], other[1], span[0] + 1))
    pieces: list[bytes] = []
    at = 0
    for (start, stop), text in sorted({**mine, **added}.items()):
        pieces += [*base[at:start], *text]
        at = stop
    return _joined([*pieces, *base[at:]])


# Private functions

_WORD = re.compile(rb"[A-Za-z_]\w*")

_Span = tuple[int, int]


def _atoms(old: Lines, new: Lines, a: int, c: int) -> Iterator[tuple[_Span, _Span]]:
    """A block line by line: lines that are alike stand for one another, the others came or went."""
    if len(old) * len(new) > MOST_COMPARED:
        yield (a, a + len(old)), (c, c + len(new))
        return
    left = right = 0
    for i, j in [*_alike(old, new), (len(old), len(new))]:
        yield from (((a + k, a + k + 1), (c + right, c + right)) for k in range(left, i))
        yield from (((a + i, a + i), (c + k, c + k + 1)) for k in range(right, j))
        if i < len(old):
            yield (a + i, a + i + 1), (c + j, c + j + 1)
        left, right = i + 1, j + 1


def _alike(old: Lines, new: Lines) -> list[tuple[int, int]]:
    """Pairs of lines in order that are most alike together: a longest common subsequence by weight."""
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    alike = [[_likeness(left, right) for right in new] for left in old]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            paired = alike[i][j] + best[i + 1][j + 1] if alike[i][j] else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    pairs, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if alike[i][j] and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _likeness(left: bytes, right: bytes) -> float:
    if not left.strip() or not right.strip():
        return 0.0
    matcher = SequenceMatcher(None, left.strip(), right.strip(), autojunk=False)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= ALIKE else 0.0


def _placed(base: Lines, other: Lines) -> dict[_Span, list[bytes]]:
    """What stands on the other side in the place of each edited line, or in each gap."""
    found: dict[_Span, list[bytes]] = {}
    for edit in edits(base, other):
        found.setdefault(edit.old, []).extend(other[slice(*edit.new)])
    return found


def _clash(left: _Span, right: _Span) -> bool:
    """Whether two edits touch the same line, or put lines into the same gap."""
    if left[0] == left[1] and right[0] == right[1]:
        return left == right
    return left[0] < right[1] and right[0] < left[1]


def _joined(pieces: Lines) -> bytes:
    """Lines one after another; one that was the last of its file may stand before others now."""
    if all(piece.endswith((b"\n", b"\r")) for piece in pieces[:-1]):
        return b"".join(pieces)
    ended = [piece if piece.endswith((b"\n", b"\r")) else piece + b"\n" for piece in pieces[:-1]]
    return b"".join([*ended, *pieces[-1:]])
