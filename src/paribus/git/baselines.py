"""Tags `baseline/<n>` here and on a remote: what one side lacks, and where the two disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from paribus.git.command import Git
from paribus.git.revisions import BASELINE_TAG

PREFIX = "refs/tags/"


@dataclass(frozen=True, slots=True)
class Clash:
    """One number that stands at two commits.

    Attributes:
        name: of the tag.
        here, there: full SHAs of the commits.
    """

    name: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Two sets of tags.

    Attributes:
        missing: full references that only the remote has, the lowest number first.
        offered: those that only this repository has, and that may go there.
        clashes: numbers that the two have at different commits.
        held: names of those that only this repository has, and that were made on top of a clash.
    """

    missing: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    clashes: tuple[Clash, ...] = ()
    held: tuple[str, ...] = ()


def compare_baselines(git: Git, there: Mapping[str, str]) -> Compared:
    """What to do with the annotated tags `baseline/<n>` of both sides.

    A lightweight tag is no baseline, and goes nowhere; but it can stand in the way of one.

    Args:
        there: the remote's references, as `Remote.references` gives them.
    """
    ours, theirs = _here(git), _there(there)
    clashes = tuple(
        Clash(_name(ref), ours[ref].commit, theirs[ref].commit)
        for ref in sorted(ours.keys() & theirs.keys(), key=_number)
        if ours[ref].tag != theirs[ref].tag and ours[ref].commit != theirs[ref].commit
    )
    first = min((_number(clash.name) for clash in clashes), default=None)
    own = sorted((ref for ref in ours.keys() - theirs.keys() if ours[ref].annotated), key=_number)
    missing = (ref for ref in theirs.keys() - ours.keys() if theirs[ref].annotated)
    return Compared(
        tuple(sorted(missing, key=_number)),
        tuple(ref for ref in own if first is None or _number(ref) < first),
        clashes,
        tuple(_name(ref) for ref in own if first is not None and _number(ref) > first),
    )


# Private functions


@dataclass(frozen=True, slots=True)
class _Tag:
    tag: str
    commit: str

    @property
    def annotated(self) -> bool:
        return self.tag != self.commit


def _here(git: Git) -> dict[str, _Tag]:
    form = "--format=%(refname)%09%(objectname)%09%(*objectname)"
    lines = git.text("for-each-ref", form, f"{PREFIX}baseline/").splitlines()
    fields = (line.split("\t") for line in lines)
    return {ref: _Tag(tag, commit or tag) for ref, tag, commit in fields if _is_baseline(ref)}


def _there(references: Mapping[str, str]) -> dict[str, _Tag]:
    return {
        ref: _Tag(tag, references.get(f"{ref}^{{}}", tag))
        for ref, tag in references.items()
        if _is_baseline(ref)
    }


def _is_baseline(ref: str) -> bool:
    return ref.startswith(PREFIX) and BASELINE_TAG.fullmatch(_name(ref)) is not None


def _name(ref: str) -> str:
    return ref.removeprefix(PREFIX)


def _number(ref: str) -> int:
    return int(ref.rpartition("/")[2])
