"""A comparison for a terminal: as few columns as a screen has room for, and nothing left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from paribus.reports.compare import CompareReport
from paribus.reports.comparing.cells import Line, commands, lines, notes, titles
from paribus.reports.tables import plain_table
from paribus.reports.text import WIDTH, clean, helps, wrapped

GAP = 2
FEW = 8
"""So many revisions are columns, however wide; more are rows."""
MOST_HELPS = 4
LONG = 200
"""Rows above which a table is drawn without tabulate."""

Table = tuple[list[str], list[list[str]]]


def as_text(report: CompareReport, *, everything: bool) -> str:
    """Tables with a revision in each column or, where that is too wide, in each row."""
    found = lines(report, everything=everything)
    told = [part for note in notes(report) for part in wrapped(note)]
    told += helps(commands(report)[:MOST_HELPS])
    if not found:
        nothing = f"nothing differs from baseline {clean(report.baseline_name)}"
        alone = not any(one.problem or one.absent for one in (report.reference, *report.compared))
        return nothing if alone else "\n".join([nothing, *told[:-1], *told[-1:]])
    tables = [_drawn(*table) for table in _tables(titles(report), found)]
    return "\n".join(["\n\n".join(tables), *told])


# Private functions


def _tables(names: Sequence[str], found: Sequence[Line]) -> Iterator[Table]:
    """One table if it fits either way; else several, side by side as one would have them."""
    upright = as_columns(names, found)
    across = as_rows(names, found)
    if _width(*upright) <= WIDTH:
        yield upright
    elif _width(*across) <= WIDTH:
        yield across
    else:
        yield from _parted(*(upright if len(names) <= FEW + 1 else across))


def as_columns(names: Sequence[str], found: Sequence[Line]) -> Table:
    """A row for each value."""
    return ["", *names], [[line.label, *line.cells] for line in found]


def as_rows(names: Sequence[str], found: Sequence[Line]) -> Table:
    """A row for each revision."""
    rows = [[name, *(line.cells[at] for line in found)] for at, name in enumerate(names)]
    return ["", *(line.label for line in found)], rows


def _parted(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Table]:
    """The first column with as many of the others as fit, until all have been shown."""
    widths = _widths(headers, rows)
    at = 1
    while at < len(headers):
        end, room = at + 1, WIDTH - widths[0] - GAP - widths[at]
        while end < len(headers) and room >= GAP + widths[end]:
            room -= GAP + widths[end]
            end += 1
        yield [headers[0], *headers[at:end]], [[row[0], *row[at:end]] for row in rows]
        at = end


def _widths(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Of each column; tabulate keeps two characters beside a heading free."""
    columns = zip(*rows, strict=True)
    return [
        max(len(head) + GAP, *map(len, cells)) for head, cells in zip(headers, columns, strict=True)
    ]


def _width(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    return sum(_widths(headers, rows)) + GAP * (len(headers) - 1)


def _drawn(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if len(rows) > LONG:
        return _aligned(headers, rows)
    drawn = plain_table(rows, headers, tuple(range(1, len(headers))))
    return "\n".join(line.rstrip() for line in drawn.splitlines())


def _aligned(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """As tabulate draws it, which takes longer over a thousand rows than reading them from Git."""
    first, *widths = _widths(headers, rows)
    form = "  ".join([f"{{:<{first}}}", *(f"{{:>{width}}}" for width in widths)])
    return "\n".join(form.format(*row).rstrip() for row in (headers, *rows))
