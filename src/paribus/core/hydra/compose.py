"""Composes Hydra configs from files as data: nothing is executed, interpolations stay text.

It knows the defaults list with groups, `_self_`, `optional` and `override`, nested lists, packages by
`@` and by the header `# @package`. What it does not know it does not guess: `Unclear` is raised.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from paribus.core.hydra.entries import GLOBAL, Item, Unclear, entries, is_reference
from paribus.core.values import KeyPath, Value

MOST_CONFIGS = 500
DEEPEST = 20
"""Files of one composition, and levels of defaults; a larger one is left to be judged file by file."""

HEADER = re.compile(r"^#\s*@package\s+(\S+)$")
REFERENCE = re.compile(r"\$\{([\w./@]+)\}")


@dataclass(frozen=True, slots=True)
class Config:
    """A config file as it is read.

    Attributes:
        file: its path.
        value: its mapping.
        package: what its header says of the place of its keys.
    """

    file: str
    value: Mapping[str, Value]
    package: str | None = None


Load = Callable[[str], Config | None]
"""Finds a config by its path in the config folder, without its suffix: `model/svm`."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from: a file and the path in it."""

    file: str
    path: KeyPath


@dataclass(frozen=True, slots=True)
class Composed:
    """What a config and its defaults say together.

    Attributes:
        value: the whole.
        origins: of each leaf, by its path in the whole.
        choices: the option of each group, by the group's path and its package where that is another.
        groups: of each file, the choices by which it is part of the whole.
        lists: of each choice, the file whose defaults list makes it.
    """

    value: Mapping[str, Value]
    origins: Mapping[KeyPath, Origin]
    choices: Mapping[str, str]
    groups: Mapping[str, frozenset[str]]
    lists: Mapping[str, str]


def compose(load: Load, name: str) -> Composed:
    """Composes the config of a name; raises `Unclear` where that cannot be told."""
    composer = _Composer(load)
    root = Item(path=name)
    parts = composer.expanded(root, frozenset(), 0)
    composer.require_used()
    whole: dict[str, Any] = {}
    for part in parts:
        _merge(whole, _placed(part), ())
    origins = dict(_origins(whole, ()))
    groups: dict[str, frozenset[str]] = {}
    for part in parts:
        groups[part.config.file] = groups.get(part.config.file, part.groups) & part.groups
    return Composed(_plain(whole), origins, composer.choices, groups, composer.lists)


def package_header(text: str) -> str | None:
    """What the first comments of a file say of its package."""
    for line in filter(None, map(str.strip, text.splitlines())):
        if not re.match(r"#\s*@", line):
            return None
        found = HEADER.match(line)
        if found:
            return found[1]
    return None


# Private functions


@dataclass(frozen=True, slots=True)
class _Part:
    config: Config
    package: str
    groups: frozenset[str]


@dataclass(slots=True)
class _Composer:
    load: Load
    choices: dict[str, str] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    overrides: dict[str, tuple[Any, str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    seen: int = 0

    def expanded(self, item: Item, groups: frozenset[str], depth: int) -> list[_Part]:
        """The config of an entry and of its own defaults, in the order in which they are merged."""
        self.seen += 1
        if self.seen > MOST_CONFIGS or depth > DEEPEST:
            raise Unclear("too many configs")
        if item.group is not None:
            if item.option is None:
                return []
            self._choose(item)
            groups |= {item.key}
        if item.config_path.endswith("???"):
            raise Unclear(f"{item.config_path} is not chosen")
        config = self.load(item.config_path)
        if config is None:
            if item.optional:
                return []
            raise Unclear(f"there is no {item.config_path}")
        item = replace(item, header=_header(config.package))
        part = _Part(config, item.final_package(), groups)
        placed = [entry.under(item) for entry in entries(config.value.get("defaults"))]
        self._override(placed, config.file)
        listed = [entry for entry in placed if not entry.override]
        if not listed:
            return [part]
        if not any(entry.is_self for entry in listed):
            listed.append(Item(path="_self_"))
        return self._children(listed, part, depth + 1)

    def require_used(self) -> None:
        """An override of what is not there is an error to Hydra."""
        if self.overrides.keys() - self.used:
            raise Unclear("an override matches no group")

    def _children(self, listed: Sequence[Item], part: _Part, depth: int) -> list[_Part]:
        parts: list[list[_Part]] = []
        later: list[tuple[int, Item]] = []
        # From the last to the first, as Hydra does it: of two overrides the one found first counts.
        for entry in reversed(listed):
            if entry.is_self:
                parts.append([part])
                continue
            chosen = self._overridden(entry, part.config.file)
            if is_reference(chosen):
                later.append((len(parts), chosen))
                parts.append([])
            else:
                parts.append(self._options(chosen, part.groups, depth))
        for at, entry in later:
            parts[at] = self._options(self._resolved(entry), part.groups, depth)
        return [each for several in reversed(parts) for each in several]

    def _options(self, item: Item, groups: frozenset[str], depth: int) -> list[_Part]:
        if not isinstance(item.option, list):
            return self.expanded(item, groups, depth)
        several = [
            replace(item, group=None, option=None, path=f"{item.group}/{option}")
            for option in item.option
        ]
        key = item.key
        self.choices[key] = ", ".join(item.option)
        found = [self.expanded(each, groups | {key}, depth) for each in reversed(several)]
        return [each for parts in reversed(found) for each in parts]

    def _override(self, listed: Sequence[Item], file: str) -> None:
        last = False
        for entry in listed:
            if entry.override:
                self.overrides.setdefault(entry.key, (entry.option, file))
            elif last and not entry.is_self:
                raise Unclear("an override stands before another entry")
            last = last or entry.override

    def _overridden(self, entry: Item, file: str) -> Item:
        if entry.group is None:
            return entry
        key = entry.key
        if key not in self.overrides:
            self.lists.setdefault(key, file)
            return entry
        self.used.add(key)
        option, by = self.overrides[key]
        self.lists[key] = by
        return replace(entry, option=option)

    def _choose(self, item: Item) -> None:
        if item.key in self.choices:
            raise Unclear(f"{item.key} is chosen twice")
        self.choices[item.key] = str(item.option)

    def _resolved(self, item: Item) -> Item:
        def put_in(found: re.Match[str]) -> str:
            if found[1] not in self.choices:
                raise Unclear(f"{found[0]} names no group")
            return self.choices[found[1]]

        if item.group is not None:
            item = replace(item, option=REFERENCE.sub(put_in, str(item.option)))
        else:
            item = replace(item, path=REFERENCE.sub(put_in, item.path or ""))
        if is_reference(item):
            raise Unclear("a reference that is not understood")
        return item


def _header(package: str | None) -> str | None:
    if package in (None, "_group_"):
        return None
    if package == GLOBAL or str(package).startswith(f"{GLOBAL}."):
        return package
    return f"{GLOBAL}.{package}"


@dataclass(frozen=True, slots=True)
class _Cell:
    value: Value
    origin: Origin


def _placed(part: _Part) -> dict[str, Any]:
    """A config's values, each with its origin, at their place in the whole."""
    own = {key: value for key, value in part.config.value.items() if key != "defaults"}
    value: Any = _cells(own, part.config.file, ())
    for key in reversed(part.package.split(".") if part.package else ()):
        value = {key: value}
    return dict(value)


def _cells(value: Value, file: str, path: KeyPath) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _cells(item, file, (*path, str(key))) for key, item in value.items()}
    return _Cell(value, Origin(file, path))


def _merge(whole: dict[str, Any], part: Mapping[str, Any], path: KeyPath) -> None:
    for key, value in part.items():
        there = whole.get(key)
        if isinstance(value, Mapping):
            if isinstance(there, _Cell) and isinstance(there.value, str) and "${" in there.value:
                raise Unclear("a mapping is merged with a reference")
            inner = whole[key] = there if isinstance(there, dict) else {}
            _merge(inner, value, (*path, key))
        elif there is None or value.value != "???":
            whole[key] = value


def _origins(whole: Mapping[str, Any], path: KeyPath) -> Iterator[tuple[KeyPath, Origin]]:
    for key, value in whole.items():
        if isinstance(value, Mapping):
            yield from _origins(value, (*path, key))
        else:
            yield (*path, key), value.origin


def _plain(whole: Mapping[str, Any]) -> dict[str, Value]:
    return {
        key: _plain(value) if isinstance(value, Mapping) else value.value
        for key, value in whole.items()
    }
