"""The data that a clone's tree names, brought to where its stages read them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dvc.exceptions import CheckoutError
from dvc.repo import Repo

from paribus.core.errors import Problem

MOST_TOLD = 5


def check_out_sources(repo: Repo) -> None:
    """Brings tracked data, and what frozen stages have made, to their places.

    What lies there may be of another tree, or altered. `dvc exp run` takes it for an edit and commits
    it, so that the run would have other data than its tree says. Tracked data that no stage declares
    may be missing.

    Args:
        repo: of a clone, which is the current directory.

    Raises:
        Problem: data that a stage declares, or what a frozen one has made, are not in the cache, which
            is no failure of what is run.
    """
    stages = list(repo.index.stages)
    kept = [stage for stage in stages if stage.is_data_source or _is_known(stage)]
    if not kept:
        return
    missing = _missing(repo, kept)
    deps = [dep.fs_path for stage in stages if not stage.is_data_source for dep in stage.deps]
    deps += [out.fs_path for stage in kept if not stage.is_data_source for out in stage.outs]
    needed = sorted(os.path.relpath(path) for path in missing if is_read(path, deps))
    if needed:
        told = " ".join(needed[:MOST_TOLD])
        more = f", and {len(needed) - MOST_TOLD} more" if len(needed) > MOST_TOLD else ""
        raise Problem("missing-data", f"data are not in the project's cache{more}: dvc pull {told}")
    for path in missing:
        _clear(Path(path))


def is_read(path: str, deps: Iterable[str]) -> bool:
    """Whether a path is one of the dependencies, or lies in one, or holds one."""
    inside = path + os.sep
    return any(
        dep == path or dep.startswith(inside) or path.startswith(dep + os.sep) for dep in deps
    )


# Private functions


def _is_known(stage: Any) -> bool:
    """Whether a stage is frozen, and its lock file names what it has made."""
    outs = [out for out in stage.outs if out.use_cache]
    return stage.frozen and bool(outs) and all(out.hash_info for out in outs)


def _missing(repo: Repo, kept: Iterable[Any]) -> list[str]:
    """Where data should be that are not, or not whole."""
    missing: list[str] = []
    targets = [stage.relpath if stage.is_data_source else stage.addressing for stage in kept]
    try:
        repo.checkout(targets=targets, force=True)
    except CheckoutError as error:
        missing = [str(Path(path).absolute()) for path in error.target_infos]
    if "symlink" not in repo.cache.local.cache_types:
        return missing  # a look at every file costs something where there are many
    outs = [out.fs_path for stage in kept for out in stage.outs if out.is_in_repo]
    return missing + [path for path in outs if path not in missing and _dangles(Path(path))]


def _dangles(path: Path) -> bool:
    """Whether links lead nowhere: DVC makes them, be the data in the cache or not."""
    inside = (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    return any(one.is_symlink() and not one.exists() for one in (path, *inside))


def _clear(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)
