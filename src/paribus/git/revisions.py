"""What the user calls a revision, resolved once to a commit; afterwards only object ids are passed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from paribus.core.errors import Problem
from paribus.git.command import Git
from paribus.git.repository import Repository

BASELINE_TAG = re.compile(r"baseline/[0-9]+")
USUAL_MAIN_BRANCHES = ("main", "master")


@dataclass(frozen=True, slots=True)
class Baseline:
    """The commit to beat, and why it is this one.

    Attributes:
        commit: full SHA.
        name: what to call it: a tag, or the first seven characters.
        reason: how it was found, in words.
    """

    commit: str
    name: str
    reason: str


def resolve(repository: Repository, revision: str) -> str:
    """The full SHA of the commit that a revision names; raises `Problem` where it names none."""
    if "\0" not in revision and "\n" not in revision:
        commit = repository.git.lookup(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        )
        if commit:
            return commit
    if revision == "HEAD":
        raise Problem(
            "no-commit", "this repository has no commit yet", 'make one   git commit -m "first"'
        )
    helps = ["see what there is   git log --oneline --all"]
    if repository.shallow:
        helps.insert(0, "this clone is shallow   git fetch --unshallow (CI: fetch-depth: 0)")
    raise Problem("unknown-revision", f"no commit is called {revision!r} here", *helps)


def tree_of(git: Git, commit: str) -> str:
    """The tree of a commit that is given by its SHA."""
    return git.text("rev-parse", "--verify", f"{commit}^{{tree}}")


def find_baseline(repository: Repository, commit: str, given: str | None = None) -> Baseline:
    """The baseline of a commit.

    The given revision, else the nearest reachable annotated tag `baseline/<n>`, else the merge base
    with the main branch.

    Raises:
        Problem: none of them is there, or a shallow clone does not hold it.
    """
    if given is not None:
        return Baseline(resolve(repository, given), given, "given with --baseline")
    git = repository.git
    tag = git.lookup("describe", "--abbrev=0", "--match=baseline/[0-9]*", commit)
    if tag and BASELINE_TAG.fullmatch(tag):
        return Baseline(resolve(repository, f"refs/tags/{tag}"), tag, "nearest baseline tag")
    return _merge_base(repository, commit)


# Private functions


def _merge_base(repository: Repository, commit: str) -> Baseline:
    git = repository.git
    nearest: Baseline | None = None
    for ref in _main_branches(git):
        base = git.lookup("merge-base", commit, ref)
        if base and (nearest is None or _is_ancestor(git, nearest.commit, base)):
            branch = ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")
            nearest = Baseline(base, base[:7], f"merge base with {branch}")
    if nearest is not None:
        return nearest
    helps = [
        "name one             --baseline REV",
        'or tag one           git tag -a baseline/1 -m "first baseline" COMMIT',
    ]
    if repository.shallow:
        raise Problem(
            "shallow-clone",
            "this clone is shallow and does not hold the baseline",
            "git fetch --unshallow   (in CI: fetch-depth: 0)",
        )
    raise Problem(
        "no-baseline",
        "no baseline found: no tag baseline/<n>, and no main branch to take the merge base with",
        *helps,
    )


def _main_branches(git: Git) -> list[str]:
    """Refs of the main branch, here and on the remote, those that exist."""
    remote = git.lookup("symbolic-ref", "--quiet", "refs/remotes/origin/HEAD") or ""
    named = remote.removeprefix("refs/remotes/origin/")
    configured = git.lookup("config", "--get", "init.defaultBranch") or ""
    existing = git.text(
        "for-each-ref",
        "--format=%(refname)",
        *(
            f"{where}/{name}"
            for name in (named, *USUAL_MAIN_BRANCHES, configured)
            for where in ("refs/heads", "refs/remotes/origin")
            if name
        ),
    ).split("\n")
    for name in (named, *USUAL_MAIN_BRANCHES, configured):
        found = [ref for ref in existing if name and ref.endswith(f"/{name}")]
        if found:
            return found
    return []


def _is_ancestor(git: Git, older: str, newer: str) -> bool:
    return git.lookup("merge-base", "--is-ancestor", older, newer) is not None
