"""Files out of a project's DVC cache, read without loading DVC, and believed only by their hash.

A cache is shared, writable folders of anybody's making: what lies at the place of a hash counts only
if it is a plain file of that content.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from enum import StrEnum
from pathlib import Path

from paribus.core.written import listing

MOST = 32 * 2**20
"""Bytes that are read of one file, unless the caller says otherwise."""

_MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?")


class Lack(StrEnum):
    """Why a tracked file cannot be had."""

    ABSENT = "absent"
    ALTERED = "altered"
    TOO_LARGE = "too large"


def cached_file(folder: Path, digest: str, most: int = MOST) -> bytes | None:
    """What DVC caches under an md5; None where it is absent, altered or larger than `most` bytes.

    Args:
        folder: the cache, as `cache_folder` finds it.
        digest: an md5 as lock files have it, of a folder's list with `.dir` at its end.
    """
    found = look_up(folder, digest, most)
    return found if isinstance(found, bytes) else None


def look_up(folder: Path, digest: str, most: int = MOST) -> bytes | Lack:
    """As `cached_file`; where there is nothing to be had, why."""
    if not _MD5.fullmatch(digest):
        return Lack.ABSENT  # a remote's checksum, or a name that would lead elsewhere
    worst = Lack.ABSENT
    for place in _places(folder, digest):
        found = _plain_file(place, most)
        if isinstance(found, bytes):
            if is_of(found, digest):
                return found
            found = Lack.ALTERED
        worst = found if found is not Lack.ABSENT else worst
    return worst


def folder_files(folder: Path, digest: str, most: int = MOST) -> dict[str, str] | Lack:
    """The md5 of each file of a cached folder by its path inside it.

    Args:
        digest: with `.dir` at its end.
    """
    data = look_up(folder, digest, most)
    if isinstance(data, Lack):
        return data
    found = listing(data)
    return Lack.ALTERED if found is None else found


def is_of(data: bytes, digest: str) -> bool:
    """Whether content has an md5, as DVC 3 makes it or as DVC 2 did, with plain line ends of text."""
    wanted = digest.removesuffix(".dir")
    return _md5(data) == wanted or (
        b"\r\n" in data and _md5(data.replace(b"\r\n", b"\n")) == wanted
    )


def placed_file(top: Path, path: str, cache: Path, most: int = MOST) -> bytes | Lack:
    """A file of the working tree, for what Git ignores there.

    It is read where no link is on its way, other than one into the cache, as DVC itself may make it.

    Args:
        top: of the working tree.
        path: from there.
    """
    try:
        actual, inside = (top / path).resolve(), top.resolve()
        is_plain = actual == inside / path and actual.is_relative_to(inside)
        leads_out = path.startswith(("/", "../"))
        if leads_out or not (is_plain or actual.is_relative_to(cache.resolve())):
            return Lack.ABSENT
    except (OSError, RuntimeError, ValueError):
        return Lack.ABSENT
    return _plain_file(actual, most)


# Private functions


def _places(folder: Path, digest: str) -> tuple[Path, Path]:
    """Where DVC 3 keeps it, and where DVC 2 did."""
    return (
        folder / "files" / "md5" / digest[:2] / digest[2:],
        folder / digest[:2] / digest[2:],
    )


def _plain_file(place: Path, most: int) -> bytes | Lack:
    """A link is not followed, and a pipe not waited for."""
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return Lack.ABSENT
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            return Lack.ABSENT
        if about.st_size > most:
            return Lack.TOO_LARGE
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(most + 1)
        return data if len(data) <= most else Lack.TOO_LARGE
    except OSError:
        return Lack.ABSENT  # a disk that fails has nothing that could be read
    finally:
        os.close(descriptor)


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
