"""What commands that were killed have left behind: processes of their runs, cards, logs."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from pathlib import Path

from paribus.execute import card
from paribus.execute.card import Card
from paribus.execute.holder import is_held
from paribus.execute.processes import end_group, end_marked
from paribus.workflows.project import Project

DAY = 86_400.0

LOG_DAYS = 30.0
"""For which logs are kept; their last lines are in the ledger for good."""

LOG_BYTES = 500_000_000
"""Of all logs together; the oldest go first."""


def end_leftovers(project: Project) -> int:
    """Ends processes of runs that are over on this machine, whatever ended the commands that made them.

    Returns:
        How many cards of such runs there were.
    """
    over = cards_left(project)
    here = [told for _, told in over if told and _is_of_here(told)]
    for told in here:
        if told.pid is not None and told.born is not None:
            end_group(told.pid, told.born)
    if here:
        end_marked({told.run for told in here})
    for file, _ in over:
        file.unlink(missing_ok=True)
    return len(over)


def cards_left(project: Project) -> list[tuple[Path, Card | None]]:
    """Cards of runs that are over, whatever ended the commands that made them; None for one unread."""
    return [(file, told) for file, told in _cards(project) if _is_over(project, file, told)]


def remove_old_logs(logs: Path, days: float = LOG_DAYS, size: int = LOG_BYTES) -> None:
    """Removes logs that are older, and the oldest of those that are more."""
    found = []
    for file in logs.glob("*.log"):
        with contextlib.suppress(OSError):
            found.append((file.stat().st_mtime, file.stat().st_size, file))
    kept, oldest = 0, time.time() - days * DAY
    for changed, length, file in sorted(found, reverse=True, key=lambda one: one[0]):
        kept += length
        if changed < oldest or kept > size:
            with contextlib.suppress(OSError):
                file.unlink()


# Private functions


def _cards(project: Project) -> list[tuple[Path, Card | None]]:
    return [(file, card.read(file)) for file in sorted(project.cards.glob("*.json"))]


def _is_over(project: Project, file: Path, told: Card | None) -> bool:
    """Whether nobody makes a run any more; of another machine's nobody here knows before a day."""
    if told is not None and told.host == socket.gethostname():
        return not is_held(project.holders, told.holder)
    return (card.silence(file) or 0.0) > DAY


def _is_of_here(told: Card) -> bool:
    """Whether its processes could still be there: this machine, since it was started last."""
    return (
        told.host == socket.gethostname() and told.boot == card.boot() and told.pid != os.getpid()
    )
