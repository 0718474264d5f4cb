"""Paths of a Git tree, with `/` between parts, and the patterns that people write for them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from functools import lru_cache


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path matches one of the patterns, which are written as in `.gitignore`.

    `docs/` and `docs/**` are all below `docs` at the top; `*.md` is a name in any folder, of a file or
    of a folder with all below it; `src/*.csv` is one level; `**/cache/*` is any depth.
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
    start = "" if "/" in pattern else "(?:.*/)?"
    below = "/.*" if pattern.endswith("/") else "(?:/.*)?"
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.strip("/"))
    return re.compile(start + "".join(map(_translated, parts)) + below, re.DOTALL)


def _translated(part: str) -> str:
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return wild.get(part) or re.escape(part)
