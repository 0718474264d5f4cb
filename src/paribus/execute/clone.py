"""Private clones, kept in a pool: no other process enters one while a run is in it."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from paribus.core.values import KeyPath, Value
from paribus.dvc.edit import set_values
from paribus.git.command import Git
from paribus.git.own_objects import own_objects


@dataclass(frozen=True, slots=True)
class Origin:
    """The user's repository, as a clone needs to know it.

    Attributes:
        top: its working tree.
        common_dir: its Git directory, with objects and refs.
        project: folder of the DVC project from the top; empty for the top itself.
    """

    top: Path
    common_dir: Path
    project: str


@dataclass(slots=True)
class Slot:
    """One place of the pool, held by this process until it ends.

    Attributes:
        directory: holds the clone and what belongs to it.
        lock: open file whose lock says that the slot is taken.
    """

    directory: Path
    lock: IO[str]

    @property
    def clone(self) -> Path:
        """The clone's top directory."""
        return self.directory / "clone"

    @property
    def git(self) -> Git:
        """Git inside the clone."""
        return Git(self.clone)

    @property
    def site_cache(self) -> Path:
        """DVC's machine-wide state, which a clone has for itself."""
        return self.directory / "site"

    @property
    def temporary(self) -> Path:
        """Where its stages put what a run needs while it lasts; may be a link."""
        return self.directory / "tmp"

    @property
    def busy(self) -> Path:
        """A file that is there while a run is in the clone, and stays when it was killed."""
        return self.directory / "busy"


DAY = 86_400
LONGEST_TEMPORARY = 70
"""Bytes of a path below which libraries can still make sockets: their names have at most 107."""
ASIDE = ".aside-"
"""In the name of a folder that could not be removed at once."""


def take_slot(pool: Path) -> Slot:
    """The first free place of a pool."""
    pool.mkdir(parents=True, exist_ok=True)
    for number in itertools.count():
        file = pool / f"{number}.lock"
        try:
            lock = file.open("w")
        except PermissionError:
            if file.exists():
                continue  # another user's
            raise
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return Slot(pool / str(number), lock)
    raise AssertionError("counting ended")


def enter(slot: Slot) -> None:
    """Marks the slot as busy; throws its clone away if the last run in it was killed half-way."""
    if os.path.lexists(slot.busy):
        discard(slot)
    if slot.directory.is_symlink() or not slot.directory.is_dir():
        _put_away(slot.directory)
    slot.directory.mkdir(exist_ok=True)
    slot.busy.touch()


def leave(slot: Slot) -> None:
    """Says that the run ended in good order, so that the clone can be used again."""
    slot.busy.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        os.utime(slot.directory)  # by which it is known when it was last used


def discard(slot: Slot) -> None:
    """Throws a slot's clone away, with all that belongs to it, and what stages put elsewhere."""
    _empty_temporary(slot)
    _put_away(slot.directory)


def renew(slot: Slot) -> None:
    """Throws the clone away in the middle of a run, which goes on in a new one."""
    discard(slot)
    slot.directory.mkdir()
    slot.busy.touch()


def make_temporary(slot: Slot) -> Path:
    """An empty folder for the temporary files of one run's stages, which nobody else can read.

    It is in the slot, unless its path is so long that no socket could have a name there.
    """
    _empty_temporary(slot)
    if len(os.fsencode(slot.temporary)) <= LONGEST_TEMPORARY:
        slot.temporary.mkdir(mode=0o700)
        return slot.temporary
    elsewhere = Path(tempfile.mkdtemp(prefix="paribus-"))
    slot.temporary.symlink_to(elsewhere)
    return elsewhere


def remove_unused(pool: Path, days: float) -> None:
    """Removes clones that no run has used for so many days, where nobody holds them now."""
    for lock in sorted(pool.glob("*.lock")):
        directory = lock.with_suffix("")
        with contextlib.suppress(OSError), lock.open("w") as file:
            if time.time() - directory.stat().st_mtime > days * DAY:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                discard(Slot(directory, file))
    for left in pool.glob(f"*{ASIDE}*"):
        _remove(left)


def make_clone(slot: Slot, origin: Origin) -> None:
    """Makes the slot's clone if it has none of this repository.

    Objects are read from the user's repository through an alternate, so that this costs
    milliseconds; there are no refs, no remote and no hooks in it.
    """
    alternates = slot.clone / ".git" / "objects" / "info" / "alternates"
    sources = origin.common_dir / "objects", own_objects(origin.common_dir)
    sources[1].mkdir(parents=True, exist_ok=True)  # git complains of a source that is not there
    wanted = "".join(f"{source}\n" for source in sources)
    if not alternates.exists() or alternates.read_text() != wanted:
        _put_away(slot.clone)
        slot.clone.mkdir()
        slot.git.run("-c", "init.defaultRefFormat=files", "init", "--quiet", "--template=")
        alternates.parent.mkdir(exist_ok=True)
        alternates.write_text(wanted)
    _remove_locks(slot.clone, slot.clone / origin.project)
    theirs, ours = origin.common_dir / "shallow", slot.clone / ".git" / "shallow"
    ours.unlink(missing_ok=True)
    if theirs.exists():
        shutil.copy2(theirs, ours)


def reset(slot: Slot, baseline: str, tree: str) -> None:
    """Brings the clone's files to a tree, with the baseline as HEAD and nothing of the last run left.

    Raw data that a `.dvc` file tracks stays where it is: DVC checks it, and copying it anew for each
    run would cost what the data weighs.
    """
    git = slot.git
    shutil.rmtree(slot.clone / ".git" / "refs" / "exps", ignore_errors=True)
    (slot.clone / ".git" / "packed-refs").unlink(missing_ok=True)
    git.run("update-ref", "--no-deref", "HEAD", baseline)
    git.run("read-tree", "-u", "--reset", tree)
    pointers = git.run("ls-files", "-z", "--", "*.dvc").split(b"\0")[:-1]
    data = [os.fsdecode(pointer).removesuffix(".dvc") for pointer in pointers]
    kept = [f"--exclude=/{_literal(path)}" for path in data if not path.endswith("/")]
    own = ["--exclude=**/.dvc/tmp", "--exclude=**/.dvc/config.local"]
    git.run("clean", "-ffdxq", *own, *kept)


def set_params(slot: Slot, values: Mapping[str, Mapping[KeyPath, Value]]) -> None:
    """Writes params into files of the clone and stages them, so that the result holds them.

    Args:
        values: new value by path within each file.
    """
    for file, changes in values.items():
        path = slot.clone / file
        path.write_bytes(set_values(file, path.read_bytes(), changes))
        slot.git.run("add", "--force", "--", f":(literal){file}")


# Private functions


def _put_away(path: Path) -> None:
    """Makes a path free: what cannot be removed, such as another user's file, is moved aside."""
    if not os.path.lexists(path):
        return
    aside = path.with_name(f"{path.name}{ASIDE}{secrets.token_hex(4)}")
    path.rename(aside)
    _remove(aside)


def _remove(path: Path) -> None:
    """Also what a stage has made read-only; what resists is left for another time."""
    if not path.is_dir() or path.is_symlink():
        path.unlink(missing_ok=True)
        return
    for folder, names, _ in os.walk(path):
        for inner in (Path(folder, name) for name in names):
            if not inner.is_symlink():
                with contextlib.suppress(OSError):
                    inner.chmod(0o700)
    shutil.rmtree(path, ignore_errors=True)


def _empty_temporary(slot: Slot) -> None:
    """Only what is ours: whoever put another link there does not decide what we remove."""
    path = slot.temporary
    if path.is_symlink():
        target = path.readlink()
        if target.name.startswith("paribus-") and target.parent == Path(tempfile.gettempdir()):
            _remove(target)
    _remove(path)


def _remove_locks(clone: Path, project: Path) -> None:
    """Locks of processes that are gone: nobody but the holder of the slot is ever in its clone."""
    git, dvc = clone / ".git", project / ".dvc" / "tmp"
    for lock in (*git.glob("*.lock"), *(git / "refs").rglob("*.lock")):
        _remove(lock)
    for name in ("lock", "rwlock", "rwlock.lock", "exps/rwlock", "exps/rwlock.lock"):
        _remove(dvc / name)


def _literal(path: str) -> str:
    """A path as an exclude pattern that means nothing but itself."""
    return "".join(f"\\{letter}" if letter in "*?[]\\!# " else letter for letter in path)
