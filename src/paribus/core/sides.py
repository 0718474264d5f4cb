"""What the rules of the diff look at: the two snapshots, and the protocol that governs both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from paribus.core.change import NotCounted, Warned
from paribus.core.names import Found, Settled
from paribus.core.pipeline import Pipeline
from paribus.core.protocol import Protocol
from paribus.core.snapshot import Content, Entry, FileDelta, Snapshot
from paribus.core.values import MISSING, KeyPath, Value

Finding = Found | NotCounted | Warned | Settled
"""What a rule says of a file."""

ABSENT = Content()
PLAIN_MODE = "100644"


@dataclass(frozen=True, slots=True)
class Sides:
    """Baseline and revision side by side.

    The baseline's protocol governs, so that a revision cannot bend the rules by which it is judged;
    where the baseline has none, the revision's does, or the defaults.

    Attributes:
        moves: files that have another path on the new side, and are the same file.
        gone, come: values of the params that one side alone has, by their path in their file.
    """

    old: Snapshot
    new: Snapshot
    moves: Mapping[str, str] = field(default_factory=dict)
    gone: Mapping[KeyPath, Value] = field(default_factory=dict)
    come: Mapping[KeyPath, Value] = field(default_factory=dict)

    @property
    def protocol(self) -> Protocol:
        """The protocol by which both sides are judged."""
        return self.old.protocol or self.new.protocol or Protocol()

    @property
    def pipelines(self) -> tuple[Pipeline, Pipeline]:
        """What the two sides declare."""
        return self.old.pipeline, self.new.pipeline

    def contents(self, path: str) -> tuple[Content, Content]:
        """A file as each side has it."""
        return self.old.contents.get(path, ABSENT), self.new.contents.get(path, ABSENT)

    def is_dependency(self, path: str) -> bool:
        """Whether a stage of either side declares a file, or a folder that holds it."""
        return any(pipeline.readers(path) for pipeline in self.pipelines)

    def is_pipeline_file(self, path: str) -> bool:
        """Whether a file is the project's `dvc.yaml`, or one of a folder below that counts too."""
        return any(path == each.file for pipeline in self.pipelines for each in pipeline.each())

    def is_params_file(self, path: str) -> bool:
        """Whether either side reads params from a file."""
        return any(path in pipeline.params_files() for pipeline in self.pipelines)


Rule = Callable[[Sides, Sequence[FileDelta]], tuple[list[Finding], list[FileDelta]]]
"""Judges the files that it claims, and leaves the others to the next rule."""


def one_by_one(rule: Callable[[Sides, FileDelta], Sequence[Finding] | None]) -> Rule:
    """A rule that looks at each file alone, and says None of what it does not claim."""

    def judged(sides: Sides, deltas: Sequence[FileDelta]) -> tuple[list[Finding], list[FileDelta]]:
        findings: list[Finding] = []
        left: list[FileDelta] = []
        for delta in deltas:
            found = rule(sides, delta)
            if found is None:
                left.append(delta)
            else:
                findings += found
        return findings, left

    return judged


def in_its_file(
    rule: Callable[[Sides, FileDelta], Sequence[Finding] | None],
) -> Callable[[Sides, FileDelta], Sequence[Finding] | None]:
    """A rule about a `dvc.yaml` that sees, of several, the one that it looks at."""

    def judged(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
        if not sides.is_pipeline_file(delta.path):
            return rule(sides, delta)
        old, new = (
            replace(side, pipeline=side.pipeline.written_in(delta.path))
            for side in (sides.old, sides.new)
        )
        return rule(replace(sides, old=old, new=new), delta)

    return judged


def verb(delta: FileDelta) -> str:
    """What happened to a file, in a word or two."""
    if delta.old is None:
        return "added"
    if delta.new is None:
        return "deleted"
    if delta.old.oid == delta.new.oid:
        return f"mode {delta.old.mode} -> {delta.new.mode}"
    return "edited"


def same_mode(delta: FileDelta) -> bool:
    """Whether a file is there on both sides, as the same kind of file."""
    return delta.old is not None and delta.new is not None and delta.old.mode == delta.new.mode


def short_id(entry: Entry | None) -> Value:
    """The first characters of an object id, which name a file's content; an odd mode is added."""
    if entry is None:
        return MISSING
    return entry.oid[:12] if entry.mode == PLAIN_MODE else f"{entry.oid[:12]}:{entry.mode}"
