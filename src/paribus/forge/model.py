"""What is posted on a pull request, and what became of it: plain data, and the interface of a service."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

MARKER = re.compile(r"[^\s<>](?:[^\n<>]*[^\s<>])?")
"""What can stand in an HTML comment without ending it."""


class Conclusion(StrEnum):
    """How a check of a commit ends."""

    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"
    """Undecided, or not comparable: neither holds nor fails."""
    ACTION = "action_required"
    """It cannot be judged until somebody mends something."""


@dataclass(frozen=True, slots=True)
class Note:
    """What is said of a line of a file.

    Attributes:
        file: from the top of the repository.
        line: counted from 1; None for the file as a whole.
        level: `failure`, `warning` or `notice`.
        title: one line.
        message: may have several lines.
    """

    file: str
    line: int | None
    level: str
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Posting:
    """A review as a service is to show it.

    Attributes:
        marker: by which the comment is found again, such as `paribus:review:digits`: one for each project.
        body: the whole Markdown. Its last line is `<!-- marker -->`; it is shorter than 65,536 characters.
        title: one line for the check.
        conclusion: how the check ends.
        name: of the check, such as `paribus (digits)`.
        head: full SHA of the judged commit.
        notes: what the check says of single lines.
    """

    marker: str
    body: str
    title: str
    conclusion: Conclusion
    name: str
    head: str
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        if not MARKER.fullmatch(self.marker) or "--" in self.marker:
            raise ValueError(f"no marker: {self.marker!r}")
        if not is_marked(self.body, self.marker):
            raise ValueError(f"the body does not end with its marker {self.marker!r}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a posting.

    Attributes:
        told: one line each, for standard error; without token, without control characters.
        posted: whether the comment now says what it should.
    """

    told: tuple[str, ...] = ()
    posted: bool = False


class Forge(Protocol):
    """A service with pull requests. Whatever it, the network or a token does is told, never raised."""

    def begin(self, name: str, head: str) -> Outcome:
        """Shows that a check of a commit is under way.

        Args:
            name: as in `Posting`.
            head: full SHA of the commit that will be judged.
        """

    def finish(self, posting: Posting) -> Outcome:
        """Ends the check, and makes the one comment say what it should.

        Where the pull request has another head by now, its comment stays as it is.
        """


def is_marked(body: str, marker: str) -> bool:
    """Whether the last line of a comment is this marker."""
    return body.rstrip().rpartition("\n")[2] == f"<!-- {marker} -->"
