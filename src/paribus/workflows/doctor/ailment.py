"""A finding together with its repair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from paribus.core.finding import Finding

Repair = Callable[[], str]
"""Mends one thing and says what it did. It can be cut off anywhere, and called again; it raises `Problem`
where it cannot."""


@dataclass(frozen=True, slots=True)
class Ailment:
    """What was found, and what mends it; None where nothing here does."""

    finding: Finding
    repair: Repair | None = None


def ailment(
    code: str, message: str, where: str, *helps: str, repair: Repair | None = None
) -> Ailment:
    """One finding.

    Args:
        helps: what to do by hand, as `Finding` has it.
    """
    return Ailment(Finding(code, message, where, helps, repair is not None), repair)
