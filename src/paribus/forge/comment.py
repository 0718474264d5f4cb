"""One lasting comment: found by its marker and its author, made once, edited only where it differs.

Services have no "create unless there": two jobs may both find nothing and both create. So whoever has
created looks again, and everybody settles on the oldest comment, which each makes say what is true
now. Before each word that is written the request's head is asked for, because a job that was slow must
not write over what a later one said of a later commit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from paribus.forge.model import Posting, is_marked
from paribus.forge.trouble import Trouble
from paribus.forge.wire import Wire, sendable

ROUNDS = 12
"""Of looking and writing, however quick they are."""
GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
ADDRESS = re.compile(r"https?://[!-~]{1,500}")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of our own.

    Attributes:
        number: by which the service names it; a later one has a higher one.
        body: as the service returns it.
        url: where a person sees it; empty where that is not known.
    """

    number: int
    body: str
    url: str = ""


class Thread(Protocol):
    """The comments on one request; each method may raise `Trouble`."""

    def head(self) -> str:
        """The full SHA of the request's head now."""

    def own(self, marker: str) -> list[Comment]:
        """Comments of this token's owner that end with the marker; of nobody else."""

    def create(self, body: str) -> Comment:
        """A new comment."""

    def edit(self, number: int, body: str) -> Comment:
        """Another body for a comment."""

    def delete(self, number: int) -> None:
        """Takes a comment away."""


@dataclass(frozen=True, slots=True)
class Put:
    """What became of a comment.

    Attributes:
        word: `created`, `edited` or `unchanged`; `stale` where the request has another head by now.
        url: of the comment.
        head: where the request stands, if it is stale.
    """

    word: str
    url: str = ""
    head: str = ""


def put(thread: Thread, posting: Posting, head: str, wire: Wire) -> Put:
    """Makes the one comment on a request say what it should.

    Args:
        head: full SHA at which the request must be.

    Raises:
        Trouble: it could not be made to.
    """
    return _Putting(thread, wire, posting.marker, sendable(posting.body), head).done()


def comments(entries: Iterable[Comment], marker: str) -> list[Comment]:
    """Those with the marker, oldest first."""
    marked = (entry for entry in entries if is_marked(entry.body, marker))
    return sorted(marked, key=lambda comment: comment.number)


def certain_head(value: object) -> str:
    """A full SHA out of an answer.

    Raises:
        Trouble: it is none.
    """
    if not isinstance(value, str) or not SHA.fullmatch(value):
        raise Trouble("it does not tell the head of the request")
    return value


def shown_address(value: object) -> str:
    """An address out of an answer, as far as it can be printed."""
    return value if isinstance(value, str) and ADDRESS.fullmatch(value) else ""


# Private functions


@dataclass(slots=True)
class _Putting:
    """
    Attributes:
        created: what this job has created.
        settled: what to tell if only duplicates are left to remove.
        missed: whether a comment was gone when it was to be edited.
    """

    thread: Thread
    wire: Wire
    marker: str
    body: str
    head: str
    word: str = "unchanged"
    created: Comment | None = None
    settled: Put | None = None
    missed: bool = False

    def done(self) -> Put:
        last = Trouble("others change it all the time")
        for _ in range(ROUNDS):
            try:
                found = self._round()
                if found is not None:
                    return found
            except Trouble as trouble:
                last = trouble
                try:
                    self.wire.rest(trouble)
                except Trouble:
                    break
        if self.settled is not None:
            return self.settled
        raise last

    def _round(self) -> Put | None:
        """Looks, and writes what is missing; None where it has to look again."""
        own = self._own()
        if own and _same(own[0].body, self.body):
            return self._alone(own, Put(self.word, own[0].url))
        there = self.thread.head()
        if there != self.head:
            # What this job has made beside an older comment would be a second one.
            self._remove([comment for comment in own[1:] if self._is_created(comment)])
            return Put("stale", head=there)
        if not own:
            self.word = "created"
            self.created = self.thread.create(self.body)
            return None
        return self._edited(own)

    def _own(self) -> list[Comment]:
        """A list may lag behind what was just made."""
        own = self.thread.own(self.marker)
        if self.created is None or any(map(self._is_created, own)):
            return own
        return sorted([*own, self.created], key=lambda comment: comment.number)

    def _edited(self, own: list[Comment]) -> Put | None:
        if not self._is_created(own[0]):
            self.word = "edited"
        try:
            edited = self.thread.edit(own[0].number, self.body)
        except Trouble as trouble:
            if trouble.status not in GONE or self.missed:
                raise
            self.missed, self.word, self.created = True, "unchanged", None
            return None  # somebody removed it in between
        return self._alone(own, Put(self.word, edited.url))

    def _alone(self, own: list[Comment], found: Put) -> Put:
        """Of one author and one marker there is one comment, the oldest."""
        self.settled = found
        self._remove(own[1:])
        return found

    def _remove(self, duplicates: Iterable[Comment]) -> None:
        """Who may not remove them leaves them."""
        for comment in duplicates:
            try:
                self.thread.delete(comment.number)
            except Trouble as trouble:
                if trouble.again:
                    raise

    def _is_created(self, comment: Comment) -> bool:
        return self.created is not None and comment.number == self.created.number


def _same(there: str, wanted: str) -> bool:
    """Whether nothing would change; services give line breaks and blanks at the end as they like."""
    return _trimmed(there) == _trimmed(wanted)


def _trimmed(body: str) -> str:
    return body.replace("\r\n", "\n").strip()
