"""Where a process prints, and where it is: what a run changes of its worker, and gives back."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TAIL_LINES = 40
TAIL_BYTES = 8_000


@contextmanager
def printing_to(log: Path) -> Iterator[None]:
    """Sends the process's standard streams, and so its children's, to a file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    saved = [os.dup(0), os.dup(1), os.dup(2)]
    nothing = os.open(os.devnull, os.O_RDONLY)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        for number, source in enumerate((nothing, file, file)):
            os.dup2(source, number)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, source in enumerate(saved):
            os.dup2(source, number)
        for number in (*saved, nothing, file):
            os.close(number)


@contextmanager
def at_home() -> Iterator[None]:
    """DVC changes the current directory; a caller in the same process gets its own back."""
    here = Path.cwd()
    try:
        yield
    finally:
        os.chdir(here)


def tail_of(log: Path) -> str:
    """The last lines of a log, at most `TAIL_LINES` of them and `TAIL_BYTES` bytes; empty without one."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-TAIL_LINES:])
