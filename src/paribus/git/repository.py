"""Where the repository is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from paribus.core.errors import Problem
from paribus.git.command import Git, GitError


@dataclass(frozen=True, slots=True)
class Repository:
    """The user's repository.

    Attributes:
        git: runs git at the top of the working tree.
        top: the working tree's top directory, absolute; of a bare repository its own directory.
        git_dir: this working tree's own Git directory (its index, its HEAD).
        common_dir: the Git directory that all working trees share (objects, refs).
        shallow: whether history is cut off.
        bare: whether there is no working tree to speak of, so that only commits can be judged.
    """

    git: Git
    top: Path
    git_dir: Path
    common_dir: Path
    shallow: bool
    bare: bool = False


def discover(directory: Path) -> Repository:
    """The repository around a directory; raises `Problem` where there is none with a working tree."""
    git = Git(directory)
    try:
        answer = git.text(
            "rev-parse",
            "--path-format=absolute",
            "--show-toplevel",
            "--git-dir",
            "--git-common-dir",
            "--is-shallow-repository",
        )
    except GitError as error:
        raise _not_a_repository(directory, error) from error
    top, git_dir, common_dir, shallow = answer.split("\n")
    if Path(common_dir, "reftable").is_dir():
        raise _reftable()
    return Repository(Git(Path(top)), Path(top), Path(git_dir), Path(common_dir), shallow == "true")


def discover_any(directory: Path) -> Repository:
    """As `discover`; where there is no working tree, the bare repository around the directory."""
    try:
        return discover(directory)
    except Problem as problem:
        if problem.code != "no-working-tree":
            raise
        git_dir = _bare_around(directory)
        if git_dir is None:
            raise
    git = Git(git_dir, {"GIT_DIR": str(git_dir)})
    try:
        answer = git.text(
            "rev-parse", "--path-format=absolute", "--git-common-dir", "--is-shallow-repository"
        )
    except GitError as error:
        raise _not_a_repository(directory, error) from error
    common_dir, shallow = answer.split("\n")
    return Repository(git, git_dir, git_dir, Path(common_dir), shallow == "true", bare=True)


def hooks_folder(repository: Repository) -> Path:
    """Where Git looks for hooks: what is configured, our own switch of it apart, or the usual place."""
    listed = repository.git.lookup(
        "config", "--show-scope", "--null", "--get-all", "core.hooksPath"
    )
    fields = (listed or "").split("\0")
    scoped = zip(fields[::2], fields[1::2], strict=False)
    configured = [path for scope, path in scoped if scope != "command" and path]
    if not configured:
        return repository.common_dir / "hooks"
    return repository.top / Path(configured[-1]).expanduser()


# Private functions


def _bare_around(directory: Path) -> Path | None:
    """The bare repository that git itself named, as it does for a server's hook, or that is here.

    One that lies inside another repository's working tree came with its files, and its configuration
    is not to be trusted.
    """
    for folder in (directory, *directory.parents):
        if not _is_git_directory(folder):
            continue
        named = os.environ.get("GIT_DIR")
        if named and (directory / named).resolve() == folder.resolve():
            return folder
        inside = Git(folder.parent).lookup("rev-parse", "--show-toplevel")
        return folder if inside is None else None
    return None


def _is_git_directory(folder: Path) -> bool:
    return (folder / "HEAD").is_file() and all(
        (folder / name).is_dir() for name in ("objects", "refs")
    )


def _reftable() -> Problem:
    """A Git that reads it would not help: DVC cannot, and neither can what DVC is made of."""
    return Problem(
        "reftable",
        "this repository keeps its references as a reftable, which DVC cannot read",
        "with Git 2.46 or later, keep them as files   git refs migrate --ref-format=files",
    )


def _not_a_repository(directory: Path, error: GitError) -> Problem:
    if "dubious ownership" in error.stderr:
        return Problem(
            "unsafe-repository",
            f"Git refuses this repository because another user owns it: {directory}",
            f"if you trust it   git config --global --add safe.directory {directory}",
        )
    if "must be run in a work tree" in error.stderr or "use bare repository" in error.stderr:
        return Problem(
            "no-working-tree",
            f"this is a bare repository, without a working tree: {directory}",
            "use a clone that has one   git clone REPOSITORY",
        )
    if "refstorage" in error.stderr:
        return _reftable()
    if "not a git repository" not in error.stderr:
        said = " ".join(error.stderr.split())
        return Problem(
            "unusable-repository",
            f"Git cannot use this repository: {said}",
            "see what this Git is, a later one may do   git --version",
            "see what is configured                     git config --list --show-origin",
        )
    return Problem(
        "not-a-git-repository",
        f"not inside a Git repository: {directory}",
        "start one   git init && dvc init",
    )
