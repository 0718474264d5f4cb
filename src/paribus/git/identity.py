"""Who writes in the repository."""

from __future__ import annotations

import getpass
import socket

from paribus.git.command import Git


def identity(git: Git) -> dict[str, str]:
    """Who is at work, as the variables that git reads; made up where no identity is configured."""
    name, email = _configured(git, "AUTHOR") or _made_up()
    return {
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": email,
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": email,
    }


# Private functions


def _configured(git: Git, role: str) -> tuple[str, str] | None:
    ident = git.lookup("-c", "user.useConfigOnly=true", "var", f"GIT_{role}_IDENT")
    if ident is None:
        return None
    readable = ident.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    name, _, rest = readable.partition(" <")
    return name, rest.partition(">")[0]


def _made_up() -> tuple[str, str]:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "somebody"
    return user, f"{user}@{socket.gethostname() or 'localhost'}"
