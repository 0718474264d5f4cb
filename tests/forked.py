"""Calls of the command line in a fork of a process that has imported it: the same, without a start.

Thousands of calls are made by the tests, and most of what each took was to start Python. What depends
on how a process is started (its imports, libraries loaded before it, options of the interpreter) is
called as a user does, in a process of its own.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

OWN_START = ("LD_", "PYTHON", "COVERAGE")
"""Variables that decide how Python starts."""

PRELOADED = (
    "numpy", "scipy.special", "sqlite3", "yaml", "tabulate", "psutil", "logging", "textwrap", "csv",
    "multiprocessing.connection", "concurrent.futures.process", "importlib.metadata", "difflib",
    "paribus.workflows.run", "paribus.workflows.reviewing.review", "paribus.core.examples.pairs",
    "paribus.core.examples.table", "paribus.core.statistics.confirm", "paribus.core.decision",
)  # fmt: skip


class Forked:
    """A process that has imported the command line, and forks for each call."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        self._sending = threading.Lock()
        self.environment = dict(os.environ)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked", str(theirs.fileno())],
            cwd=Path(__file__).parents[1],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()

    def starts_alike(self, environment: Mapping[str, str]) -> bool:
        """Whether a process of its own would start as ours did."""
        names = {name for name in {*environment, *self.environment} if name.startswith(OWN_START)}
        return all(environment.get(name) == self.environment.get(name) for name in names)

    def call(
        self, arguments: list[str], folder: Path, environment: Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """As `subprocess.run` with the output captured; raises `subprocess.TimeoutExpired`.

        May be called by many threads at once, as tests of many writers do.
        """
        ours, theirs = socket.socketpair()
        pipes = [os.pipe(), os.pipe()]
        ends = [theirs.fileno(), *(write for _, write in pipes)]
        request = json.dumps([arguments, str(folder), dict(environment)]).encode(
            "utf-8", "surrogateescape"
        )
        with self._sending:  # the length and what it measures, with no other's between them
            socket.send_fds(self._socket, [len(request).to_bytes(8, "big")], ends)
            self._socket.sendall(request)
        for end in ends[1:]:
            os.close(end)
        theirs.close()
        try:
            out, err = _read(pipes[0][0], pipes[1][0], timeout)
            code = int.from_bytes(_exactly(ours, 4), "big", signed=True)
        except TimeoutError:
            ours.close()  # the fork sees it, and ends
            raise subprocess.TimeoutExpired(arguments, timeout) from None
        finally:
            for read, _ in pipes:
                os.close(read)
        ours.close()
        return subprocess.CompletedProcess(arguments, code, out, err)

    def close(self) -> None:
        """Ends it."""
        self._socket.close()
        self.process.wait(10)


# Private functions


def _read(out: int, err: int, timeout: float) -> tuple[str, str]:
    """Both streams to their ends."""
    import selectors  # noqa: PLC0415 (for this alone)

    found: dict[int, list[bytes]] = {out: [], err: []}
    deadline = time.monotonic() + timeout
    with selectors.DefaultSelector() as selector:
        for stream in found:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            left = deadline - time.monotonic()
            ready = selector.select(max(left, 0))
            if not ready and left <= 0:
                raise TimeoutError
            for key, _ in ready:
                data = os.read(key.fd, 1 << 16)
                found[key.fd].append(data)
                if not data:
                    selector.unregister(key.fd)
    texts = (b"".join(found[stream]).decode() for stream in (out, err))
    first, second = (text.replace("\r\n", "\n").replace("\r", "\n") for text in texts)
    return first, second


def _exactly(stream: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = stream.recv(count - len(data))
        if not more:
            raise EOFError("the process that forks has ended")
        data += more
    return data


def _serve(stream: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who watch
    while True:
        size, ends, _, _ = socket.recv_fds(stream, 8, 3)
        if len(size) < 8:
            return
        arguments, folder, environment = json.loads(
            _exactly(stream, int.from_bytes(size, "big")).decode("utf-8", "surrogateescape")
        )
        if os.fork() == 0:
            stream.close()
            _watch(socket.socket(fileno=ends[0]), ends[1:], arguments, folder, environment)
        for end in ends:
            os.close(end)


def _watch(
    caller: socket.socket, ends: list[int], arguments: list[str], folder: str, environment: dict[str, str]
) -> None:  # fmt: skip
    """Forks the call, waits for its end, tells the code; ends it where the caller is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        caller.close()
        _become(ends, arguments, folder, environment)
    for end in ends:
        os.close(end)
    caller.setblocking(False)
    pause = 0.001
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            caller.setblocking(True)
            code = os.waitstatus_to_exitcode(status)
            caller.sendall(code.to_bytes(4, "big", signed=True))
            os._exit(0)
        try:
            if not caller.recv(1):
                os.kill(child, signal.SIGKILL)
        except BlockingIOError:
            pass
        time.sleep(pause)
        pause = min(pause * 1.2, 0.02)


def _become(
    ends: list[int], arguments: list[str], folder: str, environment: dict[str, str]
) -> None:
    """What a new process would be: its streams, folder, environment and arguments."""
    for number, end in enumerate(ends, 1):
        os.dup2(end, number)
        os.close(end)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    package = Path(sys.modules["paribus"].__file__ or "").parent
    # By these click tells how the program is called.
    sys.modules["__main__"].__package__ = "paribus"
    sys.argv = [str(package / "__main__.py"), *arguments]
    code = 1
    try:
        from paribus.cli import main  # noqa: PLC0415 (imported before the fork)

        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _preload() -> None:
    from paribus.cli import COMMANDS  # noqa: PLC0415 (in the process that forks only)

    for name in (*PRELOADED, *(f"paribus.cli.{command}" for command in COMMANDS)):
        with contextlib.suppress(ImportError):  # its own call will say so
            importlib.import_module(name)


if __name__ == "__main__":
    _preload()
    _serve(socket.socket(fileno=int(sys.argv[1])))
