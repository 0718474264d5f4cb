"""Shares of a spread: their names, a table with one axis, and what the largest one means."""

from __future__ import annotations

import math
from collections.abc import Sequence

from paribus.core.numbers import decimals, number
from paribus.core.statistics.variance import Noise, Part, Source
from paribus.reports.tables import plain_table
from paribus.reports.text import clean
from paribus.reports.verdict import AXIS


def shares_table(noise: Noise, seeds: Sequence[str]) -> list[str]:
    """A row for each source; what was not measured is blank."""
    rows = [
        [
            source_name(part, seeds),
            _sd(part, noise),
            _percent(part.share),
            _bounds(part),
            _drawn(part),
            str(part.n) if part.n and part.variance is not None else "",
        ]
        for part in noise.parts
    ]
    axis = "0 %" + "100 %".rjust(AXIS - 3)
    headers = ["source", "sd", "share", "90 % interval", axis, "n"]
    return [f"  {line}".rstrip() for line in plain_table(rows, headers, (1, 2, 5)).splitlines()]


def advice(noise: Noise, seeds: Sequence[str]) -> list[str]:
    """What the largest source means for who plans experiments."""
    parts = [part for part in noise.parts if part.share is not None and not part.within]
    if not any(part.share for part in parts):
        return []
    top = max(parts, key=lambda part: part.share or 0.0)
    unsure = any(
        part is not top and part.high is not None and top.low is not None and part.high > top.low
        for part in parts
    )
    largest = "seems the largest source" if unsure else "is the largest source"
    if top.source is Source.EVALUATION:
        lines = [f"the evaluation set {largest}: more seeds do not help, more examples do"]
    elif top.source is Source.RERUN:
        lines = [
            f"what reruns differ by {largest}: pairing by seed cannot help, "
            "a deterministic pipeline can"
        ]
    else:
        lines = [f"{source_name(top, seeds)} {largest}: both sides of a pair share it"]
    inner = next((part for part in noise.parts if part.within and part.share), None)
    around = sum(part.share or 0.0 for part in parts if inner and part.name in inner.within)
    if inner is not None and (inner.share or 0.0) > around / 2:
        lines.append(f"most of {within_text(inner, seeds)} is the evaluation set's size: "
                     "more examples make it smaller")  # fmt: skip
    return lines


def share_text(part: Part) -> str:
    """A share with its interval; one without width is exact, be it 0 or all there is."""
    return " ".join(filter(None, [_percent(part.share), _bounds(part)]))


def source_name(part: Part, seeds: Sequence[str]) -> str:
    """A source as people call it."""
    if part.source is Source.SEED:
        return _short(part.name, seeds)
    named = {
        Source.TOGETHER: "seeds together",
        Source.EVALUATION: "evaluation set",
        Source.RERUN: "rerun",
    }
    return named[part.source]


def within_text(part: Part, seeds: Sequence[str]) -> str:
    """The seeds that a part is within."""
    return " and ".join(_short(seed, seeds) for seed in part.within)


# Private functions


def _short(seed: str, seeds: Sequence[str]) -> str:
    """A seed without its file, where no other is called so."""
    ends = [one.rpartition(":")[2] for one in seeds]
    end = seed.rpartition(":")[2]
    return clean(end if ends.count(end) == 1 else seed)


def _percent(share: float | None) -> str:
    if share is None:
        return ""
    return "<1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def _bounds(part: Part) -> str:
    """The share's interval; one without width is exact, be it 0 or all there is."""
    if part.low is None or part.high is None or part.low == part.high:
        return ""
    return f"[{100 * part.low:.0f}, {100 * part.high:.0f}]"


def _sd(part: Part, noise: Noise) -> str:
    if part.variance is None:
        return ""
    whole = noise.total_sd or noise.sd or math.sqrt(part.variance)
    return number(math.sqrt(part.variance), decimals(whole)) if part.variance else "0"


def _drawn(part: Part) -> str:
    """A bar up to the share, and its interval on the same axis from 0 to 1."""
    if part.share is None or part.low is None or part.high is None:
        return ""
    low, at, high = (round(end * (AXIS - 1)) for end in (part.low, part.share, part.high))
    cells = ["="] * at + ["-"] * (high - at) + [" "] * (AXIS - max(at, high))
    cells[low], cells[high], cells[at] = "[", "]", "*"
    return "".join(cells)
