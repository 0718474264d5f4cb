"""Goes on beside a garbage collection, which takes a pack away that is still being written."""

from __future__ import annotations

import time

from paribus.git.command import Git, GitError

ATTEMPTS = 20
PAUSE = 0.05
"""Seconds between them."""


def run_again(git: Git, *arguments: str, stdin: bytes = b"") -> bytes:
    """As `Git.run`, and once more where what it was writing was taken away."""
    for _ in range(ATTEMPTS - 1):
        try:
            return git.run(*arguments, stdin=stdin)
        except GitError as error:
            if "No such file or directory" not in error.stderr:
                raise
        time.sleep(PAUSE)
    return git.run(*arguments, stdin=stdin)
