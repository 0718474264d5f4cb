"""When tags and commits were made."""

from __future__ import annotations

from datetime import UTC, datetime

from paribus.git.command import Git


def tag_dates(git: Git, prefix: str) -> dict[str, str]:
    """When each tag below a prefix was made, UTC, ISO 8601, by its name; of a lightweight one its commit's.

    Args:
        prefix: such as `baseline/`.
    """
    told = git.text(
        "for-each-ref", "--format=%(refname:strip=2)%00%(creatordate:unix)", f"refs/tags/{prefix}"
    )
    rows = (line.partition("\0") for line in told.splitlines())
    return {name: _iso(seconds) for name, _, seconds in rows if _is_time(seconds)}


def commit_date(git: Git, commit: str) -> str | None:
    """When a commit was made, UTC, ISO 8601; None where it is not here.

    Args:
        commit: full SHA.
    """
    told = git.lookup("show", "--no-patch", "--format=%ct", f"{commit}^{{commit}}", "--")
    return _iso(told) if told and _is_time(told) else None


# Private functions


def _is_time(seconds: str) -> bool:
    """Whether it is one that people have; a commit may claim any."""
    return seconds.isascii() and seconds.isdigit() and len(seconds) < 12


def _iso(seconds: str) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).isoformat(timespec="seconds")
