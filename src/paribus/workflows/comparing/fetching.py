"""Which command fetches what the DVC cache lacks of a revision."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from paribus.git.command import GitError
from paribus.workflows.project import Project

MOST = 1000
"""Commits that are asked about; of more a branch is taken for granted."""


def fetch_command(
    project: Project, commit: str | None, targets: Iterable[str], *, reachable: bool
) -> str:
    """What to type in the project's folder.

    DVC fetches for the commits that branches and tags lead to, and by no other name: a result that
    nothing but `refs/exps` knows needs a branch first.

    Args:
        commit: full SHA; None for the working tree.
        targets: what DVC tracks, from the repository's top.
        reachable: whether a branch or a tag leads to the commit.
    """
    names = " ".join(shlex.quote(project.name(target)) for target in dict.fromkeys(targets))
    if commit is None:
        return f"dvc fetch {names}"
    if reachable:
        return f"dvc fetch --all-commits {names}"
    return f"git branch result-{commit[:7]} {commit} && dvc fetch --all-branches {names}"


def unreachable(project: Project, commits: Iterable[str]) -> frozenset[str]:
    """Those of some commits to which no branch or tag leads."""
    git, wanted = project.repository.git, list(dict.fromkeys(commits))
    if not wanted:
        return frozenset()
    try:
        told = git.text(
            "rev-list", *wanted[:MOST], "--not", "HEAD", "--branches", "--tags", "--remotes"
        )
    except GitError:
        return frozenset()  # history is cut off or damaged: the usual command is the best guess
    return frozenset(told.splitlines()) & frozenset(wanted)
