"""How far a long reading has come, on standard error: a living line on a terminal, seldom one on a pipe."""

from __future__ import annotations

import sys
import time

import click

CLEAR_LINE = "\r\x1b[K"
SOON = 0.5
"""Seconds that nobody minds."""
OFTEN = 0.1
"""Seconds between two drawings of the line on a terminal."""
SILENCE = 30.0
"""Seconds after which a reader of a pipe is told that it goes on."""


class Counting:
    """Tells how many of many are done, and takes its line away at the end."""

    def __init__(self, what: str, *, quiet: bool = False, silence: float = SILENCE) -> None:
        """
        Args:
            what: is done, as `experiments read`.
            quiet: say nothing, while a machine reads.
            silence: seconds after which a reader of a pipe is told that it goes on.
        """
        self._what = what
        self._quiet = quiet
        self._living = sys.stderr.isatty()
        self._pause = OFTEN if self._living else silence
        self._next = time.monotonic() + (SOON if self._living else silence)
        self._drawn = False

    def __call__(self, done: int, total: int) -> None:
        """So many are done."""
        if self._quiet or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._pause
        told = f"  {done} of {total} {self._what}"
        click.echo(f"{CLEAR_LINE}{told}" if self._living else told, err=True, nl=not self._living)
        self._drawn = self._living

    def end(self) -> None:
        """Nothing more is told."""
        if self._drawn:
            click.echo(CLEAR_LINE, err=True, nl=False)
            self._drawn = False
