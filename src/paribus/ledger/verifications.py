"""Verifications in the ledger, in a folder of their own, so that no series counts their runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from paribus.core.record import Record
from paribus.core.verification import Verification, VerificationEnd, VerificationStart
from paribus.ledger.branch import Branch, Found, Write

VERIFICATIONS = "verifications"
SESSIONS = "sessions"


def begin(branch: Branch, start: VerificationStart, session: Mapping[str, Any]) -> str:
    """Records a verification before its first run; returns the ledger's commit.

    Args:
        session: in which it is made, as `Session.as_json` gives it.
    """
    return branch.append(
        [
            Write(_folder(start.subject), Record("verification-start", start.as_json())),
            Write(_session_folder(str(session["id"])), Record("session", session)),
        ],
        f"verify {', '.join(start.runs)} of {start.subject[:8]}"[:120],
    )


def finish(branch: Branch, end: VerificationEnd) -> str:
    """Records how a verification ended; returns the ledger's commit."""
    return branch.append(
        [Write(_folder(end.subject), Record("verification", end.as_json()))],
        f"{end.outcome.value}: verification {end.id} of {end.subject[:8]}",
    )


def verifications(branch: Branch, subject: str) -> tuple[Verification, ...]:
    """The verifications of an experiment, or of a baseline by its key, the earliest first.

    What this version cannot read is left out.
    """
    return _made(branch.read(_folder(subject)))


def every_verification(branch: Branch) -> Iterator[tuple[str, tuple[Verification, ...]]]:
    """As `verifications`, for each experiment and each baseline that has any, in one reading."""
    found = groupby(branch.read(VERIFICATIONS), key=lambda each: each.path.rpartition("/")[0])
    for folder, records in found:
        yield folder.rpartition("/")[2], _made(records)


def session(branch: Branch, identifier: str) -> Mapping[str, Any] | None:
    """A session as it was recorded, with its packages where a record lists them; None if unknown."""
    found = [
        item.record.body
        for item in branch.read(_session_folder(identifier))
        if item.record is not None and item.record.kind == "session"
    ]
    return max(found, key=lambda body: bool(body.get("installed")), default=None)


# Private functions


def _made(records: Iterable[Found]) -> tuple[Verification, ...]:
    starts: dict[str, VerificationStart] = {}
    ends: dict[str, VerificationEnd] = {}
    for found in records:
        try:
            if found.record is not None and found.record.kind == "verification-start":
                start = VerificationStart.from_json(found.record.body)
                starts[start.id] = start
            elif found.record is not None and found.record.kind == "verification":
                end = VerificationEnd.from_json(found.record.body)
                ends[end.id] = end
        except (AttributeError, KeyError, TypeError, ValueError):
            continue
    made = [Verification(start, ends.get(name)) for name, start in starts.items()]
    return tuple(sorted(made, key=lambda one: one.start.started))


def _folder(subject: str) -> str:
    return f"{VERIFICATIONS}/{subject[:2]}/{subject}"


def _session_folder(identifier: str) -> str:
    return f"{SESSIONS}/{identifier[:2]}/{identifier}"
