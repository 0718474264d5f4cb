"""Differences on an axis with zero in its middle, in plain characters."""

from __future__ import annotations

NARROW = 21
"""Characters of the axis on which intervals stand beside their numbers."""

WIDE = 51
"""Characters of the axis on which the pairs of an experiment are drawn."""


def heading(*, higher_is_better: bool, width: int = NARROW) -> str:
    """Which side is which; the bar stands above zero."""
    left, right = ("worse", "better") if higher_is_better else ("better", "worse")
    return left.rjust(width // 2 - 1) + " | " + right


def interval(low: float, middle: float, high: float, scale: float, width: int = NARROW) -> str:
    """An interval and its estimate on an axis from -scale to +scale.

    The ends of a short one keep characters of their own, and one that leaves zero out is drawn so.

    Args:
        scale: at least as large as any of them; 0 where all are 0.
        width: characters of the axis, an odd number.
    """
    begin, at, end = (_place(value, scale, width) for value in (low, middle, high))
    if low < high:
        begin, at, end = _apart(begin, at, end, width)
        if low > 0:
            begin, at, end = _beyond(width // 2, begin, at, end)
        elif high < 0:
            mirrored = _beyond(width // 2, *_mirrored((begin, at, end), width))
            begin, at, end = _mirrored(mirrored, width)
    cells = _empty(width)
    for place in range(begin, end + 1):
        cells[place] = "+" if place == width // 2 else "-"
    cells[begin], cells[end] = "[", "]"
    cells[at] = "*"
    return "".join(cells)


def point(value: float, scale: float, width: int = NARROW) -> str:
    """One difference on such an axis; only one that is zero stands at zero."""
    at, zero = _place(value, scale, width), width // 2
    if value and at == zero:
        at += 1 if value > 0 else -1
    cells = _empty(width)
    cells[at] = "o"
    return "".join(cells)


def nothing(width: int = NARROW) -> str:
    """The axis alone."""
    return "".join(_empty(width))


# Private functions


def _empty(width: int) -> list[str]:
    cells = [" "] * width
    cells[width // 2] = "|"
    return cells


def _place(value: float, scale: float, width: int) -> int:
    return round((value / (scale or 1.0) + 1) / 2 * (width - 1))


def _apart(low: int, middle: int, high: int, width: int) -> tuple[int, int, int]:
    """Cells of their own, so that no end of a short interval is lost below its estimate."""
    middle = min(max(middle, 1), width - 2)
    return min(low, middle - 1), middle, max(high, middle + 1)


def _beyond(zero: int, low: int, middle: int, high: int) -> tuple[int, int, int]:
    """The cells of an interval above zero, none of which is zero's."""
    low = max(low, zero + 1)
    middle = max(middle, low + 1)
    return low, middle, max(high, middle + 1)


def _mirrored(cells: tuple[int, int, int], width: int) -> tuple[int, int, int]:
    low, middle, high = cells
    return width - 1 - high, width - 1 - middle, width - 1 - low
