"""Names that a change brings, takes and mentions, by which changes are told to be one idea.

Names are text with a word in front that says what they name, so that a file is not taken for a function:
`def src.features.ratio`, `local src/train.py::build::x`, `word alpha`, `file src/train.py`,
`package lightgbm`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from paribus.core.change import Change
from paribus.core.values import KeyPath


@dataclass(frozen=True, slots=True)
class Names:
    """What one side of a change defines and mentions.

    Attributes:
        defines: names that it brings into being on this side.
        mentions: names that it uses on this side.
        keys: params that it brings into being, as paths in their file.
        reads: keys that it reads one inside the other, such as `("train", "lr")`; of a mapping that
            was picked before, only the last ones.
    """

    defines: frozenset[str] = frozenset()
    mentions: frozenset[str] = frozenset()
    keys: frozenset[KeyPath] = frozenset()
    reads: frozenset[KeyPath] = frozenset()


NOTHING = Names()


@dataclass(frozen=True, slots=True)
class Found:
    """A change before grouping, with what ties it to others.

    Attributes:
        old, new: its names on each side.
        touches: definitions that are there on both sides and that it edits inside (`def`), or whose
            arguments it edits (`sig`).
        block: statements that stand next to one another, which came or went, have the same block.
        variables: that such a statement uses.
        wires: params that it does nothing but hand on, as options of a command.
    """

    change: Change
    old: Names = field(default=NOTHING)
    new: Names = field(default=NOTHING)
    touches: frozenset[str] = frozenset()
    block: str | None = None
    variables: frozenset[str] = frozenset()
    wires: frozenset[KeyPath] = frozenset()


@dataclass(frozen=True, slots=True)
class Settled:
    """A param that came or went and stands for the literal that it took the place of."""

    key: KeyPath


def names(tag: str, listed: Iterable[str]) -> frozenset[str]:
    """Names of one sort."""
    return frozenset(f"{tag} {name}" for name in listed)


def is_read_by(key: KeyPath, read: KeyPath) -> bool:
    """Whether a chain of keys in the code can stand for a param: they agree as far as both go.

    Code often picks a mapping first and reads one key of it later, so the chain may be shorter.
    """
    # A key may have a dot in it, where code has one text and no chain.
    whole, part = (".".join(path).split(".") for path in (key, read))
    depth = min(len(whole), len(part)) if key and read else 0
    return depth > 0 and whole[-depth:] == part[-depth:]
