"""How long an id is, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterable

ID_LENGTH = 20
"""Hex characters; 80 bits make an accidental collision among a million ids a matter of 1 in 10^12."""

SHORTEST = 4
"""Characters of an id as it is shown, where they tell it from every other."""


def shortened(identifier: str, others: Iterable[str]) -> str:
    """The shortest beginning of an id, at least four characters, that no other id shares."""
    rivals = [other for other in others if other != identifier]
    for length in range(SHORTEST, len(identifier)):
        if not any(other.startswith(identifier[:length]) for other in rivals):
            return identifier[:length]
    return identifier
