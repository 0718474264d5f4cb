"""The examples of both sides of each pair, and which of their analyses applies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from paribus.core.examples.crossed import TwoWay, crossed
from paribus.core.examples.model import Examples
from paribus.core.examples.paired import ExampleFinding, compare


@dataclass(frozen=True, slots=True, eq=False)
class ExamplePairs:
    """What each pair of runs made of the evaluation examples.

    Attributes:
        sides: baseline and candidate by the pair's index.
        repeats: whether reruns of one seed of the baseline gave the same numbers.
    """

    sides: Mapping[int, tuple[Examples, Examples]]
    repeats: bool = False

    def among(self, indices: frozenset[int]) -> ExamplePairs:
        """Of some pairs only."""
        kept = {index: pair for index, pair in self.sides.items() if index in indices}
        return ExamplePairs(kept, self.repeats)

    @property
    def size(self) -> int | None:
        """Examples of the first pair; None without pairs."""
        first = next(iter(self.sides.values()), None)
        return None if first is None else first[0].size

    @property
    def exact(self) -> bool:
        """Whether one run a side is all that can be known: two pairs or more, and none differs.

        Seeds or reruns then change nothing on either side, and the examples alone vary.
        """
        runs = list(zip(*self.sides.values(), strict=True))
        return (
            self.repeats
            and len(self.sides) >= 2
            and all(_same(one, side[0]) for side in runs for one in side[1:])
        )

    def compared(self, level: float) -> ExampleFinding:
        """The first pair, one run a side, at two-sided `level`.

        Raises:
            ValueError: there is no pair, or its sides do not have the same examples.
        """
        if not self.sides:
            raise ValueError("there is no pair to compare")
        old, new = next(iter(self.sides.values()))
        return compare(old, new, level)

    def crossed(self) -> TwoWay | None:
        """Seeds x examples; None for fewer than two pairs, or where each seed draws its examples."""
        if len({old.digest for old, _ in self.sides.values()}) != 1 or len(self.sides) < 2:
            return None
        old, new = zip(*self.sides.values(), strict=True)
        return crossed(old, new)


# Private functions


def _same(one: Examples, other: Examples) -> bool:
    return one.digest == other.digest and np.array_equal(one.values, other.values)
