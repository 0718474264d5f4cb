"""A verification: recorded runs that are made again, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from paribus.core.reproduction import Comparison, Outcome, gravest
from paribus.core.surroundings import Moved


@dataclass(frozen=True, slots=True)
class VerificationStart:
    """A verification that is about to start, recorded before it does.

    Attributes:
        id: generated.
        subject: the experiment's id, or the snapshot key of a baseline.
        runs: ids of the recorded runs that are made again.
        session: id of the session in which they are.
        holder: names the lock that the starting process holds while it lives.
        host: where that process is.
        started: UTC, ISO 8601.
        author: who asked for it.
    """

    id: str
    subject: str
    runs: tuple[str, ...]
    session: str
    holder: str
    host: str
    started: str
    author: str

    def as_json(self) -> dict[str, Any]:
        """Strict JSON."""
        own = {name: getattr(self, name) for name in self.__slots__}
        return own | {"runs": list(self.runs)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """What `as_json` wrote."""
        own = {name: str(record[name]) for name in cls.__slots__ if name != "runs"}
        return cls(runs=tuple(map(str, record["runs"])), **own)


@dataclass(frozen=True, slots=True)
class Remade:
    """One recorded run, made again.

    Attributes:
        run: id of the recorded run.
        outcome: how it compares.
        comparison: None unless it ran to its end.
        environment: what differs between the session of the recorded run and this one; None where that
            session is not known.
        seconds: wall time of the new run.
        cause, stage, exit_code, log_tail: why it failed, or could not be made, if so.
    """

    run: str
    outcome: Outcome
    comparison: Comparison | None = None
    environment: tuple[Moved, ...] | None = None
    seconds: float = 0.0
    cause: str | None = None
    stage: str | None = None
    exit_code: int | None = None
    log_tail: str = ""

    def as_json(self) -> dict[str, Any]:
        """Strict JSON."""
        own = {name: getattr(self, name) for name in self.__slots__}
        moved = None if self.environment is None else [each.as_json() for each in self.environment]
        compared = None if self.comparison is None else self.comparison.as_json()
        return own | {"comparison": compared, "environment": moved, "outcome": self.outcome.value}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """What `as_json` wrote."""
        compared, moved = record["comparison"], record["environment"]
        own = {name: record[name] for name in cls.__slots__}
        own["outcome"] = Outcome(record["outcome"])
        own["comparison"] = None if compared is None else Comparison.from_json(compared)
        own["environment"] = None if moved is None else tuple(map(Moved.from_json, moved))
        return cls(**own)


@dataclass(frozen=True, slots=True)
class VerificationEnd:
    """How a verification ended.

    Attributes:
        id, subject: of its start.
        runs: in the order of the start; of an interrupted one those that had ended.
        ended: UTC, ISO 8601.
        interrupted: whether somebody cut it off.
    """

    id: str
    subject: str
    runs: tuple[Remade, ...]
    ended: str
    interrupted: bool = False

    @property
    def outcome(self) -> Outcome:
        """That of the run that came out worst."""
        if self.interrupted or not self.runs:
            return Outcome.INTERRUPTED
        return gravest(run.outcome for run in self.runs)

    def as_json(self) -> dict[str, Any]:
        """Strict JSON."""
        return {
            "id": self.id,
            "subject": self.subject,
            "outcome": self.outcome.value,
            "runs": [run.as_json() for run in self.runs],
            "ended": self.ended,
            "interrupted": self.interrupted,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """What `as_json` wrote."""
        return cls(
            str(record["id"]),
            str(record["subject"]),
            tuple(map(Remade.from_json, record["runs"])),
            str(record["ended"]),
            bool(record["interrupted"]),
        )


@dataclass(frozen=True, slots=True)
class Verification:
    """A verification as the ledger has it; `end` is None while it has none."""

    start: VerificationStart
    end: VerificationEnd | None

    def as_json(self) -> dict[str, Any]:
        """What `show` tells of it."""
        return {
            "id": self.start.id,
            "outcome": self.end.outcome.value if self.end else None,
            "runs": list(self.start.runs),
            "started": self.start.started,
            "host": self.start.host,
            "session": self.start.session,
            "author": self.start.author,
        }
