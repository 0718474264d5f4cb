"""What every list of experiments tells of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from paribus.core.experiment import Registration
from paribus.core.verdict import Verdict
from paribus.reports.standing import Place, place_json


@dataclass(frozen=True, slots=True)
class Listed:
    """An experiment as a list shows it.

    Attributes:
        short: its id as it is shown.
        verdict: the last word; None before there is one.
        status: as `core.ended.standing` says it.
        place: where it stands among the baselines.
    """

    registration: Registration
    short: str
    verdict: Verdict | None
    status: str
    place: Place = field(default_factory=Place)


def listed_json(one: Listed) -> dict[str, Any]:
    """The keys of an experiment, without its runs."""
    registration = one.registration
    return {
        "experiment": registration.id,
        "baseline": registration.baseline["commit"],
        "change": dict(registration.changes[0]) if len(registration.changes) == 1 else None,
        "changes": [dict(change) for change in registration.changes],
        "hypothesis": registration.hypothesis,
        "allow": registration.allow,
        "revision": registration.revision,
        "plan": registration.plan.as_json(),
        "earlier": [dict(one) for one in registration.earlier],
        "bundled": [dict(one) for one in registration.bundled],
        "verdict": one.verdict.as_json() if one.verdict else None,
        "status": one.status,
        "started": registration.started,
        "author": registration.author,
        **place_json(one.place),
    }
