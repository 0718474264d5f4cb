"""Speaks with a service: bounded in time and size, patient, and careful with the token.

The token travels in a header, over TLS or to where the environment says in so many words; it never
follows a redirect to another place, never stands in an address, and no text of an exception, which
might hold it, is ever shown.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from paribus.forge.answer import Answer
from paribus.forge.trouble import Trouble, refusal

REDIRECTS = 5
PAGES = 50
"""Of a hundred entries: more comments than a service lets a pull request have."""
PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, and the clock to wait by.

    Attributes:
        call: seconds for one request and its answer.
        whole: seconds for all that is done for one posting.
        first_pause: seconds before the second try; each further pause is twice as long.
        longest_pause: seconds.
        sleep: takes seconds.
        clock: seconds that only grow.
        now: seconds since 1970, in which services tell when a limit ends.
    """

    call: float = 10.0
    whole: float = 60.0
    first_pause: float = 0.5
    longest_pause: float = 8.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time


@dataclass(slots=True)
class Wire:
    """One service, one token.

    Attributes:
        root: the address of its interface, without a slash at the end.
        authorization: name and value of the header that holds the token.
        accept: which form of answers is asked for.
        patience: how long to wait.
    """

    root: str
    authorization: tuple[str, str] = field(repr=False)
    accept: Mapping[str, str] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)
    _until: float = field(init=False, default=0.0)
    _pause: float = field(init=False, default=0.0)

    def allow(self, seconds: float) -> None:
        """From now on, all that is asked has so many seconds together."""
        self._until = self.patience.clock() + seconds
        self._pause = self.patience.first_pause

    def get(self, path: str, **query: str | int) -> Answer:
        """Asks; asks again where that may help.

        Raises:
            Trouble: there is no usable answer.
        """
        address = f"{self.root}/{path}" + (f"?{urlencode(query)}" if query else "")
        return self._asked("GET", address)

    def query(self, path: str, question: str) -> Any:
        """Asks in the language GraphQL, which is no more than asking, although it is sent by POST.

        Args:
            path: from the top of the host.

        Raises:
            Trouble: there is no usable answer.
        """
        return self._asked("POST", urljoin(self.root, path), {"query": question}).content

    def pages(self, path: str, **query: str | int) -> Iterator[dict[str, Any]]:
        """Every entry of a list that comes in pages.

        Raises:
            Trouble: a page is missing, or there are too many.
        """
        address = f"{self.root}/{path}?{urlencode({'per_page': 100, **query})}"
        for _ in range(PAGES):
            answer = self._asked("GET", address)
            if not isinstance(answer.content, list):
                raise Trouble("a list was expected and something else came")
            yield from (entry for entry in answer.content if isinstance(entry, dict))
            following = _next_page(answer, address)
            if following is None:
                return
            if not same_place(self.root, following):
                raise Trouble("the next page would be on another host")
            address = following
        raise Trouble(f"there are more than {PAGES * 100} entries")

    def send(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Answer:
        """Writes, once: whoever asks for it looks first, before it is tried again.

        Raises:
            Trouble: it was refused; or nobody knows (`again` is set).
        """
        answer = self._granted(self._exchanged(method, f"{self.root}/{path}", content))
        if content is not None and not isinstance(answer.content, dict):
            raise Trouble("the answer cannot be read", answer.status, again=True)
        return answer

    def rest(self, trouble: Trouble) -> None:
        """Waits before another try.

        Raises:
            Trouble: the given one, where another try is pointless or there is no time for it.
        """
        wait = self._pause if trouble.wait is None else trouble.wait
        if not trouble.again or self.patience.clock() + wait >= self._until:
            raise trouble
        self._pause = min(2 * self._pause, self.patience.longest_pause)
        self.patience.sleep(wait)

    def _asked(self, method: str, address: str, content: Mapping[str, Any] | None = None) -> Answer:
        while True:
            try:
                answer = self._granted(self._exchanged(method, address, content))
                if answer.content is None:
                    raise Trouble("the answer cannot be read", answer.status, again=True)
                return answer
            except Trouble as trouble:
                self.rest(trouble)

    def _exchanged(self, method: str, address: str, content: Mapping[str, Any] | None) -> Answer:
        """Follows redirects itself: requests would take a GitLab token along to another host."""
        body = None if content is None else json.dumps(sendable(content)).encode()
        for _ in range(REDIRECTS):
            answer = self._bounded(method, address, body)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or target is None:
                return answer
            address = _joined(address, target)
            if not same_place(self.root, address):
                raise Trouble("it points to another host, which is not followed", answer.status)
            if answer.status == HTTPStatus.SEE_OTHER:
                method, body = "GET", None
        raise Trouble("it redirects in a circle")

    def _bounded(self, method: str, address: str, body: bytes | None) -> Answer:
        """One request in a thread of its own, since neither names nor slow bodies obey a timeout."""
        from paribus.forge.transport import exchange  # noqa: PLC0415 (only who posts waits for it)

        left = self._until - self.patience.clock()
        if left <= 0:
            raise Trouble("there was no time left")
        seconds = min(self.patience.call, left)
        box: queue.SimpleQueue[Answer | Trouble] = queue.SimpleQueue()

        def in_thread() -> None:
            headers = {"User-Agent": "paribus", **self.accept}
            box.put(exchange(method, address, body, headers, self.authorization, seconds))

        threading.Thread(target=in_thread, daemon=True).start()
        try:
            found = box.get(timeout=seconds)
        except queue.Empty:
            raise Trouble(f"no answer within {seconds:.0f} s", again=True) from None
        if isinstance(found, Trouble):
            raise found
        return found

    def _granted(self, answer: Answer) -> Answer:
        """The answer, unless it refuses; a service that repeats the token must not make us tell it."""
        trouble = refusal(answer.status, answer.headers, answer.content, self.patience.now())
        if trouble is None:
            return answer
        token = self.authorization[1].rpartition(" ")[2]
        trouble.why = trouble.why.replace(token, "***")
        raise trouble


def sendable(content: Any) -> Any:
    """The same without what no service stores: halves of letters, and the letter 0."""
    if isinstance(content, str):
        return content.encode("utf-8", "replace").decode().replace("\0", "?")
    if isinstance(content, Mapping):
        return {name: sendable(value) for name, value in content.items()}
    return [sendable(value) for value in content] if isinstance(content, list) else content


def same_place(root: str, address: str) -> bool:
    """Whether two addresses have the same scheme, host and port, and no credentials."""
    try:
        return _place(root) == _place(address)
    except ValueError:
        return False


# Private functions


_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def _place(address: str) -> tuple[str, str | None, int | None, str | None]:
    split = urlsplit(address)
    return split.scheme, split.hostname, split.port or PORTS.get(split.scheme), split.username


def _joined(address: str, target: str) -> str:
    try:
        return urljoin(address, target)
    except ValueError as error:
        raise Trouble("it points to no address") from error


def _next_page(answer: Answer, address: str) -> str | None:
    """As both services tell it; GitLab may leave it to the number of the next page."""
    from requests.utils import parse_header_links  # noqa: PLC0415 (only who posts waits for it)

    for link in parse_header_links(answer.headers.get("link", "")):
        if link.get("rel") == "next":
            return _joined(address, link["url"])
    number = answer.headers.get("x-next-page", "")
    if not number.isdecimal():
        return None
    return f"{address.partition('&page=')[0]}&page={number}"
