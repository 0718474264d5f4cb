"""Entries of a Hydra defaults list, and where each of them stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from paribus.core.values import Value

GLOBAL = "_global_"


class Unclear(Exception):  # noqa: N818 (it is an answer, not an error)
    """It cannot be told what Hydra would make of these files."""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a defaults list, where it stands."""

    path: str | None = None
    group: str | None = None
    option: str | list[str] | None = None
    package: str | None = None
    optional: bool = False
    override: bool = False
    base: str = ""
    parent: str = ""
    header: str | None = None

    @property
    def is_self(self) -> bool:
        return self.path == "_self_"

    @property
    def group_path(self) -> str:
        if self.group is not None:
            return _below(self.base, self.group)
        return _below(self.base, self.path or "").rpartition("/")[0]

    @property
    def config_path(self) -> str:
        if self.group is not None:
            return f"{self.group_path}/{self.option}"
        return _below(self.base, self.path or "")

    @property
    def key(self) -> str:
        usual, final = self.group_path.replace("/", "."), self.final_package(header=False)
        return self.group_path if usual == final else f"{self.group_path}@{final or GLOBAL}"

    def final_package(self, *, header: bool = True) -> str:
        package = self.header if self.package is None and header else self.package
        if package is None:
            own = self.group if self.group is not None else (self.path or "").rpartition("/")[0]
            package = own.lstrip("/").replace("/", ".")
        whole = ".".join(part for part in (self.parent, package) if part)
        return whole[whole.rfind(GLOBAL) + len(GLOBAL) + 1 :] if GLOBAL in whole else whole

    def under(self, parent: Item) -> Item:
        """The entry as it stands in the list of another config."""
        placed = replace(self, base=parent.group_path, parent=parent.final_package())
        if placed.package == "_here_":
            return replace(placed, package="")
        if placed.package and "_group_" in placed.package:
            usual = placed.group_path.replace("/", ".")
            package = f"{GLOBAL}.{placed.package.replace('_group_', usual)}"
            return replace(placed, package=package)
        return placed


def entries(defaults: Value) -> list[Item]:
    """The entries of a defaults list; raises `Unclear` for one that is not understood."""
    if defaults is None:
        return []
    if not isinstance(defaults, list):
        raise Unclear("the defaults are no list")
    items = [_entry(entry) for entry in defaults]
    return [item for item in items if not _is_of_hydra(item)]


def _is_of_hydra(item: Item) -> bool:
    """Hydra's own settings, which come with it."""
    place = (item.group or item.path or "").lstrip("/")
    return place == "hydra" or place.startswith("hydra/")


def _entry(entry: Value) -> Item:
    if isinstance(entry, str):
        path, _, package = entry.partition("@")
        return Item(path=path, package=package if "@" in entry else None)
    if not isinstance(entry, Mapping) or len(entry) != 1:
        raise Unclear("an entry of the defaults is neither a name nor a group")
    [(key, option)] = entry.items()
    *keywords, place = str(key).split(" ")
    group, _, package = place.partition("@")
    strings = isinstance(option, list) and all(isinstance(each, str) for each in option)
    known = set(keywords) <= {"optional", "override"} and ":" not in package
    if not group or not known or not (option is None or isinstance(option, str) or strings):
        raise Unclear(f"an entry of the defaults is not understood: {key}")
    return Item(
        group=group,
        option=option,
        package=package if "@" in place else None,
        optional="optional" in keywords,
        override="override" in keywords,
    )


def is_reference(item: Item) -> bool:
    """Whether the name of a config is put together from choices."""
    return "${" in (item.path or "") or (isinstance(item.option, str) and "${" in item.option)


# Private functions


def _below(base: str, path: str) -> str:
    return path[1:] if path.startswith("/") else f"{base}/{path}" if base else path
