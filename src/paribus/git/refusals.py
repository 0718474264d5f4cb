"""Why a remote did not do what was asked, told from what git says about it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from paribus.core.errors import Exit, Problem
from paribus.git.command import GitError

UNREACHABLE = (
    "Could not resolve host", "Connection refused", "Connection timed out", "Operation timed out",
    "Network is unreachable", "No route to host", "Failed to connect", "Couldn't connect",
    "Connection reset", "unexpected disconnect", "early EOF", "The requested URL returned error: 5",
)  # fmt: skip
NOT_LET_IN = (
    "Authentication failed", "Permission denied (", "could not read Username", "could not read Password",
    "terminal prompts disabled", "Host key verification failed",
    "returned error: 401", "returned error: 403", "Access denied", "not authorized",
)  # fmt: skip
NOT_THERE = (
    "does not appear to be a git repository", "not found", "does not exist", "No such file or directory",
    "Repository not found", "not a git repository",
)  # fmt: skip
QUICKER = (
    "fetch first", "non-fast-forward", "already exists", "failed to update ref", "cannot lock ref",
    "failed to lock", "incorrect old value", "stale info", "remote ref updated", "but expected",
    "reference already exists", "needs force",
)  # fmt: skip
"""Why a reference was not taken when somebody else pushed to it first."""


def was_quicker(why: str) -> bool:
    """Whether a reference was not taken because somebody else pushed to it first."""
    return any(sign in why for sign in QUICKER) and "declined" not in why


def said_there(stderr: str) -> str:
    """The first line that the other side's hook, or server, had to say; empty where it said nothing."""
    said = (line for line in stderr.splitlines() if line.startswith("remote:"))
    told = (re.sub(r"^remote:\s*((fatal|error): )?", "", line).strip() for line in said)
    return next((line for line in told if any(map(str.isalnum, line))), "")


def problem_of(name: str, error: GitError) -> Problem:
    """What to tell of a call that failed.

    Args:
        name: of the remote.
    """
    said = _without_secrets(error.stderr)
    lines = [line.strip() for line in said.splitlines() if line.strip()]

    def about(signs: Sequence[str]) -> str | None:
        found = next((line for line in lines if any(sign in line for sign in signs)), None)
        return found and re.sub(r"^(fatal|error|remote|ssh): ", "", found)

    if stale := re.search(r"'(refs/remotes/\S+)' exists; cannot create", said):
        return Problem(
            "branch-in-the-way",
            f"{stale[1]} is in the way of the ledger, and is no longer on {name}",
            f"forget it   git remote prune {name}",
            status=Exit.NOT_RECORDED,
        )
    if told := about(UNREACHABLE):
        return Problem(
            "unreachable-remote", f"{name} cannot be reached: {told}",
            "nothing here has changed; try again later   paribus sync",
            status=Exit.NOT_RECORDED, retryable=True,
        )  # fmt: skip
    if told := about(NOT_LET_IN):
        return Problem(
            "not-let-in", f"{name} does not let you in: {told}",
            f"see whether git itself can   git ls-remote {name}",
        )  # fmt: skip
    if told := about(NOT_THERE):
        return Problem(
            "no-such-remote", f"{name} leads to no repository: {told}",
            f"see where it leads   git remote get-url {name}",
        )  # fmt: skip
    detail = _without_secrets(error.detail)
    return Problem(
        "not-shared", f"{name}: git {_verb(error.arguments)} failed: {detail}",
        f"see whether git itself can   git ls-remote {name}",
        status=Exit.NOT_RECORDED, retryable=True,
    )  # fmt: skip


# Private functions


def _verb(arguments: Sequence[str]) -> str:
    verbs = ("ls-remote", "fetch", "push")
    return next((word for word in arguments if word in verbs), "")


def _without_secrets(text: str) -> str:
    """URLs without the password that may stand in them."""
    return re.sub(r"://[^/@\s]+@", "://", text)
