"""GitLab: a commit status for each project, and one note on the merge request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from paribus.forge.comment import Comment, certain_head, comments, put, shown_address
from paribus.forge.model import Conclusion, Outcome, Posting
from paribus.forge.telling import may_not, not_posted, put_line
from paribus.forge.trouble import Trouble
from paribus.forge.wire import Patience, Wire

SHARE = 3
"""The status may take a third of the time, so that the note is not late for it."""
NEEDED = "the token needs the scope `api` and the role Developer"
QUICK_ACTION = re.compile(r"^(\s*)/(?=[A-Za-z])", re.MULTILINE)
"""GitLab would carry out such a line with the rights of the token."""
STATES = {
    Conclusion.SUCCESS: "success",
    Conclusion.FAILURE: "failed",
    Conclusion.NEUTRAL: "skipped",
    Conclusion.ACTION: "failed",
}
OLDER_NEUTRAL = "success"
"""Where GitLab does not know `skipped` yet; the description tells that it is undecided."""
LONGEST_DESCRIPTION = 250
SAME_STATE = "transition"
"""In GitLab's words where a status is already what it should become."""


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """Where to post at GitLab.

    Attributes:
        root: address of the interface, such as `https://gitlab.com/api/v4`.
        project: number or path of the project that has the merge request.
        number: of the merge request, within its project.
        source: number or path of the project that has the commit: a fork, perhaps.
        merge: the commit that GitLab made to test the merge request, which a job has checked out.
        head: the merge request's own head, for which that commit stands.
        token: of whoever posts.
    """

    root: str
    project: str
    number: int
    source: str
    token: str = field(repr=False)
    merge: str | None = None
    head: str | None = None

    def judged(self, head: str) -> str:
        """The commit on which people see what was judged."""
        return self.head if self.head is not None and head == self.merge else head


class GitLab:
    """A `Forge`."""

    def __init__(self, place: MergeRequest, patience: Patience) -> None:
        self._place = place
        self._patience = patience
        self._wire = Wire(place.root, ("PRIVATE-TOKEN", place.token), {}, patience)
        self._may_set = True

    def begin(self, name: str, head: str) -> Outcome:
        """A running status on the merge request's own head."""
        try:
            self._set(self._place.judged(head), {"state": "running", "name": name})
        except Trouble as trouble:
            self._may_set = not may_not(trouble)
            return Outcome((_unset(trouble),))
        return Outcome()

    def finish(self, posting: Posting) -> Outcome:
        """The status ends, and the note says what it should."""
        head = self._place.judged(posting.head)
        told = self._ended(posting, head) if self._may_set else ()
        self._wire.allow(self._patience.whole * (SHARE - 1) / SHARE)
        safe = replace(posting, body=QUICK_ACTION.sub(r"\1\\/", posting.body))
        try:
            found = put(GitLabThread(self._wire, self._place), safe, head, self._wire)
        except Trouble as trouble:
            return Outcome((*told, not_posted(trouble, NEEDED)))
        return Outcome((*told, put_line(found, head)), found.word != "stale")

    def _ended(self, posting: Posting, head: str) -> tuple[str, ...]:
        state = STATES[posting.conclusion]
        description = posting.title[:LONGEST_DESCRIPTION]
        content = {"state": state, "name": posting.name, "description": description}
        try:
            try:
                self._set(head, content)
            except Trouble as trouble:
                if posting.conclusion != Conclusion.NEUTRAL or not _is_refused(trouble):
                    raise
                self._set(head, {**content, "state": OLDER_NEUTRAL})
        except Trouble as trouble:
            return (_unset(trouble),)
        return ()

    def _set(self, head: str, content: Mapping[str, Any]) -> None:
        self._wire.allow(self._patience.whole / SHARE)
        path = f"projects/{quote(self._place.source, safe='')}/statuses/{head}"
        while True:
            try:
                self._wire.send("POST", path, content)
                return
            except Trouble as trouble:
                if _is_refused(trouble) and SAME_STATE in trouble.why.lower():
                    return
                self._wire.rest(trouble)


class GitLabThread:
    """The notes on one merge request."""

    def __init__(self, wire: Wire, place: MergeRequest) -> None:
        self._wire = wire
        self._request = f"projects/{quote(place.project, safe='')}/merge_requests/{place.number}"
        self._notes = f"{self._request}/notes"
        self._me: int | None = None
        self._url = ""

    def head(self) -> str:
        """The full SHA of the merge request's head now."""
        content = self._wire.get(self._request).content
        if not isinstance(content, dict):
            raise Trouble("it does not tell the head of the request")
        self._url = shown_address(content.get("web_url"))
        return certain_head(content.get("sha"))

    def own(self, marker: str) -> list[Comment]:
        """Notes by this token's owner with the marker, oldest first; none of GitLab's own."""
        if self._me is None:
            self._me = _number_of(self._wire.get("user").content)
            if self._me is None:
                raise Trouble("it does not tell which account the token belongs to")
        entries = self._wire.pages(self._notes, sort="asc", order_by="created_at")
        mine = (
            entry
            for entry in entries
            if _number_of(entry.get("author")) == self._me and not entry.get("system")
        )
        return comments((one for one in map(self._comment, mine) if one is not None), marker)

    def create(self, body: str) -> Comment:
        """A new note."""
        return self._certain(self._wire.send("POST", self._notes, {"body": body}).content)

    def edit(self, number: int, body: str) -> Comment:
        """Another body for a note."""
        path = f"{self._notes}/{number}"
        return self._certain(self._wire.send("PUT", path, {"body": body}).content)

    def delete(self, number: int) -> None:
        """Takes a note away."""
        self._wire.send("DELETE", f"{self._notes}/{number}")

    def _comment(self, entry: Mapping[str, Any]) -> Comment | None:
        number, body = entry.get("id"), entry.get("body")
        if not isinstance(number, int) or not isinstance(body, str):
            return None
        return Comment(number, body, f"{self._url}#note_{number}" if self._url else "")

    def _certain(self, content: Mapping[str, Any]) -> Comment:
        comment = self._comment(content)
        if comment is None:
            raise Trouble("the answer cannot be read", again=True)
        return comment


# Private functions


def _number_of(user: object) -> int | None:
    """Of an account; none of two is the other one for having no number."""
    number = user.get("id") if isinstance(user, dict) else None
    return number if isinstance(number, int) else None


def _is_refused(trouble: Trouble) -> bool:
    return trouble.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}


def _unset(trouble: Trouble) -> str:
    needed = f"; {NEEDED}" if may_not(trouble) else ""
    return f"commit status not set: {trouble.why}{needed}"
