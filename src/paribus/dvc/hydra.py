"""Hydra configs of a revision: which there are, and what they are composed to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from paribus.core.errors import Problem
from paribus.core.hydra.compose import Composed, Config, compose, package_header
from paribus.core.hydra.entries import Unclear
from paribus.core.hydra.setup import NO_HYDRA, Hydra
from paribus.core.paths import joined, within
from paribus.core.pipeline import DEFAULT_PARAMS, Pipeline
from paribus.core.rules.configs import FOLDERS, LARGEST
from paribus.dvc.documents import parse

CONFIG = re.compile(r"^\s*\[\s*hydra\s*\]([^\[]*)", re.MULTILINE)
SETTING = re.compile(r"^\s*(\w+)\s*=\s*(.*?)\s*$", re.MULTILINE)
NAME = re.compile(r"(?:--config-name|-cn)[=\s]+([\w./-]+)")
OVERRIDE = re.compile(r"""(?:^|[\s'"])[+~]*([\w/]+)(?:@[\w.:]+)?=""")


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
    folders = {
        root: composed
        for root in roots
        if root is not None
        and (composed := _composed(revision, root, settings if root == own else None)) is not None
    }
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


def _composed(
    revision: Revision, root: str, settings: Settings | None
) -> Mapping[str, Composed] | None:
    """Each primary config; None where there is none.

    They are nothing where one of them cannot be told, or commands choose otherwise.
    """
    load = _Loader(revision.files, root)
    try:
        names = [settings.name] if settings else _primaries(revision, root, load)
        return {f"{root}/{name}.yaml": compose(load, name) for name in names} or None
    except (Unclear, RecursionError):
        return {}


def _primaries(revision: Revision, root: str, load: _Loader) -> list[str]:
    """Configs at the top of the folder that have a list of defaults."""
    if not any(f"{root}/{name}.yaml" in revision.files for name in ("config", *_named(revision))):
        return []  # a folder of settings that are read one by one
    below = [path.removeprefix(f"{root}/") for path in revision.listed(root)]
    found = [name for name in map(_at_top, below) if name and _has_defaults(load, name)]
    groups = {path.rpartition("/")[0] for path in below}
    chosen = [name for command in _commands(revision) for name in OVERRIDE.findall(command)]
    if found and groups.intersection(chosen):
        raise Unclear("a command chooses the option of a group")
    return found


def _at_top(path: str) -> str | None:
    return None if "/" in path or not path.endswith(".yaml") else path.removesuffix(".yaml")


def _has_defaults(load: _Loader, name: str) -> bool:
    try:
        config = load(name)
    except Unclear:
        return name == "config"
    return config is not None and "defaults" in config.value


def _named(revision: Revision) -> list[str]:
    return [name for command in _commands(revision) for name in NAME.findall(command)]


def _commands(revision: Revision) -> list[str]:
    return [str(stage.body.get("cmd")) for stage in revision.pipeline.stages]


@dataclass(frozen=True, slots=True)
class _Loader:
    files: Mapping[str, bytes]
    root: str

    def __call__(self, path: str) -> Config | None:
        file = joined(self.root, f"{path.removesuffix('.yaml')}.yaml")
        if not within(file, self.root):
            raise Unclear("a config outside the folder")
        data = self.files.get(file)
        if data is None:
            return None
        if len(data) > LARGEST:
            raise Unclear("a large config")
        try:
            value = parse(file, data).value
        except Problem as problem:
            raise Unclear(problem.message) from problem
        if not isinstance(value, dict):
            raise Unclear("a config that is no mapping")
        return Config(file, value, package_header(data.decode("utf-8", "replace")))
