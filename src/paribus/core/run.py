"""A run: one attempt of an experiment, or of the baseline, with one set of seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Self


class Status(StrEnum):
    """How a run ended, or that it has not."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    KILLED = "killed"
    TIMED_OUT = "timed-out"
    CANCELLED = "cancelled"
    RUNNING = "running"
    INTERRUPTED = "interrupted"

    @property
    def from_outside(self) -> bool:
        """Whether something else than its own stages ended it, so that it says nothing of what was run.

        Such a run is kept and shown, and made again by whoever goes on.
        """
        return self in _FROM_OUTSIDE


_FROM_OUTSIDE = frozenset({Status.KILLED, Status.TIMED_OUT, Status.CANCELLED, Status.INTERRUPTED})


class Purpose(StrEnum):
    """What a run is for."""

    MEASURE = "measure"
    CONTROL = "control"
    NOISE = "noise"
    CONFIRM = "confirm"
    RESULT = "result"
    LEARN = "learn"


@dataclass(frozen=True, slots=True)
class Intent:
    """A run that is about to start, recorded before it does.

    Attributes:
        id: generated; names the run for ever.
        index: number of the pair, from 0.
        seeds: value of each declared seed param.
        purpose: `control` reruns a seed with caches off, `noise` varies one seed alone, `confirm` has
            the fresh seeds of a confirmation, `result` the seeds that the tree itself has, `learn`
            less training data.
        session: id of the session in which it runs.
        holder: names the lock that the starting process holds while it lives.
        host: where that process is.
        started: UTC, ISO 8601.
        experiment: its id, or None for a run of the baseline.
        series: which of several series with this purpose it belongs to; empty for the only one.
    """

    id: str
    index: int
    seeds: Mapping[str, int]
    purpose: Purpose
    session: str
    holder: str
    host: str
    started: str
    experiment: str | None = None
    series: str = ""

    def as_json(self) -> dict[str, Any]:
        """Strict JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The intent that `as_json` wrote."""
        known = {name: record[name] for name in _OF_INTENT}
        known["series"] = record.get("series", "")
        known["purpose"] = Purpose(record["purpose"])
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Run:
    """How a run ended.

    Attributes:
        intent: what was recorded before it started.
        status: succeeded, failed by itself, or ended from outside.
        metrics: every number that the pipeline's metrics files hold, by its name.
        seconds: wall time of the run in its clone.
        commit: the result as a Git commit; None unless it succeeded.
        ref: where DVC finds that commit.
        cause: why it did not succeed, in one line.
        stage: the stage that failed, if it was one.
        exit_code: of that stage's command.
        log_tail: the last lines that it printed.
        evaluation: digest of the examples that it was measured on; None without predictions.
    """

    intent: Intent
    status: Status
    metrics: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    commit: str | None = None
    ref: str | None = None
    cause: str | None = None
    stage: str | None = None
    exit_code: int | None = None
    log_tail: str = ""
    evaluation: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether it gave numbers."""
        return self.status is Status.SUCCEEDED

    def as_json(self) -> dict[str, Any]:
        """Strict JSON; the intent's keys stand beside its own."""
        own = {
            item.name: getattr(self, item.name) for item in fields(self) if item.name != "intent"
        }
        return self.intent.as_json() | own | {"metrics": dict(self.metrics)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The run that `as_json` wrote."""
        own = {name: record[name] for name in _OF_RUN}
        own["evaluation"] = record.get("evaluation")
        own["status"] = Status(record["status"])
        return cls(intent=Intent.from_json(record), **own)


# Private functions


# Found out once, since a ledger has a million of them.
_OF_INTENT = tuple(item.name for item in fields(Intent) if item.name != "series")
_OF_RUN = tuple(item.name for item in fields(Run) if item.name not in ("intent", "evaluation"))
