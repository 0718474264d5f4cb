"""What a check is asked: which tree against which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from paribus.core.errors import Problem
from paribus.git.history import common_ancestor
from paribus.git.repository import Repository
from paribus.git.revisions import resolve


@dataclass(frozen=True, slots=True)
class Question:
    """What to judge.

    Attributes:
        revision: None for the working tree, or for the index.
        baseline: to judge it against; None to find one.
        staged: whether the index is meant.
        per_commit: whether each commit since the baseline is judged against its parent; of the
            index, whether it is judged as the next commit.
    """

    revision: str | None = None
    baseline: str | None = None
    staged: bool = False
    per_commit: bool = False


def asked(
    repository: Repository, revisions: Sequence[str], baseline: str | None, *, staged: bool, per_commit: bool
) -> Question:  # fmt: skip
    """The question of a command line: nothing, `REV`, `A B`, `A..B` or `A...B`.

    Raises:
        Problem: the parts contradict one another, or there is nothing to judge.
    """
    if len(revisions) > 2:
        raise _usage("at most two revisions are expected")
    if staged and revisions:
        raise _usage("--staged judges the index, so no revision can be given with it")
    old, new = _pair(repository, revisions)
    if old is not None and baseline is not None:
        raise _usage("the first revision is the baseline, so --baseline cannot be given with it")
    if repository.bare and new is None and not staged:
        raise Problem(
            "no-working-tree",
            f"this is a bare repository, without a working tree: {repository.git_dir}",
            "name what to judge   paribus check REVISION",
        )
    return Question(new, old or baseline, staged, per_commit)


# Private functions


def _usage(message: str) -> Problem:
    return Problem("usage", message)


def _pair(repository: Repository, revisions: Sequence[str]) -> tuple[str | None, str | None]:
    """Baseline and revision; a single argument is a range only where it names no commit."""
    if len(revisions) != 1:
        return (revisions[0], revisions[1]) if revisions else (None, None)
    text = revisions[0]
    if ".." not in text or _is_commit(repository, text):
        return None, text
    old, dots, new = text.partition("...") if "..." in text else text.partition("..")
    old, new = old or "HEAD", new or "HEAD"
    if dots == "..":
        return old, new
    base = common_ancestor(repository.git, resolve(repository, old), resolve(repository, new))
    if base is None and repository.shallow:
        raise Problem(
            "shallow-clone",
            f"this clone is shallow and does not hold what {old} and {new} have in common",
            "fetch the rest   git fetch --unshallow (CI: fetch-depth: 0)",
        )
    if base is None:
        raise Problem(
            "no-baseline", f"{old} and {new} have no commit in common", "compare them as   A..B"
        )
    short = base[:7]
    return short if _names(repository, short, base) else base, new


def _names(repository: Repository, short: str, commit: str) -> bool:
    """Whether a short name is this commit's: a tag or branch can be called like another one's."""
    try:
        return resolve(repository, short) == commit
    except Problem:
        return False


def _is_commit(repository: Repository, text: str) -> bool:
    try:
        return bool(resolve(repository, text))
    except Problem:
        return False
