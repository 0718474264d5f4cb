"""Messages on a pipe: eight bytes of length, then the message."""

from __future__ import annotations

from typing import IO


def write_frame(pipe: IO[bytes], message: bytes) -> None:
    """Sends one message."""
    pipe.write(len(message).to_bytes(8) + message)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> bytes | None:
    """The next message; None when the other side has ended, even in the middle of one."""
    header = pipe.read(8)
    if len(header) < 8:
        return None
    length = int.from_bytes(header)
    message = pipe.read(length)
    return message if len(message) == length else None
