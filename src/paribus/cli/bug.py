"""The log file that a bug of ours leaves."""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback
from pathlib import Path

from paribus import __version__


def write_log(error: BaseException) -> Path:
    """Writes versions, command and traceback to a new file; returns where it is."""
    lines = [
        f"paribus {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"command: {sys.argv[1:]}",
        f"folder: {Path.cwd()}",
        "",
        *traceback.format_exception(error),
    ]
    with tempfile.NamedTemporaryFile(
        "w",
        prefix="paribus-",
        suffix=".log",
        delete=False,
        encoding="utf-8",
        errors="backslashreplace",
    ) as log:
        log.write("\n".join(lines))
    return Path(log.name)
