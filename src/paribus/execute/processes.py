"""Process trees: what a run starts ends with it, into whatever session or group it went.

On Linux a worker, and the command that started it, are the parents of whatever loses its own parent
below them (`PR_SET_CHILD_SUBREAPER`), so that a daemon cannot slip away. Elsewhere, and for what lost all
of them, the run's name in a process's environment tells whose it is.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psutil import Process

MARK = "PARIBUS_RUN"
"""Environment variable of a run's processes: the run's id."""

GRACE = 1.0
"""Seconds that a background process has to end in good order."""

PAUSE = 0.01
"""Seconds between two looks at whether processes have ended."""

ROUNDS = 20
"""As often as processes are looked for that were started while others ended."""

_SUBREAPER = 36


def adopt_orphans(*, adopting: bool = True) -> bool:
    """From now on this process is the parent of its descendants' orphans; false where it cannot be.

    Args:
        adopting: false to leave them to the system again.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        done = ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, int(adopting), 0, 0, 0)
        return bool(done == 0)
    except (OSError, AttributeError):
        return False


def has_children() -> bool:
    """Whether this process has any child, ended or not; costs one system call."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def descendants(pid: int) -> list[Process]:
    """The processes below one; empty when it is gone."""
    import psutil  # noqa: PLC0415 (costs 20 ms)

    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.Error:
        return []


def end_descendants(grace: float = GRACE) -> int:
    """Ends all processes below this one, and waits until they are gone.

    Args:
        grace: seconds to end in good order; 0 for none.

    Returns:
        How many there were.
    """
    return _end_all(lambda: descendants(os.getpid()), grace, bury=True) if has_children() else 0


def end_marked(runs: Collection[str], *, below: int | None = None) -> int:
    """Ends the processes of runs, by the name in their environment; never this one itself.

    Args:
        runs: their ids.
        below: look among the descendants of this process only; None for all of this user's.

    Returns:
        How many there were.
    """
    return _end_all(lambda: [one for one in _within(below) if mark_of(one) in runs], 0.0)


def end_adopted(own: Collection[int]) -> int:
    """Ends what came to this process when its worker died: marked processes that are its children.

    What belongs to a living worker is below that one, and is left alone.

    Args:
        own: processes of this one that lead sessions of their own.
    """

    def found() -> list[Process]:
        mine = {one.pid: one for one in descendants(os.getpid())}
        orphans = [one for one in mine.values() if _parent(one) == os.getpid() and mark_of(one)]
        return [each for one in orphans for each in (one, *descendants(one.pid))]

    if not has_children():
        return 0
    count = _end_all(found, 0.0)
    _bury(own)
    return count


def kill(processes: Iterable[Process]) -> None:
    """Kills processes that are still the ones that were found."""
    import psutil  # noqa: PLC0415

    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()  # it compares the time of its start, so that no other is meant


def marked() -> dict[str, list[tuple[int, str]]]:
    """This user's processes that belong to runs, by the run, without this one.

    Returns:
        Of each its id, and the folder that it was given for DVC's state, which lies in its run's clone;
        empty where it has none.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for process in _within(None):
        variables = _environment(process)
        if variables.get(MARK):
            place = (process.pid, variables.get("DVC_SITE_CACHE_DIR", ""))
            found.setdefault(variables[MARK], []).append(place)
    return found


def mark_of(process: Process) -> str | None:
    """The run that a process belongs to; None where it is none's, or nobody may know."""
    return _environment(process).get(MARK)


def end_group(pid: int, born: float) -> None:
    """Kills a process and its group, if it is still the one that was born then.

    Args:
        pid: of the group's leader.
        born: seconds since the epoch, as psutil tells them.
    """
    import psutil  # noqa: PLC0415

    with contextlib.suppress(psutil.Error, OSError):
        leader = psutil.Process(pid)
        if abs(leader.create_time() - born) < 1 and os.getpgid(pid) == pid:
            below = descendants(pid)
            os.killpg(pid, signal.SIGKILL)
            kill(below)


# Private functions


def _environment(process: Process) -> Mapping[str, str]:
    """As it was when the process began; empty where nobody may know."""
    import psutil  # noqa: PLC0415

    try:
        found: Mapping[str, str] = process.environ()
        return found
    except (psutil.Error, OSError):
        return {}


def _bury(own: Collection[int]) -> None:
    """Lays to rest what this process has inherited and what has ended; its own children it asks itself.

    They are of its session, or known; nobody else would ever ask for the others.
    """
    import psutil  # noqa: PLC0415

    with contextlib.suppress(psutil.Error):
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.Error, OSError):
                inherited = child.pid not in own and os.getsid(child.pid) != os.getsid(0)
                if inherited and child.status() == psutil.STATUS_ZOMBIE:
                    os.waitpid(child.pid, os.WNOHANG)


def _within(below: int | None) -> list[Process]:
    import psutil  # noqa: PLC0415

    if below is not None:
        return descendants(below)
    return [one for one in psutil.process_iter() if one.pid != os.getpid() and _is_ours(one)]


def _is_ours(process: Process) -> bool:
    import psutil  # noqa: PLC0415

    try:
        return bool(process.uids().real == os.getuid())
    except psutil.Error:
        return False


def _parent(process: Process) -> int | None:
    import psutil  # noqa: PLC0415

    try:
        return int(process.ppid())
    except psutil.Error:
        return None


def _end_all(look: Callable[[], list[Process]], grace: float, *, bury: bool = False) -> int:
    """Ends what is found until nothing more is found.

    Args:
        bury: whether to lay to rest what has ended; not where somebody may still ask how it did.
    """
    import psutil  # noqa: PLC0415

    ended: set[int] = set()
    for _ in range(ROUNDS):
        living = [one for one in look() if not _is_over(one, bury=bury)]
        if not living:
            break
        ended |= {one.pid for one in living}
        if grace:
            for one in living:
                with contextlib.suppress(psutil.Error):
                    one.terminate()
            living = _living_after(living, grace, bury=bury)
            grace = 0.0
        kill(living)
        _living_after(living, GRACE, bury=bury)
    return len(ended)


def _living_after(processes: list[Process], seconds: float, *, bury: bool) -> list[Process]:
    """Those that live when so much time has passed, or nobody does any more."""
    end = time.monotonic() + seconds
    while living := [one for one in processes if not _is_over(one, bury=bury)]:
        if time.monotonic() >= end:
            break
        time.sleep(PAUSE)
    return living


def _is_over(process: Process, *, bury: bool) -> bool:
    """Whether it has ended."""
    import psutil  # noqa: PLC0415

    try:
        if process.status() != psutil.STATUS_ZOMBIE:
            return False
        if bury:
            with contextlib.suppress(OSError):
                os.waitpid(process.pid, os.WNOHANG)
    except psutil.Error:
        pass
    return True
