"""Commits made of a tree that is there already: no checkout, no index, no reference moved."""

from __future__ import annotations

from datetime import datetime

from paribus.git.command import Git
from paribus.git.identity import identity


def make_commit(git: Git, tree: str, parent: str, message: str, date: datetime) -> str:
    """Writes a commit that no reference names yet; who wants it kept has to name it.

    The same arguments give the same commit for one user, since the date is given, too.

    Args:
        message: with its final newline.
        date: of author and committer, to the second.

    Returns:
        Its full SHA.
    """
    when = f"@{int(date.timestamp())} +0000"
    dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    written = git.with_environment(identity(git) | dates)
    encoded = message.encode("utf-8", "replace")
    return written.text(
        "-c", "i18n.commitEncoding=UTF-8", "commit-tree", tree, "-p", parent, stdin=encoded
    )  # fmt: skip
