"""Which commits hold the whole ledger, whatever was done to its branch.

The branch is an ordinary one, so that it can be deleted, rewound, or overwritten by a fetch. A second
reference, which no porcelain shows or moves, names a commit that holds all that was recorded here.
"""

from __future__ import annotations

from dataclasses import dataclass

from paribus.git.command import Git

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
            branch was overwritten by one that lacks records; the first is the one to build on.
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


def is_ancestor(git: Git, old: str, new: str) -> bool:
    """Whether a commit holds all of another one, or is that one."""
    return old == new or git.lookup("merge-base", "--is-ancestor", old, new) is not None


# Private functions


def _whole(git: Git, branch: str | None, kept: str | None) -> tuple[str, ...]:
    if branch is None or kept is None:
        return tuple(filter(None, (branch, kept)))
    if is_ancestor(git, kept, branch):
        return (branch,)
    return (kept,) if is_ancestor(git, branch, kept) else (branch, kept)


def _remote(tracking: dict[str, str]) -> tuple[str, ...]:
    usual = tracking.get(TRACKING.format(USUAL_REMOTE))
    if usual is not None:
        return (usual,)
    return tuple(tracking.values()) if len(tracking) == 1 else ()
