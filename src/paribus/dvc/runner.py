"""Runs `dvc exp run` inside a private clone, through DVC's own Python interface.

A process that imports DVC once makes a trivial run in 0.2 s; the command line takes 1.2 s.
Only code that runs in a worker imports this module: importing DVC takes half a second.
"""

from __future__ import annotations

import errno
import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dvc.config import Config
from dvc.exceptions import DvcException, ReproductionError
from dvc.repo import Repo
from dvc.stage.exceptions import StageCmdFailedError

from paribus.dvc.races import mend
from paribus.dvc.sources import check_out_sources

mend()

_SYSTEMS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.ENOMEM})


@dataclass(frozen=True, slots=True)
class Reproduced:
    """How `dvc exp run` ended.

    Attributes:
        cause: why it failed, in one line; None when DVC said that it did not.
        stage: the stage that failed, if a stage did.
        exit_code: of that stage's command.
    """

    cause: str | None = None
    stage: str | None = None
    exit_code: int | None = None


def configure(clone: Path, project: Path) -> None:
    """Gives a clone the project's own settings, cache and remotes, and keeps it to itself.

    Args:
        clone: the DVC project's folder inside the clone.
        project: the user's DVC project.
    """
    theirs = Config(str(project / ".dvc"))
    cache = theirs.get("cache", {}).get("dir") or str(project / ".dvc" / "cache")
    with Config(str(clone / ".dvc"), validate=False).edit("local", validate=False) as ours:
        ours.clear()
        ours.update(theirs.load_one("local"))
        ours["cache"] = {**_plain(theirs.get("cache", {})), "dir": str(cache)}
        ours["remote"] = {name: _plain(remote) for name, remote in theirs["remote"].items()}
        core = _plain(theirs.get("core", {}))
        ours["core"] = core | {"analytics": False, "check_update": False, "autostage": False}
        ours["exp"] = {"auto_push": False}


def cache_directory(project: Path) -> Path:
    """Where a project's DVC cache is."""
    given = Config(str(project / ".dvc")).get("cache", {}).get("dir")
    return Path(given or project / ".dvc" / "cache")


def experiment_run(
    project: Path,
    name: str,
    message: str,
    *,
    fresh: bool,
    began: Callable[[str], None] = lambda _: None,
) -> Reproduced:
    """Runs the pipeline of the clone's working tree as an experiment.

    Args:
        project: the DVC project's folder inside the clone.
        name: of the experiment; unique.
        message: of the result's commit.
        fresh: run every stage, and take nothing from the run cache.
        began: is told the name of each stage whose command starts.

    Raises:
        OSError: the system did not let DVC itself write, which says nothing of what was run.
        Problem: data that a stage declares are not in the cache.
    """
    os.chdir(project)  # DVC reads `dvc.yaml` of the current directory
    try:
        with _stages_told(began), Repo(str(project)) as repo:
            check_out_sources(repo)
            repo.experiments.run(
                name=name, message=message, force=fresh, run_cache=not fresh, no_hydra=True
            )
    except ReproductionError as error:
        _raise_systems(error)
        return _failed_stage(error)
    except DvcException as error:
        _raise_systems(error)
        hidden = str(error).startswith("Failed to reproduce experiment")
        return Reproduced(_one_line((hidden and error.__cause__) or error))
    return Reproduced()


# Private functions


class _Stages(logging.Handler):
    """Hears what DVC logs when it starts a stage's command."""

    def __init__(self, began: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._began = began

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith("Running stage") and isinstance(record.args, tuple):
            self._began(str(record.args[0]))


@contextmanager
def _stages_told(began: Callable[[str], None]) -> Iterator[None]:
    logger, handler = logging.getLogger("dvc.stage.run"), _Stages(began)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def _failed_stage(error: ReproductionError) -> Reproduced:
    """DVC tells the stage and the exit code in words only."""
    named = re.search(r"'([^']+)'", str(error))
    stage = named[1] if named else None
    inner = error.__cause__
    if isinstance(inner, StageCmdFailedError):
        ended = re.search(r"exited with (-?\d+)$", str(inner))
        code = int(ended[1]) if ended else None
        return Reproduced(f"stage {stage}, exit {code}", stage, code)
    return Reproduced(_one_line(inner or error), stage)


def _raise_systems(error: BaseException) -> None:
    """Raises the system's refusal that is behind an error of DVC's, if there is one."""
    behind: BaseException | None = error
    while behind is not None:
        if isinstance(behind, OSError) and behind.errno in _SYSTEMS:
            raise OSError(behind.errno, os.strerror(behind.errno)) from error
        behind = behind.__cause__ or behind.__context__


def _one_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _plain(section: Any) -> dict[str, Any]:
    return {key: value for key, value in dict(section).items() if value is not None}
