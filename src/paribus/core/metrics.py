"""Metrics as flat names and numbers."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping

from paribus.core.values import Value, dotted, leaves


def named(files: Mapping[str, Value]) -> dict[str, Value]:
    """Every leaf of the metrics files by its name; the file is named where two files share a key.

    Args:
        files: the value of each file by its path.
    """
    found = [(file, dotted(path), value) for file, document in files.items()
             for path, value in leaves(document)]  # fmt: skip
    times = Counter(name for _, name, _ in found)
    return {(name if times[name] == 1 else f"{file}:{name}"): value for file, name, value in found}


def numbers(metrics: Mapping[str, Value]) -> dict[str, float]:
    """The finite numbers among metrics; a truth value is not a number, nor is NaN."""
    return {name: float(value) for name, value in metrics.items() if is_number(value)}


def is_number(value: Value) -> bool:
    """Whether a value can be measured with."""
    # Compared, not converted: a whole number may be too large for a float.
    largest = sys.float_info.max
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= largest


def looked_up(metrics: Mapping[str, Value], name: str) -> Value:
    """A metric by the name that a protocol has for it, with or without its file; None if absent."""
    if name in metrics:
        return metrics[name]
    return metrics.get(name.rpartition(":")[2])
