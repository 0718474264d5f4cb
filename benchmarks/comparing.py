"""Whole commands, timed: ours and theirs in turn."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Comparison:
    """Seconds of both sides, turn by turn, and the ratio to aim at."""

    name: str
    ours: list[float]
    theirs: list[float]
    aim: float

    @property
    def ratio(self) -> float:
        """Median of the turns' ratios."""
        return statistics.median(a / b for a, b in zip(self.ours, self.theirs, strict=True))


def measured(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """(seconds, megabytes of the largest process) of a command and all that it starts."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return time.perf_counter() - started, used.ru_maxrss / 1024


def in_turns(
    name: str, ours: Callable[[], float], theirs: Callable[[], float], turns: int, aim: float
) -> Comparison:
    """Runs both once to warm up, then in turn."""
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(turns)]
    return Comparison(name, [pair[0] for pair in pairs], [pair[1] for pair in pairs], aim)


def tell(comparison: Comparison) -> None:
    """One line."""
    ours, theirs = statistics.median(comparison.ours), statistics.median(comparison.theirs)
    verdict = "met" if comparison.ratio <= comparison.aim else "MISSED"
    print(
        f"{comparison.ratio:5.2f}  {comparison.name}\n"
        f"       {ours:.2f} / {theirs:.2f}; aim at most {comparison.aim:.3g}: {verdict}"
    )


def seconds(command: Sequence[str], folder: Path, allowed: Sequence[int] = (0,)) -> float:
    """Wall time of a whole process that succeeds, or ends with an exit code that is as good."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    elapsed = time.perf_counter() - started
    if done.returncode not in allowed:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return elapsed
