"""The fault shim `fp.c` as tests use it: compiled once, set up by environment variables."""

from __future__ import annotations

import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = Path(__file__).with_name("fp.c")
WHAT = 16
"""Bytes before the text in the counter's file: two numbers."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is to happen, where, and afterwards whether it did.

    Attributes:
        library: the compiled shim.
        folder: for the counter and the journal; a folder of its own.
        mode: `count`, `kill`, `killall`, `enospc` or `enospc-on`.
        at: at which operation, from 1.
        only: more of the shim's variables, without their `FP_`: PATH, MATCH, SKIP, OPS.
    """

    library: Path
    folder: Path
    mode: str = "count"
    at: int = 0
    only: dict[str, str] = field(default_factory=dict)

    @property
    def counter(self) -> Path:
        """The file that all processes map; its name tells them from others."""
        return self.folder / "counter"

    @property
    def journal(self) -> Path:
        """Each operation that counted, in the order in which they came."""
        return self.folder / "journal"

    @property
    def environment(self) -> dict[str, str]:
        """For the command that the fault is to meet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return {
            "LD_PRELOAD": str(self.library),
            "FP_COUNT": str(self.counter),
            "FP_LOG": str(self.journal),
            "FP_MODE": self.mode,
            "FP_AT": str(self.at),
            **{f"FP_{name}": value for name, value in self.only.items()},
        }

    @property
    def count(self) -> int:
        """How many operations there were."""
        return self._read()[0]

    @property
    def what(self) -> str:
        """Program, operation and path at which it happened; empty where it did not."""
        return self._read()[2]

    @contextmanager
    def named(self) -> Iterator[None]:
        """A test that fails in the block names the operation that was hit."""
        try:
            yield
        except BaseException as error:
            error.add_note(f"{self.mode} at {self.at}: {self.what}")
            raise

    def alive(self) -> list[str]:
        """Command lines of processes below this fault that still run."""
        mark = f"FP_COUNT={self.counter}".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found.append(f"{process.name}: {line}")
            except (OSError, ValueError):
                continue  # it is gone, or a zombie
        return found

    def left(self) -> list[str]:
        """As `alive`, some moments later: on a busy machine one that was killed is not gone at once."""
        until = time.monotonic() + 10
        while (found := self.alive()) and time.monotonic() < until:
            time.sleep(0.05)
        return found

    def _read(self) -> tuple[int, int, str]:
        data = self.counter.read_bytes() if self.counter.exists() else b""
        if len(data) < WHAT:
            return 0, 0, ""
        count, fired = struct.unpack_from("LL", data)
        return count, fired, data[WHAT:].partition(b"\0")[0].decode("utf-8", "replace")


def compiled(compiler: str, folder: Path) -> Path:
    """The shim as a library that can be preloaded."""
    library = folder / "fp.so"
    command = [compiler, "-O1", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return library


def spread(points: int, total: int) -> list[int]:
    """So many operations out of all, at equal distances, the first and the last among them."""
    if points == 1:
        return [1]
    return sorted({1 + round(number * (total - 1) / (points - 1)) for number in range(points)})
