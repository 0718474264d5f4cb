"""Who we are at GitHub, and who wrote a comment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from paribus.forge.trouble import Trouble
from paribus.forge.wire import Wire

BOT = "[bot]"
WORKFLOW = "github-actions"
"""Who the token of a workflow is, where nobody can be asked."""
NO_USER = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody who writes comments.

    Attributes:
        name: of the account, in small letters, without the `[bot]` of an app.
        is_bot: whether it is an app's: no person can have its name with `[bot]`.
    """

    name: str
    is_bot: bool


class Me:
    """Who a token belongs to; asked once."""

    def __init__(self, wire: Wire, *, of_workflow: bool) -> None:
        """
        Args:
            of_workflow: whether it is the token that every workflow has.
        """
        self._wire = wire
        self._of_workflow = of_workflow
        self._known: Author | None = None

    def author(self) -> Author:
        """The token's owner.

        Raises:
            Trouble: nobody tells.
        """
        if self._known is None:
            self._known = self._asked()
        return self._known

    def learn(self, author: Author | None) -> None:
        """What a comment of ours says of its author."""
        self._known = author or self._known

    def _asked(self) -> Author:
        """A person's token can ask for its user; an app's cannot, but both can ask for the viewer."""
        try:
            user = author_of({"user": self._wire.get("user").content})
        except Trouble as trouble:
            if trouble.status not in NO_USER or trouble.again:
                raise
            user = self._viewer()
        if user is None:
            raise Trouble("nobody tells which account the token belongs to")
        return user

    def _viewer(self) -> Author | None:
        """Of an app; a workflow's token that cannot even ask is known by where it comes from."""
        try:
            content = self._wire.query(graphql_path(self._wire.root), "{ viewer { login } }")
        except Trouble:
            content = None
        viewer = inner(content, "data", "viewer")
        login = viewer.get("login") if viewer is not None else None
        if isinstance(login, str) and login:
            is_bot = self._of_workflow or login.endswith(BOT)
            return Author(login.lower().removesuffix(BOT) if is_bot else login.lower(), is_bot)
        return Author(WORKFLOW, True) if self._of_workflow else None


def author_of(entry: object) -> Author | None:
    """Who wrote a comment; None where the account is gone."""
    user = inner(entry, "user")
    login = user.get("login") if user is not None else None
    if user is None or not isinstance(login, str) or not login:
        return None
    is_bot = login.endswith(BOT) and user.get("type") == "Bot"
    return Author(login.lower().removesuffix(BOT) if is_bot else login.lower(), is_bot)


def graphql_path(root: str) -> str:
    """Where the other interface is on the same host."""
    return "/api/graphql" if urlsplit(root).path.startswith("/api/v3") else "/graphql"


def inner(content: object, *keys: str) -> Mapping[str, Any] | None:
    """An object within objects, if all of them are there."""
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else None
