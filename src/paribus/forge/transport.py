"""One request and its answer by HTTP; the one place that knows requests, which is slow to import."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from paribus.forge.answer import Answer
from paribus.forge.trouble import Trouble, plain

LONGEST_ANSWER = 50_000_000
"""Bytes: a page of a hundred comments, each as long as can be."""
CHUNK = 65_536


def exchange(
    method: str,
    address: str,
    body: bytes | None,
    headers: Mapping[str, str],
    authorization: tuple[str, str],
    seconds: float,
) -> Answer | Trouble:
    """Sends a request and reads what comes; certificates are always verified, redirects never followed.

    Args:
        body: JSON.
        authorization: name and value of the header with the token.
        seconds: to connect, and for each part of the answer.

    Returns:
        The answer, or why there is none. No words of an exception are in it: they may hold the token.
    """
    typed = {} if body is None else {"Content-Type": "application/json"}
    try:
        # A connection that was kept may be dead, and then nobody knows whether a comment was made.
        with (
            _Session() as session,
            session.request(
                method,
                address,
                data=body,
                headers={**headers, **typed},
                auth=_authorizing(authorization),
                timeout=seconds,
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            return _read(response)
    except requests.exceptions.SSLError:
        return Trouble("its certificate cannot be verified")
    except requests.exceptions.ProxyError:
        return Trouble("the proxy cannot be reached", again=True)
    except requests.exceptions.Timeout:
        return Trouble(f"no answer within {seconds:.0f} s", again=True)
    except (requests.exceptions.RequestException, HTTPError, OSError, ValueError):
        return Trouble("the connection failed", again=True)


# Private functions


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None: even where it is not followed, requests would read the whole body and the target."""
        return None


def _authorizing(
    header: tuple[str, str],
) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    """As a header of its own: otherwise requests would take what a `.netrc` says of the host instead."""

    def authorize(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[header[0]] = header[1]
        return request

    return authorize


def _read(response: requests.Response) -> Answer | Trouble:
    content = bytearray()
    for chunk in response.iter_content(CHUNK):
        content += chunk
        if len(content) > LONGEST_ANSWER:
            return Trouble("the answer is too long", response.status_code)
    headers = {name.lower(): plain(value) for name, value in response.headers.items()}
    return Answer(response.status_code, headers, _decoded(bytes(content)))


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None
