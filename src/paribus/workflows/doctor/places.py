"""Clones, locks and folders that killed commands have left, the index, and the room that is left."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from paribus.dvc.cache_folder import cache_folder
from paribus.execute.afresh import FOLDER, sweep
from paribus.execute.clone import ASIDE, Slot, discard, remove_unused
from paribus.execute.holder import is_held
from paribus.execute.room import existing, room
from paribus.execute.task import KEPT_DAYS
from paribus.workflows.doctor.ailment import Ailment, ailment
from paribus.workflows.doctor.ground import DAY, MINUTE, Ground

NEARLY = 4
"""Times the room that a run needs, below which a disk is nearly full."""

OWN = "paribus-"
"""How our folders for temporary files begin."""


def check_pool(ground: Ground) -> Iterator[Ailment]:
    """Private clones that no run will use again."""
    pool = ground.project.state / "pool"
    for lock in sorted(pool.glob("*.lock")):
        directory = lock.with_suffix("")
        age = ground.age(directory)
        if age is None or _is_locked(lock):
            continue
        if (directory / "busy").exists():
            yield ailment(
                "killed-clone",
                "a run in it was killed",
                str(directory),
                repair=partial(_discard, lock),
            )
        elif age > KEPT_DAYS * DAY:
            yield ailment(
                "unused-clone",
                f"no run has used it for {age / DAY:.0f} days",
                str(directory),
                repair=partial(_remove_unused, pool),
            )
    for folder in sorted(pool.glob(f"*{ASIDE}*")):
        yield ailment(
            "leftover-folder",
            "a clone that was thrown away, and resisted",
            str(folder),
            f"rm -rf {folder}",
            repair=partial(_remove_unused, pool),
        )


def check_folders(ground: Ground) -> Iterator[Ailment]:
    """Folders of killed verifications, and for temporary files."""
    made = ground.project.state / FOLDER
    for folder in _folders(made, ""):
        if not is_held(made, folder.name):
            yield ailment(
                "leftover-folder",
                "a verification in it was killed",
                str(folder),
                repair=partial(_sweep, made),
            )
    for folder in _unused(ground, _folders(Path(tempfile.gettempdir()), OWN)):
        yield ailment(
            "leftover-folder",
            "temporary files that no process uses since yesterday",
            str(folder),
            f"rm -rf {folder}",
            repair=partial(_remove, folder),
        )


def check_holders(ground: Ground) -> Iterator[Ailment]:
    """Locks by which running is told from interrupted, whose holders are gone."""
    holders = ground.project.holders
    for lock in sorted(holders.glob("*.lock")):
        if (ground.age(lock) or 0.0) > MINUTE and not is_held(holders, lock.stem):
            yield ailment(
                "stale-lock-file",
                "the process that held it is gone",
                str(lock),
                repair=partial(_unlink_unheld, lock),
            )


def check_room(ground: Ground) -> Iterator[Ailment]:
    """Disks that are nearly full, and folders that cannot be written to."""
    common = ground.common_dir
    for folder in (common, common / "objects", common / "refs", common / "refs" / "heads"):
        if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
            yield ailment(
                "not-writable",
                "it cannot be written to",
                str(folder),
                f"see who may   ls -ld {folder}",
            )
    seen: set[int] = set()
    for folder in (common, ground.project.state, cache_folder(ground.project.root)):
        there = existing(folder)
        disk, (free, least) = there.stat().st_dev, room(folder)
        if free < NEARLY * least and disk not in seen:
            seen.add(disk)
            yield ailment(
                "disk-nearly-full",
                f"{free / 1e6:.0f} MB are left, and a run needs {least / 1e6:.0f} MB",
                str(there),
                f"see what is full   df -h {there}",
            )


# Private functions


def _is_locked(file: Path) -> bool:
    try:
        with file.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _folders(parent: Path, start: str) -> list[Path]:
    try:
        with os.scandir(parent) as listed:
            return sorted(
                Path(entry.path)
                for entry in listed
                if entry.name.startswith(start) and entry.is_dir(follow_symlinks=False)
            )
    except OSError:
        return []


def _unused(ground: Ground, folders: Iterable[Path]) -> Iterator[Path]:
    """Those of this user that are old, and that no process of theirs names."""
    old = [each for each in folders if (ground.age(each) or 0.0) > DAY and _is_own(each)]
    if old:
        used = _used()
        yield from (each for each in old if not any(_is_below(name, each) for name in used))


def _is_own(folder: Path) -> bool:
    try:
        return folder.lstat().st_uid == os.getuid()
    except OSError:
        return False


def _used() -> set[str]:
    """Folders that processes of this user work in, or put their temporary files into."""
    import psutil  # noqa: PLC0415 (costs 20 ms, and is needed where there are such folders alone)

    found: set[str] = set()
    for process in psutil.process_iter(["cwd", "environ"]):
        told = process.info
        found |= {told["cwd"] or ""} | set((told["environ"] or {}).values())
    return found


def _is_below(name: str, folder: Path) -> bool:
    return name == str(folder) or name.startswith(f"{folder}/")


@contextmanager
def _alone(file: Path) -> Iterator[Slot | None]:
    """The slot of a lock, held; None while another process holds it."""
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield Slot(file.with_suffix(""), lock)


def _discard(file: Path) -> str:
    with _alone(file) as slot:
        if slot is None:
            return "a run has taken it meanwhile"
        if slot.busy.exists():
            discard(slot)
    return "thrown away"


def _remove_unused(pool: Path) -> str:
    remove_unused(pool, KEPT_DAYS)
    return "thrown away"


def _sweep(parent: Path) -> str:
    sweep(parent)
    return "thrown away"


def _remove(folder: Path) -> str:
    shutil.rmtree(folder, ignore_errors=True)
    return "thrown away"


def _unlink_unheld(file: Path) -> str:
    """Under its lock, so that nobody can take it meanwhile; who waits for it asks anew."""
    try:
        with file.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - file.stat().st_mtime > MINUTE:
                file.unlink(missing_ok=True)
    except FileNotFoundError:
        pass
    except BlockingIOError:
        return "somebody holds it again"
    return "removed"
