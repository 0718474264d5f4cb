"""Differences of the environment as changes, one for each package, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from paribus.core.change import Change, Kind
from paribus.core.environment.model import Role
from paribus.core.environment.moves import Move
from paribus.core.environment.packages import family, modules
from paribus.core.environment.specs import LONGEST_SHOWN, direction, shown_spec
from paribus.core.names import Found, Names, names
from paribus.core.sides import Sides
from paribus.core.values import MISSING, Value

ELSEWHERE = {"torch": "pytorch", "opencv-python": "opencv"}
"""What conda calls them."""

STARTS = re.compile(r"""(?:- )?(?:name\s*[=:]\s*)?["']?""")
"""What stands before the name of a package on a line of its own."""


@dataclass(frozen=True, slots=True)
class Package:
    """One package, or one setting, in all files that say something else of it.

    Attributes:
        moves: the one that is told first; never none.
    """

    name: str
    moves: tuple[Move, ...]

    @property
    def old(self) -> Value:
        return self._told(lambda move: move.old)

    @property
    def new(self) -> Value:
        return self._told(lambda move: move.new)

    @property
    def head(self) -> Move:
        return self.moves[0]

    def _told(self, side: object) -> Value:
        assert callable(side)
        said = [value for move in self.moves if (value := side(move)) is not MISSING]
        return side(self.head) if side(self.head) is not MISSING else said[0] if said else MISSING


def package(name: str, listed: Iterable[Move]) -> Package:
    """A package; what both sides of a file ask for is told before what a lock file holds."""
    order = sorted(listed, key=lambda move: (not move.stays, move.role is Role.LOCKED))
    return Package(name, tuple(order))


def twins(packages: Sequence[Package]) -> list[list[Package]]:
    """Packages with those that are the same software and move alike, each told by the first."""
    found: list[list[Package]] = []
    for each in packages:
        known = family(each.name)
        cluster = next((other for other in found if known and _are_twins(other[0], each)), None)
        if cluster is None:
            found.append([each])
        else:
            cluster.append(each)
    return [sorted(cluster, key=_rank) for cluster in found]


def found(sides: Sides, cluster: Sequence[Package]) -> Found:
    """One package and its twins as one change."""
    goes = [each for each in cluster if each.new is MISSING]
    comes = [each for each in cluster if each.old is MISSING]
    replaced = bool(goes and comes) and len(goes) + len(comes) == len(cluster)
    left, right = (goes[0], comes[0]) if replaced else (cluster[0], cluster[0])
    told = right.name + " " if replaced else ""
    summary = f"{left.name} {shown_spec(left.old)} -> {told}{shown_spec(right.new)}"
    if not left.head.is_package and min(len(str(left.old)), len(str(left.new))) > LONGEST_SHOWN:
        summary = f"{left.name} edited"
    change = Change(
        Kind.ENVIRONMENT,
        cluster[0].head.file.path,
        (cluster[0].name,),
        left.old,
        right.new,
        summary + _also(cluster, left, right),
        line(sides, right.head if right.head.file is cluster[0].head.file else cluster[0].head),
    )
    return Found(change, _brought(cluster, True), _brought(cluster, False))


def line(sides: Sides, move: Move) -> int | None:
    """Where a file names something; on the old side where the new one does not."""
    old, new = sides.contents(move.file.path)
    data, spec = (new.data, move.new) if move.new is not MISSING else (old.data, move.old)
    other = move.old if spec is move.new else move.new
    own = set(str(spec).split(" | ")) - set(str(other).split(" | "))
    version = re.search(r"\d[\w.]*", min(own, default=""))
    text = (data or b"").decode("utf-8", "replace").lower().split("\n")
    words = _spellings(move.name)
    best = max(
        (
            (_likely(row, words, version[0] if version else "\n"), -at)
            for at, row in enumerate(text, 1)
        ),
        default=(0, 0),
    )
    return -best[1] if best[0] else None


def modules_of(packages: Iterable[Package]) -> frozenset[str]:
    """The names by which code imports packages."""
    of_packages = (each for each in packages if each.head.is_package and each.name != "python")
    return names("package", (module for each in of_packages for module in modules(each.name)))


# Private functions


def _rank(each: Package) -> int:
    known = family(each.name)
    return known[1] if known else 0


def _are_twins(left: Package, right: Package) -> bool:
    one, other = family(left.name), family(right.name)
    if one is None or other is None or one[0] != other[0]:
        return False
    if MISSING in (left.old, left.new, right.old, right.new):
        return True
    return direction(left.old, left.new) * direction(right.old, right.new) >= 0


def _brought(cluster: Sequence[Package], old: bool) -> Names:
    """The modules of packages that come or go, on the side that has them."""
    one_sided = any(each.old is MISSING or each.new is MISSING for each in cluster)
    there = [each for each in cluster if (each.old if old else each.new) is not MISSING]
    return Names(defines=modules_of(there)) if one_sided else Names()


def _also(cluster: Sequence[Package], left: Package, right: Package) -> str:
    """The twins and the other files, which are told with it."""
    others = [each.name for each in cluster if each not in (left, right)]
    files = dict.fromkeys(
        move.file.path
        for each in cluster
        for move in each.moves
        if move.file is not cluster[0].head.file
    )
    told = f" (and {listed(others)})" if others else ""
    return told + (f", also in {listed(list(files))}" if files else "")


def listed(words: Sequence[str]) -> str:
    """Words as a person lists them, the first few of many."""
    shown = ", ".join(words[:4])
    return shown if len(words) <= 4 else f"{shown} and {len(words) - 4} more"


def _likely(row: str, words: re.Pattern[str], version: str) -> int:
    """How likely a row is where something is named: at its start, in its midst, its version alone."""
    bare = row.strip()
    if bare.startswith("#"):
        return 0
    named = words.search(bare)
    at_start = named is not None and STARTS.fullmatch(bare[: named.start()]) is not None
    return 4 * at_start + 2 * (named is not None) + (version in bare)


def _spellings(name: str) -> re.Pattern[str]:
    last = name.rpartition(" ")[2]
    words = {last, ELSEWHERE.get(last, last)}
    if not last.startswith("tool."):
        words.add(last.rpartition(".")[2])
    spelled = ["[-_.]".join(map(re.escape, word.lower().split("-"))) for word in sorted(words)]
    before = "" if name == "python" else r"(?<![\w.-])"
    after = "" if name == "python" else r"(?![\w-])"
    return re.compile(f"{before}(?:{'|'.join(spelled)}){after}")
