"""Composes the configs of one folder as Hydra would, reading them as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from paribus.core.errors import Problem
from paribus.core.hydra.compose import Composed, Config, compose, package_header
from paribus.core.hydra.entries import Unclear
from paribus.core.paths import joined, within
from paribus.core.rules.configs import LARGEST
from paribus.dvc.documents import parse

NAME = re.compile(r"(?:--config-name|-cn)[=\s]+([\w./-]+)")
OVERRIDE = re.compile(r"""(?:^|[\s'"])[+~]*([\w/]+)(?:@[\w.:]+)?=""")

Listed = Callable[[str], Iterable[str]]
"""The files below a folder."""


def composed_folder(
    files: Mapping[str, bytes], listed: Listed, root: str, commands: Sequence[str], name: str | None
) -> Mapping[str, Composed] | None:
    """Each primary config by its file, or the one of a name; None where there is none.

    They are nothing where one of them cannot be told, or commands choose otherwise.
    """
    load = _Loader(files, root)
    try:
        names = [name] if name else _primaries(listed, root, commands, load)
        return {f"{root}/{name}.yaml": compose(load, name) for name in names} or None
    except (Unclear, RecursionError):
        return {}


# Private functions


def _primaries(listed: Listed, root: str, commands: Sequence[str], load: _Loader) -> list[str]:
    """Configs at the top of the folder that have a list of defaults."""
    named = [name for command in commands for name in NAME.findall(command)]
    if not any(f"{root}/{name}.yaml" in load.files for name in ("config", *named)):
        return []  # a folder of settings that are read one by one
    below = [path.removeprefix(f"{root}/") for path in listed(root)]
    found = [name for name in map(_at_top, below) if name and _has_defaults(load, name)]
    groups = {path.rpartition("/")[0] for path in below}
    chosen = [name for command in commands for name in OVERRIDE.findall(command)]
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
