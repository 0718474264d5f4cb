"""The staircase in plain characters: experiments in the order of time, baselines as steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from paribus.core.ended import FAILED
from paribus.core.numbers import decimals, number
from paribus.core.verdict import Outcome
from paribus.reports.notebook.content import Point, Step
from paribus.reports.text import WIDTH, clean, helps, plural, wrapped
from paribus.reports.unread import unread
from paribus.reports.verdict import WORDS

ROWS = 14
"""Lines of the drawing."""
WIDEST = 6
"""Columns of an experiment, where there are few."""
AFTER = 12
"""Columns after the last experiment, for a baseline that came then."""
TAIL = 0.05
"""Share of the experiments, on either side, that may lie far off without deciding the scale."""

PROMOTED = "promoted"
OPEN = "no verdict yet"
SIGNS = {
    PROMOTED: "P",
    Outcome.IMPROVED: "+",
    Outcome.WORSE: "w",
    Outcome.UNDECIDED: "?",
    Outcome.NO_DIFFERENCE: "=",
    Outcome.NOT_COMPARABLE: "!",
    FAILED: "x",
    OPEN: "o",
}
"""By verdict, the most telling first: it stays where two experiments are at one place."""

_MEAN, _END, _RISE = "_", ".", "|"


@dataclass(frozen=True, slots=True)
class Graph:
    """What is drawn.

    Attributes:
        points: the experiments, the earliest first.
        steps: baselines, the earliest first.
        metric: on the vertical axis.
        every: experiments that there are, those included that were not asked for.
        unreadable: paths of records that this version cannot read.
    """

    points: Sequence[Point]
    steps: Sequence[Step]
    metric: str
    higher_is_better: bool
    every: int
    unreadable: Sequence[str] = ()


def as_text(graph: Graph) -> str:
    """For people: a heading, the drawing, and what its signs mean."""
    found = [_value(one, graph) for one in graph.points]
    values = [value for value in found if value is not None]
    ends = [end for step in graph.steps for end in (step.mean, step.low, step.high)]
    levels = [end for end in ends if end is not None]
    lines = [*_heading(graph), ""]
    if values or levels:
        scale = _scale(values, levels)
        lines += _drawing(graph, scale)
        lines += ["", *_legend(graph), *_beyond(graph, scale)]
    else:
        lines += ["nothing has been measured yet"]
    lines += unread(graph.unreadable)
    return "\n".join([*lines, *helps(["the same as a list   paribus log"], "next")])


def sign_of(point: Point) -> str:
    """By which an experiment is drawn."""
    return SIGNS[_kind(point)]


# Private functions


@dataclass(frozen=True, slots=True)
class _Scale:
    """The vertical axis, from the lowest row to the highest."""

    low: float
    high: float

    def row(self, value: float) -> int:
        """From the top, 0 to ROWS - 1; what is beyond is put on the border."""
        share = (value - self.low) / (self.high - self.low)
        return ROWS - 1 - min(max(round(share * (ROWS - 1)), 0), ROWS - 1)

    def value(self, row: int) -> float:
        """In the middle of a row."""
        return self.high - (self.high - self.low) * row / (ROWS - 1)

    @property
    def digits(self) -> int:
        """Decimals that tell two rows from each other."""
        return decimals((self.high - self.low) / (ROWS - 1))

    def is_beyond(self, value: float) -> bool:
        """Whether it lies more than half a row off."""
        half = (self.high - self.low) / (ROWS - 1) / 2
        return not self.low - half <= value <= self.high + half


@dataclass(slots=True)
class _Canvas:
    """Rows of characters."""

    width: int
    rows: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = [[" "] * self.width for _ in range(ROWS)]

    def level(self, row: int, begin: int, end: int, letter: str) -> None:
        """A horizontal line, which covers nothing but what is lighter."""
        for column in range(begin, min(end, self.width)):
            if self.rows[row][column] in (" ", _END):
                self.rows[row][column] = letter


def _value(point: Point, graph: Graph) -> float | None:
    """Where it stands on the axis; None without a number, or with one of another metric.

    At its baseline's mean plus the difference of its pairs, so that one without a difference stands on
    its step, whatever its seeds are worth; at its own mean where the baseline's is not known.
    """
    if point.metric != graph.metric:
        return None
    base = None if point.step is None else graph.steps[point.step].mean
    if base is None or point.estimate is None:
        return point.mean
    return base + point.estimate


def _kind(point: Point) -> str:
    if point.became.startswith(PROMOTED):
        return PROMOTED
    return point.outcome or OPEN


def _scale(values: Sequence[float], levels: Sequence[float]) -> _Scale:
    """Wide enough for every baseline, and for all experiments but those few that are far off."""
    inner = sorted(values)[round(len(values) * TAIL) : len(values) - round(len(values) * TAIL)]
    core = [*inner, *levels]
    low, high = min(core), max(core)
    # What is not far beyond the others is drawn where it is.
    room = (high - low) / 2
    near = [value for value in values if low - room <= value <= high + room]
    low, high = min([low, *near]), max([high, *near])
    if low == high:
        low, high = low - (abs(low) / 100 or 1.0), high + (abs(high) / 100 or 1.0)
    return _Scale(low, high)


def _heading(graph: Graph) -> list[str]:
    direction = "higher" if graph.higher_is_better else "lower"
    count = plural(len(graph.points), "experiment")
    if len(graph.points) != graph.every:
        count = f"{len(graph.points)} of {plural(graph.every, 'experiment')}"
    told = f"{clean(graph.metric)}, {direction} is better; {count}"
    return wrapped(f"{told}, {plural(len(graph.steps), 'baseline')}")


def _drawing(graph: Graph, scale: _Scale) -> list[str]:
    labels = _labels(scale)
    gutter = max(map(len, labels))
    room = WIDTH - gutter - 3 - AFTER
    columns = _columns(len(graph.points), room)
    canvas = _Canvas(columns[-1] + AFTER)
    starts = _starts(graph, columns)
    _draw_steps(canvas, scale, graph.steps, starts)
    unmeasured = _draw_points(canvas, scale, graph, columns)
    lines = [
        f"{label.rjust(gutter)} |{''.join(row)}".rstrip()
        for label, row in zip(labels, canvas.rows, strict=True)
    ]
    lines.append(f"{' ' * gutter} +{'-' * canvas.width}")
    if "".join(unmeasured).strip():
        lines.append(f"{' ' * gutter}  {''.join(unmeasured)}".rstrip())
    lines.append(f"{' ' * gutter}  {_names(graph.steps, starts, WIDTH - gutter - 2)}".rstrip())
    return [*lines, *_dates(graph.points, gutter, columns)]


def _labels(scale: _Scale) -> list[str]:
    """A number beside each fourth row, and beside the last."""
    shown = {*range(0, ROWS - 2, 4), ROWS - 1}
    return [number(scale.value(row), scale.digits) if row in shown else "" for row in range(ROWS)]


def _columns(count: int, room: int) -> list[int]:
    """Where each experiment is, and after the last the end; several share one where there are many."""
    if count > room:
        return [at * room // count for at in range(count + 1)]
    each = min(WIDEST, room // max(count, 1))
    return [at * each for at in range(count + 1)]


def _starts(graph: Graph, columns: Sequence[int]) -> list[int]:
    """Where each step begins: at the first experiment after it was given; the first at the left."""
    begun = [
        sum(point.started < step.given for point in graph.points) if at else 0
        for at, step in enumerate(graph.steps)
    ]
    return [columns[at] for at in begun]


def _draw_steps(
    canvas: _Canvas, scale: _Scale, steps: Sequence[Step], starts: Sequence[int]
) -> None:
    ends = [*starts, canvas.width][1:]
    for step, begin, end in zip(steps, starts, ends, strict=True):
        if step.mean is None:
            continue
        canvas.level(scale.row(step.mean), begin, end, _MEAN)
        for limit in (step.low, step.high):
            if limit is not None:
                canvas.level(scale.row(limit), begin, end, _END)
    for (old, new), at in zip(pairwise(steps), starts[1:], strict=True):
        if old.mean is None or new.mean is None or old.ruler != new.ruler:
            continue
        rows = sorted((scale.row(old.mean), scale.row(new.mean)))
        for row in range(rows[0] + 1, rows[1] + 1):
            canvas.rows[row][min(at, canvas.width - 1)] = _RISE


def _draw_points(canvas: _Canvas, scale: _Scale, graph: Graph, columns: Sequence[int]) -> list[str]:
    """Draws them; returns the line of those that have no number."""
    order = list(SIGNS.values())
    unmeasured = [" "] * canvas.width
    for point, column in zip(graph.points, columns, strict=False):
        value = _value(point, graph)
        row = unmeasured if value is None else canvas.rows[scale.row(value)]
        at = column + (columns[1] - columns[0]) // 2
        there = row[at]
        if there not in order or order.index(sign_of(point)) < order.index(there):
            row[at] = sign_of(point)
    return unmeasured


def _names(steps: Sequence[Step], starts: Sequence[int], room: int) -> str:
    """The names of the baselines where they begin; one that has no room before the next is left out."""
    cells, free = [" "] * room, room
    for step, begin in reversed(list(zip(steps, starts, strict=True))):
        name = clean(step.name)
        if begin + len(name) <= free:
            cells[begin : begin + len(name)] = name
            free = begin - 1
    return "".join(cells).rstrip()


def _dates(points: Sequence[Point], gutter: int, columns: Sequence[int]) -> list[str]:
    if not points:
        return []
    first, last = points[0].started[:10], points[-1].started[:10]
    told = first if first == last else f"{first} to {last}"
    together = len(points) / max(1, len(set(columns[:-1])))
    many = f", about {together:.0f} experiments a column" if together >= 1.5 else ""
    return [f"{' ' * gutter}  {told}{many}"]


def _legend(graph: Graph) -> list[str]:
    counts = Counter(map(_kind, graph.points))
    words = {outcome.value: word for outcome, word in WORDS.items()}
    told = [
        f"{sign} {words.get(kind, kind)} {counts[kind]}"
        for kind, sign in SIGNS.items()
        if counts[kind]
    ]
    steps = [step for step in graph.steps if step.mean is not None]
    told += [f"{_MEAN} baseline"] if steps else []
    told += [f"{_END} its 95 % interval"] if any(step.low is not None for step in steps) else []
    return _packed(told)


def _packed(parts: Sequence[str]) -> list[str]:
    """Side by side, none of them broken."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + 3 + len(part) <= WIDTH:
            lines[-1] += f"   {part}"
        else:
            lines.append(part)
    return lines


def _beyond(graph: Graph, scale: _Scale) -> list[str]:
    """What the drawing does not show as it is."""
    values = [_value(one, graph) for one in graph.points]
    off = sum(value is not None and scale.is_beyond(value) for value in values)
    none = sum(value is None for value in values)
    told = [
        f"{plural(off, 'experiment')} beyond the axis, drawn at its border" if off else "",
        f"{plural(none, 'experiment')} below the axis, without a number of {clean(graph.metric)}"
        if none
        else "",
        *_rulers(graph.steps),
    ]
    return [line for one in told if one for line in wrapped(one)]


def _rulers(steps: Sequence[Step]) -> list[str]:
    return [
        f"the ruler changed at {clean(new.name)}: levels before and after are not comparable"
        for old, new in pairwise(steps)
        if old.ruler != new.ruler
    ]
