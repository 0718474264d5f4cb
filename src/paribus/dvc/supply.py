"""Gives a clone the data that its tree tracks, out of a cache that nobody is believed to have kept well.

DVC trusts a file of its cache that is read-only, and the hashes in its state database. Here every
file is copied into a cache of the clone's own and hashed there, as DVC hashes it, and nothing is
taken that is not what the tree's `.dvc` and lock files name.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dvc.config import Config
from dvc.exceptions import DvcException
from dvc.repo import Repo
from dvc_data.hashfile.hash import file_md5

from paribus.core.errors import Problem
from paribus.core.written import listing
from paribus.dvc.documents import as_yaml, parse
from paribus.dvc.layout import LOCK
from paribus.dvc.sources import is_read

MD5 = "md5"
LEGACY = "md5-dos2unix"
"""The hash of DVC 2, which takes line ends of text for plain ones; its cache lies beside the other."""

READ_ONLY = 0o444
MOST_TOLD = 5


@dataclass(slots=True)
class Supplied:
    """What was found about the data of a clone.

    Attributes:
        frozen: (lock file from the repository's top, stage) of those that will not be run.
        going_on: (lock file, stage) of those that go on with what they left, by the name that DVC tells
            when it runs them.
        imported: data that come from another repository or place.
        absent: tracked data that no stage declares, and that are not in the cache.
    """

    frozen: list[tuple[str, str]] = field(default_factory=list)
    going_on: dict[str, tuple[str, str]] = field(default_factory=dict)
    imported: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


def keep_to_itself(clone: Path, cache: Path) -> None:
    """Gives a clone, once it is configured, a cache of its own.

    Args:
        clone: the DVC project's folder inside the clone.
    """
    with Config(str(clone / ".dvc"), validate=False).edit("local", validate=False) as ours:
        ours["cache"] = {**dict(ours.get("cache", {})), "dir": str(cache)}


def supply(clone: Path, top: Path, cache: Path, shared: Path) -> Supplied:
    """Brings the data of a clone's tree into its own cache, each file hashed.

    Args:
        clone: the DVC project's folder inside the clone, kept to itself.
        top: of the clone.
        cache: the clone's own.
        shared: the project's.

    Raises:
        Problem: data that a stage needs are missing, are not what the tree names, or have a hash that
            cannot be made from a file.
    """
    os.chdir(clone)
    with Repo(str(clone)) as repo:
        if Path(repo.cache.local_cache_dir) != cache:
            raise Problem(
                "shared-cache",
                "DVC is configured so that a clone cannot have a cache of its own (cache.local)",
                "name a folder instead   dvc config cache.dir DIR",
            )
        found, store = Supplied(), _Store(cache, shared)
        wanted = list(_wanted(repo, found))
        gone = [each for each in wanted if not store.takes(each)]
        needed = [each for each in gone if each.needed and each.path not in store.altered]
        if needed:
            _fetch(repo, needed)
        gone = [each for each in gone if not store.takes(each)]
        _require(store, gone)
        found.absent = [each.path for each in gone]
        _forget(repo, top, found)
        return found


# Private functions


@dataclass(frozen=True, slots=True)
class _Data:
    """One tracked file or folder: `kind` and `value` are its hash, `target` names it to DVC."""

    path: str
    kind: str
    value: str
    target: str
    needed: bool


class _Store:
    """The clone's own cache, which is filled from the shared one."""

    def __init__(self, cache: Path, shared: Path) -> None:
        self.altered: dict[str, Path] = {}
        self._cache = cache
        self._shared = shared
        self._good: set[Path] = set()

    def takes(self, data: _Data) -> bool:
        """Whether all of it is in the clone's cache now, hashed."""
        if not self._take(data, data.value):
            return False
        if not data.value.endswith(".dir"):
            return True
        files = listing((self._cache / _place(data.kind, data.value)).read_bytes())
        taken = [self._take(data, value) for value in dict.fromkeys((files or {}).values())]
        return files is not None and all(taken)

    def _take(self, data: _Data, value: str) -> bool:
        own, theirs = (folder / _place(data.kind, value) for folder in (self._cache, self._shared))
        if own in self._good:
            return True
        if not own.exists():
            if not theirs.is_file():
                return False
            own.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(theirs, own)
            source = theirs
        else:
            source = own  # DVC has fetched it from a remote
        if file_md5(str(own), name=data.kind) != value.removesuffix(".dir"):
            own.unlink()
            self.altered[data.path] = source
            return False
        own.chmod(READ_ONLY)
        self._good.add(own)
        return True


def _place(kind: str, value: str) -> Path:
    folder = Path("files", "md5") if kind == MD5 else Path()
    return folder / value[:2] / value[2:]


def _wanted(repo: Any, found: Supplied) -> Iterator[_Data]:
    """Tracked data, outputs of frozen stages, and those that a stage goes on with."""
    stages = list(repo.index.stages)
    deps = [dep.fs_path for stage in stages if not stage.is_data_source for dep in stage.deps]
    for stage in stages:
        if stage.is_import and stage.is_data_source:
            found.imported += [str(out) for out in stage.outs]
        for out in stage.outs:
            if stage.is_data_source:
                yield from _data(stage, out, needed=is_read(out.fs_path, deps))
            elif stage.frozen or out.persist:
                yield from _data(stage, out, needed=stage.frozen)


def _data(stage: Any, out: Any, *, needed: bool) -> Iterator[_Data]:
    told = out.hash_info
    if not out.use_cache or not (told or needed):
        return  # Git has it, or nobody ever had it
    if not told or told.name not in (MD5, LEGACY) or out.protocol != "local":
        raise Problem(
            "unknown-hash",
            f"{out} is tracked by {told.name if told else 'no hash'}, which cannot be made from a file",
            f"track it by its content   dvc update {out}" if stage.is_import else f"dvc add {out}",
        )
    target = stage.relpath if stage.is_data_source else stage.addressing
    yield _Data(str(out), told.name, told.value, target, needed)


def _fetch(repo: Any, needed: Iterable[_Data]) -> None:
    """From the remote, if there is one; what cannot be had is told by its name afterwards."""
    try:
        repo.fetch(targets=list(dict.fromkeys(each.target for each in needed)))
    except (DvcException, OSError) as error:
        print(f"could not fetch: {error}")  # noqa: T201 (into the run's log)


def _require(store: _Store, gone: Iterable[_Data]) -> None:
    if store.altered:
        path, source = next(iter(store.altered.items()))
        more = f", and {len(store.altered) - 1} more" if len(store.altered) > 1 else ""
        raise Problem(
            "altered-data",
            f"{path} is not what the tree names: {source} has another content than its hash{more}",
            f"throw the altered copy away   rm -f {source}",
            f"fetch it again                dvc pull {path}",
        )
    missing = [each.path for each in gone if each.needed]
    if missing:
        more = f", and {len(missing) - MOST_TOLD} more" if len(missing) > MOST_TOLD else ""
        raise Problem(
            "missing-data",
            f"data are neither in the project's cache nor on its remote: "
            f"{', '.join(missing[:MOST_TOLD])}{more}",
            f"if a colleague has them, let them push, then   dvc pull {' '.join(missing[:MOST_TOLD])}",
        )


def _forget(repo: Any, top: Path, found: Supplied) -> None:
    """Takes the results out of the lock files: what stands there afterwards was run, or is kept.

    Frozen stages are kept, since nothing else knows their outputs, and stages that go on with theirs.
    """
    kept: dict[Path, set[str]] = {}
    for stage in repo.index.stages:
        lock = Path(stage.path).with_name(LOCK)
        if stage.is_data_source or not lock.is_file():
            continue
        names = kept.setdefault(lock, set())
        told = lock.relative_to(top).as_posix(), stage.name
        if stage.frozen:
            found.frozen.append(told)
        elif any(out.persist for out in stage.outs):
            found.going_on[stage.addressing] = told
        else:
            continue
        names.add(stage.name)
    for lock, names in kept.items():
        _keep(lock, names)


def _keep(lock: Path, names: Container[str]) -> None:
    document = parse(lock.name, lock.read_bytes()).value
    stages = document.get("stages") if isinstance(document, dict) else None
    left = {
        name: body
        for name, body in (stages.items() if isinstance(stages, dict) else ())
        if name in names
    }
    if left and isinstance(document, dict):
        lock.write_text(as_yaml({**document, "stages": left}) + "\n", encoding="utf-8")
    else:
        lock.unlink()
