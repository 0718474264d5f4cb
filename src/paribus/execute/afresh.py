"""One run as if for the first time: a new clone, nothing from a cache, and all of it thrown away."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from paribus.core.errors import Problem
from paribus.core.values import KeyPath, Value
from paribus.core.written import listing
from paribus.dvc.layout import LOCK, cached_file, result_ref
from paribus.execute.card import beating
from paribus.execute.clone import (
    Origin,
    Slot,
    discard,
    make_clone,
    make_temporary,
    reset,
    set_params,
    take_slot,
)
from paribus.execute.environment import redirected_imports
from paribus.execute.holder import held, is_held
from paribus.execute.processes import MARK, end_descendants
from paribus.execute.streams import at_home, printing_to, tail_of

NAME = "paribus-verify"
"""Of the result inside the clone; nobody else sees it."""

FOLDER = "afresh"
"""Of the project's state; what lies in it belongs to verifications that are under way."""


@dataclass(frozen=True, slots=True)
class Afresh:
    """What a worker needs to know to make one run afresh; it can be pickled.

    Attributes:
        run: its id, which its processes carry in their environment.
        origin: the user's repository.
        directory: of this run's own; all that it leaves lies there.
        log: file for all that the run prints.
        commit: SHA that the run starts from; None where it is not here any more.
        tree: id of the tree to run.
        params: values to set on top of it, by file and path: the seeds.
        guarded: files that the run must leave exactly as the tree has them.
        collect: files to bring back as the run leaves them.
        folders: hashes of recorded folders whose files are asked for, where the run makes others.
        card: file that tells others how far it is.
    """

    run: str
    origin: Origin
    directory: Path
    log: Path
    commit: str | None
    tree: str
    params: Mapping[str, Mapping[KeyPath, Value]]
    guarded: tuple[str, ...] = ()
    collect: tuple[str, ...] = ()
    folders: frozenset[str] = frozenset()
    card: Path | None = None


@dataclass(frozen=True, slots=True)
class MadeAfresh:
    """How it ended; `cause` is None when it succeeded.

    Attributes:
        seconds: wall time of DVC's part.
        cause, stage, exit_code: why it failed, if it did.
        log_tail: the last lines that it printed.
        collected: content of the files that were asked for, and of every lock file, by path.
        folders: the files with their hashes of folders, by the folder's hash: the recorded ones and
            those that the run made, where they differ and are known.
        frozen: (lock file, stage) of those that were not run.
        imported: data that come from another repository or place.
        absent: tracked data that no stage declares, and that were not there.
    """

    seconds: float
    cause: str | None
    stage: str | None
    exit_code: int | None
    log_tail: str
    collected: Mapping[str, bytes] = field(default_factory=dict)
    folders: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    frozen: tuple[tuple[str, str], ...] = ()
    imported: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


def perform_afresh(task: Afresh) -> MadeAfresh:
    """Makes one run in a directory of its own. A stage that fails is a result, not an exception.

    Raises:
        Problem: the run could not be made as it was recorded: its data or its tree are not here.
    """
    with printing_to(task.log), at_home(), beating(task.card) as began:
        slot = take_slot(task.directory)
        try:
            slot.directory.mkdir()
            os.environ[MARK] = task.run
            return _made(slot, task, began)
        except Exception:
            traceback.print_exc()  # into the run's log; the caller is told the last line of it
            raise
        finally:
            end_descendants()
            slot.lock.close()


@contextmanager
def own_directory(parent: Path) -> Iterator[Path]:
    """A new directory, held while the block lasts, and then thrown away."""
    parent.mkdir(parents=True, exist_ok=True)
    with held(parent) as name:
        directory = parent / name
        directory.mkdir()
        try:
            yield directory
        finally:
            _throw_away(directory)


def sweep(parent: Path) -> int:
    """Throws away what killed processes have left below `parent`; returns how many directories.

    A lock that nobody holds tells them, so that none has to reach an age first.
    """
    found = [path for path in parent.iterdir() if path.is_dir()] if parent.is_dir() else []
    left = [path for path in found if not is_held(parent, path.name)]
    for path in left:
        _throw_away(path)
        path.with_name(f"{path.name}.lock").unlink(missing_ok=True)
    return len(left)


# Private functions


def _throw_away(directory: Path) -> None:
    """The clone with all that belongs to it, wherever its temporary files are, and what is around it."""
    for lock in directory.glob("*.lock"):
        with lock.open("w") as file:
            discard(Slot(lock.with_suffix(""), file))
    shutil.rmtree(directory, ignore_errors=True)


def _made(slot: Slot, task: Afresh, began: Callable[[str], None]) -> MadeAfresh:
    from paribus.dvc.runner import (  # noqa: PLC0415 (imports DVC)
        cache_directory,
        configure,
        experiment_run,
    )
    from paribus.dvc.supply import keep_to_itself, supply  # noqa: PLC0415

    _keep_apart(slot)
    make_clone(slot, task.origin)
    commit = task.commit or slot.git.text("commit-tree", task.tree, "-m", "the recorded tree")
    reset(slot, commit, task.tree)
    _require_tree(slot, task.tree)
    set_params(slot, task.params)
    expected = slot.git.text("write-tree")
    theirs = task.origin.top / task.origin.project
    project = slot.clone / task.origin.project
    cache = slot.directory / "cache"
    configure(project, theirs)
    keep_to_itself(project, cache)
    shared = cache_directory(theirs)
    supplied = supply(project, slot.clone, cache, shared)
    os.environ["PYTHONPATH"] = redirected_imports(task.origin.top, slot.clone)
    ran: set[str] = set()

    def told(stage: str) -> None:
        ran.add(stage)
        began(stage)

    started = time.monotonic()
    ended = experiment_run(project, NAME, NAME, fresh=True, began=told)
    seconds = time.monotonic() - started
    end_descendants()  # nothing may change any more what the run left
    sys.stdout.flush()
    sys.stderr.flush()
    result = result_ref(commit, NAME)
    cause = ended.cause or _altered(slot, result, expected, task.guarded)
    how = (cause, ended.stage, ended.exit_code, tail_of(task.log))
    if cause is not None:
        return MadeAfresh(seconds, *how)
    left = [place for stage, place in supplied.going_on.items() if stage not in ran]
    return MadeAfresh(
        seconds,
        *how,
        _collected(slot, result, task.collect),
        _listings(task.folders, cache, shared),
        (*supplied.frozen, *left),
        tuple(supplied.imported),
        tuple(supplied.absent),
    )


def _keep_apart(slot: Slot) -> None:
    """DVC's state and temporary files of its own; the state would vouch for files that were altered."""
    os.environ["DVC_SITE_CACHE_DIR"] = str(slot.site_cache)
    os.environ["TMPDIR"] = str(make_temporary(slot))
    tempfile.tempdir = None  # it was found out before
    # The clone lies inside the user's repository: without its own `.git`, git would find that one.
    os.environ["GIT_CEILING_DIRECTORIES"] = str(slot.directory)


def _require_tree(slot: Slot, tree: str) -> None:
    """Raises `Problem` where the files that lie there are not the tree: Git believes its objects."""
    index = {"GIT_INDEX_FILE": str(slot.directory / "check-index")}
    git = slot.git.with_environment(index)
    git.run("add", "--force", "--all", "--", ".")
    found = git.text("write-tree")
    differing = git.text("diff-tree", "-r", "-z", "--raw", "--no-abbrev", tree, found).split("\0")
    pairs = zip(differing[:-1:2], differing[1::2], strict=True)
    altered = [path for about, path in pairs if not _is_sound(slot, about)]
    if altered or (found != tree and not differing[:-1]):
        raise Problem(
            "altered-tree",
            f"what Git gives for the recorded tree {tree[:7]} is not that tree: "
            f"{', '.join(altered[:1]) or 'one of its folders'}",
            "see what is damaged   git fsck --full",
        )


def _is_sound(slot: Slot, about: str) -> bool:
    """Whether a file that Git would commit otherwise is stored as the tree names it.

    Git would, where `.gitattributes` has line ends that the committed file does not.

    Args:
        about: of the file, as `git diff-tree` tells it.
    """
    old_mode, new_mode, old, *_ = about.lstrip(":").split(" ")
    if old_mode != new_mode:
        return False
    stored = slot.git.run("cat-file", "blob", old)
    return slot.git.text("hash-object", "--no-filters", "--stdin", stdin=stored) == old


def _altered(slot: Slot, ref: str, expected: str, guarded: Iterable[str]) -> str | None:
    """Why a run is not one of the tree: it altered what it read."""
    result = slot.git.lookup("rev-parse", "--verify", f"{ref}^{{tree}}")
    if result is None:
        return "DVC reported success and left no result"
    touched = slot.git.run("diff-tree", "-r", "-z", "--name-only", expected, result)
    altered = {os.fsdecode(path) for path in touched.split(b"\0")} & set(guarded)
    return f"the run itself altered {', '.join(sorted(altered))}" if altered else None


def _is_lock(path: str) -> bool:
    return path.rpartition("/")[2] == LOCK


def _collected(slot: Slot, result: str, paths: Iterable[str]) -> dict[str, bytes]:
    """The files, and the lock files of a result. Plain files only: a link could lead anywhere."""
    listed = slot.git.run("ls-tree", "-r", "-z", "--full-tree", "--name-only", result)
    paths = [*paths, *(path for path in map(os.fsdecode, listed.split(b"\0")) if _is_lock(path))]
    files = {path: slot.clone / path for path in paths}
    return {
        path: file.read_bytes()
        for path, file in files.items()
        if file.is_file() and not file.is_symlink()
    }


def _listings(recorded: Iterable[str], own: Path, shared: Path) -> dict[str, dict[str, str]]:
    """Recorded folders as the project's cache has them, if their hash says that it has; and our own."""
    made = {f"{path.parent.name}{path.name}": path for path in own.glob("files/md5/*/*.dir")}
    known = {value: cached_file(shared, value) for value in recorded if value not in made}
    found: dict[str, dict[str, str]] = {}
    for value, path in (made | known).items():
        data = path.read_bytes() if path.is_file() else b""
        same = hashlib.md5(data, usedforsecurity=False).hexdigest() == value.removesuffix(".dir")
        files = listing(data) if same else None
        if files is not None:
            found[value] = files
    return found
