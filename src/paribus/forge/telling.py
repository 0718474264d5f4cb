"""What became of a comment, in one line."""

from __future__ import annotations

from http import HTTPStatus

from paribus.forge.comment import Put
from paribus.forge.trouble import Trouble

_NO_RIGHT = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
"""A service that does not want to tell what there is says that there is nothing."""


def may_not(trouble: Trouble) -> bool:
    """Whether the token has no right to it; a limit has the same status and an end."""
    return trouble.status in _NO_RIGHT and not trouble.again


def put_line(found: Put, head: str) -> str:
    """A comment that stands, or one that a later commit has overtaken."""
    if found.word == "stale":
        there = f"at {found.head[:7]} by now, not at {head[:7]}"
        return f"comment not posted: the request is {there}"
    return f"comment {found.word} {found.url}".rstrip()


def not_posted(trouble: Trouble, needed: str) -> str:
    """Why there is no comment.

    Args:
        needed: what a token must be allowed, for one that may not.
    """
    if trouble.status == HTTPStatus.UNAUTHORIZED:
        return f"comment not posted: the token is not valid: {trouble.why}"
    more = f"; {needed}" if may_not(trouble) else ""
    return f"comment not posted: {trouble.why}{more}"
