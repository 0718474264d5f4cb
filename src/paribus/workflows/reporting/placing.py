"""Writes the page: the whole of it, or nothing."""

from __future__ import annotations

import contextlib
import os
import shlex
import stat
from pathlib import Path

from paribus.core.errors import Exit, Problem
from paribus.workflows.project import Project

NAME = "report.html"


def default_place(project: Project) -> Path:
    """Where the page goes unless somebody says otherwise: a folder of ours that Git ignores.

    Raises:
        Problem: that folder cannot be made.
    """
    try:
        return project.make_state() / NAME
    except OSError as error:
        raise _not_written(project.state / NAME, error) from error


def require_folder(path: Path) -> None:
    """Raises `Problem` where a file cannot be put: its folder is not there, or it is one itself."""
    if path.is_dir():
        raise Problem("usage", f"{path} is a folder", "name the file   paribus report -o FILE")
    if not path.parent.is_dir():
        raise Problem(
            "usage",
            f"there is no folder {path.parent}",
            f"make it   mkdir -p {_quoted(path.parent)}",
        )


def place(path: Path, text: str) -> int:
    """Writes a file in the place of the one that is there; returns its bytes.

    Whoever reads it meanwhile reads the old one or the new one. A link is followed; into what is no
    plain file, such as a pipe, it is written as it is.

    Raises:
        Problem: it cannot be written; what was there is there still.
    """
    data = text.encode("utf-8", "replace")
    path = Path(os.path.realpath(path))
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            path.write_bytes(data)
        else:
            _replace(path, data)
    except OSError as error:
        raise _not_written(path, error) from error
    return len(data)


# Private functions


def _replace(path: Path, data: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            beside.chmod(stat.S_IMODE(path.stat().st_mode))
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def _not_written(path: Path, error: OSError) -> Problem:
    return Problem(
        "not-written",
        f"{path} could not be written: {error.strerror or error}",
        "write it elsewhere   paribus report -o FILE",
        status=Exit.NOT_RECORDED,
        retryable=True,
    )
