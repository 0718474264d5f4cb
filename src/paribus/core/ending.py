"""What the end of a stage's command means: its own failure, or an end from outside."""

from __future__ import annotations

import errno
import os
import signal

from paribus.core.run import Run, Status

_OUTSIDE = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
_OWN = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL})
_SHELL = 128
"""What a shell adds to the number of the signal that ended its command."""
FULL = os.strerror(errno.ENOSPC)
"""What the system says of a full disk."""


def signal_of(exit_code: int | None) -> signal.Signals | None:
    """The signal that ended a command, whether or not a shell stood between; None for none.

    A program may exit with such a number by itself; one that does, means the signal, too.
    """
    if exit_code is None:
        return None
    number = -exit_code if exit_code < 0 else exit_code - _SHELL
    known = next((one for one in signal.Signals if one == number), None)
    return known if exit_code < 0 or known in _OUTSIDE | _OWN else None


def stage_ended(
    stage: str, exit_code: int, *, out_of_memory: bool, log_tail: str
) -> tuple[Status, str]:
    """How the run of a stage that did not succeed is recorded: its status and its cause.

    Nothing that a program does to itself ends in SIGKILL, SIGTERM, SIGINT or SIGHUP: they come from
    the system or a person, and say nothing of what was run. A full disk does not either.

    Args:
        out_of_memory: whether the kernel said that it killed for memory meanwhile.
        log_tail: the last that the run printed.
    """
    number = signal_of(exit_code)
    if number is signal.SIGKILL:
        why = "out of memory" if out_of_memory else "out of memory?"
        return Status.KILLED, f"stage {stage}, SIGKILL ({why})"
    if number in _OUTSIDE:
        return Status.KILLED, f"stage {stage}, {number.name} from outside"
    if is_full(log_tail):
        return Status.KILLED, f"stage {stage}, exit {exit_code}: {FULL.lower()}"
    return Status.FAILED, f"stage {stage}, {number.name if number else f'exit {exit_code}'}"


def is_full(log_tail: str) -> bool:
    """Whether the last that a run printed tells of a full disk."""
    return FULL in "\n".join(log_tail.splitlines()[-LAST_LINES:])


LAST_LINES = 5
"""Of what a run printed, where a full disk shows."""


def is_memory_kill(run: Run) -> bool:
    """Whether a run's stage was killed as the system does it when memory runs out."""
    ended = signal_of(run.exit_code)
    return run.status is Status.KILLED and run.stage is not None and ended is signal.SIGKILL


def too_big(run: Run, earlier: list[Run]) -> bool:
    """Whether a run is the second of its pair that was killed for memory.

    Once may be the machine's doing; twice is what was run, which else would be tried for ever.
    """
    mine = (run.intent.index, run.intent.purpose, run.intent.series)
    return is_memory_kill(run) and any(
        is_memory_kill(one) and (one.intent.index, one.intent.purpose, one.intent.series) == mine
        for one in earlier
    )
