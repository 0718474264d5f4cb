"""Keeps the object database quick, since each record and each result arrives as a pack of its own."""

from __future__ import annotations

from paribus.git.repository import Repository

MANY_PACKS = 50
"""As many as Git's own `gc --auto` suffers before it tidies up."""


def join_small_packs(repository: Repository) -> None:
    """Rolls small packs into one, as Git does after its own commands; does nothing while there are few.

    Large packs stay as they are, so that this costs what has come since the last time. A Git that
    cannot do it (before 2.33) is left to its user's own `git gc`: nothing is lost by that.
    """
    packs = repository.common_dir / "objects" / "pack"
    if sum(1 for _ in packs.glob("*.pack")) > MANY_PACKS:
        repository.git.lookup("repack", "--geometric=2", "-d", "--quiet")
