"""The worker process: takes functions from its input, runs them, sends results to its output.

It never outlives the process that started it: when its input ends, it ends, and with it every
process of its group, and every process below it, in whatever session.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import threading
from typing import IO, Any, NoReturn

from paribus.execute.executors import _Raised
from paribus.execute.frames import read_frame, write_frame
from paribus.execute.processes import adopt_orphans, end_descendants


def main() -> None:
    """Serves until the input ends."""
    adopt_orphans()
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)  # whatever prints must not reach the pipe of answers
    jobs: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, jobs), daemon=True).start()
    while True:
        answer = _answer(jobs.get())
        try:
            write_frame(answers, answer)
        except OSError:
            # Nobody is there to read it. The other thread may have begun to end all, and this one must
            # not end the process, and that thread with it, before all is done.
            _leave()


# Private functions


def _listen(requests: IO[bytes], jobs: queue.SimpleQueue[bytes]) -> None:
    import psutil  # noqa: F401, PLC0415 (needed in a hurry when the input ends)

    while (message := read_frame(requests)) is not None:
        jobs.put(message)
    _leave()


def _leave() -> NoReturn:
    """Ends all that is below this process, and then its group, and so itself."""
    try:
        end_descendants(grace=0)
    finally:
        os.killpg(0, signal.SIGKILL)
    raise AssertionError  # not reached


def _answer(message: bytes) -> bytes:
    try:
        function, arguments, named = pickle.loads(message)  # noqa: S301 (our parent wrote it)
        outcome: Any = function(*arguments, **named)
    except Exception as error:
        outcome = _Raised(error)
    try:
        return pickle.dumps(outcome)
    except Exception as error:
        told = outcome.error if isinstance(outcome, _Raised) else error
        return pickle.dumps(_Raised(RuntimeError(f"{type(told).__name__}: {told}")))


if __name__ == "__main__":
    main()
