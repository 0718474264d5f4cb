"""Who is told what happens while a person waits."""

from __future__ import annotations

from typing import Protocol as Interface

from paribus.core.experiment import Registration
from paribus.core.run import Intent, Run
from paribus.core.verdict import Verdict


class Listener(Interface):
    """Hears of single runs."""

    def planned(self, runs: int, metric: str) -> None:
        """So many runs follow, of which this metric counts."""

    def started(self, intent: Intent) -> None:
        """A run is about to start."""

    def waiting(self) -> None:
        """About a second has passed, and nothing has ended."""

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
