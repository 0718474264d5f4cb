"""Where an experiment stands among the baselines, in the words that every report has for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from paribus.core.numbers import decimals, number
from paribus.core.promotion import FRESH_PAIRS, ConfirmationEnd
from paribus.core.run import Purpose, Run
from paribus.reports.text import clean

_WORTH_TELLING = 300.0
"""Seconds of a confirmation from which on somebody should know of them before it starts."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an experiment stands among the baselines.

    Attributes:
        unconfirmed: whether what it was measured against was promoted without a confirmation.
        superseded: name of the baseline that came since; None where none did.
        promoted: name of the baseline that it became; None where it became none.
        provisional: why it became one without a confirmation; None where it was confirmed.
        end: its last confirmation's answer; None without one.
    """

    unconfirmed: bool = False
    superseded: str | None = None
    promoted: str | None = None
    provisional: str | None = None
    end: ConfirmationEnd | None = None

    @property
    def confirmed(self) -> bool | None:
        """What its last confirmation said; None without an answer."""
        return None if self.end is None else self.end.confirmed


def beside(place: Place) -> str:
    """What is added to the name of the baseline that an experiment was measured against."""
    told = " (unconfirmed)" if place.unconfirmed else ""
    return f"{told}, superseded by {clean(place.superseded)}" if place.superseded else told


def became(place: Place) -> str:
    """What became of an experiment, in a word or two; empty where nothing did."""
    if place.promoted is not None:
        return "promoted, unconfirmed" if place.provisional is not None else "promoted"
    if place.confirmed is None:
        return ""
    return "confirmed" if place.confirmed else "not confirmed"


def told(place: Place) -> list[str]:
    """What became of an experiment; none where nothing did."""
    lines = []
    if place.promoted is not None:
        how = f", unconfirmed: {clean(place.provisional)}" if place.provisional is not None else ""
        lines.append(f"promoted: {clean(place.promoted)}{how}")
    if place.end is not None:
        word = "confirmed" if place.end.confirmed else "not confirmed"
        lines.append(
            f"{word}: {estimate(place.end)} on {fresh_pairs(place.end)}, the estimate that counts"
        )
    return lines


def fresh_cost(baseline: Sequence[Run], candidate: Sequence[Run]) -> str:
    """What a confirmation costs, one run after another; empty below five minutes, or where nobody knows.

    Args:
        baseline, candidate: the runs of the screening, by whose seconds it is reckoned.
    """
    sides = [
        [run.seconds for run in runs if run.succeeded and run.intent.purpose is Purpose.MEASURE]
        for runs in (baseline, candidate)
    ]
    if not all(sides):
        return ""
    seconds = FRESH_PAIRS * sum(sum(side) / len(side) for side in sides)
    if seconds < _WORTH_TELLING:
        return ""
    minutes = seconds / 60
    took = f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"
    return f"{FRESH_PAIRS} fresh seeds a side, about {took}"


def estimate(end: ConfirmationEnd) -> str:
    """The difference on the fresh pairs, with its interval, as far as its noise supports digits."""
    if end.estimate is None:
        return "unknown"
    digits = digits_of(end)
    shown = number(end.estimate, digits, sign=True)
    if end.low is None or end.high is None:
        return shown
    low, high = (number(each, digits, sign=True) for each in (end.low, end.high))
    return f"{shown} [{low}, {high}]"


def digits_of(end: ConfirmationEnd) -> int:
    """Decimals that the noise of the fresh pairs supports."""
    if end.low is not None and end.high is not None and end.high > end.low:
        return decimals((end.high - end.low) / 2)
    return decimals(abs(end.estimate)) if end.estimate else 0


def fresh_pairs(end: ConfirmationEnd) -> str:
    """Completed of planned pairs; or that there was nothing but the locked set to ask."""
    return "the locked set alone" if end.is_by_gate_alone else f"{end.n} of {end.pairs} fresh pairs"


def place_json(place: Place) -> dict[str, Any]:
    """The keys that a list of experiments has of it."""
    end, names = place.end, ("confirmed", "estimate", "low", "high", "n", "pairs")
    return {
        "promotion": became(place) or None,
        "tag": place.promoted,
        "superseded": place.superseded,
        "confirmation": None if end is None else {name: getattr(end, name) for name in names},
    }
