"""What the user calls a revision, resolved once to a commit; afterwards only object ids are passed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from paribus.core.errors import Problem
from paribus.git.command import Git, GitError
from paribus.git.repository import Repository
from paribus.git.results import results_named

OBJECT_ID = re.compile(r"[0-9a-f]{40,64}")
BASELINE_TAG = re.compile(r"baseline/[0-9]+")
USUAL_MAIN_BRANCHES = ("main", "master")
BRANCHES = ("refs/heads", "refs/remotes/origin")
USUAL_REMOTE = "origin"
REMOTE_HEAD = "refs/remotes/origin/HEAD"


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
    """The full SHA of the commit that a revision names; raises `Problem` where it names none.

    What Git does not know may be the name of an experiment of DVC's.
    """
    commit = _looked_up(repository.git, revision)
    if commit and OBJECT_ID.fullmatch(commit):  # `^HEAD` is a revision to Git, and no commit
        return commit
    commit = _experiment(repository.git, revision)
    if commit is not None:
        return commit
    if revision == "HEAD":
        raise Problem(
            "no-commit", "this repository has no commit yet", 'make one   git commit -m "first"'
        )
    helps = ["see what there is   git log --oneline --all"]
    if repository.shallow:
        helps.insert(0, "this clone is shallow   git fetch --unshallow (CI: fetch-depth: 0)")
    elif _usual_remote(repository.git) or OBJECT_ID.fullmatch(revision):
        helps.append(fetch_all(repository.git))
    raise Problem("unknown-revision", f"no commit is called {revision!r} here", *helps)


def fetch_all(git: Git) -> str:
    """How to fetch every branch and tag: a clone can be whole and still have one branch alone."""
    remote = _usual_remote(git)
    if remote is None:
        return "if it is elsewhere   git fetch --tags URL main:main (CI: fetch-depth: 0)"
    every = f"'+refs/heads/*:refs/remotes/{remote}/*'"
    return f"fetch what is not here   git fetch --tags {remote} {every} (CI: fetch-depth: 0)"


def find_baseline(repository: Repository, commit: str, given: str | None = None) -> Baseline:
    """The baseline of a commit.

    The given revision, else the nearest reachable annotated tag `baseline/<n>`, else the merge base
    with the main branch.

    Raises:
        Problem: none of them is there, or this clone does not hold it.
    """
    if given is not None:
        return Baseline(resolve(repository, given), given, "given with --baseline")
    landmarks = _landmarks(repository.git)
    if any(landmark.is_baseline_tag for landmark in landmarks):
        tag = repository.git.lookup(
            "describe", "--abbrev=0", "--match=baseline/*", "--exclude=baseline/*[!0-9]*", commit
        )
        if tag and BASELINE_TAG.fullmatch(tag):
            return Baseline(resolve(repository, f"refs/tags/{tag}"), tag, "nearest baseline tag")
    if repository.shallow:
        # A merge base would be one commit here and, where history shows an older tag, another there.
        raise Problem(
            "shallow-clone",
            "this clone is shallow and does not hold the baseline",
            "fetch the rest   git fetch --unshallow (CI: fetch-depth: 0)",
            "or name it       --baseline REV",
        )
    return _merge_base(repository, commit, landmarks)


def find_newest_baseline(
    repository: Repository, commits: Sequence[str], given: str | None = None
) -> Baseline:
    """The newest of several commits' baselines: what a merge brings in is not the merging side's doing.

    Args:
        commits: the first is the one to go on from; the others are being merged into it.
    """
    newest = find_baseline(repository, commits[0], given)
    for commit in () if given else commits[1:]:
        other = _baseline_if_any(repository, commit)
        if other and _is_newer(repository.git, other.commit, newest.commit):
            newest = other
    return newest


def main_tip(repository: Repository) -> str | None:
    """The newest commit of the main branch, here or on the remote; None where there is no such branch."""
    newest: str | None = None
    for branch in _main_branches(repository.git, _landmarks(repository.git)):
        if newest is None or _is_newer(repository.git, branch.target, newest):
            newest = branch.target
    return newest


# Private functions


def _baseline_if_any(repository: Repository, commit: str) -> Baseline | None:
    """A history without a baseline, such as another project's, may be merged, too."""
    try:
        return find_baseline(repository, commit)
    except Problem as problem:
        if problem.code != "no-baseline":
            raise
    return None


def _usual_remote(git: Git) -> str | None:
    remotes = git.text("remote").splitlines()
    return USUAL_REMOTE if USUAL_REMOTE in remotes else next(iter(remotes), None)


def _looked_up(git: Git, revision: str) -> str | None:
    if "\0" in revision or "\n" in revision:
        return None
    ask = ("rev-parse", "--verify", "--quiet", "--end-of-options")
    if revision.startswith(":/"):
        # The text to search for runs to the end, so that nothing can be said behind it.
        found = git.lookup(*ask, revision)
        return found and git.lookup(*ask, f"{found}^{{commit}}")
    return git.lookup(*ask, f"{revision}^{{commit}}")


def _experiment(git: Git, name: str) -> str | None:
    """The commit of the experiment that DVC calls so; None where there is none that can be read."""
    named = dict.fromkeys(each.commit for each in results_named(git, name))
    commits = [
        each for each in named if git.lookup("cat-file", "-e", f"{each}^{{commit}}") is not None
    ]
    if len(commits) > 1:
        raise Problem(
            "ambiguous-revision",
            f"{len(commits)} experiments of DVC are called {name!r}",
            f"say which   {', '.join(each[:12] for each in commits)}",
        )
    return commits[0] if commits else None


@dataclass(frozen=True, slots=True)
class _Landmark:
    """A ref by which a baseline can be found: a baseline tag, or a main branch here or on the remote."""

    ref: str
    target: str
    symbolic: str

    @property
    def is_baseline_tag(self) -> bool:
        return self.ref.startswith("refs/tags/baseline/")

    @property
    def branch(self) -> str:
        return self.ref.removeprefix("refs/heads/").removeprefix("refs/remotes/origin/")


def _landmarks(git: Git) -> list[_Landmark]:
    """All of them in one call of git: asking for each would cost milliseconds a question.

    It looks at what they name as well. To look for the nearest tag, git passes over one that it cannot
    follow, and an older one, or the commit itself, would be taken for the baseline.
    """
    usual = [f"{where}/{name}" for where in BRANCHES for name in USUAL_MAIN_BRANCHES]
    try:
        listed = git.text(
            "for-each-ref",
            "--format=%(refname)%00%(objectname)%00%(symref)%00%(objecttype)%(*objecttype)",
            "refs/tags/baseline/",
            REMOTE_HEAD,
            *usual,
        )
    except GitError as error:
        raise _not_here(git, error) from error
    return [_Landmark(*line.split("\0")[:3]) for line in listed.splitlines()]


def _not_here(git: Git, error: GitError) -> Exception:
    named = re.search(
        r"missing object ([0-9a-f]+) for refs/(?:tags|heads|remotes)/(\S+)", error.stderr
    )
    if named is None:
        return error
    return Problem(
        "missing-baseline",
        f"{named[2]} is here, and {named[1][:12]}, to which it leads, is not",
        fetch_all(git),
        "see what is missing   git fsck --connectivity-only",
        "or name another   --baseline REV",
    )


def _merge_base(repository: Repository, commit: str, landmarks: Sequence[_Landmark]) -> Baseline:
    """The merge base with the main branch, here or on the remote, whichever is nearer."""
    git = repository.git
    nearest: Baseline | None = None
    branches = _main_branches(git, landmarks)
    for branch in branches:
        base = commit if branch.target == commit else git.lookup("merge-base", commit, branch.ref)
        if base and (nearest is None or _is_newer(git, base, nearest.commit)):
            where = branch.ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")
            nearest = Baseline(base, base[:7], f"merge base with {where}")
    if nearest is not None:
        return nearest
    raise _no_baseline(git, commit, branches)


def _no_baseline(git: Git, commit: str, branches: Sequence[_Landmark]) -> Problem:
    why = "no main branch to take the merge base with"
    if branches:
        why = f"no commit that {commit[:7]} has in common with {branches[0].branch}"
    return Problem(
        "no-baseline",
        f"no baseline found: no tag baseline/<n> behind it, and {why}",
        fetch_all(git),
        "or name one   --baseline REV",
        'or tag one   git tag -a baseline/1 -m "first baseline" COMMIT',
    )


def _main_branches(git: Git, landmarks: Sequence[_Landmark]) -> list[_Landmark]:
    """The main branch here and on the remote: the remote's own choice, a usual name, or Git's default."""
    remote = next((mark.symbolic for mark in landmarks if mark.ref == REMOTE_HEAD), "")
    named = remote.removeprefix("refs/remotes/origin/")
    branches = [mark for mark in landmarks if not mark.is_baseline_tag and mark.ref != REMOTE_HEAD]
    for name in (named, *USUAL_MAIN_BRANCHES):
        found = [mark for mark in branches if name and mark.branch == name]
        if found or (name and name == named and (found := _named(git, name))):
            return found
    default = git.lookup("config", "--get", "init.defaultBranch")
    return _named(git, default) if default else []


def _named(git: Git, name: str) -> list[_Landmark]:
    """A branch of an unusual name, here and on the remote."""
    found = []
    for where in BRANCHES:
        target = git.lookup("rev-parse", "--verify", "--quiet", f"{where}/{name}^{{commit}}")
        if target:
            found.append(_Landmark(f"{where}/{name}", target, ""))
    return found


def _is_newer(git: Git, commit: str, other: str) -> bool:
    """Whether a commit comes after another, which it is not itself."""
    return commit != other and git.lookup("merge-base", "--is-ancestor", other, commit) is not None
