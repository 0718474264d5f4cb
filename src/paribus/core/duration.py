"""Spans of time as people write them: `90s`, `30m`, `2h`, `1d`."""

from __future__ import annotations

import re

_SECONDS = {"s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_UNITS = ((172800.0, 86400.0, "d"), (7200.0, 3600.0, "h"), (120.0, 60.0, "min"), (0.0, 1.0, "s"))


def read_duration(text: str) -> float:
    """Seconds of `90s`, `30 min` or `1.5h`; raises `ValueError` for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) *(s|sec|m|min|h|d)", text.strip())
    if not found or float(found[1]) <= 0:
        raise ValueError(f"is {text!r}; such as `90s`, `30m` or `2h` is expected")
    return float(found[1]) * _SECONDS[found[2]]


def span(seconds: float) -> str:
    """A span in the unit that reads best: `45 s`, `30 min`, `2 h`."""
    size, unit = next((size, unit) for least, size, unit in _UNITS if seconds >= least)
    return f"{seconds / size:.3g} {unit}"


def clock(seconds: float) -> str:
    """A span as a clock shows it: `0:07`, `12:03`, `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
