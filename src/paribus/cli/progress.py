"""What a person sees while runs are made: on standard error, living lines on a terminal."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Sequence

import click

from paribus.core.duration import clock, span
from paribus.core.experiment import Registration
from paribus.core.run import Intent, Purpose, Run
from paribus.core.verdict import Verdict
from paribus.reports.runs import failure
from paribus.reports.text import clean, plural, shortened, wrapped
from paribus.reports.verdict import word_of
from paribus.workflows.listening import Going

CLEAR_BELOW = "\x1b[J"
"""Clears from the cursor to the end of the screen."""

NARROWEST = 20
"""Columns for which lines are still made; a narrower terminal breaks them."""

SILENCE = 60.0
"""Seconds after which whoever reads a pipe is told that it goes on."""


class Progress:
    """Tells of runs as they start and end.

    On a terminal each run under way has a line, drawn again in place, with one for all below it. On a
    pipe a line for each run that ended, and for each that goes on a line a minute.
    """

    def __init__(
        self, *, quiet: bool = False, several: bool = False, silence: float = SILENCE
    ) -> None:
        """
        Args:
            quiet: say nothing but notes, while a machine reads.
            several: whether candidates are told from one another, by the beginnings of their ids.
            silence: seconds after which a reader of a pipe is told that it goes on.
        """
        self._several = several
        self._metric: str | None = None
        self._quiet = quiet
        self._living = sys.stderr.isatty()
        self._total = 0
        self._done = 0
        self._running: set[str] = set()
        self._began = time.monotonic()
        self._silence = silence
        self._told = self._began
        self._drawn = 0

    def planned(self, runs: int, metric: str) -> None:
        """So many runs follow, of which this metric is shown."""
        self._total = self._done + len(self._running) + runs  # some of those before may not be made
        self._metric = metric

    def started(self, intent: Intent) -> None:
        """A run is about to start."""
        self._running.add(intent.id)

    def waiting(self, going: Sequence[Going]) -> None:
        """Shows on a terminal what is under way, and for how long; on a pipe after a while."""
        if self._quiet:
            return
        if self._living:
            self._draw(going)
        elif time.monotonic() - self._told >= self._silence:
            for one in going:
                self._say(f"  {self._still(one)}")

    def ended(self, run: Run) -> None:
        """A run has ended and is recorded."""
        self._done += 1
        self._running.discard(run.intent.id)
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

    def _draw(self, going: Sequence[Going]) -> None:
        columns, rows = shutil.get_terminal_size()
        width, room = max(NARROWEST, columns - 1), max(1, rows - 3)
        names = [self._what(one.intent) for one in going]
        stages = [clean(one.stage or "starting") for one in going]
        widest = max(map(len, stages), default=0)
        lines = [
            f"  {name}  {stage.ljust(widest)}  {_elapsed(one)}"
            for one, name, stage in zip(going, names, stages, strict=True)
        ]
        if len(lines) > room:
            lines[room - 1 :] = [f"  and {len(lines) - room + 1} more"]
        elapsed = clock(time.monotonic() - self._began)
        if lines:
            lines.append(f"  {self._done} of {plural(self._total, 'run')} done, {elapsed}")
        text = "".join(f"{shortened(line, width)}\n" for line in lines)
        self._write(f"{self._cleared()}{text}")
        self._drawn = len(lines)

    def _still(self, one: Going) -> str:
        stage = f", stage {clean(one.stage)}" if one.stage else ""
        expected = f" of about {span(one.expected)}" if one.expected else ""
        what = " ".join(self._what(one.intent).split())
        return f"still running after {span(round(one.seconds))}{expected}: {what}{stage}"

    def _what(self, intent: Intent) -> str:
        if intent.purpose is Purpose.CONTROL:
            return f"control   pair {intent.index + 1}"
        candidate = (intent.experiment or "")[:8].ljust(9) if self._several else "candidate"
        return f"{candidate if intent.experiment else 'baseline '} pair {intent.index + 1}"

    def _cleared(self) -> str:
        """What takes away the lines that are drawn."""
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        self._drawn = 0
        return f"\r{up}{CLEAR_BELOW}" if up else ""

    def _say(self, line: str) -> None:
        self._told = time.monotonic()
        self._write(f"{self._cleared()}{line}\n")

    def _write(self, text: str) -> None:
        """Whoever watched may have gone, with the pipe or the terminal; the runs go on."""
        try:
            click.echo(text, err=True, nl=False)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


# Private functions


def _elapsed(one: Going) -> str:
    """How long it has taken, of how long it will take if it is as those before."""
    expected = f" of about {clock(one.expected)}" if one.expected else ""
    return f"{clock(one.seconds)}{expected}"
