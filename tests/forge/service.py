"""A small GitHub that keeps comments and check runs, and answers as the real one does.

    with service() as github:
        github.pull(7, HEAD)
        project.environment |= github.environment(7)
        project.paribus("review", "--post")
        assert github.bodies(7) == [...]

`gitlab_service` has the same for GitLab.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.forge.serving import Asked, Said, Service, serving

TOKEN = "ghs_ofTheWorkflow"
READ_ONLY = "ghs_ofAFork"
PERSONAL = "ghp_ofAda"
REPOSITORY = "octo/digits"
LONGEST = 65_536
CONCLUSIONS = {"success", "failure", "neutral", "action_required"}


@dataclass(frozen=True)
class Account:
    """Whom a token belongs to, and what it may do."""

    login: str
    is_app: bool = False
    may_write: bool = True


@dataclass
class Comment:
    """A comment as it is kept."""

    number: int
    author: str
    body: str


@dataclass
class Pull:
    """A pull request."""

    head: str
    branch: str = "octo:idea"
    is_open: bool = True
    comments: list[Comment] = field(default_factory=list)


class GitHub(Service):
    """Pull requests, their comments, and check runs of one repository."""

    def __init__(self) -> None:
        super().__init__()
        self.accounts = {
            TOKEN: Account("github-actions[bot]", is_app=True),
            READ_ONLY: Account("github-actions[bot]", is_app=True, may_write=False),
            PERSONAL: Account("Ada"),
        }
        self.pulls: dict[int, Pull] = {}
        self.checks: list[dict[str, Any]] = []
        self.line_break = "\n"
        self._numbers = iter(range(1001, 10**9))

    def pull(
        self, number: int, head: str, *, branch: str = "octo:idea", is_open: bool = True
    ) -> Pull:
        """Opens one."""
        self.pulls[number] = Pull(head, branch, is_open)
        return self.pulls[number]

    def say(self, number: int, author: str, body: str) -> Comment:
        """A comment that somebody has made already."""
        with self.lock:
            comment = Comment(next(self._numbers), author, body)
            self.pulls[number].comments.append(comment)
            return comment

    def comments(self, number: int) -> list[Comment]:
        """All of a pull request, oldest first."""
        return self.pulls[number].comments

    def bodies(self, number: int) -> list[str]:
        """Their texts alone."""
        return [comment.body for comment in self.comments(number)]

    def environment(self, number: int | None = 7, token: str = TOKEN) -> dict[str, str]:
        """That of a workflow of this repository."""
        found = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": token,
            "NO_PROXY": "127.0.0.1",
        }
        return found | ({"GITHUB_REF": f"refs/pull/{number}/merge"} if number else {})

    def answer(self, asked: Asked) -> Said:
        """What it does and says."""
        account = self.accounts.get(asked.headers.get("authorization", "").removeprefix("Bearer "))
        if account is None:
            return _refused(401, "Bad credentials")
        for method, pattern, answer in self._routes():
            found = re.fullmatch(pattern.replace("REPO", REPOSITORY), asked.path)
            if found and method == asked.method:
                if method != "GET" and not account.may_write and "graphql" not in pattern:
                    return _refused(403, "Resource not accessible by integration")
                return answer(asked, account, *map(int, found.groups()))
        return _refused(404, "Not Found")

    def _routes(self) -> list[tuple[str, str, Callable[..., Said]]]:
        return [
            ("GET", "/user", self._user),
            ("POST", "/graphql", self._viewer),
            ("GET", "/repos/REPO/pulls", self._pulls),
            ("GET", r"/repos/REPO/pulls/(\d+)", self._pull),
            ("GET", r"/repos/REPO/issues/(\d+)/comments", self._list),
            ("POST", r"/repos/REPO/issues/(\d+)/comments", self._create),
            ("PATCH", r"/repos/REPO/issues/comments/(\d+)", self._edit),
            ("DELETE", r"/repos/REPO/issues/comments/(\d+)", self._delete),
            ("POST", "/repos/REPO/check-runs", self._check),
            ("PATCH", r"/repos/REPO/check-runs/(\d+)", self._change_check),
        ]

    def _user(self, asked: Asked, account: Account) -> Said:
        if account.is_app:
            return _refused(403, "Resource not accessible by integration")
        return Said(200, _user(account.login))

    def _viewer(self, asked: Asked, account: Account) -> Said:
        assert "viewer" in asked.content["query"]
        return Said(200, {"data": {"viewer": {"login": account.login}}})

    def _pulls(self, asked: Asked, account: Account) -> Said:
        wanted = asked.query.get("head")
        found = [
            self._shown_pull(number)
            for number, pull in self.pulls.items()
            if pull.is_open and wanted in {None, pull.branch}
        ]
        return self._paged(found, asked)

    def _pull(self, asked: Asked, account: Account, number: int) -> Said:
        return Said(200, self._shown_pull(number)) if number in self.pulls else _refused(404, "Not Found")  # fmt: skip

    def _list(self, asked: Asked, account: Account, number: int) -> Said:
        if number not in self.pulls:
            return _refused(404, "Not Found")
        return self._paged([self._shown(comment) for comment in self.comments(number)], asked)

    def _create(self, asked: Asked, account: Account, number: int) -> Said:
        body = asked.content["body"]
        if number not in self.pulls:
            return _refused(404, "Not Found")
        if not body.strip() or len(body) >= LONGEST:
            return _refused(422, "Validation Failed")
        return Said(201, self._shown(self.say(number, account.login, body)))

    def _edit(self, asked: Asked, account: Account, number: int) -> Said:
        comment = self._comment(number)
        if comment is None:
            return _refused(404, "Not Found")
        comment.body = asked.content["body"]
        return Said(200, self._shown(comment))

    def _delete(self, asked: Asked, account: Account, number: int) -> Said:
        comment = self._comment(number)
        if comment is None:
            return _refused(404, "Not Found")
        for pull in self.pulls.values():
            pull.comments = [each for each in pull.comments if each is not comment]
        return Said(204)

    def _check(self, asked: Asked, account: Account) -> Said:
        if not account.is_app:
            return _refused(403, "You must authenticate via a GitHub App.")
        self.checks.append({"id": next(self._numbers), "annotations": []})
        return self._change_check(asked, account, self.checks[-1]["id"])

    def _change_check(self, asked: Asked, account: Account, number: int) -> Said:
        check = next((check for check in self.checks if check["id"] == number), None)
        content = dict(asked.content)
        output = content.pop("output", {})
        annotations = output.get("annotations", [])
        if check is None:
            return _refused(404, "Not Found")
        if (
            content.get("conclusion", "success") not in CONCLUSIONS
            or len(annotations) > 50
            or not all(re.fullmatch(r"[^:]+", annotation["path"]) for annotation in annotations)
        ):
            return _refused(422, "Invalid request.")
        check.update(content)
        check.update({key: output[key] for key in ("title", "summary") if key in output})
        check["annotations"] += annotations
        return Said(201, {"id": number})

    def _comment(self, number: int) -> Comment | None:
        every = (comment for pull in self.pulls.values() for comment in pull.comments)
        return next((comment for comment in every if comment.number == number), None)

    def _paged(self, entries: list[Any], asked: Asked) -> Said:
        shown, number, last = self.page(entries, asked)
        if number >= last:
            return Said(200, shown)
        query = urlencode({**asked.query, "page": number + 1})
        link = f'<{self.url}{asked.path}?{query}>; rel="next", <{self.url}{asked.path}>; rel="last"'
        return Said(200, shown, {"Link": link})

    def _shown(self, comment: Comment) -> dict[str, Any]:
        return {
            "id": comment.number,
            "user": _user(comment.author),
            "body": comment.body.replace("\n", self.line_break),
            "html_url": f"https://github.com/{REPOSITORY}/pull/7#issuecomment-{comment.number}",
        }

    def _shown_pull(self, number: int) -> dict[str, Any]:
        return {"number": number, "head": {"sha": self.pulls[number].head}}


def service() -> AbstractContextManager[GitHub]:
    """A GitHub without pull requests, as long as the block runs."""
    return serving(GitHub())


def _user(login: str) -> dict[str, Any]:
    return {"login": login, "type": "Bot" if login.endswith("[bot]") else "User"}


def _refused(status: int, message: str) -> Said:
    return Said(status, {"message": message, "documentation_url": "https://docs.github.com"})
