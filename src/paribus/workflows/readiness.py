"""Whether what is about to be run could be recorded: better known before the first stage than after."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from paribus.core.errors import Exit, Problem
from paribus.dvc.cache_folder import cache_folder
from paribus.workflows.project import Project

LEAST = 50_000_000
"""Bytes that must be free on each disk that is written to."""

SHARE = 0.05
"""Of a disk, where that is less."""


def require_recordable(project: Project) -> None:
    """Raises `Problem` where a result, or its record, could not be written.

    The intent that is recorded before each run proves the ledger; this proves the places that only
    a result needs.
    """
    common = project.repository.common_dir
    for folder in (common / "objects", common / "refs", common / "refs" / "exps"):
        if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
            raise _not_recordable(
                f"{folder} cannot be written to",
                f"see who may   ls -ld {folder}",
            )
    for folder in (common, project.state, cache_folder(project.root)):
        disk = _existing(folder)
        usage = shutil.disk_usage(disk)
        least = min(LEAST, usage.total * SHARE)
        if usage.free < least:
            raise _not_recordable(
                f"the disk of {folder} has {usage.free / 1e6:.1f} MB left, and a run needs "
                f"{least / 1e6:.1f} MB",
                f"see what is full   df -h {disk}",
            )


# Private functions


def _not_recordable(what: str, help_: str) -> Problem:
    return Problem(
        "not-recordable",
        f"{what}; nothing was run",
        help_,
        "then run the same command again",
        status=Exit.NOT_RECORDED,
        retryable=True,
    )


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(each for each in (folder, *folder.parents) if each.exists())
