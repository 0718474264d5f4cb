"""What a service says when it does not do what it was asked, and whether another try may help."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

WIDTH = 200
"""Characters of a service's own words."""
UNTOLD_LIMIT = 60.0
"""Seconds to wait where a limit's end is not told, as GitHub asks."""
LONGEST_LIMIT = 10.0 * 365 * 86_400
PASSING = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
LIMITED = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})


class Trouble(Exception):  # noqa: N818 (no error of ours, nor of the user's)
    """A request without the answer that it wanted.

    Attributes:
        why: words after a colon, without token or control characters.
        status: of HTTP; None where there was no answer.
        again: whether another try may help. Of a request that writes, nobody knows what became of it.
        wait: seconds that the service wants to be left alone; None where it does not say.
    """

    def __init__(
        self, why: str, status: int | None = None, *, again: bool = False, wait: float | None = None
    ) -> None:
        super().__init__(why)
        self.why = why
        self.status = status
        self.again = again
        self.wait = wait


def refusal(status: int, headers: Mapping[str, str], content: Any, now: float) -> Trouble | None:
    """What an answer says against the request; None where it was done.

    Args:
        headers: names in small letters.
        content: the JSON that came with it.
        now: seconds since 1970.
    """
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    said = _said(content)
    wait = _wait(status, headers, said, now)
    if wait is not None:
        return Trouble(
            f"too many requests ({status}), free again in {wait:.0f} s",
            status,
            again=True,
            wait=wait,
        )
    return Trouble(f"{status} ({said})" if said else str(status), status, again=status in PASSING)


def plain(text: str, width: int = 10_000) -> str:
    """Text on one line that cannot act on a screen or in a CI system's log."""
    line = "".join(letter if letter.isprintable() else " " for letter in text[:width])
    return line.replace("##[", "# #[").strip()


# Private functions


def _said(content: Any) -> str:
    """GitHub has `message`, GitLab `message` or `error`; either may be more than a text."""
    if not isinstance(content, dict):
        return ""
    said = content.get("message") or content.get("error")
    return plain(str(said), WIDTH) if isinstance(said, str | list | dict) else ""


def _wait(status: int, headers: Mapping[str, str], said: str, now: float) -> float | None:
    """Seconds; None where no limit was met. GitHub answers 403 for one, too."""
    asked = _after(headers.get("retry-after"), now)
    if status not in LIMITED:
        return asked if status in PASSING else None
    if asked is not None:
        return asked
    for prefix in ("x-ratelimit", "ratelimit"):
        reset = headers.get(f"{prefix}-reset", "")
        if headers.get(f"{prefix}-remaining") == "0" and reset.isdecimal() and len(reset) < 12:
            return min(max(0.0, int(reset) - now) + 1, LONGEST_LIMIT)
    limited = status == HTTPStatus.TOO_MANY_REQUESTS or "rate limit" in said.lower()
    return UNTOLD_LIMIT if limited else None


def _after(told: str | None, now: float) -> float | None:
    """`Retry-After`: seconds, or a date."""
    if told is None:
        return None
    if told.isdecimal():
        return min(float(told[:12]), LONGEST_LIMIT)
    try:
        return min(max(0.0, parsedate_to_datetime(told).timestamp() - now), LONGEST_LIMIT)
    except (ValueError, TypeError, OverflowError):
        return None
