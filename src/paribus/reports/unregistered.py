"""How experiments are told that DVC made without Paribus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from paribus.reports.text import clean, shortened, wrapped

WORD = "unregistered"
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Unregistered:
    """A result of `dvc exp run`.

    Attributes:
        name: as DVC has it.
        commit, baseline: full SHAs.
        author: name and e-mail.
        started: UTC, ISO 8601.
        subject: the first line of its commit's message.
        command: what takes it in.
    """

    name: str
    commit: str
    baseline: str
    author: str
    started: str
    subject: str
    command: str


def unregistered_json(one: Unregistered) -> dict[str, Any]:
    """Its keys; `experiment` is null, which tells it from one that the ledger has."""
    return {"experiment": None, "status": WORD, **asdict(one)}


def unregistered_lines(several: Sequence[Unregistered]) -> list[str]:
    """Two lines for each: what it is, and what takes it in."""
    names = [shortened(clean(one.name), _LONGEST) for one in several]
    width = max(map(len, names), default=0)
    lines = []
    for one, name in zip(several, names, strict=True):
        lines.append(f"{name.ljust(width)}  {WORD}  {one.started[:10]}")
        told = f"made by dvc exp run from {one.baseline[:7]}; take it in   {clean(one.command)}"
        lines += wrapped(told, "      ")
    return lines
