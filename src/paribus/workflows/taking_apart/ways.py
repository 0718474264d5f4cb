"""The ways of cutting one change out of several, in the order in which they are tried."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Along(IntEnum):
    """Which other files come along, as far as what differs in them is no change."""

    NONE = 0
    UNCHANGED = 1
    """Those that no change is in, and the pipeline."""
    ALL = 2


@dataclass(frozen=True, slots=True)
class Way:
    """One way of cutting a change out.

    Attributes:
        whole: whether a file in which no other change is comes with all that differs in it; of a
            pipeline, and of other files.
        near, free: whether edits come along that are no change's: those next to its own and those
            that its own need, or all.
        shared: whether edits come along that stand in a line with another change's.
    """

    whole: tuple[bool, bool] = (True, True)
    near: bool = True
    free: bool = False
    shared: bool = False
    along: Along = Along.NONE


WAYS = (
    Way(),
    Way(whole=(False, True)),
    Way(whole=(False, False)),
    Way(free=True),
    Way(along=Along.UNCHANGED),
    Way(free=True, along=Along.ALL),
    Way(near=False),
    Way(free=True, shared=True),
    Way(free=True, shared=True, along=Along.ALL),
)
"""From the one that takes along least of what nobody asked for; what leaves lines behind comes late."""
