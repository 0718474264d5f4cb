"""Which names a new branch may have: none that Paribus keeps for itself, none that Git cannot hold."""

from __future__ import annotations

from collections.abc import Iterable

from paribus.core.errors import Problem
from paribus.git.command import Git

RESERVED = "paribus"
"""Paribus' own branches are below it, such as the ledger."""

HEADS = "refs/heads/"


def require_possible(git: Git, names: Iterable[str], way_out: str) -> None:
    """Raises `Problem` where a branch cannot have such a name, whether or not it is there already.

    Args:
        way_out: what to do instead, as a help.
    """
    there = set(git.text("for-each-ref", "--format=%(refname)", HEADS).splitlines())
    for name in names:
        if name.startswith("refs/"):
            raise Problem(
                "bad-branch-name",
                f"{name!r} is the full name of a reference; a branch is called by its short one",
                way_out,
            )
        if name.split("/")[0] == RESERVED:
            raise Problem(
                "reserved-branch", f"branches below {RESERVED}/ are kept for the ledger", way_out
            )
        other = _in_the_way(name, there)
        if other is not None:
            raise Problem(
                "branch-in-the-way",
                f"there can be no branch {name} beside the branch {other}",
                way_out,
            )


# Private functions


def _in_the_way(name: str, there: set[str]) -> str | None:
    """A branch that would be a folder of the other, or the other way round."""
    parts = name.split("/")
    above = ("/".join(parts[:count]) for count in range(1, len(parts)))
    found = next((one for one in above if HEADS + one in there), None)
    if found is not None:
        return found
    below = sorted(one for one in there if one.startswith(f"{HEADS}{name}/"))
    return below[0].removeprefix(HEADS) if below else None
