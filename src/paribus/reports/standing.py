"""Where an experiment stands among the baselines, in the words that every report has for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from paribus.reports.text import clean


@dataclass(frozen=True, slots=True)
class Place:
    """Where an experiment stands among the baselines.

    Attributes:
        unconfirmed: whether what it was measured against was promoted without a confirmation.
        superseded: name of the baseline that came since; None where none did.
        promoted: name of the baseline that it became; None where it became none.
        provisional: why it became one without a confirmation; None where it was confirmed.
        confirmed: what its last confirmation said; None without an answer.
    """

    unconfirmed: bool = False
    superseded: str | None = None
    promoted: str | None = None
    provisional: str | None = None
    confirmed: bool | None = None


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
    """What became of an experiment, in a line; none where nothing did."""
    if place.promoted is not None:
        how = f", unconfirmed: {clean(place.provisional)}" if place.provisional is not None else ""
        return [f"promoted: {clean(place.promoted)}{how}"]
    if place.confirmed is None:
        return []
    return ["confirmed with fresh seeds" if place.confirmed else "not confirmed with fresh seeds"]


def place_json(place: Place) -> dict[str, Any]:
    """The keys that a list of experiments has of it."""
    return {
        "promotion": became(place) or None,
        "tag": place.promoted,
        "superseded": place.superseded,
    }
