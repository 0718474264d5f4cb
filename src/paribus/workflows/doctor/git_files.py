"""Files among the objects of Git that somebody who was killed has left."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from paribus.core.errors import Exit, Problem
from paribus.git.locks import is_at_work
from paribus.git.own_objects import keeps_left, release
from paribus.workflows.doctor.ailment import Ailment, ailment
from paribus.workflows.doctor.ground import DAY, Ground

TEMPORARY = (
    "tmp_*",
    "[0-9a-f][0-9a-f]/tmp_obj_*",
    "pack/tmp_pack_*",
    "pack/tmp_idx_*",
    "pack/tmp_rev_*",
    "pack/.tmp-*-pack-*",  # these git never removes
)
"""Names below `.git/objects` under which git writes what it renames when it is whole."""


def check_git_files(ground: Ground) -> Iterator[Ailment]:
    """Objects and packs that were being written, and packs that are kept for nobody."""
    left = [file for file in _temporary(ground.common_dir) if _is_left(ground, file)]
    if left and not is_at_work(ground.common_dir):
        for file in left:
            yield ailment(
                "leftover-file",
                "git was writing it when it was killed",
                str(file),
                repair=partial(_remove, ground, file),
            )
    for keep in keeps_left(ground.common_dir):
        yield ailment(
            "kept-pack",
            "who kept it while it was brought home is gone",
            str(keep),
            repair=partial(_release, keep),
        )


# Private functions


def _temporary(common_dir: Path) -> Iterator[Path]:
    for pattern in TEMPORARY:
        yield from sorted((common_dir / "objects").glob(pattern))


def _is_left(ground: Ground, file: Path) -> bool:
    """Whether it is a file of this user's to which nobody has written since yesterday."""
    try:
        found = file.lstat()
    except OSError:
        return False
    is_own = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
    return is_own and ground.now - found.st_mtime > DAY


def _remove(ground: Ground, file: Path) -> str:
    if not file.exists():
        return "somebody else has removed it"
    if is_at_work(ground.common_dir) or not _is_left(ground, file):
        raise Problem("git-at-work", "a git is at work there by now", status=Exit.NOT_RECORDED)
    file.unlink(missing_ok=True)
    return "removed"


def _release(keep: Path) -> str:
    return "let go" if release(keep) else "somebody needs it again"
