"""What can be compared of a plot: the numbers of its table, read from CSV, TSV or JSON."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from paribus.core.errors import Problem
from paribus.core.values import Value

SEPARATORS = {".csv": ",", ".tsv": "\t"}
SUFFIXES = (*SEPARATORS, ".json")
"""Of plots that hold numbers; others are pictures."""

MOST_COLUMNS = 100
LONGEST_CELL = 10_000
"""Characters; a longer one is no number."""


@dataclass(frozen=True, slots=True)
class Column:
    """What one column of a table comes to.

    Attributes:
        name: as the table has it; of several tables in one JSON file with the table's key in front.
        last: its value in the last row: a number, NaN included, or text where numbers stand above it.
        low, high: of its finite numbers; None where there are none.
    """

    name: str
    last: Value
    low: float | None
    high: float | None


def is_plot(path: str) -> bool:
    """Whether a file of plots holds numbers, by its suffix."""
    return PurePosixPath(path).suffix.lower() in SUFFIXES


def columns(path: str, data: bytes) -> tuple[Column, ...]:
    """Every column of a plot's table that has numbers; raises `Problem` where it cannot be read."""
    try:
        text = data.decode("utf-8-sig")
        separator = SEPARATORS.get(PurePosixPath(path).suffix.lower())
        tables = [("", _rows(text, separator))] if separator else _tables(json.loads(text))
        return tuple(column for key, rows in tables for column in _columns(key, rows))
    except (csv.Error, ValueError, RecursionError) as error:
        why = "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
        why = "nested too deeply" if isinstance(error, RecursionError) else why
        help_ = f"mend {path}, then try again"
        raise Problem("unreadable-file", f"{path}: {why.partition(';')[0]}", help_) from error


# Private functions


def _rows(text: str, separator: str) -> Iterator[Mapping[str, Any]]:
    lines = csv.reader(text.splitlines(), delimiter=separator)
    header = next(lines, [])
    for line in lines:
        if line:
            yield dict(zip(header, line, strict=False))


def _tables(document: Value) -> list[tuple[str, Sequence[Mapping[str, Any]]]]:
    """A list of objects, or each such list that an object holds."""
    if isinstance(document, Mapping):
        named = [(f"{key}.", rows) for key, rows in document.items() if _is_table(rows)]
        return [("", named[0][1])] if len(named) == 1 else named
    return [("", document)] if _is_table(document) else []


def _is_table(value: Value) -> bool:
    return isinstance(value, list) and all(isinstance(row, Mapping) for row in value)


def _columns(key: str, rows: Any) -> Iterator[Column]:
    lows: dict[str, float] = {}
    highs: dict[str, float] = {}
    seen: dict[str, bool] = {}
    row: Mapping[str, Any] = {}
    for row in rows:
        for name, cell in row.items():
            number = _number(cell)
            if number is None:
                seen.setdefault(name, False)
                continue
            seen[name] = True
            if math.isfinite(number):
                lows[name] = min(number, lows.get(name, number))
                highs[name] = max(number, highs.get(name, number))
    numeric = [name for name, is_numeric in seen.items() if is_numeric]
    if len(numeric) > MOST_COLUMNS:
        raise ValueError(f"more than {MOST_COLUMNS} columns of numbers")
    for name in numeric:
        cell = row.get(name)
        number = _number(cell)
        yield Column(
            f"{key}{name}", cell if number is None else number, lows.get(name), highs.get(name)
        )


def _number(cell: Value) -> float | None:
    """A cell as a number; truth values and text are none."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None
    if isinstance(cell, str) and (len(cell) > LONGEST_CELL or "_" in cell):
        return None
    try:
        return float(cell)
    except (ValueError, OverflowError):
        return None
