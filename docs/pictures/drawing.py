"""A few shapes of SVG, in the same bytes on every machine.

The pictures stand on a white sheet of their own, so that they can be read on a light and on a dark
page. Colours have a contrast of 4.5 to 1 or more against it (WCAG AA), and none carries meaning alone:
what is blue is also filled, what is brown also hollow, or it is named beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from paribus.core.statistics.looks import Interval

WIDTH = 720
INK, GREY, PALE = "#1f2328", "#59636e", "#d1d9e0"
BLUE, BROWN, GREEN, RED = "#0a58b0", "#9a4a00", "#116b2c", "#b3261e"
BAND = "#eaf2fb"

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values from `low` to `high` onto pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel of a value, which may lie outside."""
        part = (value - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)


@dataclass(slots=True)
class Picture:
    """A sheet to draw on, `WIDTH` pixels wide; y counts downwards.

    Attributes:
        title, description: read aloud in place of the picture.
    """

    title: str
    description: str
    height: int
    _shapes: list[str] = field(default_factory=list)

    def line(self, *points: Point, colour: str = INK, width: float = 1.5, dash: str = "") -> None:
        """A line through points."""
        path = " ".join(f"{_at(x)},{_at(y)}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._shapes.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}"'
            f' stroke-width="{width:g}"{dashed}/>'
        )

    def dot(self, at: Point, colour: str, *, hollow: bool = False, r: float = 4.5) -> None:
        """A filled or a hollow circle."""
        self._shapes.append(
            f'<circle cx="{_at(at[0])}" cy="{_at(at[1])}" r="{r:g}"'
            f' fill="{"#ffffff" if hollow else colour}" stroke="{colour}" stroke-width="1.5"/>'
        )

    def box(self, corner: Point, size: Point, colour: str) -> None:
        """A filled rectangle, its corner at the upper left."""
        self._shapes.append(
            f'<rect x="{_at(corner[0])}" y="{_at(corner[1])}" width="{_at(size[0])}"'
            f' height="{_at(size[1])}" fill="{colour}"/>'
        )

    def text(
        self, at: Point, words: str, *, anchor: str = "start", colour: str = INK, bold: bool = False
    ) -> None:
        """Words on one line, 13 pixels high; `anchor` is start, middle or end."""
        weight = ' font-weight="bold"' if bold else ""
        self._shapes.append(
            f'<text x="{_at(at[0])}" y="{_at(at[1])}" text-anchor="{anchor}"'
            f' fill="{colour}"{weight}>{escape(words)}</text>'
        )

    def interval(
        self, y: float, ends: Interval, x: Scale, colour: str, *, hollow: bool = False
    ) -> None:
        """An interval with its middle, lying."""
        low, high, middle = x(ends.low), x(ends.high), x((ends.low + ends.high) / 2)
        self.line((low, y), (high, y), colour=colour, width=2.5)
        for end in (low, high):
            self.line((end, y - 6), (end, y + 6), colour=colour, width=2.5)
        self.dot((middle, y), colour, hollow=hollow)

    def zero(self, x: Scale, top: float, foot: float) -> None:
        """A standing line where there is no difference."""
        self.line((x(0), top), (x(0), foot), width=1)

    def ticks_below(self, x: Scale, y: float, ticks: Sequence[float], form: str) -> None:
        """A lying axis with its numbers below it."""
        self.line((x.start, y), (x.end, y), colour=GREY, width=1)
        for tick in ticks:
            self.line((x(tick), y), (x(tick), y + 5), colour=GREY, width=1)
            self.text((x(tick), y + 19), _shown(tick, form), anchor="middle", colour=GREY)

    def ticks_left(self, y: Scale, x: float, ticks: Sequence[float], form: str) -> None:
        """A standing axis with its numbers to the left."""
        self.line((x, y.start), (x, y.end), colour=GREY, width=1)
        for tick in ticks:
            self.line((x - 5, y(tick)), (x, y(tick)), colour=GREY, width=1)
            self.text((x - 9, y(tick) + 4.5), _shown(tick, form), anchor="end", colour=GREY)

    def svg(self) -> str:
        """The document."""
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{self.height}"'
                f' viewBox="0 0 {WIDTH} {self.height}" role="img" aria-labelledby="title desc"'
                ' font-family="sans-serif" font-size="13">',
                f'<title id="title">{escape(self.title)}</title>',
                f'<desc id="desc">{escape(self.description)}</desc>',
                f'<rect width="{WIDTH}" height="{self.height}" rx="10" fill="#ffffff"/>',
                *self._shapes,
                "</svg>",
                "",
            ]
        )


def percent(share: float, digits: int = 0) -> str:
    """A share as it is written everywhere in Paribus."""
    return f"{share:.{digits}%}".replace("%", " %")


# Private functions


def _shown(tick: float, form: str) -> str:
    if form.endswith("%"):
        return percent(tick)
    return format(tick, form) if tick else "0"


def _at(pixel: float) -> str:
    # A tenth of a pixel: finer digits could differ between processors.
    return f"{round(pixel, 1) + 0.0:g}"
