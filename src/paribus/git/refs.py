"""Writing refs and trees: the few places where Paribus changes the user's repository."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from paribus.core.errors import Problem
from paribus.git.beside_gc import run_again
from paribus.git.command import Git, GitError

BLOB_MODE = "100644"


def with_files(git: Git, tree: str, contents: Mapping[str, bytes], scratch: Path) -> str:
    """A tree like `tree` but with these files' contents replaced; their modes stay.

    Args:
        scratch: a directory of the caller's for the private index.
    """
    indexed = git.with_environment({"GIT_INDEX_FILE": str(scratch / "edit-index")})
    indexed.run("read-tree", tree)
    for path, content in contents.items():
        listed = indexed.text("ls-tree", "--full-tree", tree, "--", f":(literal){path}")
        mode = listed.split(" ", 1)[0] or BLOB_MODE
        oid = indexed.text("hash-object", "-w", "--stdin", stdin=content)
        indexed.run("update-index", "--add", "--cacheinfo", f"{mode},{oid},{path}")
    return indexed.text("write-tree")


def fetch_commit(git: Git, source: Path, ref: str, target: str) -> str:
    """Brings the commit at `ref` of another repository on this machine home as `target`.

    Returns:
        The full SHA that `target` now names, read back.
    """
    arguments = (
        # On the disk before a record says that it is there.
        "-c", "core.fsync=committed,reference",
        # As a pack, which git keeps from a `git gc --prune=now` until the reference is there.
        "-c", "fetch.unpackLimit=1", "-c", "protocol.file.allow=always",
        "fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
        "--no-recurse-submodules", "--no-auto-gc", "--", str(source), f"{ref}:{target}",
    )  # fmt: skip
    run_again(git, *arguments)
    return git.text("rev-parse", "--verify", f"{target}^{{commit}}")


def branch_tip(git: Git, name: str) -> str | None:
    """The full SHA of the commit that a branch points to; None where there is no such branch.

    Raises:
        Problem: no branch can have that name.
    """
    # Git takes `@{-1}` for the name of another branch, so what it understands must be what was said.
    if git.lookup("check-ref-format", "--branch", name) != name:
        raise Problem(
            "bad-branch-name",
            f"{name!r} cannot be the name of a branch",
            "letters, digits, - and / will do   exp/smaller-step",
        )
    return git.lookup("rev-parse", "--verify", "--quiet", f"refs/heads/{name}^{{commit}}")


def create_branch(git: Git, name: str, commit: str, reason: str) -> None:
    """Makes a branch that does not exist yet; nothing is checked out.

    Args:
        name: as `branch_tip` accepts it.
        reason: for the reflog.

    Raises:
        Problem: it is there by now, or another branch is in its way, such as `a` in that of `a/b`.
    """
    nothing = "0" * len(commit)
    try:
        git.run("update-ref", "-m", reason, f"refs/heads/{name}", commit, nothing)
    except GitError as error:
        raise Problem(
            "branch-not-made",
            f"Git cannot make the branch {name}: {error.detail}",
            "choose another name   paribus branch ID NAME",
        ) from error
