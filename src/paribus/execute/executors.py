"""Executors: `inline` runs in this process, `local` in worker processes of its own.

Both are `concurrent.futures.Executor`, so that a cluster's executor can take their place.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from paribus.execute.frames import read_frame, write_frame
from paribus.execute.processes import adopt_orphans, descendants, end_adopted, kill

P = ParamSpec("P")
T = TypeVar("T")


class WorkerLost(Exception):  # noqa: N818 (it is told to the user as the cause of a killed run)
    """The worker process ended, or was ended, before it gave a result.

    Attributes:
        number: of the signal that ended it; None for an exit, or where it never began.
    """

    def __init__(self, told: str, number: int | None = None) -> None:
        super().__init__(told)
        self.number = number


class InlineExecutor(Executor):
    """Runs each task in this process at once: for debugging."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Runs the function and returns its finished future."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class LocalExecutor(Executor):
    """Runs tasks in worker processes that stay warm; each is the leader of its own process group.

    A worker that dies is one failed future, not a broken pool: the next task gets a new worker. When
    this process dies, however it dies, its workers notice and end themselves and all they started.
    """

    def __init__(self, jobs: int, environment: Mapping[str, str]) -> None:
        """
        Args:
            jobs: how many workers at once, at least 1.
            environment: their variables.
        """
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="paribus-worker")
        self._environment = dict(environment)
        self._mine = threading.local()
        self._workers: list[_Worker] = []
        self._jobs: weakref.WeakKeyDictionary[Future[Any], _Job] = weakref.WeakKeyDictionary()
        self._lock = threading.RLock()  # a second signal may come while the first is dealt with
        self._stopped = False
        adopt_orphans()
        _living.add(self)
        # Needed to end workers. A second signal that came in the middle of its import would find half
        # of it, and end nothing.
        import psutil  # noqa: F401, PLC0415

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        """Waits for what was submitted; but what fails or is interrupted waits for nobody."""
        if kind is not None:
            self.stop()
        self.shutdown()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queues a function that a new process can import, with arguments that can be pickled."""
        job = _Job()
        future = self._threads.submit(self._call, job, fn, args, kwargs)
        self._jobs[future] = job
        return future

    def end(self, future: Future[Any]) -> None:
        """Ends one task and all that it started, now; its future raises `WorkerLost`."""
        job = self._jobs.get(future)
        if job is None:
            return
        with self._lock:
            job.ended = True
            if job.worker is not None and not future.done():
                job.worker.kill()

    def stop(self) -> None:
        """Ends every worker and all that it started, now; their futures raise `WorkerLost`."""
        with self._lock:
            self._stopped = True
            for worker in self._workers:
                worker.kill()
        self._end_adopted()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Ends idle workers once their tasks are done."""
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)
        for worker in self._workers:
            worker.close()
        _living.discard(self)
        if not _living:
            adopt_orphans(adopting=False)

    def _call(
        self, job: _Job, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> T:
        with self._lock:
            worker: _Worker | None = getattr(self._mine, "worker", None)
            if worker is None or not worker.alive:
                worker = self._mine.worker = self._started()
            if job.ended:
                raise WorkerLost("ended before it began")
            job.worker = worker
        try:
            outcome = worker.call((fn, args, kwargs))
        except WorkerLost:
            self._end_adopted()
            raise
        finally:
            with self._lock:
                job.worker = None  # it may have another task by the time somebody ends this one
        if isinstance(outcome, _Raised):
            raise outcome.error
        return outcome  # type: ignore[no-any-return]

    def _end_adopted(self) -> None:
        end_adopted({worker.pid for worker in self._workers})

    def _started(self) -> _Worker:
        if self._stopped:
            raise WorkerLost("stopped")
        worker = _Worker(self._environment)
        self._workers.append(worker)
        return worker


_living: weakref.WeakSet[LocalExecutor] = weakref.WeakSet()


def stop_all() -> None:
    """Ends every worker of this process and all that they started, now."""
    for executor in list(_living):
        executor.stop()


@dataclass(slots=True)
class _Job:
    """A task on its way: the worker that has it, and whether somebody ended it."""

    worker: _Worker | None = None
    ended: bool = False


class _Raised:
    """An exception on its way back from a worker.

    It travels in parts: an exception whose constructor takes other arguments than the message, as
    `Problem` does, cannot be pickled as it is.
    """

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __reduce__(self) -> tuple[Callable[..., _Raised], tuple[object, ...]]:
        arguments = self.error.__reduce__()[1]
        return _raised, (type(self.error), arguments, dict(vars(self.error)))


def _raised(
    kind: type[BaseException], arguments: tuple[object, ...], state: dict[str, Any]
) -> _Raised:
    try:
        error = kind(*arguments)
    except TypeError:
        error = kind.__new__(kind, *arguments)
    vars(error).update(state)
    return _Raised(error)


class _Worker:
    """One worker process and the two pipes to it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            # -P, since a file beside the user could have the name of a module that we import.
            [sys.executable, "-P", "-m", "paribus.execute.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        self._killed = False

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return not self._killed and self._process.poll() is None

    def call(self, job: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            write_frame(self._process.stdin, pickle.dumps(job))
            answer = read_frame(self._process.stdout)
        except OSError:
            answer = None
        if answer is None:
            self.kill()
            code = self._process.wait()
            by = f"signal {-code}" if code < 0 else f"exit {code}"
            raise WorkerLost(f"its worker process ended ({by})", -code if code < 0 else None)
        return pickle.loads(answer)  # noqa: S301 (our own child wrote it)

    def kill(self) -> None:
        """Ends it and all that it started, into whatever session that went."""
        if self._process.returncode is not None:
            return  # it is gone, and its number may be somebody else's
        self._killed = True
        below = descendants(self._process.pid)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        kill(below)

    def close(self) -> None:
        """Ends an idle worker: it leaves when its input ends."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process.wait()
