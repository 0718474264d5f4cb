"""What differs between two versions of the files about the environment, thing by thing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from paribus.core.environment.docker import BASE_IMAGE, is_python_image
from paribus.core.environment.model import Listing, Role
from paribus.core.environment.specs import pins, same_spec
from paribus.core.paths import joined
from paribus.core.snapshot import FileDelta
from paribus.core.values import MISSING, Value


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A file as both sides have it; an empty listing where a side does not have it."""

    delta: FileDelta
    old: Listing
    new: Listing

    @property
    def path(self) -> str:
        return self.delta.path

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Move:
    """One thing of which a file says something else than before.

    Attributes:
        old, new: what it says on each side; MISSING where it does not name it.
    """

    file: Compared
    name: str
    role: Role
    old: Value
    new: Value

    @property
    def is_package(self) -> bool:
        return self.role in (Role.DIRECT, Role.LOCKED)

    @property
    def stays(self) -> bool:
        """Whether both sides name it."""
        return self.old is not MISSING and self.new is not MISSING


def moves(files: Sequence[Compared]) -> list[Move]:
    """Every difference of every file, those left out that only go from one file to another."""
    found = [move for file in files for move in (*_of(file), *_includes(file, files))]
    by_name: dict[str, list[Move]] = defaultdict(list)
    for move in found:
        if move.is_package:
            by_name[move.name].append(move)
    still = {name for name, listed in by_name.items() if _is_still(listed)}
    return [move for move in found if not (move.is_package and move.name in still)]


def locked_still(move: Move, files: Iterable[Compared]) -> str:
    """The version at which a lock file beside a requirement holds the package on both sides, if one does."""
    if move.role is not Role.DIRECT or (pins(move.old) and pins(move.new)):
        return ""
    for file in files:
        if file.folder != move.file.folder or file is move.file:
            continue
        old, new = (_held(listing).get(move.name) for listing in (file.old, file.new))
        if old is not None and old == new and pins(old):
            return ", ".join(sorted(pins(old)))
    return ""


# Private functions


def _held(listing: Listing) -> Mapping[str, str]:
    """Versions that a file made by a tool holds, of packages that were asked for too."""
    asked = listing.specs(Role.DIRECT) if listing.roots is not None else {}
    return {**asked, **listing.specs(Role.LOCKED)}


def _of(file: Compared) -> Iterator[Move]:
    for role in Role:
        old, new = file.old.specs(role), file.new.specs(role)
        for name in dict.fromkeys([*old, *new]):
            left, right = old.get(name, MISSING), new.get(name, MISSING)
            if not same_spec(left, right):
                yield _of_python(Move(file, name, role, left, right))


def _of_python(move: Move) -> Move:
    """The tag of Python's own image is a version of Python."""
    if not move.name.startswith(BASE_IMAGE) or not move.stays:
        return move
    if not (is_python_image(move.old) and is_python_image(move.new)):
        return move
    old, new = (re.sub(r"^(?:[\w.-]+/)*python[:@]?", "", image) for image in (move.old, move.new))
    return replace(move, name="python", role=Role.DIRECT, old=old, new=new)


def _includes(file: Compared, files: Sequence[Compared]) -> Iterator[Move]:
    """Files that a list takes in, or no longer; those that differ themselves are judged there."""
    judged = {each.path for each in files}
    sides = [dict.fromkeys(listing.includes, "included") for listing in (file.old, file.new)]
    for name in dict.fromkeys([*sides[0], *sides[1]]):
        old, new = (side.get(name, MISSING) for side in sides)
        if old is not new and joined(file.folder, name) not in judged:
            yield Move(file, f"-r {name}", Role.PART, old, new)


def _is_still(listed: Sequence[Move]) -> bool:
    """Whether a package is asked for as before, elsewhere, or held at the same version."""
    old, new = (_said(move.old for move in listed), _said(move.new for move in listed))
    if old == new:
        return True
    held = [frozenset[str]().union(*map(pins, side)) for side in (old, new)]
    return bool(held[0]) and held[0] == held[1]


def _said(specs: Iterable[Value]) -> frozenset[str]:
    return frozenset(spec for spec in specs if spec is not MISSING)


def by_path(files: Iterable[Compared]) -> Mapping[str, Compared]:
    """Files by their paths."""
    return {file.path: file for file in files}
