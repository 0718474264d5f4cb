"""One run: prepare a clone, run DVC in it, bring the result home."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from paribus.core.values import KeyPath, Value
from paribus.dvc.layout import result_ref
from paribus.execute.clone import (
    Origin,
    Slot,
    enter,
    leave,
    make_clone,
    reset,
    set_params,
    take_slot,
)
from paribus.execute.environment import redirected_imports
from paribus.execute.streams import at_home, printing_to, tail_of
from paribus.git.command import Git, GitError
from paribus.git.refs import fetch_commit


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


_slots: dict[Path, Slot] = {}
"""The slot that this process holds in each pool, kept so that DVC and its clone stay warm."""


def perform(task: Task) -> Result:
    """Makes one run. A stage that fails is a result, not an exception."""
    slot = _slots.get(task.pool) or _slots.setdefault(task.pool, take_slot(task.pool))
    enter(slot)
    with printing_to(task.log), at_home():
        try:
            result = _run_in(slot, task)
        except Exception:
            traceback.print_exc()  # into the run's log; the caller is told the last line of it
            raise
    leave(slot)
    return result


# Private functions


def _run_in(slot: Slot, task: Task) -> Result:
    from paribus.dvc.runner import configure, experiment_run  # noqa: PLC0415 (imports DVC)

    os.environ["DVC_SITE_CACHE_DIR"] = str(slot.site_cache)
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
    ended = experiment_run(project, task.name, task.message, fresh=task.fresh)
    seconds = time.monotonic() - started
    sys.stdout.flush()
    sys.stderr.flush()
    commit, ref, cause = None, None, ended.cause
    if cause is None:
        commit, ref, cause = _brought_home(slot, task, expected)
    files = _collected(slot, task.collect) if commit else {}
    tail = tail_of(task.log)
    answer = _asked(project, task.question) if commit and task.question else None
    return Result(commit, ref, seconds, cause, ended.stage, ended.exit_code, tail, files, answer)


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
        return None, None, f"the result could not be brought home: {error.detail}"


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
