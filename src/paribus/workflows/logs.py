"""`paribus logs`: what a run printed, and what it goes on to print."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from paribus.core.errors import Problem
from paribus.core.run import Run, Status
from paribus.execute import card
from paribus.ledger.by_run import pages_with_run
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.workflows.asking import open_index
from paribus.workflows.baseline import baseline_ground
from paribus.workflows.candidate import opened
from paribus.workflows.experiments import find, is_running, open_notebook, unfinished
from paribus.workflows.project import Project

BASELINE = "baseline"
PAUSE = 0.2
"""Seconds between two looks at a log that grows."""

ASKED = 1.0
"""Seconds between two looks at the ledger."""

CHUNK = 1 << 16
SHORTEST = 4
"""Characters of the beginning of a run's id."""


@dataclass(frozen=True, slots=True)
class Logs:
    """The runs of an experiment or of a baseline, or one run alone.

    Attributes:
        side: whose runs they are, `baseline` or `candidate`.
        owner: the experiment's id, or `baseline/<snapshot key>`; empty for a run that only its log shows.
        run: the id of the one run that is meant; None for the latest.
    """

    project: Project
    side: str
    owner: str
    run: str | None = None

    def runs(self) -> list[Run]:
        """Every run that is meant, the latest last, those too that have no end."""
        if not self.owner:
            return []
        page = self._page()
        found = sorted(
            (*page.runs, *unfinished(self.project, page)), key=lambda run: run.intent.started
        )
        return [run for run in found if self.run in (None, run.intent.id)]

    def file(self, run: str) -> Path:
        """Where the log of a run is, if it is still there."""
        return self.project.logs / f"{run}.log"

    def goes_on(self) -> bool:
        """Whether further runs may come."""
        return self.run is None and is_running(self.project, self._page())

    def _page(self) -> Page:
        return _page_of(open_notebook(self.project), self.owner)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a run's log.

    Attributes:
        run: its id.
        data: as it was printed; empty for the first piece of each run.
        from_ledger: whether the file is gone, so that these are the last lines, which the ledger has.
    """

    run: str
    data: bytes
    from_ledger: bool = False


def logs_of(project: Project, text: str) -> Logs:
    """What somebody means by `baseline`, or by the beginning of an experiment's or a run's id.

    Raises:
        Problem: nothing, or more than one thing, starts so.
    """
    if text == BASELINE:
        with opened(project) as candidate:
            return Logs(project, BASELINE, f"{BASELINE}/{baseline_ground(project, candidate).key}")
    notebook = open_notebook(project)
    try:
        return Logs(project, "candidate", find(notebook, text).id)
    except Problem as problem:
        if problem.code != "unknown-experiment":
            raise
    return _of_run(project, text)


def read(logs: Logs) -> Iterator[Piece]:
    """What the latest run has printed so far; raises `Problem` where there is no run."""
    runs = logs.runs()
    if not runs and (logs.run is None or not logs.file(logs.run).is_file()):
        raise Problem("no-runs", "there is no run of it yet", "all of them   paribus log")
    yield from _whole(logs, runs[-1] if runs else None)


def followed(logs: Logs) -> Iterator[Piece]:
    """What the latest run prints until it ends, and then the runs that come after it.

    Ends when nothing is under way any more. A run that is not under way is told as by `read`.
    """
    told: set[str] = set()
    while True:
        runs = logs.runs()
        new = [run for run in runs if run.intent.id not in told]
        if not told:
            new = new[-1:]
            told = {run.intent.id for run in runs}
        for run in new:
            told.add(run.intent.id)
            yield from _to_its_end(logs, run)
        if not new and not logs.goes_on():
            if not runs:
                yield from read(logs)
            return
        if not new:
            time.sleep(ASKED)


# Private functions


def _page_of(notebook: Notebook, owner: str) -> Page:
    kind, _, key = owner.rpartition("/")
    return notebook.baseline(key) if kind else notebook.experiment(owner)


def _of_run(project: Project, text: str) -> Logs:
    """By the cards of runs under way, by the logs that are here, and last by the ledger."""
    beginning = text.lower()
    plain = len(beginning) >= SHORTEST and all(one in "0123456789abcdef" for one in beginning)
    if plain:
        names = {file.stem for file in project.cards.glob(f"{beginning}*.json")}
        names |= {file.stem for file in project.logs.glob(f"{beginning}*.log")}
        owners: dict[str, str] = {}
        for page in pages_with_run(project.repository.git, open_index(project), beginning):
            owner = page.id if page.registration else f"{BASELINE}/{page.id}"
            owners |= {run.intent.id: owner for run in page.runs}
        names |= {run for run in owners if run.startswith(beginning)}
        if len(names) == 1:
            (run,) = names
            told = card.read(card.path_of(project.cards, run))
            owner = owners.get(run) or (told.owner if told else "")
            side = BASELINE if owner.startswith(BASELINE) else "candidate"
            return Logs(project, side, owner, run)
        if names:
            raise Problem(
                "ambiguous-run",
                f"{len(names)} runs start with {text!r}",
                f"say more   {', '.join(sorted(names)[:5])}",
            )
    raise Problem(
        "unknown-run",
        f"no experiment's id, and no run's, starts with {text!r}",
        "all experiments   paribus log",
        "the runs of one   paribus show ID",
    )


def _whole(logs: Logs, run: Run | None) -> Iterator[Piece]:
    name = run.intent.id if run else logs.run or ""
    file = logs.file(name)
    if not file.is_file():
        yield Piece(name, b"", from_ledger=True)
        tail = run.log_tail if run else ""
        yield Piece(name, f"{tail}\n".encode() if tail else b"", from_ledger=True)
        return
    yield Piece(name, b"")
    with file.open("rb") as stream:
        while data := stream.read(CHUNK):
            yield Piece(name, data)


def _to_its_end(logs: Logs, run: Run) -> Iterator[Piece]:
    """A log that grows: to its end when its run has ended, and not before."""
    name, file = run.intent.id, logs.file(run.intent.id)
    if run.status is not Status.RUNNING:
        yield from _whole(logs, run)
        return
    yield Piece(name, b"")
    done, over, asked = 0, False, time.monotonic()
    while True:
        data = _from(file, done)
        if data:
            done += len(data)
            yield Piece(name, data)
            continue
        if over:
            return
        if not card.path_of(logs.project.cards, name).exists() or time.monotonic() - asked > ASKED:
            asked = time.monotonic()
            over = all(
                one.status is not Status.RUNNING for one in logs.runs() if one.intent.id == name
            )
        if not over:
            time.sleep(PAUSE)


def _from(file: Path, start: int) -> bytes:
    """A piece of a file from a place on; empty where there is nothing yet."""
    try:
        with file.open("rb") as stream:
            stream.seek(start)
            return stream.read(CHUNK)
    except FileNotFoundError:
        return b""
