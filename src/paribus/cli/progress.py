"""What a person sees while runs are made: on standard error, a living line on a terminal."""

from __future__ import annotations

import os
import sys
import time

import click

from paribus.core.experiment import Registration
from paribus.core.run import Intent, Purpose, Run
from paribus.core.verdict import Verdict
from paribus.reports.runs import failure
from paribus.reports.text import clean, plural, shortened, wrapped
from paribus.reports.verdict import word_of

CLEAR_LINE = "\r\x1b[K"
WIDTH = 79
"""Characters; a line that wraps could not be cleared."""


class Progress:
    """Tells of runs as they start and end."""

    def __init__(self, *, quiet: bool = False, several: bool = False) -> None:
        """
        Args:
            quiet: say nothing but notes, while a machine reads.
            several: whether candidates are told from one another, by the beginnings of their ids.
        """
        self._several = several
        self._metric: str | None = None
        self._quiet = quiet
        self._living = sys.stderr.isatty()
        self._total = 0
        self._done = 0
        self._running: dict[str, str] = {}
        self._began = time.monotonic()

    def planned(self, runs: int, metric: str) -> None:
        """So many runs follow, of which this metric is shown."""
        self._total = self._done + len(self._running) + runs  # some of those before may not be made
        self._metric = metric

    def started(self, intent: Intent) -> None:
        """A run is about to start."""
        self._running[intent.id] = self._what(intent)
        self.waiting()

    def waiting(self) -> None:
        """Shows on a terminal what is under way, and for how long."""
        if self._living and not self._quiet:
            elapsed = time.monotonic() - self._began
            runs = ", ".join(" ".join(what.split()) for what in self._running.values())
            line = f"  {self._done} of {self._total} runs, {elapsed:.0f} s; running {runs}"
            self._write(f"{CLEAR_LINE}{shortened(line, WIDTH)}")

    def ended(self, run: Run) -> None:
        """A run has ended and is recorded."""
        self._done += 1
        self._running.pop(run.intent.id, None)
        if self._quiet:
            return
        if not run.succeeded:
            whose = (run.intent.experiment or "baseline")[:8] if self._several else ""
            for line in failure(run, whose):
                self._say(line)
            return
        value = run.metrics.get(self._metric) if self._metric else None
        shown = "" if value is None else f"  {clean(self._metric or '')} {value:.6g}"
        self._say(
            f"  run {self._done} of {self._total}  {self._what(run.intent)}{shown}  {run.seconds:.1f} s"
        )

    def noted(self, text: str) -> None:
        """Something that the user should know."""
        self._say(f"note: {clean(text)}")

    def registered(self, registration: Registration, short: str) -> None:
        """The experiment is in the ledger; its runs follow."""
        if not self._quiet:
            for line in wrapped(f"registered {short}: {clean(registration.summary)}"):
                self._say(line)

    def looked(self, trail: tuple[Verdict, ...], controls: tuple[int, int]) -> None:
        """A look was taken."""
        if trail and not self._quiet:
            self._say(f"  look at {trail[-1].n} pairs: {trail[-1].outcome.value}")

    def judged(self, short: str, verdict: Verdict) -> None:
        """A look was taken at one of several experiments."""
        if not self._quiet:
            self._say(f"  {short}: {word_of(verdict)} after {plural(verdict.n, 'pair')}")

    def _what(self, intent: Intent) -> str:
        if intent.purpose is Purpose.CONTROL:
            return f"control   pair {intent.index + 1}"
        candidate = (intent.experiment or "")[:8].ljust(9) if self._several else "candidate"
        return f"{candidate if intent.experiment else 'baseline '} pair {intent.index + 1}"

    def _say(self, line: str) -> None:
        self._write(f"{CLEAR_LINE if self._living else ''}{line}\n")

    def _write(self, text: str) -> None:
        """Whoever watched may have gone; the runs go on."""
        try:
            click.echo(text, err=True, nl=False)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
