"""Runs under way: how long each has been at it, where it is, and why it is ended, if it is."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean

from paribus.core.duration import span
from paribus.core.errors import Terminated
from paribus.core.run import Intent, Run, Status
from paribus.execute import card
from paribus.execute.executors import WorkerLost
from paribus.execute.processes import end_marked
from paribus.execute.streams import tail_of
from paribus.workflows.listening import Going
from paribus.workflows.results import Ended
from paribus.workflows.wanted import Wanted

PAUSE = 0.5
"""Seconds between two attempts to end a stage."""

FAIL_FAST = "since another run failed"


@dataclass(slots=True)
class UnderWay:
    """A run that was started.

    Attributes:
        log: what it prints.
        card: its card.
        limit: seconds after which it is ended; None for never.
        began: monotonic seconds.
        why: the status and the cause with which it is ended; None while it goes on by itself.
    """

    wanted: Wanted
    intent: Intent
    log: Path
    card: Path
    limit: float | None
    began: float = field(default_factory=time.monotonic)
    why: tuple[Status, str] | None = None

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.began

    @property
    def stage(self) -> str | None:
        """The stage that it is in, as its card says."""
        told = card.read(self.card)
        return told.stage if told else None

    @property
    def is_late(self) -> bool:
        """Whether it has had its time."""
        return self.limit is not None and self.seconds >= self.limit

    def time_out(self) -> None:
        """Says why it is about to be ended: it took too long."""
        self.why = Status.TIMED_OUT, f"timed out after {span(self.limit or 0.0)}"

    def cancel(self, because: str) -> None:
        """Says why it is about to be ended, in words that follow a status."""
        self.why = self.why or (Status.CANCELLED, because)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Ends the stages of a run that is made in this process, once it has had its time."""
        if self.limit is None:
            yield
            return
        over, patience = threading.Event(), self.limit

        def watch() -> None:
            if over.wait(patience):
                return
            self.time_out()
            while not over.wait(PAUSE):  # it may be between two stages
                end_marked({self.intent.id}, below=os.getpid())

        clock = threading.Thread(target=watch, daemon=True)
        clock.start()
        try:
            yield
        finally:
            over.set()
            clock.join()

    def going(self, pace: Pace) -> Going:
        """What is told of it while it goes on."""
        return Going(self.intent, self.stage, self.seconds, pace.expected(self.wanted))

    def cut(self) -> Ended:
        """Its record, after it was ended: with the stage, and the last that it printed."""
        status, cause = self.why or (Status.KILLED, "ended")
        stage = self.stage
        told = f"{cause} in stage {stage}" if stage else cause
        if status is Status.CANCELLED and stage:
            told = f"in stage {stage}, {cause}"
        return Ended(self.wanted, self._as(status, told, stage))

    def lost(self, error: WorkerLost) -> Ended:
        """Its record, where its worker died under it."""
        stage = self.stage
        where = f", in stage {stage}" if stage else ""
        return Ended(self.wanted, self._as(Status.KILLED, f"{error}{where}", stage))

    def _as(self, status: Status, cause: str, stage: str | None) -> Run:
        seconds, tail = round(self.seconds, 3), tail_of(self.log)
        return Run(self.intent, status, seconds=seconds, cause=cause, stage=stage, log_tail=tail)


class Pace:
    """How long runs have taken so far."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, list[float]] = defaultdict(list)
        self._baseline: str | None = None

    def learn(self, owner: str, runs: Iterable[Run]) -> None:
        """Takes up runs that ended."""
        self._seconds[owner] += [run.seconds for run in runs if run.succeeded]
        if owner.startswith("baseline/"):
            self._baseline = owner

    def expected(self, wanted: Wanted) -> float | None:
        """Mean seconds of earlier runs of the same, or else of the baseline; None without any."""
        own = self._seconds.get(wanted.subject.owner)
        known = own or self._seconds.get(self._baseline or "")
        return fmean(known) if known else None


def cancelled(wanted: Wanted, intent: Intent, because: str) -> Ended:
    """The record of a run that was about to start, and did not."""
    run = Run(intent, Status.CANCELLED, cause=f"{because}, before it began")
    return Ended(wanted, run)


def reason(error: BaseException) -> str:
    """Why runs are cancelled, from what ended the command that makes them."""
    if isinstance(error, Terminated):
        return signal.Signals(error.number).name
    if isinstance(error, KeyboardInterrupt):
        return signal.SIGINT.name
    return f"the command itself ended ({type(error).__name__})"


def too_big_once_more(ended: Ended) -> Ended:
    """A run that was killed for memory for the second time: it failed by itself."""
    run = replace(ended.run, status=Status.FAILED, cause=f"{ended.run.cause}, twice at this pair")
    return replace(ended, run=run)
