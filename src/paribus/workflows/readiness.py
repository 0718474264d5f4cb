"""Whether what is about to be run could be recorded: better known before the first stage than after."""

from __future__ import annotations

import os

from paribus.core.errors import Exit, Problem
from paribus.dvc.cache_folder import cache_folder
from paribus.execute.clone import remove_unused
from paribus.execute.room import existing, is_short, room
from paribus.workflows.project import Project


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
        if is_short(folder):
            remove_unused(project.state / "pool", 0)  # clones can be made anew
        if is_short(folder):
            free, least = room(folder)
            raise _not_recordable(
                f"the disk of {folder} has {free / 1e6:.1f} MB left, and a run needs {least / 1e6:.1f} MB",
                f"see what is full   df -h {existing(folder)}",
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
