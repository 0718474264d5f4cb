"""A snapshot: everything at one revision that can move a metric, and the files in which two differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from paribus.core.entries import EXECUTABLE_MODE, LINK_MODE, SUBMODULE_MODE, Entry, FileDelta
from paribus.core.hydra.setup import NO_HYDRA, Hydra
from paribus.core.lock import LockedStage
from paribus.core.pipeline import Pipeline
from paribus.core.protocol import Protocol
from paribus.core.reach import Reach
from paribus.core.values import KeyPath, Value

__all__ = [
    "EXECUTABLE_MODE", "LINK_MODE", "SUBMODULE_MODE", "Content", "Entry", "FileDelta", "Snapshot",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Content:
    """A changed file as one revision has it, read as far as its kind needs.

    Attributes:
        data: its bytes; None where it is absent or is not a plain file.
        document: its value, for params files and other structured files.
        lines: 1-based line of each key, where known.
        rest: of a Python file that is read for its params, the program without their values.
    """

    data: bytes | None = None
    document: Value = None
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    rest: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One revision as the judge needs it.

    Attributes:
        revision: full SHA, or None for the working tree.
        tree: the id of its Git tree.
        pipeline: what its `dvc.yaml` declares.
        protocol: its `paribus.yaml`, or None where it has none.
        contents: the files in which it differs from the other snapshot, by path.
        files: every file of it by path, read when it is asked for.
        reach: the code that its stages reach, looked up when it is asked for.
        hydra: what it composes of config folders in which files differ.
        locks: the stages of each lock file that differs.
    """

    revision: str | None
    tree: str
    pipeline: Pipeline
    protocol: Protocol | None
    contents: Mapping[str, Content]
    files: Mapping[str, bytes] = field(default_factory=dict)
    hydra: Hydra = NO_HYDRA
    locks: Mapping[str, Mapping[str, LockedStage]] = field(default_factory=dict)
    reach: Reach = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reach", Reach(self.pipeline, self.files))
