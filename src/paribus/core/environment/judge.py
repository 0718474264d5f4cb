"""The environment of two sides: which differences count, and which follow from others or move nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from paribus.core.change import Change, Kind, NotCounted
from paribus.core.environment.direct import Asked, asked
from paribus.core.environment.model import Listing, Role, Source, UnreadableError
from paribus.core.environment.moves import Compared, Move, by_path, locked_still, moves
from paribus.core.environment.packages import is_tooling
from paribus.core.environment.readers import read
from paribus.core.environment.tell import Package, found, listed, modules_of, package, twins
from paribus.core.names import Found, Names
from paribus.core.rules.whole import edited_lines, whole
from paribus.core.sides import Finding, Sides, short_id, verb
from paribus.core.snapshot import FileDelta
from paribus.core.values import MISSING

NO_PART = "no part of the environment"
TRANSITIVE = "transitive"


def environment(sides: Sides, deltas: Sequence[FileDelta]) -> list[Finding]:
    """What files about the environment come to: one change for each package that somebody asked for."""
    files: list[Compared] = []
    findings: list[Finding] = []
    for delta in deltas:
        compared = _compared(sides, delta)
        if compared is None:
            findings.append(Found(whole(Kind.ENVIRONMENT, delta, edited_lines(sides, delta))))
        else:
            files.append(compared)
    judged = _Judged(sides, files)
    told = judged.told(caused=bool(findings))
    silent = [file.path for file in files if file.path not in _mentioned(told)]
    findings += told
    return [*findings, *(NotCounted(path, "comments, order or formatting only") for path in silent)]


# Private functions


def _mentioned(findings: Iterable[Finding]) -> set[str]:
    changes = {each.change.file for each in findings if isinstance(each, Found)}
    return changes | {each.file for each in findings if isinstance(each, NotCounted)}


def _compared(sides: Sides, delta: FileDelta) -> Compared | None:
    """Both sides read; None where one cannot be, and the file is one change as a whole."""
    listings: list[Listing] = []
    for entry, content in zip((delta.old, delta.new), sides.contents(delta.path), strict=True):
        if entry is None:
            listings.append(Listing())
        elif content.data is None:
            return None
        else:
            try:
                listings.append(read(Source(delta.path, content.data)))
            except (UnreadableError, RecursionError):
                return None
    old, new = listings
    both = delta.old is not None and delta.new is not None
    return None if both and old.partial != new.partial else Compared(delta, old, new)


class _Judged:
    """Sorts differences into those that count and those that do not, with the reasons."""

    def __init__(self, sides: Sides, files: Sequence[Compared]) -> None:
        self._sides = sides
        self._files = files
        self._counted: dict[tuple[str, ...], list[Move]] = defaultdict(list)
        self._asides: dict[tuple[str, str], list[str]] = {}
        self._transitive: list[Move] = []
        known = by_path(files)
        self._asked = {file.path: asked(sides, file, known) for file in files}
        for move in moves(files):
            self._sort(move)

    def told(self, caused: bool) -> list[Finding]:
        """Everything that was found; `caused` where something else may have moved what is transitive."""
        packages = [package(key[0], listed) for key, listed in self._counted.items()]
        findings: list[Finding] = []
        together, packages = self._whole_files(packages)
        findings += together
        for cluster in twins(packages):
            findings.append(found(self._sides, cluster))
            self._tell_others(cluster)
        caused = caused or any(move.is_package for each in self._counted.values() for move in each)
        alone = bool(self._transitive) and not caused
        if alone:
            findings.append(self._together())
        for move in self._transitive:
            if not alone or move.file is not self._transitive[0].file:
                self._aside(move, TRANSITIVE)
        for (file, reason), named in self._asides.items():
            findings.append(NotCounted(file, f"{reason}: {listed(list(dict.fromkeys(named)))}"))
        return findings

    def _sort(self, move: Move) -> None:
        reason = self._reason(move)
        if reason == TRANSITIVE:
            self._transitive.append(move)
        elif reason:
            self._aside(move, reason)
        elif move.is_package:
            self._counted[move.name,].append(move)
        else:
            self._counted[move.name, str(move.old), str(move.new)].append(move)

    def _reason(self, move: Move) -> str:
        """Why a difference does not count by itself; empty where it does."""
        if move.role is Role.ASIDE:
            return NO_PART
        if not move.is_package:
            group = move.file.old.group or move.file.new.group
            return f"of the group {group}" if group else ""
        if is_tooling(move.name):
            return "tooling"
        return self._reason_of_package(move)

    def _reason_of_package(self, move: Move) -> str:
        known = self._asked[move.file.path]
        group, version = _group(move, known), locked_still(move, self._files)
        if group or version:
            return f"of the group {group}" if group else f"locked at {version} on both sides"
        if move.role is Role.DIRECT or known.is_direct(move.name):
            return ""
        return TRANSITIVE if known.is_needed(move.name) else "needed by tooling alone"

    def _aside(self, move: Move, reason: str) -> None:
        self._asides.setdefault((move.file.path, reason), []).append(move.name)

    def _tell_others(self, cluster: Sequence[Package]) -> None:
        head = cluster[0]
        for each in cluster:
            for move in each.moves:
                if move is head.head:
                    continue
                told = (
                    f"twin of {head.name}" if each is not head else f"as in {head.head.file.path}"
                )
                if move.file is not head.head.file or each is not head:
                    self._aside(move, told)

    def _whole_files(self, packages: Sequence[Package]) -> tuple[list[Found], list[Package]]:
        """Files that come or go with all that they ask for, and what is left.

        A first list of requirements is one idea; a list that takes the place of another is not new.
        """
        together: list[Found] = []
        left = list(packages)
        for file in self._files:
            if file.delta.old is not None and file.delta.new is not None:
                continue
            mine = [each for each in left if each.head.file is file and not _stays(each)]
            if len(mine) > 1 and not self._takes_over(file):
                left = [each for each in left if each not in mine]
                together.append(_as_whole(file, mine))
                for each in mine:
                    self._tell_others([each])
        return together, left

    def _takes_over(self, file: Compared) -> bool:
        """Whether another file of the other side asks for some of what a file asks for."""
        asks = file.old if file.delta.new is None else file.new
        others = [each.old if file.delta.old is None else each.new for each in self._files]
        mine = asks.groups().keys() - {"python"}
        return any(mine & other.groups().keys() for other in others)

    def _together(self) -> Found:
        """Transitive packages that moved by themselves are one change."""
        first = self._transitive[0].file
        words = list(dict.fromkeys(move.name for move in self._transitive))
        paths = list(dict.fromkeys(move.file.path for move in self._transitive))
        noun = "transitive package" if len(words) == 1 else "transitive packages"
        delta = first.delta
        summary = f"{len(words)} {noun} in {listed(paths)}: {listed(words)}"
        ends = short_id(delta.old), short_id(delta.new)
        return Found(Change(Kind.ENVIRONMENT, first.path, (), *ends, summary))


def _stays(each: Package) -> bool:
    return each.old is not MISSING and each.new is not MISSING


def _as_whole(file: Compared, packages: Sequence[Package]) -> Found:
    brought = Names(defines=modules_of(packages))
    counted = sum(each.head.is_package for each in packages)
    what = verb(file.delta) + (f", {counted} packages" if counted > 1 else "")
    change = whole(Kind.ENVIRONMENT, file.delta, what)
    return (
        Found(change, Names(), brought)
        if file.delta.old is None
        else Found(change, brought, Names())
    )


def _group(move: Move, known: Asked) -> str:
    """The group of a package that development alone needs, on each side that has it."""
    groups: list[str] = []
    for listing, spec in ((move.file.old, move.old), (move.file.new, move.new)):
        if spec is not MISSING:
            groups.append(listing.groups().get(move.name, ""))
    roots: Mapping[str, str] = known.roots or {}
    if move.role is Role.LOCKED and roots.get(move.name):
        return roots[move.name]
    return groups[0] if all(groups) and groups else ""
