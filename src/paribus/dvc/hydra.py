"""Hydra configs of a revision: which there are, and what they are composed to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from paribus.core.hydra.setup import NO_HYDRA, Hydra
from paribus.core.paths import joined, within
from paribus.core.pipeline import DEFAULT_PARAMS, Pipeline
from paribus.core.rules.configs import FOLDERS

CONFIG = re.compile(r"^\s*\[\s*hydra\s*\]([^\[]*)", re.MULTILINE)
SETTING = re.compile(r"^\s*(\w+)\s*=\s*(.*?)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Settings:
    """How DVC is told to compose params: a folder inside the project, and a config's name."""

    folder: str
    name: str


@dataclass(frozen=True, slots=True)
class Revision:
    """What is needed of a revision.

    Attributes:
        project: folder of the DVC project.
        listed: the files below a folder.
    """

    files: Mapping[str, bytes]
    listed: Callable[[str], Iterable[str]]
    project: str
    pipeline: Pipeline


def hydra_settings(config: str) -> Settings | None:
    """What a `.dvc/config` says of Hydra; None where DVC composes nothing."""
    section = CONFIG.search(config)
    found = dict(SETTING.findall(section[1])) if section else {}
    if found.get("enabled", "").lower() not in ("true", "1", "yes", "on"):
        return None
    return Settings(found.get("config_dir", "conf"), found.get("config_name", "config"))


def read_hydra(revision: Revision, changed: Sequence[str]) -> Hydra:
    """What a revision composes of the config folders in which files changed."""
    if not any(path.endswith((".yaml", ".yml")) for path in changed):
        return NO_HYDRA
    config = revision.files.get(joined(revision.project, ".dvc/config"), b"")
    settings = hydra_settings(config.decode("utf-8", "replace"))
    own = joined(revision.project, settings.folder) if settings else None
    roots = dict.fromkeys(
        own if own and within(path, own) else _root(path, revision.project) for path in changed
    )
    folders = {}
    for root in (root for root in roots if root is not None):
        # Few projects compose anything, and every start would pay for it.
        from paribus.dvc.hydra_folder import composed_folder  # noqa: PLC0415

        name = settings.name if settings and root == own else None
        composed = composed_folder(revision.files, revision.listed, root, _commands(revision), name)
        if composed is not None:
            folders[root] = composed
    params = joined(revision.project, DEFAULT_PARAMS) if settings else None
    return Hydra(folders, own, params) if params or folders else NO_HYDRA


# Private functions


def _root(path: str, project: str) -> str | None:
    """The outermost folder of settings that a YAML file lies in."""
    if not within(path, project) or not path.endswith(".yaml"):
        return None
    parts = path.split("/")[:-1]
    start = len(project.split("/")) if project else 0
    for at in range(start, len(parts)):
        if FOLDERS.search(parts[at]):
            return "/".join(parts[: at + 1])
    return None


def _commands(revision: Revision) -> list[str]:
    return [str(stage.body.get("cmd")) for stage in revision.pipeline.stages]
