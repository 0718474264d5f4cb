"""Comments on a pull request at GitHub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paribus.forge.comment import Comment, certain_head, comments, shown_address
from paribus.forge.github_author import Me, author_of
from paribus.forge.trouble import Trouble
from paribus.forge.wire import Wire


class GitHubThread:
    """The comments on one pull request."""

    def __init__(self, wire: Wire, repository: str, number: int, me: Me) -> None:
        self._wire = wire
        self._pull = f"repos/{repository}/pulls/{number}"
        self._thread = f"repos/{repository}/issues/{number}/comments"
        self._comments = f"repos/{repository}/issues/comments"
        self._me = me

    def head(self) -> str:
        """The full SHA of the pull request's head now."""
        content = self._wire.get(self._pull).content
        head = content.get("head") if isinstance(content, dict) else None
        sha = head.get("sha") if isinstance(head, dict) else None
        return certain_head(sha)

    def own(self, marker: str) -> list[Comment]:
        """Comments by this token's owner with the marker, oldest first."""
        me = self._me.author()
        mine = (entry for entry in self._wire.pages(self._thread) if author_of(entry) == me)
        return comments((one for one in map(_comment, mine) if one is not None), marker)

    def create(self, body: str) -> Comment:
        """A new comment; its answer tells for certain who we are."""
        content = self._wire.send("POST", self._thread, {"body": body}).content
        self._me.learn(author_of(content))
        return _certain(content)

    def edit(self, number: int, body: str) -> Comment:
        """Another body for a comment."""
        path = f"{self._comments}/{number}"
        return _certain(self._wire.send("PATCH", path, {"body": body}).content)

    def delete(self, number: int) -> None:
        """Takes a comment away."""
        self._wire.send("DELETE", f"{self._comments}/{number}")


# Private functions


def _comment(entry: Mapping[str, Any]) -> Comment | None:
    number, body = entry.get("id"), entry.get("body")
    if not isinstance(number, int) or not isinstance(body, str):
        return None
    return Comment(number, body, shown_address(entry.get("html_url")))


def _certain(content: Mapping[str, Any]) -> Comment:
    comment = _comment(content)
    if comment is None:
        raise Trouble("the answer cannot be read", again=True)
    return comment
