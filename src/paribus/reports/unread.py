"""Records that cannot be read, as every list of experiments names them."""

from __future__ import annotations

from collections.abc import Sequence

from paribus.reports.text import clean

MOST = 10
"""Paths that are named; of more how many follow."""


def unread(paths: Sequence[str]) -> list[str]:
    """A line for each, and one for the rest."""
    lines = [f"cannot be read by this version: {clean(path)}" for path in paths[:MOST]]
    more = len(paths) - MOST
    return [*lines, *([f"and {more} more: paribus doctor names all of them"] if more > 0 else [])]
