"""Private clones, kept in a pool: no other process enters one while a run is in it."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from paribus.core.values import KeyPath, Value
from paribus.dvc.edit import set_values
from paribus.git.command import Git


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
    def busy(self) -> Path:
        """A file that is there while a run is in the clone, and stays when it was killed."""
        return self.directory / "busy"


def take_slot(pool: Path) -> Slot:
    """The first free place of a pool."""
    pool.mkdir(parents=True, exist_ok=True)
    for number in itertools.count():
        lock = (pool / f"{number}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return Slot(pool / str(number), lock)
    raise AssertionError("counting ended")


def enter(slot: Slot) -> None:
    """Marks the slot as busy; throws its clone away if the last run in it was killed half-way."""
    if slot.busy.exists():
        _remove(slot.directory)
    slot.directory.mkdir(exist_ok=True)
    slot.busy.touch()


def leave(slot: Slot) -> None:
    """Says that the run ended in good order, so that the clone can be used again."""
    slot.busy.unlink()


def make_clone(slot: Slot, origin: Origin) -> None:
    """Makes the slot's clone if it has none of this repository.

    Objects are read from the user's repository through an alternate, so that this costs
    milliseconds; there are no refs, no remote and no hooks in it.
    """
    alternates = slot.clone / ".git" / "objects" / "info" / "alternates"
    wanted = f"{origin.common_dir / 'objects'}\n"
    if not alternates.exists() or alternates.read_text() != wanted:
        _remove(slot.clone)
        slot.clone.mkdir()
        slot.git.run("-c", "init.defaultRefFormat=files", "init", "--quiet", "--template=")
        alternates.parent.mkdir(exist_ok=True)
        alternates.write_text(wanted)
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


def _remove(directory: Path) -> None:
    """Also what a stage has made read-only."""
    if not directory.exists():
        return
    for folder, names, _ in os.walk(directory):
        for path in (Path(folder, name) for name in names):
            if not path.is_symlink():
                path.chmod(0o700)
    shutil.rmtree(directory)


def _literal(path: str) -> str:
    """A path as an exclude pattern that means nothing but itself."""
    return "".join(f"\\{letter}" if letter in "*?[]\\!# " else letter for letter in path)
