"""What the ledger holds of one experiment, or of one baseline, put together from its records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from paribus.core.experiment import Conclusion, Registration
from paribus.core.record import Record
from paribus.core.run import Intent, Run
from paribus.core.shapes import require_texts
from paribus.core.verdict import is_final
from paribus.ledger.branch import Found
from paribus.ledger.checked import checked_intent, checked_registration, checked_run


@dataclass(slots=True)
class Page:
    """All that the ledger holds of one experiment, or of one baseline.

    Attributes:
        id: the experiment's id, or the baseline's snapshot key.
        registration: the earliest; None for a baseline.
        intents: runs that were about to start.
        runs: runs that ended.
        conclusions: in the order in which they were given, up to the first that stands: what another
            clone concluded later, and a merge brought, does not overrule it.
        unreadable: paths of records that this version cannot read.
        refreshes: how often its seeds were drawn anew.
    """

    id: str
    registration: Registration | None = None
    intents: list[Intent] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    conclusions: list[Conclusion] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    refreshes: int = 0

    def open_intents(self) -> list[Intent]:
        """Runs that were started and have no end in the ledger."""
        ended = {run.intent.id for run in self.runs}
        return [intent for intent in self.intents if intent.id not in ended]


def page_of(identifier: str, records: Iterable[Found]) -> Page:
    """What records say of one experiment, or of one baseline; what cannot be read is listed on it."""
    page = Page(identifier)
    registrations: list[Registration] = []
    for found in records:
        try:
            _enter(page, registrations, found.record)
        except (AttributeError, KeyError, TypeError, ValueError):
            page.unreadable.append(found.path)
    if registrations:
        page.registration = min(registrations, key=lambda one: one.started)
    page.conclusions = _standing(page.conclusions)
    page.runs.sort(key=lambda run: run.intent.started)
    return page


# Private functions


def _standing(conclusions: Iterable[Conclusion]) -> list[Conclusion]:
    """The conclusions up to the first one that is final, and that no failure keeps from standing."""
    kept: list[Conclusion] = []
    for conclusion in sorted(conclusions, key=lambda one: one.given):
        kept.append(conclusion)
        if is_final(conclusion.verdict) and not conclusion.verdict.candidate_failures:
            break
    return kept


def _enter(page: Page, registrations: list[Registration], record: Record | None) -> None:
    if record is None:
        raise ValueError("unreadable")
    if record.kind == "registration":
        registrations.append(checked_registration(Registration.from_json(record.body)))
    elif record.kind == "intent":
        page.intents.append(checked_intent(Intent.from_json(record.body)))
    elif record.kind == "run":
        page.runs.append(checked_run(Run.from_json(record.body)))
    elif record.kind == "refresh":
        page.refreshes += 1
    elif record.kind == "verdict":
        conclusion = Conclusion.from_json(record.body)
        require_texts(conclusion.given)
        page.conclusions.append(conclusion)
    else:
        raise ValueError(f"unknown kind {record.kind}")
