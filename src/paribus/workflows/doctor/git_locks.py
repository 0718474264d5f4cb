"""Locks that a git or a DVC which was killed has left, and that make every later one refuse."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from paribus.core.duration import span
from paribus.core.errors import Exit, Problem
from paribus.git.locks import is_at_work
from paribus.ledger.branch import KEPT, REF
from paribus.workflows.doctor.ailment import Ailment, ailment
from paribus.workflows.doctor.ground import MINUTE, Ground

HOUR = 3600.0
OURS = re.compile(
    rf"(?:{REF}|{KEPT}|refs/remotes/[^/]+/paribus/ledger"
    r"|refs/tags/baseline/[1-9]\d*|refs/exps/.*/paribus-[^/]+)\.lock"
)
"""Locks of references that nobody but Paribus moves, or a git that fetches what Paribus has made."""


def check_git_locks(ground: Ground) -> Iterator[Ailment]:
    """Lock files in the Git directory, older than any git needs; with their age."""
    for file in _locks(ground):
        age = ground.age(file)
        if age is None or age < MINUTE:
            continue
        stale = _is_stale(ground, file)
        yield ailment(
            "git-lock",
            f"it is {span(age)} old" + ("" if stale else "; a git may be at work"),
            str(file),
            f"if no git is at work there   rm {file}",
            repair=partial(_remove, ground, file) if stale else None,
        )


# Private functions


def _locks(ground: Ground) -> Iterator[Path]:
    """Those of references, and those beside them; never what lies below our own folder."""
    folders = dict.fromkeys((ground.common_dir, ground.project.repository.git_dir))
    for folder in folders:
        yield from sorted(path for path in folder.glob("*.lock") if path.is_file())
        for inner, names, files in os.walk(folder / "refs"):
            names.sort()
            yield from (Path(inner, name) for name in sorted(files) if name.endswith(".lock"))


def _is_stale(ground: Ground, file: Path) -> bool:
    """Whether nobody can be behind it: no git is at work here, and it is ours, or older than this boot."""
    try:
        found = file.lstat()
    except OSError:
        return False
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
        return False
    relative = file.relative_to(ground.common_dir).as_posix()
    is_old = time.time() - found.st_mtime > HOUR and found.st_mtime < _booted()
    if not (OURS.fullmatch(relative) or is_old):
        return False
    return not is_at_work(ground.common_dir)


def _booted() -> float:
    import psutil  # noqa: PLC0415 (costs 20 ms, and is needed where there are locks alone)

    return float(psutil.boot_time())


def _remove(ground: Ground, file: Path) -> str:
    if not file.exists():
        return "somebody else has removed it"
    if (ground.age(file) or 0.0) < MINUTE or not _is_stale(ground, file):
        raise Problem("git-at-work", "a git is at work there by now", status=Exit.NOT_RECORDED)
    file.unlink(missing_ok=True)
    return "removed"
