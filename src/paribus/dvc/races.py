"""Two races in DVC's shared cache, mended for the processes that run pipelines side by side.

Both are of DVC 3.67. The run cache lists what another process is still writing, and takes half an entry
for a damaged one, which it deletes. And where a file system has no copies on write, DVC tries one on
the object's final name, which truncates and then removes what another process has just put there.
Each needs two runs that share a stage at the same moment; without the mends about one in fifty such
runs failed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from dvc.stage import cache
from dvc.stage.cache import StageCache
from dvc_objects.fs import system
from dvc_objects.fs.utils import tmp_fname

_reflink: Callable[[str, str], None] = system.reflink


def mend() -> None:
    """Puts the mends in the place of what they mend, in this process."""
    StageCache._load = _load
    system.reflink = _reflink_aside


# Private functions


def _load(self: Any, stage: Any) -> Any:
    """The newest whole entry of the run cache for a stage; None without any."""
    key = cache._get_stage_hash(stage)
    if not key:
        return None
    try:
        entries = [
            (entry.stat().st_mtime, entry.name)
            for entry in os.scandir(self._get_cache_dir(key))
            if not entry.name.endswith(".tmp")
        ]
    except FileNotFoundError:
        return None  # no folder, or an entry that another process has just taken away
    return self._load_cache(key, max(entries)[1]) if entries else None


def _reflink_aside(source: str, target: str) -> None:
    """Under a name of its own first, so that a copy that fails takes nothing away."""
    aside = os.path.join(os.path.dirname(target), tmp_fname())  # noqa: PTH118, PTH120 (DVC's paths)
    _reflink(source, aside)
    os.replace(aside, target)  # noqa: PTH105
