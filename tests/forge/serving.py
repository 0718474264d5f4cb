"""An HTTP server of our own that answers as a service does, and fails as one does."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class Fault:
    """What happens instead of an answer.

    Attributes:
        status: of the answer; 0 for none at all: the connection is reset.
        content: JSON, or bytes as they are.
        headers: more of them.
        acts: whether the service does first what it was asked; without a status it then answers as usual.
        seconds: to wait before anything is said.
        drips: whether the answer comes a letter at a time, for ever.
        gate: at which it waits, after it has acted, until all others are there.
    """

    status: int = 0
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    acts: bool = False
    seconds: float = 0.0
    drips: bool = False
    gate: threading.Barrier | None = None


RESET = Fault()
"""The connection ends before anything is done."""
LOST = Fault(acts=True)
"""It is done, and the connection ends before that is said."""


def together(count: int) -> list[Fault]:
    """Calls that are all done before any of them is answered."""
    return [Fault(acts=True, gate=threading.Barrier(count, timeout=30))] * count


def slow(seconds: float) -> Fault:
    """It is done at once, and said late."""
    return Fault(acts=True, seconds=seconds)


@dataclass(frozen=True)
class Asked:
    """A request as a service sees it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: Any


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Service:
    """What all services have: what was asked of them, and how they are made to fail."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.page_size = 100
        self.lock = threading.RLock()
        self._faults: list[tuple[re.Pattern[str], Fault]] = []

    @property
    def calls(self) -> list[str]:
        """Each as `METHOD path`."""
        return [f"{asked.method} {asked.path}" for asked in self.asked]

    @property
    def writes(self) -> list[str]:
        """The calls that write; asking in GraphQL is none."""
        return [call for call in self.calls if not re.match("GET|POST .*graphql", call)]

    def fail(self, pattern: str, *faults: Fault) -> None:
        """What the next calls meet whose `METHOD path` has a pattern, one after the other."""
        self._faults += [(re.compile(pattern), fault) for fault in faults]

    def answer(self, asked: Asked) -> Said:
        """What the service does and says; with the lock held."""
        raise NotImplementedError

    def next_fault(self, asked: Asked) -> Fault | None:
        """Takes it out of the list; with the lock held."""
        call = f"{asked.method} {asked.path}"
        for place, (pattern, fault) in enumerate(self._faults):
            if pattern.search(call):
                del self._faults[place]
                return fault
        return None

    def page(self, entries: list[Any], asked: Asked) -> tuple[list[Any], int, int]:
        """The entries of a page, its number, and the number of pages."""
        size = min(int(asked.query.get("per_page", 30)), 100, self.page_size)
        number = int(asked.query.get("page", 1))
        return (
            entries[(number - 1) * size : number * size],
            number,
            max(1, -(-len(entries) // size)),
        )


S = TypeVar("S", bound=Service)


@contextlib.contextmanager
def serving(service: S) -> Iterator[S]:
    """The service at an address of this machine, as long as the block runs."""
    server = _Server(service)
    service.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, service: Service) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = service


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Every method alike: `do_GET`, `do_POST`, ..."""
        if not name.startswith("do_"):
            raise AttributeError(name)
        return self._serve

    def _serve(self) -> None:
        service = self.server.service
        with service.lock:
            asked = self._asked()
            service.asked.append(asked)
            fault = service.next_fault(asked)
            said = service.answer(asked) if fault is None or fault.acts else None
        if fault is not None:
            time.sleep(fault.seconds)
            if fault.gate is not None:
                fault.gate.wait()
        with contextlib.suppress(OSError):
            self._say(fault, said)

    def _asked(self) -> Asked:
        split = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(split.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        content = json.loads(body) if body else None
        return Asked(self.command, unquote(split.path), query, headers, content)

    def _say(self, fault: Fault | None, said: Said | None) -> None:
        if fault is not None and fault.status:
            self._write(Said(fault.status, fault.content, fault.headers), drips=fault.drips)
        elif fault is not None and not fault.seconds and fault.gate is None:
            # Without lingering: the other side sees a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
        elif said is not None:
            self._write(said)

    def _write(self, said: Said, *, drips: bool = False) -> None:
        content = said.content
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        body = b"" if content is None else body
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(10**9 if drips else len(body)))
        self.end_headers()
        if drips:
            for _ in range(200):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.05)
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Silent: what was asked is kept."""
