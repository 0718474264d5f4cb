"""Services to post at, and a clock that does not keep anybody waiting."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from tests.forge.gitlab_service import GitLab, gitlab_service
from tests.forge.service import GitHub, service

from paribus.forge.model import Conclusion, Posting
from paribus.forge.wire import Patience

HEAD = "a" * 40
LATER = "b" * 40
MARKER = "paribus:review:digits"


@dataclass
class Hourglass:
    """Who sleeps by it has slept at once.

    Attributes:
        slept: seconds, each time.
        call: seconds that an answer may take, and these do pass.
    """

    call: float = 5.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """As `time.sleep`."""
        self.slept.append(seconds)

    def clock(self) -> float:
        """As `time.monotonic`."""
        return time.monotonic() + sum(self.slept)

    def now(self) -> float:
        """A moment in 2026."""
        return 1_790_000_000 + sum(self.slept)

    def patience(self) -> Patience:
        """An hour's worth of waiting in no time."""
        return Patience(call=self.call, sleep=self.sleep, clock=self.clock, now=self.now)


def body(text: str = "Improved", marker: str = MARKER) -> str:
    """A comment's text."""
    return f"**{text}**\n\n<!-- {marker} -->\n"


def posting(
    text: str = "Improved", head: str = HEAD, marker: str = MARKER, **others: object
) -> Posting:
    """A review of a project."""
    name = f"paribus ({marker.rpartition(':')[2]})"
    fixed = {"conclusion": Conclusion.SUCCESS, "name": name} | others
    return Posting(marker, body(text, marker), text, head=head, **fixed)  # type: ignore[arg-type]


@pytest.fixture
def hourglass() -> Hourglass:
    """One for each test."""
    return Hourglass()


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    """With pull request 7 at HEAD."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with service() as found:
        found.pull(7, HEAD)
        yield found


@pytest.fixture
def gitlab(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitLab]:
    """With merge request 7 at HEAD."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with gitlab_service() as found:
        found.merge(7, HEAD)
        yield found
