"""Promotions: a confirmation that began, how it ended, and the baseline that came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, Self

from paribus.core.shapes import (
    pairs_of_texts,
    require,
    require_counts,
    require_numbers,
    require_texts,
)
from paribus.core.statistics.online import Event, Finished, Started
from paribus.core.verdict import GuardFinding

FRESH_PAIRS = 20
"""Pairs of a confirmation: an effect of 1 sigma passes the first level, .0109, in 3 of 4 cases if the
two sides of a seed do not correlate, in 8 of 9 if they do by .3."""


@dataclass(frozen=True, slots=True)
class ConfirmationStart:
    """A confirmation, fixed before its first run.

    Attributes:
        experiment: the experiment's id.
        attempt: which of the experiment's confirmations it is, from 1 on.
        project: folder of the DVC project, whose confirmations share one error budget.
        test: its number among the project's confirmations, from 1 on; None where fresh seeds say
            nothing and an earlier version asked the gate without a test.
        level: one-sided, at which it is judged; None as for `test`.
        pairs: fresh pairs that it takes.
        key: from which its seeds follow.
        gate: the locked evaluation set that it asks, as `Gate` has it; None without one.
        started: UTC, ISO 8601.
        author: name and e-mail.
        nonce: drawn when it began, so that nobody can know its seeds before; a part of `key`. None in
            records of earlier versions.
    """

    experiment: str
    attempt: int
    project: str
    test: int | None
    level: float | None
    pairs: int
    key: str
    gate: Mapping[str, str] | None
    started: str
    author: str
    nonce: str | None = None

    @property
    def id(self) -> str:
        """Names this attempt."""
        return f"{self.experiment}:{self.attempt}"

    @property
    def series(self) -> str:
        """The series of its runs, which no other confirmation shares, not even without seeds."""
        return f"confirm-{self.attempt}" + (f"-{self.nonce[:6]}" if self.nonce else "")

    def as_json(self) -> dict[str, Any]:
        """Strict JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The start that `as_json` wrote; raises as `Promotion.from_json`."""
        start = cls(**_known(cls, record))
        require_texts(start.experiment, start.started, start.project, start.key, start.author)
        require_counts(start.attempt, start.pairs)
        require_counts(start.test, optional=True)
        require_numbers(start.level, optional=True)
        return start


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """All that is told of a locked evaluation set, so that it stays locked.

    Attributes:
        metric: its name.
        passed: whether it holds there, too.
        difference: mean of candidate minus baseline, rounded to the first digit of its noise.
        n: pairs.
    """

    metric: str
    passed: bool
    difference: float
    n: int


@dataclass(frozen=True, slots=True)
class ConfirmationEnd:
    """What the fresh pairs said.

    Attributes:
        experiment, attempt, project: as its start has them.
        confirmed: whether it may be promoted.
        n: completed fresh pairs, of `pairs`.
        estimate: mean of candidate minus baseline over them; None without any.
        low, high: its two-sided 95 % interval; None where there is none.
        baseline_mean, candidate_mean: over the same pairs.
        p: one-sided, held against `level`; for the record, not for people. None without a test.
        reasons: in words, most important first.
        guards: how each guard stands on the fresh pairs.
        gate: the locked evaluation set's answer; None where none was asked.
        runs: ids of the paired runs, (baseline, candidate).
        given: UTC, ISO 8601.
        notes: what a reader of the estimate should know, in words; it decides nothing.
    """

    experiment: str
    attempt: int
    project: str
    confirmed: bool
    n: int
    pairs: int
    estimate: float | None
    low: float | None
    high: float | None
    baseline_mean: float | None
    candidate_mean: float | None
    p: float | None
    level: float | None
    reasons: tuple[str, ...]
    guards: tuple[GuardFinding, ...]
    gate: GateAnswer | None
    runs: tuple[tuple[str, str], ...]
    given: str
    notes: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """As its start's."""
        return f"{self.experiment}:{self.attempt}"

    @property
    def is_by_gate_alone(self) -> bool:
        """Whether fresh seeds change nothing, so that there is one pair, and the locked set decides."""
        return self.pairs == 1

    def as_json(self) -> dict[str, Any]:
        """Strict JSON."""
        return asdict(self) | {
            "reasons": list(self.reasons),
            "notes": list(self.notes),
            "guards": [asdict(guard) | {"hold": guard.hold.value} for guard in self.guards],
            "runs": [list(pair) for pair in self.runs],
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The end that `as_json` wrote; raises as `Promotion.from_json`."""
        known = _known(cls, record)
        gate = record["gate"]
        known |= {
            "reasons": tuple(record["reasons"]),
            "notes": tuple(record.get("notes", ())),
            "guards": tuple(map(GuardFinding.from_json, record["guards"])),
            "gate": None if gate is None else GateAnswer(**gate),
            "runs": pairs_of_texts(record["runs"]),
        }
        end = cls(**known)
        require((end.confirmed, bool))
        require_texts(end.experiment, end.given, end.project, *end.reasons, *end.notes)
        require_counts(end.attempt, end.n, end.pairs)
        means = (end.baseline_mean, end.candidate_mean)
        require_numbers(end.estimate, end.low, end.high, *means, end.p, end.level, optional=True)
        return end


@dataclass(frozen=True, slots=True)
class Promotion:
    """An experiment that became the baseline.

    Attributes:
        number: n of its tag `baseline/<n>`.
        commit: full SHA that the tag stands at.
        key: snapshot key of that commit, under which its own runs are found.
        project: folder of the DVC project.
        experiment: the experiment's id.
        summary: its change in one line.
        baseline: commit, name and snapshot key of what it beat.
        attempt: the confirmation that it rests on; None for a provisional one.
        provisional: why it was promoted without a confirmation; None where there is one.
        metric: of the estimate.
        estimate, low, high: the confirmation's, or, of a provisional one, the screening's.
        given: UTC, ISO 8601.
        author: name and e-mail.
    """

    number: int
    commit: str
    key: str
    project: str
    experiment: str
    summary: str
    baseline: Mapping[str, str]
    attempt: int | None
    provisional: str | None
    metric: str
    estimate: float | None
    low: float | None
    high: float | None
    given: str
    author: str

    @property
    def tag(self) -> str:
        """Its name."""
        return f"baseline/{self.number}"

    def as_json(self) -> dict[str, Any]:
        """Strict JSON."""
        return asdict(self) | {"baseline": dict(self.baseline)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The promotion that `as_json` wrote.

        Raises:
            KeyError, TypeError, ValueError: it is not one.
        """
        promotion = cls(**_known(cls, record))
        require((promotion.baseline, Mapping))
        require_texts(promotion.provisional, optional=True)
        require_texts(promotion.experiment, promotion.commit, promotion.given, promotion.key)
        require_texts(promotion.summary, promotion.metric, promotion.author, promotion.project)
        require_counts(promotion.number)
        require_counts(promotion.attempt, optional=True)
        require_numbers(promotion.estimate, promotion.low, promotion.high, optional=True)
        return promotion


def events(starts: Iterable[ConfirmationStart], ends: Iterable[ConfirmationEnd]) -> list[Event]:
    """Confirmations in the order in which they started and ended, as `online.next_level` reads them.

    Of an attempt that two clones made, which met later, the first start and the first end count. A
    clock that went wrong cannot end a confirmation before it started.
    """
    first: dict[str, str] = {}
    for start in sorted(starts, key=lambda one: one.started):
        if start.test is not None:
            first.setdefault(start.id, start.started)
    ended: dict[str, tuple[str, bool]] = {}
    for end in sorted(ends, key=lambda one: one.given):
        if end.id in first:
            ended.setdefault(end.id, (max(end.given, first[end.id]), end.confirmed))
    told: list[tuple[str, int, Event]] = [(at, 0, Started(test)) for test, at in first.items()]
    told += [(at, 1, Finished(test, confirmed)) for test, (at, confirmed) in ended.items()]
    return [event for _, _, event in sorted(told, key=lambda each: each[:2])]


# Private functions


def _known(cls: type[Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that a record has; raises `KeyError` where it lacks one that has no default."""
    return {
        field.name: record[field.name]
        for field in fields(cls)
        if field.name in record or field.default is MISSING
    }
