"""Tables in bytes: CSV, TSV, JSON and JSON Lines, strictly read, whatever the bytes are."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from paribus.core.examples.faults import fault, listed, shown

LARGEST = 100 * 1024 * 1024
"""Bytes of the largest file that is read."""

MOST_COLUMNS = 10_000

_BATCH = 1000  # lines of JSON

Cell = str | None
"""Text as it stands; None for JSON's null."""

FORMATS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose columns are known and whose rows are still to be read.

    Attributes:
        names: of the columns, in the file's order; those of the first object in JSON.
    """

    names: tuple[str, ...]
    _rows: Callable[[tuple[str, ...]], Iterator[tuple[Cell, ...]]]

    def take(self, names: Sequence[str]) -> list[list[Cell]]:
        """Some of the columns, at least two, in the order asked for; to be called once.

        Raises:
            Problem: a row has more or fewer cells than there are columns, or an object lacks one.
        """
        columns = zip(*self._rows(tuple(names)), strict=True)
        return [list(column) for column in columns] or [[] for _ in names]


def read_table(file: str, data: bytes) -> Table:
    """The table in a file's bytes; its name's ending tells the format.

    Raises:
        Problem: no such format, too large, not UTF-8, or no table.
    """
    ending = file[file.rfind(".") :].lower()
    if ending not in FORMATS:
        raise fault(file, f"not one of the formats {' '.join(FORMATS)}")
    if len(data) > LARGEST:
        size = f"{len(data) / 2**20:.0f} MiB; at most {LARGEST // 2**20} are read"
        raise fault(file, size, "write only the columns that are needed")
    text = _text(file, data)
    if ending in (".csv", ".tsv"):
        table = _delimited(file, text, "," if ending == ".csv" else "\t")
    else:
        table = _objects(file, _array(file, text) if ending == ".json" else _lines(file, text))
    _refuse_columns(file, table.names)
    return table


# Private functions


def _text(file: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise fault(file, f"line {line} is not UTF-8 text") from error
    if "\0" in text:
        raise fault(file, f"line {text.count(chr(10), 0, text.index(chr(0))) + 1} is not text")
    return text.removeprefix("\ufeff")


def _refuse_columns(file: str, names: tuple[str, ...]) -> None:
    if len(names) > MOST_COLUMNS:
        raise fault(file, f"{len(names)} columns; at most {MOST_COLUMNS} are read")
    seen: set[str] = set()
    twice = [name for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
    if twice:
        raise fault(file, f"more than one column is called {listed(twice[:1], 1)}")


def _delimited(file: str, text: str, delimiter: str) -> Table:
    # Not split into lines beforehand: a quoted cell may hold line ends.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = tuple(name.strip() for name in next(reader, ()))
    except csv.Error as error:
        raise fault(file, f"line {reader.line_num}: {error}") from error
    if not any(header):
        raise fault(file, "its first line has no column names")

    def rows(names: tuple[str, ...]) -> Iterator[tuple[Cell, ...]]:
        pick, width = itemgetter(*map(header.index, names)), len(header)
        try:
            for row in reader:
                if len(row) == width:
                    yield pick(row)
                elif row:  # a blank line has no cells at all
                    cells = f"{len(row)} cells where the first line has {width}"
                    raise fault(file, f"line {reader.line_num} has {cells}")
        except csv.Error as error:
            raise fault(file, f"line {reader.line_num}: {error}") from error

    return Table(header, rows)


def _array(file: str, text: str) -> list[Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise fault(file, _why(error)) from error
    if not isinstance(value, list):
        raise fault(file, "not a list of objects, one for each example")
    return value


def _lines(file: str, text: str) -> list[Any]:
    # Not `splitlines`: JSON may hold line ends of Unicode's within a text.
    lines, found = text.split("\n"), []
    for start in range(0, len(lines), _BATCH):
        found += _batch(file, lines[start : start + _BATCH], start + 1)
    return found


def _batch(file: str, lines: Sequence[str], start: int) -> list[Any]:
    """Objects of some lines: together, which is twice as fast, else one by one to see what is wrong."""
    filled = [line for line in lines if line and not line.isspace()]
    try:
        together = json.loads(f"[{','.join(filled)}]")
    except (ValueError, RecursionError):
        together = []
    if len(together) == len(filled):
        return list(together)
    found = []
    for number, line in enumerate(lines, start=start):
        if line and not line.isspace():
            try:
                found.append(json.loads(line))
            except (ValueError, RecursionError) as error:
                raise fault(file, f"line {number}: {_why(error)}") from error
    return found


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error).split(";")[0]


def _objects(file: str, found: Sequence[Any]) -> Table:
    for number, item in enumerate(found, start=1):
        if not isinstance(item, dict):
            raise fault(file, f"row {number} is no object")

    def rows(names: tuple[str, ...]) -> Iterator[tuple[Cell, ...]]:
        pick = itemgetter(*names)
        for number, item in enumerate(found, start=1):
            try:
                yield tuple([one if type(one) is str else _cell(one) for one in pick(item)])
            except (KeyError, TypeError) as error:
                raise fault(file, f"row {number}: {_lack(item, names)}") from error

    return Table(tuple(found[0]) if found else (), rows)


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if value is None:
        return None
    raise TypeError("a list or an object")


def _lack(item: Mapping[str, Any], names: Sequence[str]) -> str:
    for name in names:
        if name not in item:
            return f"there is no {shown(name)}"
    nested = next(name for name in names if isinstance(item[name], list | dict))
    return f"{shown(nested)} is a list or an object"
