"""A commit message under way: our trailer in it, all else as it was."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from paribus.git.command import Git

USUAL_COMMENT = "#"
NO_CONFIGURATION = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass(frozen=True, slots=True)
class Manners:
    """How this repository writes messages.

    Attributes:
        comment: what a comment line starts with.
        template: text that every message starts from; empty where there is none.
    """

    comment: str
    template: bytes


def manners(git: Git) -> Manners:
    """As configured."""
    asked = "^(core\\.comment(char|string)|commit\\.template)$"
    listed = git.lookup("config", "--null", "--get-regexp", asked) or ""
    found = dict(item.split("\n", 1) for item in listed.split("\0") if "\n" in item)
    comment = found.get("core.commentstring") or found.get("core.commentchar") or USUAL_COMMENT
    named = found.get("commit.template")
    template = git.directory / Path(named).expanduser() if named else None
    return Manners(
        USUAL_COMMENT if comment == "auto" else comment,
        template.read_bytes() if template and template.is_file() else b"",
    )


def is_blank(message: bytes, how: Manners) -> bool:
    """Whether nobody has written anything yet, so that git will give the commit up."""
    written = _written(message, how.comment)
    return not written or written == _written(how.template, how.comment)


def with_trailer(message: bytes, key: str, value: str | None, how: Manners) -> bytes:
    """The message with this trailer once, or, for None, without it.

    Git itself puts it in its place, away from any configuration: `trailer.*.command` would be run.
    """
    body, scissors = _cut(message, how.comment)
    bare = _without(body, key, how.comment) + scissors
    if value is None:
        return bare
    if not bare.endswith(b"\n"):  # as in the message of `git merge`; git would not part the trailer
        bare += b"\n"
    with tempfile.TemporaryDirectory(prefix="paribus-") as folder:
        outside = {
            **NO_CONFIGURATION,
            "GIT_CEILING_DIRECTORIES": str(Path(folder).resolve().parent),
        }
        return Git(Path(folder), outside).run(
            "-c", f"core.commentChar={how.comment}", "interpret-trailers", "--no-divider",
            "--where=end", "--if-exists=add", "--if-missing=add", "--trailer", f"{key}: {value}",
            stdin=bare,
        )  # fmt: skip


# Private functions


def _without(body: bytes, key: str, comment: str) -> bytes:
    """Takes out the trailer's lines, with the indented ones that go on with them.

    Where it is a paragraph of its own, the blank line before it goes, too.
    """
    line = rb"^" + re.escape(key.encode()) + rb"[ \t]*:.*\n?(?:[ \t]+\S.*\n?)*"
    alone = rb"(?<=\n)\n(?:" + line + rb")+(?=\n|" + re.escape(comment.encode()) + rb"|\Z)"
    for pattern in (alone, line):
        body = re.sub(pattern, b"", body, flags=re.MULTILINE | re.IGNORECASE)
    return body


def _cut(message: bytes, comment: str) -> tuple[bytes, bytes]:
    """What is before the scissors line, and the rest, which git throws away."""
    line = re.escape(comment.encode()) + rb" -+ >8 -+\r?$"
    found = re.search(rb"^" + line, message, re.MULTILINE)
    at = found.start() if found else len(message)
    return message[:at], message[at:]


def _written(message: bytes, comment: str) -> list[bytes]:
    lines = (line.strip() for line in _cut(message, comment)[0].split(b"\n"))
    return [line for line in lines if line and not line.startswith(comment.encode())]
