"""Takes a candidate apart: for each of its changes, the baseline's tree with that change alone.

Nothing is believed of a tree but what the judge says of it: one change, the one that was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from paribus.core.change import Change
from paribus.core.errors import Problem
from paribus.core.policy import Count, Judgement
from paribus.core.values import same
from paribus.git.trees import with_pieces
from paribus.workflows.judging import Judged, judged
from paribus.workflows.reading import Tree
from paribus.workflows.taking_apart.onto import Taken, carried
from paribus.workflows.taking_apart.portions import Portions, UncutError


@dataclass(frozen=True, slots=True)
class Part:
    """One change on its own.

    Attributes:
        change: as it was found among the others.
        tree: the id of a tree that is the base with that change alone; None where there is none.
        problem: one line why there is none.
    """

    change: Change
    tree: str | None
    problem: str | None


def taken_apart(found: Judged, chosen: Sequence[int] | None = None) -> tuple[Part, ...]:
    """Each change of a candidate on the candidate's baseline.

    A change of the ruler is taken apart like the others. Trees are written where the candidate's
    opener said: to the repository with `keep`, else to a place that is gone when it is closed.

    Args:
        chosen: places in `judgement.changes`, from 0; None for all.
    """
    portions = Portions(found)
    every = range(len(found.judgement.changes))
    return tuple(_part(found, portions, which) for which in (every if chosen is None else chosen))


def adopted(found: Judged, which: int, onto: Tree) -> Part:
    """One change of a candidate on another base.

    The base may have gone another way since: what the change replaces must stand there as it stood in
    the candidate's baseline.

    Args:
        which: place in `judgement.changes`, from 0.
        onto: the base, whose objects the candidate's reader can read.
    """
    portions = Portions(found)
    part = _part(found, portions, which)
    if part.tree is None:
        return part
    candidate, change = found.candidate, part.change
    base = candidate.baseline_tree.id
    try:
        pieces = carried(candidate.objects, (base, part.tree, onto.id), portions.moves)
    except Taken as taken:
        return Part(change, None, f"{taken} in {onto.name}")
    tree = with_pieces(candidate.objects, onto.id, pieces)
    if tree == onto.id:
        return Part(change, None, f"{onto.name} has it already")
    told = _objection(found, change, onto, tree)
    return Part(change, None, f"on {onto.name} {told}") if told else Part(change, tree, None)


def left_over(found: Judged, parts: Sequence[Part]) -> tuple[Change, ...]:
    """What all parts together do not come to of the candidate; nothing, when they were taken apart well.

    Raises:
        ValueError: one of the parts has no tree.
    """
    candidate = found.candidate
    base, tree = candidate.baseline_tree.id, candidate.baseline_tree.id
    moves = Portions(found).moves
    for part in parts:
        if part.tree is None:
            raise ValueError(f"{part.change.summary} has no tree")
        try:
            pieces = carried(candidate.objects, (base, part.tree, tree), moves)
        except Taken:
            return (part.change,)
        tree = with_pieces(candidate.objects, tree, pieces)
    return _judged(found, candidate.tree, tree).changes


# Private functions


def _part(found: Judged, portions: Portions, which: int) -> Part:
    """The first way of cutting a change out that the judge takes for it."""
    candidate = found.candidate
    change, base = found.judgement.changes[which], candidate.baseline_tree
    seen, told = {base.id}, "nothing of it is left without the others"
    for number, way in enumerate(portions.ways(which)):
        try:
            pieces = portions.pieces(which, way)
        except UncutError as error:
            told = str(error) if len(seen) == 1 else told
            continue
        tree = with_pieces(candidate.objects, base.id, pieces)
        if tree in seen:
            continue
        seen.add(tree)
        objection = _objection(found, change, base, tree)
        if objection is None:
            return Part(change, tree, None)
        told = objection if number == 0 else told
    if found.judgement.outcome is Count.ONE:
        return Part(change, candidate.tree.id, None)
    where = portions.shared_lines(which)
    if where is not None:
        told = f"the edits share {where}"
    return Part(change, None, f"{told}; take them apart by hand")


def _objection(found: Judged, change: Change, base: Tree, tree: str) -> str | None:
    """Why a tree is not the base with that change alone; None where it is."""
    try:
        judgement = _judged(found, base, tree)
    except Problem as problem:
        return f"what is left cannot be judged: {problem.message}"
    if judgement.outcome is Count.NONE:
        return "it is no change without the others"
    if judgement.outcome is Count.MANY:
        return f"it comes to {len(judgement.changes)} changes"
    alone = judgement.changes[0]
    if not _is_same(change, alone):
        return f"it is another change: {alone.summary}"
    return None


def _judged(found: Judged, base: Tree, tree: Tree | str) -> Judgement:
    """The judgement of a tree, as `judged` has it of the candidate."""
    new = Tree(tree, None, "the change alone") if isinstance(tree, str) else tree
    # Untracked files are the working tree's; a tree that was made of objects has none.
    candidate = replace(found.candidate, tree=new, baseline_tree=base, untracked=())
    return judged(candidate, committed=False).judgement


def _is_same(wanted: Change, got: Change) -> bool:
    """Whether two changes have the same parts: kind, file, key and new value."""
    left, right = (sorted(each.single(), key=_place) for each in (wanted, got))
    return list(map(_place, left)) == list(map(_place, right)) and all(
        # A file as a whole has its id for a value, which other edits of the file move too.
        not one.path or same(one.new, other.new)
        for one, other in zip(left, right, strict=True)
    )


def _place(part: Change) -> tuple[str, str, tuple[str, ...], str]:
    # Two edits of a definition may have the same name: they are told apart by what they come to.
    return part.kind.value, part.file, part.path, repr(part.new) if part.path else ""
