"""How the spread of a paired difference is told, with what it comes from."""

from __future__ import annotations

from typing import Any

from paribus.core.numbers import decimals, number
from paribus.core.statistics.planning import PairedSpread
from paribus.reports.text import plural


def spread_text(spread: PairedSpread) -> str:
    """The sd with its 90 % interval, how many pairs tell it, and whether it is rough."""
    digits = decimals(spread.sd)
    sd, low, high = (number(value, digits) for value in (spread.sd, *spread.interval))
    pairs = plural(spread.pairs, "pair")
    tried = plural(spread.experiments, "experiment")
    rough = " (rough)" if spread.is_rough else ""
    return f"sd of a difference {sd} [{low}, {high}], from {pairs} in {tried}{rough}"


def spread_json(spread: PairedSpread | None) -> dict[str, Any] | None:
    """The same for machines; None where it was not measured."""
    if spread is None:
        return None
    low, high = spread.interval
    return {
        "sd": spread.sd,
        "low": low,
        "high": high,
        "pairs": spread.pairs,
        "experiments": spread.experiments,
        "rough": spread.is_rough,
    }
