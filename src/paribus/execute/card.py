"""A card for each run under way: who makes it, where, in which stage, and that it still goes on.

The card lies beside the locks of the repository. Its time of change is the run's heartbeat. Whoever
makes the run rewrites it; it goes when the run's end is recorded, and one that is left tells the next
command whose processes may have been left, too.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

BEAT = 1.0
"""Seconds between two heartbeats."""

LOST = 60.0
"""Seconds without a heartbeat after which a run of another machine counts as lost."""

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Card:
    """A run under way.

    Attributes:
        run: its id.
        owner: the experiment's id, or `baseline/<snapshot key>`.
        host, boot: the machine, and its start.
        holder: names the lock of the command that makes it.
        started: seconds since the epoch.
        pid: of the process that makes it, the leader of its group; None until there is one.
        born: when that process started, seconds since the epoch.
        stage: that it is in; None before the first.
        since: when that stage began, seconds since the epoch.
    """

    run: str
    owner: str
    host: str
    boot: str
    holder: str
    started: float
    pid: int | None = None
    born: float | None = None
    stage: str | None = None
    since: float | None = None


def new_card(run: str, owner: str, holder: str) -> Card:
    """The card of a run that starts now, on this machine."""
    return Card(run, owner, socket.gethostname(), boot(), holder, time.time())


def boot() -> str:
    """Changes when this machine starts anew; empty where nobody tells."""
    with contextlib.suppress(OSError):
        return BOOT_ID.read_text().strip()
    return ""


def path_of(folder: Path, run: str) -> Path:
    """Where the card of a run is."""
    return folder / f"{run}.json"


def write(file: Path, card: Card) -> None:
    """Writes a card as a whole, or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.{os.getpid()}")
    new.write_text(json.dumps(asdict(card)))
    new.replace(file)


def read(file: Path) -> Card | None:
    """The card in a file; None where there is none that can be read."""
    try:
        told: Any = json.loads(file.read_text())
        return Card(**{item.name: told[item.name] for item in fields(Card)})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def silence(file: Path) -> float | None:
    """Seconds since the last heartbeat; None where there is no card."""
    try:
        return time.time() - file.stat().st_mtime
    except OSError:
        return None


@contextmanager
def beating(file: Path | None) -> Iterator[Callable[[str], None]]:
    """Signs the card as the process that makes the run, and keeps its heart beating.

    A card that cannot be written stops no run.

    Yields:
        What is to be called when a stage begins, with its name.
    """
    card = None if file is None else read(file)
    if file is None or card is None:
        yield lambda _: None
        return
    over, lock = threading.Event(), threading.Lock()
    current = [replace(card, pid=os.getpid(), born=_born())]

    def signed(card: Card) -> None:
        with lock, contextlib.suppress(OSError):
            current[0] = card
            write(file, card)

    def beat() -> None:
        while not over.wait(BEAT):
            with contextlib.suppress(OSError):
                os.utime(file)

    signed(current[0])
    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield lambda stage: signed(replace(current[0], stage=stage, since=time.time()))
    finally:
        over.set()
        thread.join()


# Private functions


def _born() -> float:
    import psutil  # noqa: PLC0415 (DVC has it loaded where runs are made)

    return float(psutil.Process().create_time())
