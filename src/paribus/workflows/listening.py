"""Who is told what happens while a person waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol as Interface

from paribus.core.experiment import Registration
from paribus.core.run import Intent, Run
from paribus.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Going:
    """A run under way.

    Attributes:
        stage: that it is in; None before the first, and while a worker starts.
        seconds: since it began.
        expected: mean seconds of earlier runs of the same, or else of the baseline; None without any.
    """

    intent: Intent
    stage: str | None
    seconds: float
    expected: float | None = None


class Listener(Interface):
    """Hears of single runs."""

    def planned(self, runs: int, metric: str) -> None:
        """So many runs follow, of which this metric counts."""

    def started(self, intent: Intent) -> None:
        """A run is about to start."""

    def waiting(self, going: Sequence[Going]) -> None:
        """About a second has passed, or something has changed; these are under way."""

    def ended(self, run: Run) -> None:
        """A run has ended and is recorded."""

    def noted(self, text: str) -> None:
        """Something that the user should know."""


class RunListener(Listener, Interface):
    """Hears of an experiment, too."""

    def registered(self, registration: Registration, short: str) -> None:
        """The experiment is in the ledger; its runs follow."""

    def looked(self, trail: tuple[Verdict, ...], controls: tuple[int, int]) -> None:
        """A look was taken; the trail holds every verdict so far."""


class BatchListener(RunListener, Interface):
    """Hears of several experiments that run together."""

    def judged(self, short: str, verdict: Verdict) -> None:
        """A look was taken at one of them, named as it is shown."""
