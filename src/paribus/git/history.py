"""Questions about commits: which lie between two, what their trailers say, what is being merged."""

from __future__ import annotations

import subprocess
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from paribus.core.errors import Problem
from paribus.git.command import Git, GitError, clean_environment
from paribus.git.repository import Repository
from paribus.git.revisions import OBJECT_ID, resolve

ALLOW = "Paribus-Allow"
"""The trailer of a commit that lets several changes through, and says why."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that is no merge.

    Attributes:
        sha: full.
        parent: full SHA; None for the first commit of a history.
        subject: first line of its message, by whoever wrote it.
    """

    sha: str
    parent: str | None
    subject: str


def commits_between(repository: Repository, old: str, new: str) -> tuple[Commit, ...]:
    """The commits that `new` has and `old` has not, oldest first, without merges.

    Raises:
        Problem: history is cut off between the two.
    """
    listed = _rev_list(
        repository.git, "%H%x00%P%x00%s%x00", "--reverse", "--topo-order", "--max-parents=1",
        new, f"^{old}",
    )  # fmt: skip
    found = [
        Commit(sha, parent or None, subject)
        for sha, parent, subject in zip(listed[::3], listed[1::3], listed[2::3], strict=True)
    ]
    if repository.shallow and any(commit.parent is None for commit in found):
        raise Problem(
            "shallow-clone",
            "this clone is shallow and does not hold every commit in between",
            "fetch the rest   git fetch --unshallow (CI: fetch-depth: 0)",
        )
    return tuple(found)


def allowances(git: Git, tips: Sequence[str], base: str) -> tuple[str, ...]:
    """The reasons that commits of `tips`, and not of `base`, give for having several changes."""
    trailers = f"%(trailers:key={ALLOW},valueonly,unfold,separator=%x00)%x00"
    values = _rev_list(git, trailers, "--reverse", "--topo-order", *tips, f"^{base}")
    return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))


def heads_of_work(repository: Repository) -> tuple[str, ...]:
    """HEAD, and what is being merged into it; raises `Problem` where there is no commit yet."""
    head = resolve(repository, "HEAD")
    merging = repository.git_dir / "MERGE_HEAD"
    if not merging.is_file():
        return (head,)
    others = merging.read_text(encoding="ascii", errors="replace").split()
    return (head, *(other for other in others if OBJECT_ID.fullmatch(other)))


def common_ancestor(git: Git, one: str, other: str) -> str | None:
    """The merge base of two commits; None where their histories are unrelated."""
    return git.lookup("merge-base", one, other)


def first_parents(git: Git, tip: str) -> Generator[str, None, None]:
    """A commit, its first parent, and so on, as git finds them: who stops early need not wait for all.

    Args:
        tip: SHA of a commit.
    """
    with subprocess.Popen(
        git.arguments("rev-list", "--first-parent", tip, "--"),
        cwd=git.directory,
        env=clean_environment(git.extra),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                yield line.decode().strip()
        finally:
            process.kill()


def default_branch(git: Git) -> str | None:
    """The full name of the branch that the repository's HEAD names."""
    return git.lookup("symbolic-ref", "--quiet", "HEAD")


# Private functions


def _rev_list(git: Git, form: str, *arguments: str) -> list[str]:
    """The fields of a format in which each ends with NUL; what is passed is options and object ids."""
    try:
        output = git.run(
            "-c", "i18n.logOutputEncoding=UTF-8", "-c", "trailer.separators=:",
            "rev-list", f"--format={form}", *arguments, "--",
        )  # fmt: skip
    except GitError as error:
        raise Problem("missing-object", f"git cannot walk the history: {error.detail}") from error
    fields = output.decode("utf-8", "replace").split("\0")[:-1]
    return [_without_header(field) for field in fields]


def _without_header(field: str) -> str:
    """rev-list puts a line `commit <sha>` before what the format asks for."""
    head, newline, rest = field.lstrip("\n").partition("\n")
    return rest if newline and head.startswith("commit ") else field
