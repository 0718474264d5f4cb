"""GitHub: a check run on the head commit, and one comment on the pull request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from paribus.forge.comment import Put, put
from paribus.forge.github_author import Me
from paribus.forge.github_checks import CheckRun
from paribus.forge.github_comments import GitHubThread
from paribus.forge.github_pulls import Pulls
from paribus.forge.model import Outcome, Posting
from paribus.forge.telling import may_not, not_posted, put_line
from paribus.forge.trouble import Trouble
from paribus.forge.wire import Patience, Wire

ACCEPT: Mapping[str, str] = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
}
SHARE = 3
"""The check run may take a third of the time, so that the comment is not late for it."""
NEEDED = "the token needs `pull-requests: write`, and a fork's never has it: paribus init --ci github-forks"
CHECK_NEEDED = "only a workflow's or an app's token with `checks: write` may"


@dataclass(frozen=True, slots=True)
class Place:
    """Where to post at GitHub.

    Attributes:
        root: address of the interface, such as `https://api.github.com`.
        repository: `owner/name`.
        pulls: which pull requests.
        token: of whoever posts.
        of_workflow: whether it is the token that every workflow has.
    """

    root: str
    repository: str
    pulls: Pulls
    token: str = field(repr=False)
    of_workflow: bool = False


class GitHub:
    """A `Forge`."""

    def __init__(self, place: Place, patience: Patience) -> None:
        self._place = place
        self._patience = patience
        self._wire = Wire(place.root, ("Authorization", f"Bearer {place.token}"), ACCEPT, patience)
        self._check = CheckRun(self._wire, place.repository)
        self._me = Me(self._wire, of_workflow=place.of_workflow)
        self._may_check = True

    def begin(self, name: str, head: str) -> Outcome:
        """A check run in progress, on the pull request's own head."""
        self._wire.allow(self._patience.whole / SHARE)
        try:
            self._check.begin(name, self._place.pulls.judged(head))
        except Trouble as trouble:
            self._may_check = not may_not(trouble)
            return Outcome((_unchecked(trouble),))
        return Outcome()

    def finish(self, posting: Posting) -> Outcome:
        """The check run ends, and the comment says what it should on each of the pull requests."""
        head = self._place.pulls.judged(posting.head)
        told = self._checked(posting, head)
        self._wire.allow(self._patience.whole * (SHARE - 1) / SHARE)
        try:
            numbers = self._place.pulls.numbers(self._wire, self._place.repository, head)
        except Trouble as trouble:
            return Outcome((*told, not_posted(trouble, NEEDED)))
        if not numbers:
            line = f"comment not posted: no open pull request has the head {head[:7]}"
            return Outcome((*told, line))
        found = [self._put(number, posting, head) for number in numbers]
        lines = (line for one in found for line in one.told)
        return Outcome((*told, *lines), all(one.posted for one in found))

    def _checked(self, posting: Posting, head: str) -> tuple[str, ...]:
        """What there is to tell of the check run; that none may be made was told at the beginning."""
        if not self._may_check:
            return ()
        self._wire.allow(self._patience.whole / SHARE)
        try:
            self._check.finish(posting, head)
        except Trouble as trouble:
            return (_unchecked(trouble),)
        return ()

    def _put(self, number: int, posting: Posting, head: str) -> Outcome:
        thread = GitHubThread(self._wire, self._place.repository, number, self._me)
        try:
            found: Put = put(thread, posting, head, self._wire)
        except Trouble as trouble:
            return Outcome((not_posted(trouble, NEEDED),))
        return Outcome((put_line(found, head),), found.word != "stale")


# Private functions


def _unchecked(trouble: Trouble) -> str:
    needed = f"; {CHECK_NEEDED}" if may_not(trouble) else ""
    return f"check run not set: {trouble.why}{needed}"
