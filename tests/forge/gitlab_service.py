"""A small GitLab that keeps notes and commit statuses, and answers as the real one does."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from tests.forge.serving import Asked, Said, Service, serving

TOKEN = "glpat-ofTheProject"
READ_ONLY = "glpat-ofAReader"
PROJECT = "42"
HOST = "https://gitlab.example.com/octo/digits"


@dataclass(frozen=True)
class Member:
    """Whom a token belongs to."""

    number: int
    name: str
    may_write: bool = True


@dataclass
class Note:
    """A note as it is kept."""

    number: int
    author: int
    body: str
    system: bool = False


@dataclass
class Merge:
    """A merge request."""

    head: str
    notes: list[Note] = field(default_factory=list)


class GitLab(Service):
    """Merge requests of one project, their notes, and statuses of commits."""

    def __init__(self) -> None:
        super().__init__()
        self.members = {
            TOKEN: Member(1, "project_42_bot"),
            READ_ONLY: Member(2, "reader", may_write=False),
        }
        self.merges: dict[int, Merge] = {}
        self.statuses: dict[tuple[str, str], dict[str, str]] = {}
        self.knows_skipped = True
        self.carried_out: list[str] = []
        self._numbers = iter(range(501, 10**9))

    def merge(self, number: int, head: str) -> Merge:
        """Opens one."""
        self.merges[number] = Merge(head)
        return self.merges[number]

    def say(self, number: int, author: int, body: str, *, system: bool = False) -> Note:
        """A note that somebody has made already."""
        note = Note(next(self._numbers), author, body, system)
        self.merges[number].notes.append(note)
        return note

    def bodies(self, number: int) -> list[str]:
        """The texts of a merge request's notes, oldest first."""
        return [note.body for note in self.merges[number].notes]

    def environment(self, number: int | None = 7, token: str = TOKEN) -> dict[str, str]:
        """That of a job of this project."""
        found = {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": f"{self.url}/api/v4",
            "CI_PROJECT_ID": PROJECT,
            "PARIBUS_GITLAB_TOKEN": token,
            "NO_PROXY": "127.0.0.1",
        }
        return found | ({"CI_MERGE_REQUEST_IID": str(number)} if number else {})

    def answer(self, asked: Asked) -> Said:
        """What it does and says."""
        member = self.members.get(asked.headers.get("private-token", ""))
        if member is None:
            return Said(401, {"message": "401 Unauthorized"})
        for method, pattern, answer in self._routes():
            found = re.fullmatch(f"/api/v4{pattern}".replace("PROJECT", PROJECT), asked.path)
            if found and method == asked.method:
                if method != "GET" and not member.may_write:
                    return Said(403, {"message": "403 Forbidden"})
                return answer(asked, member, *found.groups())
        return Said(404, {"message": "404 Not found"})

    def _routes(self) -> list[tuple[str, str, Callable[..., Said]]]:
        notes = r"/projects/PROJECT/merge_requests/(\d+)/notes"
        return [
            ("GET", "/user", self._user),
            ("GET", r"/projects/PROJECT/merge_requests/(\d+)", self._merge),
            ("GET", notes, self._list),
            ("POST", notes, self._create),
            ("PUT", rf"{notes}/(\d+)", self._edit),
            ("DELETE", rf"{notes}/(\d+)", self._delete),
            ("POST", r"/projects/PROJECT/statuses/([0-9a-f]+)", self._status),
        ]

    def _user(self, asked: Asked, member: Member) -> Said:
        return Said(200, {"id": member.number, "username": member.name})

    def _merge(self, asked: Asked, member: Member, number: str) -> Said:
        merge = self.merges.get(int(number))
        if merge is None:
            return Said(404, {"message": "404 Not found"})
        return Said(200, {"sha": merge.head, "web_url": f"{HOST}/-/merge_requests/{number}"})

    def _list(self, asked: Asked, member: Member, number: str) -> Said:
        assert (asked.query["sort"], asked.query["order_by"]) == ("asc", "created_at")
        notes = [self._shown(note) for note in self.merges[int(number)].notes]
        shown, page, last = self.page(notes, asked)
        return Said(200, shown, {"X-Next-Page": str(page + 1) if page < last else ""})

    def _create(self, asked: Asked, member: Member, number: str) -> Said:
        note = self.say(int(number), member.number, self._without_actions(asked.content["body"]))
        return Said(201, self._shown(note))

    def _edit(self, asked: Asked, member: Member, number: str, which: str) -> Said:
        for note in self.merges[int(number)].notes:
            if note.number == int(which) and note.author == member.number:
                note.body = self._without_actions(asked.content["body"])
                return Said(200, self._shown(note))
        return Said(404, {"message": "404 Not found"})

    def _delete(self, asked: Asked, member: Member, number: str, which: str) -> Said:
        merge = self.merges[int(number)]
        merge.notes = [note for note in merge.notes if note.number != int(which)]
        return Said(204)

    def _status(self, asked: Asked, member: Member, head: str) -> Said:
        state, name = asked.content["state"], asked.content["name"]
        known = {"running", "success", "failed"} | ({"skipped"} if self.knows_skipped else set())
        if state not in known:
            return Said(400, {"error": "state does not have a valid value"})
        if self.statuses.get((head, name), {}).get("state") == state:
            return Said(400, {"message": f"Cannot transition status via :run from :{state}"})
        self.statuses[head, name] = asked.content
        return Said(201, {"id": 1, "status": state})

    def _without_actions(self, body: str) -> str:
        """Lines that begin with a slash are carried out, and are not kept."""
        kept: list[str] = []
        for line in body.split("\n"):
            (self.carried_out if re.match(r"\s*/[a-z]", line) else kept).append(line)
        return "\n".join(kept)

    def _shown(self, note: Note) -> dict[str, Any]:
        return {
            "id": note.number,
            "author": {"id": note.author},
            "body": note.body,
            "system": note.system,
        }


def gitlab_service() -> AbstractContextManager[GitLab]:
    """A GitLab without merge requests, as long as the block runs."""
    return serving(GitLab())
