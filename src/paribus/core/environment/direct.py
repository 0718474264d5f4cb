"""Which packages of a lock file people asked for, and which the pipeline needs at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from paribus.core.environment.model import Listing, Role, Source, UnreadableError
from paribus.core.environment.moves import Compared
from paribus.core.environment.packages import is_tooling
from paribus.core.environment.readers import read
from paribus.core.paths import joined, matches
from paribus.core.sides import Sides

BESIDE = (
    (("uv.lock", "poetry.lock", "pdm.lock", "requirements*.lock"), ("pyproject.toml",)),
    (("Pipfile.lock",), ("Pipfile",)),
    (("conda-lock.yml",), ("environment.yml", "environment.yaml", "pyproject.toml")),
    (("pixi.lock",), ("pixi.toml", "pyproject.toml")),
    (
        ("constraints*.txt",),
        ("requirements.in", "requirements.txt", "pyproject.toml", "setup.py", "setup.cfg"),
    ),
)
"""Lock files, and the files beside them that say what was asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for in a file of locked versions.

    Attributes:
        roots: each package that was asked for, with its group; None where nobody knows.
        reached: packages that the pipeline needs; None where nobody knows.
    """

    roots: Mapping[str, str] | None
    reached: frozenset[str] | None

    def is_direct(self, name: str) -> bool:
        """Whether somebody asked for a package; where nobody knows, each was."""
        return self.roots is None or name in self.roots

    def is_needed(self, name: str) -> bool:
        """Whether the pipeline needs a package, by its own requirements."""
        return self.reached is None or name in self.reached


def asked(sides: Sides, file: Compared, known: Mapping[str, Compared]) -> Asked:
    """What was asked for of a file, on either side."""
    needs: dict[str, set[str]] = {}
    for listing in (file.old, file.new):
        for name, names in listing.needs.items():
            needs.setdefault(name, set()).update(names)
    roots = _roots(sides, file, known)
    if roots is None and needs:
        wanted = set[str]().union(*needs.values())
        roots = {name: "" for name in needs if name not in wanted} or None
    if roots is None or not needs:
        return Asked(roots, None)
    start = [name for name, group in roots.items() if not group and not is_tooling(name)]
    return Asked(roots, _closure(start, needs))


# Private functions


def _closure(start: list[str], needs: Mapping[str, set[str]]) -> frozenset[str]:
    reached, waiting = set(start), list(start)
    while waiting:
        for name in needs.get(waiting.pop(), ()):
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    return frozenset(reached)


def _roots(sides: Sides, file: Compared, known: Mapping[str, Compared]) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for listing, other in ((file.old, True), (file.new, False)):
        stated = [listing.roots] if listing.roots is not None else []
        stated += (
            [_direct(each) for each in _manifests(sides, file, known, other)] if not stated else []
        )
        for groups in stated:
            for name, group in groups.items():
                found[name] = group and found.get(name, group)
    return found or None


def _direct(listing: Listing) -> dict[str, str]:
    groups = listing.groups()
    return {name: groups[name] for name in listing.specs(Role.DIRECT)}


def _manifests(
    sides: Sides, file: Compared, known: Mapping[str, Compared], of_old: bool
) -> Iterator[Listing]:
    """The files beside a lock file, as one side has them."""
    for name in _beside(file.path):
        path = joined(file.folder, name)
        if path in known:
            yield known[path].old if of_old else known[path].new
            continue
        data = (sides.old if of_old else sides.new).files.get(path)
        if data is not None:
            try:
                yield read(Source(path, data))
            except (UnreadableError, RecursionError):
                continue


def _beside(path: str) -> tuple[str, ...]:
    name = path.rpartition("/")[2]
    for patterns, names in BESIDE:
        if matches(name, patterns):
            return names
    return (name.removesuffix(".txt") + ".in",) if name.endswith(".txt") else ()
