"""One run: prepare a clone, run DVC in it, bring the result home."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from paribus.core.errors import Exit, Problem
from paribus.core.values import KeyPath, Value
from paribus.dvc.layout import result_ref
from paribus.execute.card import beating
from paribus.execute.clone import (
    Origin,
    Slot,
    discard,
    enter,
    leave,
    make_clone,
    make_temporary,
    remove_unused,
    renew,
    reset,
    set_params,
    take_slot,
)
from paribus.execute.environment import redirected_imports
from paribus.execute.memory import kills_for_memory
from paribus.execute.processes import MARK, end_descendants, end_marked
from paribus.execute.room import is_short
from paribus.execute.streams import at_home, printing_to, tail_of
from paribus.git.command import Git, GitError
from paribus.git.refs import fetch_commit

if TYPE_CHECKING:
    from paribus.dvc.runner import Reproduced


@dataclass(frozen=True, slots=True)
class Question:
    """A command to run on what a run leaves, and the file that it writes.

    Attributes:
        command: for the shell, in the DVC project's folder of the clone.
        file: from that folder; no commit holds it.
    """

    command: str
    file: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the file holds; None and a cause where there is none."""

    data: bytes | None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker needs to know to make one run; it can be pickled.

    Attributes:
        name: of the result, unique.
        message: of the result's commit.
        origin: the user's repository.
        pool: directory of the clones.
        log: file for all that the run prints.
        baseline: SHA that the result's commit follows.
        tree: id of the tree to run.
        params: values to set on top of it, by file and path: the seeds.
        guarded: files that the result must hold exactly as the tree does.
        collect: files to bring back as the run leaves them.
        fresh: run every stage, and take nothing from the run cache.
        question: what to ask when the pipeline has succeeded.
        run: its id, which its processes carry in their environment.
        card: file that tells others how far it is.
        alone: whether this process makes nothing but runs, so that every child of it is a run's.
    """

    name: str
    message: str
    origin: Origin
    pool: Path
    log: Path
    baseline: str
    tree: str
    params: Mapping[str, Mapping[KeyPath, Value]]
    guarded: tuple[str, ...] = ()
    collect: tuple[str, ...] = ()
    fresh: bool = False
    question: Question | None = None
    run: str = ""
    card: Path | None = None
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended; `cause` is None when it succeeded.

    Attributes:
        commit: SHA of the result, in the user's repository.
        ref: where it is there.
        seconds: wall time of DVC's part.
        cause, stage, exit_code: why it failed, if it did.
        log_tail: the last lines that it printed.
        collected: content of the files that were asked for, by path.
        answer: to the task's question; None where there was none, or the run failed.
        out_of_memory: whether the kernel killed for memory meanwhile, in the group of this process.
    """

    commit: str | None
    ref: str | None
    seconds: float
    cause: str | None
    stage: str | None
    exit_code: int | None
    log_tail: str
    collected: Mapping[str, bytes]
    answer: Answer | None = None
    out_of_memory: bool = False


KEPT_DAYS = 7.0
"""For which a clone that no run uses is kept."""

_slots: dict[Path, Slot] = {}
"""The slot that this process holds in each pool, kept so that DVC and its clone stay warm."""


def perform(task: Task) -> Result:
    """Makes one run. A stage that fails is a result, not an exception."""
    slot = _slots.get(task.pool) or _slots.setdefault(task.pool, take_slot(task.pool))
    enter(slot)
    with printing_to(task.log), at_home(), _marked(task), beating(task.card) as began:
        try:
            result = _run_in(slot, task, began)
        except Exception:
            traceback.print_exc()  # into the run's log; the caller is told the last line of it
            _free(slot)
            raise
        finally:
            _end_processes(task)
    leave(slot)
    _free(slot)
    remove_unused(task.pool, KEPT_DAYS)
    return result


# Private functions


def _run_in(slot: Slot, task: Task, began: Callable[[str], None]) -> Result:
    """A clone that somebody damaged is made anew, once, as long as no stage has begun in it."""
    stages: list[str] = []

    def told(stage: str) -> None:
        stages.append(stage)
        began(stage)

    was_there = slot.clone.exists()
    kills = kills_for_memory()
    try:
        ended, expected, seconds = _ran(slot, task, told)
        sound = ended.cause is None or ended.stage is not None
    except Exception as error:
        if not was_there or stages or _is_full(error):
            raise
        sound = False
    if not sound and was_there and not stages:
        renew(slot)
        ended, expected, seconds = _ran(slot, task, told)
    _end_processes(task)  # before it is asked what the run left: nothing may change that any more
    sys.stdout.flush()
    sys.stderr.flush()
    commit, ref, cause = None, None, ended.cause
    if cause is None:
        commit, ref, cause = _brought_home(slot, task, expected)
    files = _collected(slot, task.collect) if commit else {}
    project = slot.clone / task.origin.project
    answer = _asked(project, task.question) if commit and task.question else None
    killed = kills is not None and (kills_for_memory() or 0) > kills
    return Result(
        commit, ref, seconds, cause, ended.stage, ended.exit_code, tail_of(task.log), files, answer,
        killed,
    )  # fmt: skip


def _ran(slot: Slot, task: Task, began: Callable[[str], None]) -> tuple[Reproduced, str, float]:
    """How DVC ended, the tree that it was given, and its wall time in seconds."""
    from paribus.dvc.runner import configure, experiment_run  # noqa: PLC0415 (imports DVC)

    os.environ["DVC_SITE_CACHE_DIR"] = str(slot.site_cache)
    os.environ["TMPDIR"] = str(make_temporary(slot))
    # The clone lies inside the user's repository: without its own `.git`, git would find that one.
    os.environ["GIT_CEILING_DIRECTORIES"] = str(slot.directory)
    make_clone(slot, task.origin)
    reset(slot, task.baseline, task.tree)
    set_params(slot, task.params)
    expected = slot.git.text("write-tree")
    project = slot.clone / task.origin.project
    configure(project, task.origin.top / task.origin.project)
    os.environ["PYTHONPATH"] = redirected_imports(task.origin.top, slot.clone)
    started = time.monotonic()
    ended = experiment_run(project, task.name, task.message, fresh=task.fresh, began=began)
    return ended, expected, time.monotonic() - started


def _end_processes(task: Task) -> None:
    """What a stage left running in the background ends with its run."""
    if task.alone:
        end_descendants()
    elif task.run:
        end_marked({task.run}, below=os.getpid())


def _free(slot: Slot) -> None:
    """Gives a full disk back what the clone takes: nothing in it is needed any more."""
    if is_short(slot.directory):
        discard(slot)


def _is_full(error: BaseException) -> bool:
    """Whether the disk is full, which another clone would not help."""
    return getattr(error, "errno", None) == errno.ENOSPC or os.strerror(errno.ENOSPC) in str(error)


@contextmanager
def _marked(task: Task) -> Iterator[None]:
    """Names the run in the environment of all that it starts."""
    os.environ[MARK] = task.run
    try:
        yield
    finally:
        os.environ.pop(MARK, None)


def _brought_home(
    slot: Slot, task: Task, expected: str
) -> tuple[str | None, str | None, str | None]:
    """(commit, ref, None), or (None, None, cause): a result is believed when it has been read back."""
    ref = result_ref(task.baseline, task.name)
    tree = slot.git.lookup("rev-parse", "--verify", f"{ref}^{{tree}}")
    if tree is None:
        return None, None, "DVC reported success and left no result"
    touched = slot.git.run("diff-tree", "-r", "-z", "--name-only", expected, tree)
    altered = {os.fsdecode(path) for path in touched.split(b"\0")} & set(task.guarded)
    if altered:
        return None, None, f"the run itself altered {', '.join(sorted(altered))}"
    try:
        return fetch_commit(Git(task.origin.top), slot.clone, ref, ref), ref, None
    except GitError as error:
        raise Problem(
            "not-brought-home",
            f"the result could not be brought home: {error.detail}",
            status=Exit.NOT_RECORDED,
        ) from error


def _asked(project: Path, question: Question) -> Answer:
    """What it says goes to the run's log; a file that lay there before is no answer."""
    file = project / question.file
    if not file.parent.resolve().is_relative_to(project.resolve()):
        return Answer(None, f"{question.file} leads out of the project")
    file.unlink(missing_ok=True)
    # The shell's, as a stage's command is.
    ended = subprocess.run(question.command, shell=True, cwd=project, check=False)  # noqa: S602
    if ended.returncode:
        return Answer(None, f"its command ended with exit {ended.returncode}")
    if not file.is_file() or file.is_symlink():
        return Answer(None, f"its command left no {question.file}")
    return Answer(file.read_bytes())


def _collected(slot: Slot, paths: Iterable[str]) -> dict[str, bytes]:
    """Plain files only: a link could lead anywhere."""
    files = {path: slot.clone / path for path in paths}
    return {
        path: file.read_bytes()
        for path, file in files.items()
        if file.is_file() and not file.is_symlink()
    }
