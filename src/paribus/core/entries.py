"""What a tree holds at a path, and the paths at which two trees differ."""

from __future__ import annotations

from dataclasses import dataclass

EXECUTABLE_MODE = "100755"
LINK_MODE = "120000"
SUBMODULE_MODE = "160000"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a tree holds at one path: a mode as Git writes it, and an object id."""

    mode: str
    oid: str


@dataclass(frozen=True, slots=True)
class FileDelta:
    """One path at which two trees differ; None on the side that does not have it."""

    path: str
    old: Entry | None
    new: Entry | None
