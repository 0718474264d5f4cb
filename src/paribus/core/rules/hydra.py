"""Configs that Hydra composes: compared as the whole that they make, a changed choice as one change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paribus.core.change import Change, Kind, NotCounted
from paribus.core.names import Found
from paribus.core.paths import within
from paribus.core.pipeline import Stage
from paribus.core.ruler import is_ruler
from paribus.core.rules.configs import config_file
from paribus.core.rules.files import other_file
from paribus.core.rules.leaves import Leaf, differing, found_leaf
from paribus.core.rules.params import declared_seed, params_named
from paribus.core.sides import Finding, Sides
from paribus.core.snapshot import Content, FileDelta
from paribus.core.values import MISSING, KeyPath

if TYPE_CHECKING:
    from paribus.core.hydra.compose import Composed, Origin


def hydra_files(sides: Sides, deltas: Sequence[FileDelta]) -> tuple[list[Finding], list[FileDelta]]:
    """Claims the files of config folders that are composed, and the params that DVC writes."""
    findings: list[Finding] = []
    left = list(deltas)
    old, new = sides.old.hydra, sides.new.hydra
    written = old.params if old.params == new.params else None
    for folder in sorted(old.folders.keys() | new.folders.keys()):
        if folder in (old.own, new.own) or _is_reached(sides, folder):
            found, left = _folder(_Both(sides, folder, written), left)
            findings += found
    if written and any(delta.path == written for delta in left):
        findings.append(NotCounted(written, "composed by Hydra"))
        left = [delta for delta in left if delta.path != written]
    return findings, left


# Private functions


@dataclass(frozen=True, slots=True)
class _Both:
    """A config folder on both sides.

    Attributes:
        written: the params file to which DVC writes the whole, by whose keys stages read it.
    """

    sides: Sides
    folder: str
    written: str | None

    @property
    def pairs(self) -> list[tuple[str, Composed, Composed]]:
        """Each primary config as both sides compose it; nothing where they do not have the same ones."""
        old, new = (
            side.hydra.folders.get(self.folder) or {} for side in (self.sides.old, self.sides.new)
        )
        same = old.keys() == new.keys()
        return [(file, old[file], new[file]) for file in old] if same else []

    def is_claimed(self, path: str) -> bool:
        """Whether a file is part of a whole, or one of the options of a group that is not chosen.

        An option that a stage or a command names is read in some other way too.
        """
        if self.is_part(path):
            return True
        stages = [stage for pipeline in self.sides.pipelines for stage in pipeline.stages]
        return self.is_option(path) and not any(_names(stage, path) for stage in stages)

    def is_option(self, path: str) -> bool:
        """Whether a file is below the top of the folder, where groups have their options."""
        return "/" in path.removeprefix(f"{self.folder}/")

    def reason(self, path: str) -> str:
        if self.is_part(path):
            return "nothing of it differs in the composed config"
        return "not part of the composed config"

    def files_of(self, found: Found) -> set[str]:
        """The files of the options between which a choice changed."""
        key = found.change.path[0] if found.change.path else ""
        return {
            file
            for _, old, new in self.pairs
            for side in (old, new)
            for file, groups in side.groups.items()
            if key in groups and old.choices.get(key) != new.choices.get(key)
        }

    def is_part(self, path: str) -> bool:
        return any(path in old.groups or path in new.groups for _, old, new in self.pairs)


def _is_reached(sides: Sides, folder: str) -> bool:
    return any(side.reach.can_open(f"{folder}/config.yaml") for side in (sides.old, sides.new))


def _names(stage: Stage, path: str) -> bool:
    stem = path.rpartition("/")[2].removesuffix(".yaml")
    return path in stage.deps or stem in re.split(r"[\s=/'\",\[\]]+", str(stage.body.get("cmd")))


def _folder(both: _Both, deltas: Sequence[FileDelta]) -> tuple[list[Finding], list[FileDelta]]:
    """What differs in a folder: the wholes, and what is read beside them file by file."""
    inside = [
        each for each in deltas if within(each.path, both.folder) and each.path.endswith(".yaml")
    ]
    mine = [each.path for each in inside if both.pairs and both.is_claimed(each.path)]
    found = list(_wholes(both)) if mine else []
    told = {each.file if isinstance(each, NotCounted) else each.change.file for each in found}
    told |= {file for each in found if isinstance(each, Found) for file in both.files_of(each)}
    findings: list[Finding] = [*found]
    findings += [NotCounted(path, both.reason(path)) for path in mine if path not in told]
    for delta in inside:
        if delta.path not in mine and (not both.pairs or both.is_option(delta.path)):
            mine.append(delta.path)
            findings += config_file(both.sides, delta) or other_file(both.sides, delta) or ()
    return findings, [delta for delta in deltas if delta.path not in mine]


def _wholes(both: _Both) -> Iterator[Found | NotCounted]:
    """What differs in the wholes of a folder, each difference once."""
    seen: set[str] = set()
    for file, old, new in both.pairs:
        for found in _whole(both, file, old, new):
            told = found.reason if isinstance(found, NotCounted) else found.change.summary
            if told not in seen:
                seen.add(told)
                yield found


def _whole(both: _Both, primary: str, old: Composed, new: Composed) -> Iterator[Found | NotCounted]:
    chosen = _choices(old, new)
    followed: dict[str, list[Leaf]] = {key: [] for key in chosen}
    for leaf in differing(old.value, new.value):
        before, after = old.origins.get(leaf.before or leaf.path), new.origins.get(leaf.path)
        key = _cause(chosen, old, new, before, after)
        if key is not None:
            followed[key].append(leaf)
        else:
            yield _leaf(both, primary, leaf, before, after)
    for key, leaves in followed.items():
        if leaves:
            yield _choice(both, key, old, new, leaves)


def _choices(old: Composed, new: Composed) -> list[str]:
    """Groups of which another option is chosen, the outer ones first."""
    keys = dict.fromkeys([*old.choices, *new.choices])
    return [key for key in keys if old.choices.get(key) != new.choices.get(key)]


def _cause(
    chosen: Sequence[str], old: Composed, new: Composed, before: Origin | None, after: Origin | None
) -> str | None:
    """The changed choice by which a leaf is there, or is gone, on each side that has it."""
    for key in chosen:
        left = before is None or key in old.groups.get(before.file, ())
        right = after is None or key in new.groups.get(after.file, ())
        if left and right and (before or after):
            return key
    return None


def _choice(both: _Both, key: str, old: Composed, new: Composed, leaves: Sequence[Leaf]) -> Found:
    left, right = old.choices.get(key, MISSING), new.choices.get(key, MISSING)
    file = new.lists.get(key) or old.lists.get(key) or both.folder
    lines = both.sides.contents(file)[1].lines
    summary = f"{key}: {_told(left)} -> {_told(right)}"
    line = lines.get(("defaults",))
    change = Change(Kind.PARAM, file, (key,), left, right, summary, line)
    is_measuring = both.written and all(
        is_ruler(both.sides, replace(change, file=both.written, path=leaf.path)) for leaf in leaves
    )
    return Found(replace(change, kind=Kind.RULER) if is_measuring else change)


def _told(option: object) -> str:
    return "(absent)" if option is MISSING else str(option)


def _leaf(
    both: _Both, primary: str, leaf: Leaf, before: Origin | None, after: Origin | None
) -> Found | NotCounted:
    from paribus.core.hydra.compose import Origin  # noqa: PLC0415 (few projects compose anything)

    origin = after or before or Origin(primary, leaf.path)
    seeds = params_named(both.sides, both.sides.protocol.seeds)
    names: list[tuple[str, KeyPath]] = [(origin.file, origin.path), (primary, leaf.path)]
    names += [(both.written, leaf.path)] if both.written else []
    seed = next((name for name in names if name in seeds), None)
    if seed is not None:
        return replace(declared_seed(both.sides, *seed), file=origin.file)
    old, new = both.sides.contents(origin.file)
    found = found_leaf(
        origin.file, leaf, _of_whole(old, leaf, origin), _of_whole(new, leaf, origin)
    )
    if both.written and is_ruler(both.sides, replace(found.change, file=both.written)):
        return replace(found, change=replace(found.change, kind=Kind.RULER))
    return found


def _of_whole(content: Content, leaf: Leaf, origin: Origin) -> Content:
    """A file with the line of one leaf, by the leaf's path in the whole."""
    line = content.lines.get(origin.path)
    return Content(content.data, content.document, {leaf.path: line} if line else {})
