"""The members of a family of experiments, and those that are none, as their reports have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from paribus.core.change import Change
from paribus.core.errors import Exit
from paribus.core.verdict import Outcome
from paribus.reports.run import RunReport, status_word
from paribus.reports.verdict import WORDS

LEVEL = 0.05
"""Expected share of false ones among the improvements that stand in a family."""

ALONE = "improved alone"
NOT_RUN = "not run yet"

BUSY = "already-running"
"""The code of one that another process runs."""


@dataclass(frozen=True, slots=True)
class Member:
    """One experiment of the family.

    Attributes:
        report: of it alone.
        label: how it is called in this report.
        q: its adjusted value in the family, for machines; None where it has none.
    """

    report: RunReport
    label: str
    q: float | None

    @property
    def alone(self) -> bool:
        """Whether it improved by itself, and does not stand when all that were tried are counted."""
        verdict = self.report.verdict
        improved = verdict is not None and verdict.outcome is Outcome.IMPROVED
        return improved and self.q is not None and self.q > LEVEL

    @property
    def word(self) -> str:
        """What became of it."""
        status, verdict = status_word(self.report), self.report.verdict
        if status in ("failed", "running"):
            return status
        if verdict is None:
            return NOT_RUN
        return ALONE if self.alone else WORDS[verdict.outcome]


@dataclass(frozen=True, slots=True)
class Refused:
    """One that was not run.

    Attributes:
        asked: as it was given, or what it changes.
        code: stable, as of a problem.
        reason: in a line.
        status: the exit code that it stands for.
        changes: what it would have changed.
        helps: what to do instead.
    """

    asked: str
    code: str
    reason: str
    status: Exit
    changes: tuple[Change, ...] = ()
    helps: tuple[str, ...] = ()

    @property
    def busy(self) -> bool:
        """Whether another process is at it, so that nothing speaks against it."""
        return self.code == BUSY

    def as_json(self) -> dict[str, Any]:
        """Strict JSON."""
        return {
            "asked": self.asked,
            "code": self.code,
            "reason": self.reason,
            "changes": [change.as_json() for change in self.changes],
        }


@dataclass(frozen=True, slots=True)
class Skipped:
    """One that is another's, or the baseline's own."""

    asked: str
    reason: str
