"""Whether the index says what the ledger says."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

from paribus.core.errors import Exit, Problem
from paribus.ledger.index.opening import NAME, Index
from paribus.ledger.index.soundness import differences
from paribus.workflows.doctor.ailment import Ailment, ailment
from paribus.workflows.doctor.ground import Ground


def check_index(ground: Ground) -> Iterator[Ailment]:
    """Compares the index, where there is one, with one made anew from the ledger."""
    file = ground.project.state / NAME
    found = _false(ground, file) if file.exists() else []
    if found:
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        yield ailment(
            "false-index",
            f"{found[0]}{more}",
            str(file),
            f"it may go   rm {file}",
            repair=partial(_made_anew, ground, file),
        )


# Private functions


def _false(ground: Ground, file: Path) -> list[str]:
    address = f"file:{quote(os.fsencode(file))}?mode=ro"
    try:
        with contextlib.closing(
            sqlite3.connect(address, uri=True, timeout=60.0, isolation_level=None)
        ) as connection:
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("BEGIN")
            return differences(connection, ground.git)
    except sqlite3.DatabaseError as error:
        return [f"the index cannot be read: {error}"]


def _made_anew(ground: Ground, file: Path) -> str:
    """Who has it open reads it to the end; who asks next, and finds none, makes it, one at a time."""
    told: list[str] = []
    if _false(ground, file):
        file.unlink(missing_ok=True)
    index = Index(ground.git, file.parent, ground.project.make_state, told.append)
    index.ask(lambda _: None)
    if told:
        raise Problem("index-not-kept", told[0], status=Exit.NOT_RECORDED)
    return "made anew"
