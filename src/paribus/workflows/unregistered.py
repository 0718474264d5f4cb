"""Experiments that `dvc exp run` made without Paribus."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from paribus.git.results import Result, Said, foreign_results, read_results
from paribus.ledger.index.opening import Index
from paribus.ledger.index.schema import checksum, require_sum
from paribus.ledger.index.wanted import Wanted
from paribus.reports.unregistered import Unregistered
from paribus.workflows.project import Project

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
"""A name that is safe to type. Others are taken in by their commit."""
_HEX = re.compile(r"[0-9a-f]{4,64}")
_KEEP = "INSERT OR IGNORE INTO results VALUES (?, ?, ?)"


def unregistered(project: Project, index: Index, wanted: Wanted) -> tuple[Unregistered, ...]:
    """Those that are wanted and that nobody has taken in, the latest first."""
    if not _may_be(wanted):
        return ()
    git = project.repository.git
    results = foreign_results(git)
    if not results:
        return ()
    known, taken = index.ask(_kept)
    rest = [each.commit for each in results if each.commit not in known | taken.keys()]
    read = dict(read_results(git, rest)) if rest else {}
    if read:
        told = [(commit, json.dumps(asdict(said))) for commit, said in read.items()]
        index.remember(_KEEP, [(*row, checksum(*row)) for row in told])
    names = Counter(each.name for each in results)
    found = [
        _told(each, said, names)
        for each in results
        if (said := known.get(each.commit) or read.get(each.commit)) and each.commit not in taken
    ]
    return tuple(
        sorted(
            (each for each in found if _is_wanted(each, wanted)),
            key=lambda each: each.started,
            reverse=True,
        )
    )


# Private functions


def _kept(connection: sqlite3.Connection) -> tuple[dict[str, Said], dict[str, str]]:
    """(what was read of results earlier, the commits that experiments were made of)."""
    known = {}
    for commit, told, total in connection.execute("SELECT sha, told, sum FROM results"):
        require_sum((commit, told), total)
        known[commit] = Said(**json.loads(told))
    revisions = connection.execute(
        "SELECT revision, id FROM experiments WHERE revision IS NOT NULL"
    )
    return known, dict(revisions.fetchall())


def _may_be(wanted: Wanted) -> bool:
    """Whether what is asked for is anything that is known of them."""
    asked = (wanted.outcome, wanted.param, wanted.metric, wanted.change or None)
    return wanted.status in (None, "unregistered") and asked == (None, None, None, None)


def _told(result: Result, said: Said, names: Mapping[str, int]) -> Unregistered:
    is_safe = _PLAIN.fullmatch(result.name) and not _HEX.fullmatch(result.name)
    name = result.name if is_safe and names[result.name] == 1 else result.commit[:12]
    return Unregistered(
        name=result.name,
        commit=result.commit,
        baseline=result.baseline,
        author=said.author,
        started=said.started,
        subject=said.subject,
        command=shlex.join(["paribus", "run", name]),
    )


def _is_wanted(one: Unregistered, wanted: Wanted) -> bool:
    started = one.started
    return all(
        (
            wanted.author.casefold() in one.author.casefold(),
            _has(wanted.text.split(), one.name, one.subject, one.commit),
            wanted.baseline is None or one.baseline.startswith(wanted.baseline),
            wanted.since is None or started >= wanted.since,
            wanted.until is None or started[: len(wanted.until)] <= wanted.until,
        )
    )


def _has(words: Sequence[str], *texts: str) -> bool:
    whole = "\n".join(texts).casefold()
    return all(word.casefold() in whole for word in words)
