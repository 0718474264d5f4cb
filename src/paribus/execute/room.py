"""Room on the disks that runs need."""

from __future__ import annotations

import shutil
from pathlib import Path

LEAST = 50_000_000
"""Bytes that must be free on a disk."""

SHARE = 0.05
"""Of a disk, where that is less."""


def room(folder: Path) -> tuple[int, float]:
    """(bytes that are free, bytes that must be) on the disk of a folder, be it there or not."""
    usage = shutil.disk_usage(existing(folder))
    return usage.free, min(LEAST, usage.total * SHARE)


def is_short(folder: Path) -> bool:
    """Whether a disk has less room than it must have."""
    free, least = room(folder)
    return free < least


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(each for each in (folder, *folder.parents) if each.exists())
