"""Which commits hold the whole ledger, whatever was done to its branch.

The branch is an ordinary one, so that it can be deleted, rewound, or overwritten by a fetch. A second
reference, which no porcelain shows or moves, names a commit that holds all that was recorded here.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from paribus.core.errors import Problem
from paribus.git.command import Git
from paribus.git.objects import Objects
from paribus.ledger.merge import RECORD_NAME, TREES, union

REF = "refs/heads/paribus/ledger"
KEPT = "refs/paribus/kept"
TRACKING = "refs/remotes/{}/paribus/ledger"
USUAL_REMOTE = "origin"


@dataclass(frozen=True, slots=True)
class Tips:
    """Where the ledger's references point.

    Attributes:
        branch: the branch; None where there is none.
        kept: what holds all that was recorded here; None before the first record.
        whole: the commits that hold the ledger together: none before the first record, two where the
            branch lacks records that the other has; the first is the one to build on.
    """

    branch: str | None
    kept: str | None
    whole: tuple[str, ...]

    @property
    def is_rewound(self) -> bool:
        """Whether the branch lacks records that were made here."""
        return self.kept is not None and self.kept in self.whole and self.branch != self.kept


def read_tips(git: Git) -> Tips:
    """The references as they are now.

    Where there is neither a branch nor anything kept, as in a fresh clone, a remote's branch is read:
    that of `origin`, or of the only remote that has one.
    """
    refs = ("--format=%(refname) %(objectname)", REF, KEPT, TRACKING.format("*"))
    listed = git.text("for-each-ref", *refs).splitlines()
    found = dict(line.split(" ") for line in listed)
    branch, kept = found.pop(REF, None), found.pop(KEPT, None)
    return Tips(branch, kept, _whole(git, branch, kept) or _remote(found))


def holds(git: Git, new: str, old: str) -> bool:
    """Whether a commit has all of another one: it is that one, or goes back to it and took nothing away.

    Somebody may have the branch checked out, and commit what was there before the last records came:
    that commit goes back to all of them and has none.
    """
    if old == new:
        return True
    if git.lookup("merge-base", "--is-ancestor", old, new) is None:
        return False
    taken = (git.lookup(*_TAKEN_AWAY, old, new) or "").splitlines()
    return not any(map(_is_recorded, taken)) or not _lacks(git, new, old)


# Private functions


_TAKEN_AWAY = (
    "diff-tree", "-r", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv",
    "--diff-filter=DMT",
)  # fmt: skip
"""Asks for the files that the second of two commits does not have as the first had them."""


def _is_recorded(path: str) -> bool:
    """Whether it is for good; what others put there, who put it there may remove."""
    name = path.rpartition("/")[2]
    return path.startswith(f"{TREES}/") or RECORD_NAME.fullmatch(name) is not None


def _lacks(git: Git, new: str, old: str) -> bool:
    """Whether a union with the older one would add anything; of two contents the better one stays."""
    with contextlib.suppress(Problem), Objects(git) as objects:
        return bool(union(objects, new, old).entries)
    return False  # what is damaged cannot be compared, and is told elsewhere


def _whole(git: Git, branch: str | None, kept: str | None) -> tuple[str, ...]:
    if branch is None or kept is None:
        return tuple(filter(None, (branch, kept)))
    if holds(git, branch, kept):
        return (branch,)
    return (kept,) if holds(git, kept, branch) else (branch, kept)


def _remote(tracking: dict[str, str]) -> tuple[str, ...]:
    usual = tracking.get(TRACKING.format(USUAL_REMOTE))
    if usual is not None:
        return (usual,)
    return tuple(tracking.values()) if len(tracking) == 1 else ()
