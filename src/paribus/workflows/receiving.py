"""What a server does before it takes a push: judges what protected branches would become."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from paribus.core.errors import Exit, Problem
from paribus.git.history import common_ancestor, default_branch
from paribus.git.objects import Objects
from paribus.git.repository import Repository
from paribus.git.revisions import OBJECT_ID, resolve
from paribus.reports.hooks import on_push, skipped, unjudged
from paribus.workflows.check import each_commit_between, judged_between
from paribus.workflows.project import Project

BRANCHES = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of one branch, and with which exit code."""

    text: str
    status: Exit


@dataclass(frozen=True, slots=True)
class Push:
    """One line of a pre-receive hook's input.

    Attributes:
        old: full SHA; None for a new branch.
        new: full SHA; None for a deleted one.
        ref: full name.
    """

    old: str | None
    new: str | None
    ref: str

    @property
    def branch(self) -> str:
        """Its short name."""
        return self.ref.removeprefix(BRANCHES)


def read_push(lines: Iterable[str]) -> tuple[Push, ...]:
    """What git writes to the hook; raises `Problem` where it is something else."""
    found = []
    for line in lines:
        words = line.rstrip("\n").split(" ", 2)
        if len(words) != 3 or not all(OBJECT_ID.fullmatch(word) for word in words[:2]):
            raise Problem(
                "usage",
                "`OLD NEW REF` is expected on each line of standard input",
                "see   paribus hook pre-receive --help",
            )
        old, new = (None if not word.strip("0") else word for word in words[:2])
        found.append(Push(old, new, words[2]))
    return tuple(found)


def judge_push(
    projects: Sequence[Project], pushed: Sequence[Push], patterns: Sequence[str], *, per_commit: bool
) -> list[Told]:  # fmt: skip
    """One answer for each protected branch and project.

    Args:
        projects: of one repository.
        patterns: of the names of protected branches; empty for the repository's own HEAD.
    """
    repository = projects[0].repository
    protected = [push for push in pushed if push.new and _is_protected(repository, push, patterns)]
    if not protected and not patterns and _head(repository) is None:
        reason = "HEAD names no branch that is there, so none is protected; name some with --branch"
        return [Told(skipped(default_branch(repository.git) or "HEAD", reason), Exit.DONE)]
    return [
        _judged(project, push, per_commit=per_commit) for push in protected for project in projects
    ]


def worst(told: Sequence[Told]) -> Exit:
    """The hook's exit code: 1 where a rule is broken, else 2 where something cannot be judged."""
    found = {one.status for one in told}
    return next((code for code in (Exit.RULE_BROKEN, Exit.BAD_INPUT) if code in found), Exit.DONE)


# Private functions


def _is_protected(repository: Repository, push: Push, patterns: Sequence[str]) -> bool:
    if not push.ref.startswith(BRANCHES):
        return False
    if patterns:
        return any(fnmatchcase(push.branch, pattern) for pattern in patterns)
    return push.ref == default_branch(repository.git)


def _judged(project: Project, push: Push, *, per_commit: bool) -> Told:
    git = project.repository.git
    try:
        new = resolve(project.repository, push.new or "")
        old = push.old or _fork(project.repository, new)
        if old is None:
            reason = "a new branch without a commit in common with the main one, not judged"
            return Told(skipped(push.branch, reason), Exit.DONE)
        if per_commit:
            answer = each_commit_between(project, old, new)
            return Told(on_push(push.branch, answer), answer.status)
        with Objects(git) as objects:
            report = judged_between(project, objects, old, new)
        return Told(on_push(push.branch, report), report.status)
    except Problem as problem:
        return Told(unjudged(push.branch, problem), problem.status)


def _fork(repository: Repository, new: str) -> str | None:
    """Where a new branch left the repository's main one."""
    main = _head(repository)
    return common_ancestor(repository.git, new, main) if main else None


def _head(repository: Repository) -> str | None:
    """The commit of the branch that HEAD names; None where there is no such branch yet."""
    main = default_branch(repository.git) or "HEAD"
    return repository.git.lookup("rev-parse", "--verify", "--quiet", f"{main}^{{commit}}")
