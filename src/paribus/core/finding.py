"""What an examination finds: faults, practices that could be better, and what is good to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding weighs."""

    FAULT = "fault"
    PRACTICE = "practice"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Kind:
    """What every finding of one code has in common.

    Attributes:
        level: how much it weighs.
        why: why it matters, in one sentence.
        repair: what the repair does; empty where there is none.
    """

    level: Level
    why: str
    repair: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Attributes:
        code: one of `KINDS`.
        message: what, in one line.
        where: a path, a reference, a run or a file.
        helps: what to do by hand, each either words or `words   command to paste`.
        fixable: whether the repair can mend it.
        done: what the repair did; None while nothing was done.
        failed: why the repair could not do it.
    """

    code: str
    message: str
    where: str
    helps: tuple[str, ...] = ()
    fixable: bool = False
    done: str | None = None
    failed: str | None = None

    @property
    def kind(self) -> Kind:
        """What it has in common with others of its code."""
        return KINDS[self.code]


def _fault(why: str, repair: str = "") -> Kind:
    return Kind(Level.FAULT, why, repair)


def _practice(why: str) -> Kind:
    return Kind(Level.PRACTICE, why)


def _note(why: str) -> Kind:
    return Kind(Level.NOTE, why)


KINDS: Mapping[str, Kind] = {
    # The ledger
    "ledger-deleted": _fault(
        "clones and pushes share the branch, and now share nothing",
        "the branch is put back where all that was recorded is kept",
    ),
    "ledger-rewound": _fault(
        "what the branch lacks is not shared, and plain git does not show it",
        "the branch gets back, by union, what is kept",
    ),
    "ledger-broken": _fault(
        "git cannot follow the reference, so that nothing can be recorded",
        "the other reference, which is whole, takes its place; what stood there is put aside",
    ),
    "ledger-unmerged": _fault(
        "what others recorded is not seen when the same idea is tried here",
        "they are taken in, by union",
    ),
    "ledger-checked-out": _fault(
        "the next record moves the branch under these files, and a commit from them would take it back"
    ),
    "missing-object": _fault("what was recorded there cannot be read"),
    "unreadable-record": _fault("what was recorded there counts for nothing"),
    "misnamed-record": _fault(
        "a record's name follows from its content, so one of them was altered"
    ),
    "newer-record": _fault("this version cannot read it, and judges without it"),
    "foreign-file": _fault("nothing of Paribus wrote it, and it goes wherever the ledger goes"),
    "run-without-intent": _fault("a run is recorded before it starts, so a record is missing"),
    "missing-tree": _fault("the tested tree cannot be promoted, verified or made a branch of"),
    "not-examined": _fault("whatever else is wrong there stays unknown"),
    # Runs
    "interrupted-run": _fault(
        "its process is gone, so that no end will ever be recorded",
        "it is recorded as interrupted, with its result where one came home; nothing else changes",
    ),
    "lost-run": _note("only the machine that made it can tell whether it goes on"),
    "orphan-processes": _fault(
        "they take time and memory, and could still write",
        "they are ended",
    ),
    "stale-card": _fault(
        "it tells of a run under way that is over",
        "processes of that run are ended, and the card goes",
    ),
    # Results
    "moved-result": _fault("what DVC shows under that name is not what was measured"),
    "missing-result": _note("their verdicts stand; somebody removed them, or has not fetched them"),
    "absent-results": _note("their verdicts stand; somebody removed them, or has not fetched them"),
    "unrecorded-result": _fault("no run in the ledger tells of it, so that it counts for nothing"),
    "dangling-ref": _fault(
        "git gc and dvc exp show stop at it",
        "one of Paribus is removed: its commit is not here, so that nothing is lost",
    ),
    "garbage-ref": _fault(
        "git and DVC stumble over it",
        "one of Paribus is put aside: it names nothing",
    ),
    "stray-ref": _fault("dvc exp list fails where a reference is not in DVC's own layout"),
    # Baselines
    "unrecorded-baseline": _fault(
        "the tag says that an experiment was promoted, the ledger does not"
    ),
    "moved-baseline": _fault("experiments would be judged against a commit that was not promoted"),
    "missing-baseline": _fault(
        "the baseline that stands is not found, and an older one is taken",
        "the commit that was promoted is tagged again",
    ),
    "baseline-conflict": _fault("two people mean different commits by one name"),
    "lightweight-baseline": _fault(
        "only annotated tags count as baselines, and this one is in the way"
    ),
    # Places
    "killed-clone": _fault("it takes room, and no run will use it", "the clone is thrown away"),
    "unused-clone": _fault("it takes room", "the clone is thrown away; the next run makes another"),
    "leftover-folder": _fault("it takes room", "the folder is thrown away"),
    "leftover-file": _fault("it takes room, and git leaves it for two weeks", "the file goes"),
    "kept-pack": _fault(
        "git gc passes over the pack, so that it never becomes one with others",
        "the file beside the pack goes, and the pack stays",
    ),
    "stale-lock-file": _fault(
        "nobody holds it; many of them slow down the look for runs under way", "the file goes"
    ),
    "git-lock": _fault(
        "git refuses to write while it is there",
        "it goes, where it is provably nobody's",
    ),
    "false-index": _fault(
        "lists and searches would tell something else than the ledger",
        "it is thrown away, and made anew from the ledger",
    ),
    "disk-nearly-full": _fault("a run whose result cannot be written has run for nothing"),
    "not-writable": _fault("nothing can be recorded"),
    # Git
    "shallow-clone": _fault("the baseline of an experiment may not be here"),
    "partial-clone": _fault("objects that are not here cannot be judged, run or verified"),
    "weak-fsync": _note(
        "Paribus brings its own records to the disk; your commits may be lost with the power"
    ),
    "lfs-files": _note(
        "private clones have no store of Git LFS and no remote; track large data with DVC"
    ),
    "unshared-records": _note("they are on this disk alone"),
    # Practices
    "environment-not-locked": _practice(
        "with other versions of its packages a run may give other numbers"
    ),
    "seed-not-wired": _practice("repeats are copies, and copies say nothing about noise"),
    "seed-not-read": _practice("where no stage reads it, another value changes nothing"),
    "seed-does-not-repeat": _practice(
        "something else than the declared seeds moves the numbers, and takes more pairs to see through"
    ),
    "untracked-data": _practice("nobody else, and no private clone, has the data"),
    "undeclared-code": _practice("DVC does not notice when it changes"),
    "undeclared-param": _practice("DVC does not notice when it changes"),
}
"""Every code, in the order in which findings are told."""
