"""Which commit recorded something last, without a walk over all of the ledger's history.

The index keeps each 256th commit of the ledger's first parents. Between two of them, by bisection, lies the
one from which on a folder is as it is now. What is kept need not be believed: where it leads nowhere,
git walks.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

from paribus.git.command import Git
from paribus.git.history import first_parents
from paribus.git.objects import Objects
from paribus.ledger.branch import Branch
from paribus.ledger.index.opening import Index
from paribus.ledger.index.schema import checksum, require_sum

EVERY = 256
"""Commits from one that is kept to the next."""


def last_touching(git: Git, index: Index, folder: str) -> str | None:
    """The newest commit of the ledger that added to a folder; None where none did.

    Args:
        git: in the user's repository.
        index: of its ledger; it need not be there, nor be brought up to date.
    """
    branch = Branch(git)
    tips = branch.tips()
    if len(tips) != 1:
        return branch.last_touching(folder)
    with Objects(git) as objects:
        now = objects.identify(f"{tips[0]}:{folder}")
        if now is None:
            return None
        chain = _chain(git, index, tips[0])
        before, since = -1, len(chain) - 1
        while since - before > 1:
            middle = (before + since) // 2
            if objects.identify(f"{chain[middle]}:{folder}") == now:
                since = middle
            else:
                before = middle
    return git.lookup("rev-list", "-1", chain[since], "--", folder) or None


# Private functions


def _chain(git: Git, index: Index, tip: str) -> list[str]:
    """Commits of the ledger, each the first parent of the next or further before it; the tip is last."""
    kept, newer = index.recall(_read) or [], list[str]()
    places = {sha: place for place, sha in enumerate(kept)}
    with closing(first_parents(git, tip)) as older:
        for sha in older:
            if sha in places:
                del kept[places[sha] + 1 :]
                break
            newer.append(sha)
        else:
            kept = []
    marks = newer[::-1][EVERY - 1 :: EVERY]
    if marks:
        kept += marks
        told = json.dumps(kept)
        index.remember(
            "INSERT OR REPLACE INTO state VALUES (?, ?, ?)", [("marks", told, checksum(told))]
        )
    return kept if kept[-1:] == [tip] else [*kept, tip]


def _read(connection: sqlite3.Connection) -> list[str] | None:
    """The commits that are kept, the oldest first; raises `Damaged`."""
    row = connection.execute("SELECT value, sum FROM state WHERE name = 'marks'").fetchone()
    if row is None:
        return None
    require_sum(row[:1], row[1])
    return [str(sha) for sha in json.loads(row[0])]
