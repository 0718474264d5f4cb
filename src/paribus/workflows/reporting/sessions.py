"""Where an experiment's runs were made, and how those places differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from paribus.core.surroundings import moved
from paribus.ledger.branch import Branch
from paribus.ledger.notebook import SESSIONS

MOST = 5
"""Sessions that are told of one experiment."""
_KEPT = 64
"""Sessions that are remembered: each lists some hundred packages."""


class Sessions:
    """The sessions of a ledger, each read once while it is among the last that were asked for."""

    def __init__(self, branch: Branch) -> None:
        self._branch = branch
        self._known: dict[str, Mapping[str, Any]] = {}

    def learn(self, identifiers: Iterable[str]) -> None:
        """Reads those that are not known yet, all at once."""
        if len(self._known) > _KEPT:
            self._known.clear()
        new = [each for each in dict.fromkeys(identifiers) if each not in self._known]
        folders = [f"{SESSIONS}/{each[:2]}/{each}" for each in new if each.isalnum()]
        for found in self._branch.read(*folders) if folders else ():
            body = found.record.body if found.record and found.record.kind == "session" else {}
            name = found.path.split("/")[2]
            if body and (name not in self._known or body.get("installed")):
                self._known[name] = body

    def told(self, identifiers: Iterable[str]) -> tuple[Mapping[str, Any], ...]:
        """Those of one experiment, in the order of its runs, without their packages.

        From the second on `differs` lists what is another than in the first.
        """
        found = [self._known[each] for each in dict.fromkeys(identifiers) if each in self._known]
        return tuple(
            {key: value for key, value in one.items() if key != "installed"}
            | ({"differs": _differs(found[0], one)} if at else {})
            for at, one in enumerate(found[:MOST])
        )


# Private functions


def _differs(first: Mapping[str, Any], other: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [each.as_json() for each in moved(first, other) or ()]
