"""One pass over the ledger: which runs have no end, and which results nobody recorded.

The records come as one stream, so that memory grows with what is found and with the references below
`refs/exps/`, and not with the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from paribus.core.record import decoded
from paribus.core.run import Intent, Run
from paribus.git.bulk import contents, listed_together
from paribus.git.command import Git
from paribus.ledger.branch import Found
from paribus.ledger.notebook import BASELINES, EXPERIMENTS
from paribus.ledger.page import Page, page_of

OURS = re.compile(
    r"refs/exps/[0-9a-f]{2}/[0-9a-f]{38,62}/paribus-(?:[0-9a-f]{8}|baseline|learn)-\d+-(?P<run>[0-9a-f]+)"
)
"""A result of a run of ours."""


AT_ONCE = 5000
"""Commits that are asked for in one call of git."""


@dataclass(frozen=True, slots=True)
class Open:
    """A run without an end.

    Attributes:
        owner: the experiment's id, or `baseline/<snapshot key>`.
        result: the reference at which its result lies, and the commit; None where none came home.
    """

    owner: str
    intent: Intent
    result: tuple[str, str] | None = None


@dataclass(slots=True)
class Survey:
    """What was seen.

    Attributes:
        experiments, runs: how many there are.
        open: runs without an end.
        recorded: commit and run of each recorded result whose reference is gone, though its commit is
            here, or is another one; by the reference.
        absent: how many recorded results are not here at all.
        example: one run of these.
        unrecorded: commits of results of ours of which no record tells, by their reference.
        holders: the lock and the host of each run that was asked for, by its id.
        baseline: the runs of the baseline that was measured last.
    """

    experiments: int = 0
    runs: int = 0
    open: list[Open] = field(default_factory=list)
    recorded: dict[str, tuple[str, str]] = field(default_factory=dict)
    absent: int = 0
    example: str | None = None
    unrecorded: dict[str, str] = field(default_factory=dict)
    holders: dict[str, Intent] = field(default_factory=dict)
    baseline: list[Run] = field(default_factory=list)


def surveyed(
    git: Git, tips: tuple[str, ...], references: Mapping[str, str], wanted: Collection[str]
) -> Survey:
    """Reads every intent and every run.

    Args:
        tips: the commits that hold the ledger together.
        references: below `refs/exps/`, with their commits.
        wanted: ids of runs whose intents are asked for.

    Raises:
        GitError: a tree of the ledger is missing.
    """
    found, gone = Survey(), dict[str, tuple[str, str]]()
    left = {ref: sha for ref, sha in references.items() if OURS.fullmatch(ref)}
    by_run = {OURS.fullmatch(ref)["run"]: ref for ref in left}  # type: ignore[index]
    for owner, page in _pages(git, tips):
        found.experiments += not owner.startswith("baseline/")
        found.runs += len(page.runs)
        for intent in page.intents:
            if intent.id in wanted:
                found.holders[intent.id] = intent
        for intent in page.open_intents():
            ref = by_run.get(intent.id)
            result = (ref, left.pop(ref)) if ref in left else None
            if not has_lost_ends(page):
                found.open.append(Open(owner, intent, result))
        for run in page.runs:
            _enter(gone, run, references, left)
        if len(gone) > AT_ONCE:
            _sift(git, found, gone, references)
        if owner.startswith("baseline/") and _latest(page.runs) > _latest(found.baseline):
            found.baseline = page.runs
    _sift(git, found, gone, references)
    found.unrecorded = left
    return found


def present(git: Git, objects: Iterable[str]) -> set[str]:
    """Those objects that are here; one process for all."""
    asked = "".join(f"{sha}\n" for sha in dict.fromkeys(objects)).encode()
    if not asked:
        return set()
    told = git.text("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked)
    pairs = (line.split(" ") for line in told.splitlines())
    return {sha for sha, kind in pairs if kind != "missing"}


def has_lost_ends(page: Page) -> bool:
    """Whether an end of a run is there and cannot be read, so that nobody knows which have none."""
    return any("/run-" in path for path in page.unreadable)


# Private functions


def _enter(
    gone: dict[str, tuple[str, str]],
    run: Run,
    references: Mapping[str, str],
    left: dict[str, str],
) -> None:
    if run.ref is None or run.commit is None:
        return
    left.pop(run.ref, None)
    if references.get(run.ref) != run.commit:
        gone[run.ref] = (run.commit, run.intent.id)


def _sift(
    git: Git, found: Survey, gone: dict[str, tuple[str, str]], references: Mapping[str, str]
) -> None:
    """Of many results that are not here, as in a fresh clone, no more is kept than their number."""
    there = present(git, (commit for commit, _ in gone.values()))
    for ref, (commit, run) in gone.items():
        if commit in there or ref in references:
            found.recorded[ref] = (commit, run)
        else:
            found.absent += 1
            found.example = found.example or run
    gone.clear()


def _latest(runs: Iterable[Run]) -> str:
    return max((run.intent.started for run in runs), default="")


def _pages(git: Git, tips: tuple[str, ...]) -> Iterable[tuple[str, Page]]:
    """Each experiment and each baseline with nothing but its intents and runs, and its owner's name."""
    if not tips:
        return
    listed = (
        (path, oid)
        for path, oid in listed_together(git, tips, BASELINES, EXPERIMENTS)
        if path.rpartition("/")[2].startswith(("intent-", "run-"))
    )
    read = contents(git, listed)
    for folder, records in groupby(read, key=lambda each: each[0].rpartition("/")[0]):
        name = folder.rpartition("/")[2]
        owner = f"baseline/{name}" if folder.startswith(f"{BASELINES}/") else name
        told = (Found(path, None if data is None else decoded(data)) for path, data in records)
        yield owner, page_of(name, told)
