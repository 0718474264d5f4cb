"""Paths of a Git tree, with `/` between parts, and the patterns that people write for them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from functools import lru_cache


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path matches one of the patterns, which are written as in `.gitignore`.

    `docs/` and `docs/**` are all below `docs` at the top; `*.md` is a file's name in any folder;
    `src/*.csv` is one level; `**/cache/*` is any depth.
    """
    return any(_compiled(pattern).fullmatch(path) for pattern in patterns)


def joined(*parts: str) -> str:
    """Parts put together and made plain: `a/../b` is `b`; the top itself is the empty path."""
    path = posixpath.normpath(posixpath.join(*parts))
    return "" if path == "." else path


def within(path: str, folder: str) -> bool:
    """Whether a path is the folder, or the file, or anything below it; all is within the top."""
    return not folder or path == folder or path.startswith(folder + "/")


# Private functions


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    anchored = "/" in pattern.rstrip("/")
    body = pattern.strip("/")
    if pattern.endswith("/"):
        anchored, body = True, body + "/**"
    translated = "".join(_translated(part) for part in re.split(r"(\*\*/|\*\*|\*|\?)", body))
    return re.compile(("" if anchored else "(?:.*/)?") + translated, re.DOTALL)


def _translated(part: str) -> str:
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return wild.get(part) or re.escape(part)
