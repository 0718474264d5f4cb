"""Which experiments are wanted, and how SQLite is asked for them."""

from __future__ import annotations

import json
import operator
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paribus.core.ended import RUNNING
from paribus.core.metrics import looked_up

SORTED_BY = {
    "id": "id", "verdict": "outcome", "status": "status", "difference": "estimate", "low": "low",
    "high": "high", "pairs": "n", "started": "started", "change": "change",
    "hypothesis": "hypothesis", "author": "author", "baseline": "baseline_name", "metric": "metric",
}  # fmt: skip
"""The columns by which a list may be sorted, as people and as the table call them."""

AGAINST = "(baseline_name = ? OR substr(baseline_commit, 1, ?) = ?)"
STATUS = f"CASE WHEN id IN (SELECT id FROM temp.running) THEN '{RUNNING}' ELSE status END"  # noqa: S608

_CONDITION = re.compile(r"(?P<name>.+?)\s*(?P<sign>>=|<=|=|>|<)\s*(?P<value>[^<>=]+)")
_SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le, "=": operator.eq,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which experiments to list; None, and an empty text, ask for all.

    Attributes:
        outcome: of the verdict, or `failed`.
        status: as `core.ended.standing` says it.
        author, change: a part of it, in whatever case.
        param: a param that was changed: its path, the end of it, or with its file before a colon.
        metric: measured by it, as a name, or a name with a bound of its mean: `accuracy>0.9`.
        baseline: measured against it: its name, or the beginning of its commit.
        text: words that the change, the hypothesis or the id have, all of them.
        since, until: days, or the beginning of a time, UTC, ISO 8601; both are among them.
        sort: one of `SORTED_BY`; what has no value comes last.
        descending: the largest first.
        limit: at most so many; None for all.
        offset: so many are left out before them.
    """

    outcome: str | None = None
    status: str | None = None
    author: str = ""
    change: str = ""
    param: str | None = None
    metric: str | None = None
    baseline: str | None = None
    text: str = ""
    since: str | None = None
    until: str | None = None
    sort: str = "started"
    descending: bool = True
    limit: int | None = None
    offset: int = 0

    @property
    def is_filtered(self) -> bool:
        """Whether not all are asked for."""
        all_ = Wanted(
            sort=self.sort, descending=self.descending, limit=self.limit, offset=self.offset
        )
        return self != all_


def condition(text: str) -> tuple[str, Callable[[float], bool]]:
    """(a metric's name, what its mean must be) of `accuracy`, `accuracy>0.9`, `loss <= 0.1`.

    Raises:
        ValueError: a sign is not followed by a number.
    """
    found = _CONDITION.fullmatch(text.strip())
    if found is None:
        return text.strip(), lambda _: True
    bound, compare = float(found["value"]), _SIGNS[found["sign"]]
    return found["name"], lambda value: compare(value, bound)


def conditions(connection: sqlite3.Connection, wanted: Wanted) -> tuple[list[str], list[object]]:
    """SQL that holds for what is wanted, and the values that it asks for."""
    asked: list[tuple[str, Sequence[object]]] = []
    if wanted.outcome is not None:
        asked.append(("outcome = ?", [wanted.outcome]))
    if wanted.status is not None:
        asked.append((f"{STATUS} = ?", [wanted.status]))
    if wanted.since is not None:
        asked.append(("started >= ?", [wanted.since]))
    if wanted.until is not None:
        asked.append(("substr(started, 1, ?) <= ?", [len(wanted.until), wanted.until]))
    if wanted.baseline is not None:
        asked.append((AGAINST, named(wanted.baseline)))
    for name, function, columns in _functions(wanted):
        connection.create_function(name, -1, function, deterministic=True)
        asked.append((f"{name}({columns})", []))
    return [sql for sql, _ in asked], [value for _, values in asked for value in values]


def named(name: str) -> list[object]:
    """The values that `AGAINST` asks for; less than four characters are no commit."""
    name = name.encode("utf-8", "backslashreplace").decode()  # as SQLite can be asked
    return [name, max(len(name), 4), name]


# Private functions


def _functions(wanted: Wanted) -> Iterable[tuple[str, Callable[..., bool], str]]:
    """(a name, what it tells, the columns that it is told) for what SQL alone cannot tell."""
    if wanted.author:
        yield "by_author", _has(wanted.author), "author"
    if wanted.change:
        yield "has_change", _has(wanted.change), "change"
    if wanted.text:
        yield "has_words", _has(*wanted.text.split()), "change, hypothesis, id"
    if wanted.param is not None:
        yield "has_param", _changes(wanted.param), "params"
    if wanted.metric is not None:
        yield "has_metric", _measures(wanted.metric), "metrics"


def _has(*parts: str) -> Callable[..., bool]:
    folded = [part.casefold() for part in parts]

    def has(*texts: str | None) -> bool:
        whole = "\n".join(text or "" for text in texts).casefold()
        return all(part in whole for part in folded)

    return has


def _changes(name: str) -> Callable[[str | None], bool]:
    def changes(params: str | None) -> bool:
        found = json.loads(params or "[]")
        return any(one == name or one.endswith((f":{name}", f".{name}")) for one in found)

    return changes


def _measures(text: str) -> Callable[[str | None], bool]:
    name, holds = condition(text)

    def measures(metrics: str | None) -> bool:
        value: Any = looked_up(json.loads(metrics or "{}"), name)
        return value is not None and holds(value)

    return measures
