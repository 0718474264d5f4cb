"""Whether an experiment may become the baseline: its verdict, the baseline that stands, the commit."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from paribus.core.change import Kind
from paribus.core.errors import Exit, Problem
from paribus.core.experiment import Registration
from paribus.core.identity import is_aside, snapshot_key
from paribus.core.plan import Goal
from paribus.core.protocol import ALWAYS_NEUTRAL, FILE, Protocol
from paribus.core.verdict import Outcome, Verdict
from paribus.git.history import heads_of_work
from paribus.git.revisions import find_baseline, main_tip, resolve
from paribus.git.tags import BaselineTag, baseline_tags
from paribus.ledger.page import Page
from paribus.reports.verdict import WORDS
from paribus.workflows.judging import Judged
from paribus.workflows.project import Project
from paribus.workflows.reading import Tree
from paribus.workflows.standing import key_of

TOLD = ("neutral", "coupled", "ruler", "gate")
"""Clauses that decide no verdict, but what counts as a change of what, and who is asked at the end."""


@dataclass(frozen=True, slots=True)
class Current:
    """The baseline that stands.

    Attributes:
        name: to be named by; a tag, or the first characters of a commit.
        key: its snapshot key, by the protocol of the experiment; None without a pipeline.
        tag: None where no baseline was tagged yet.
    """

    name: str
    key: str | None
    tag: BaselineTag | None


def require_winner(project: Project, page: Page, short: str) -> Verdict:
    """The verdict of an experiment that may be promoted; raises `Problem` for any other."""
    registration = page.registration
    assert registration is not None
    verdict = page.conclusions[-1].verdict if page.conclusions else None
    again = f"go on with it   {_asked_again(project, registration)}"
    if verdict is None:
        raise Problem(
            "not-judged", f"experiment {short} has no verdict yet", again, status=Exit.UNDECIDED
        )
    if verdict.candidate_failures:
        raise Problem(
            "not-improved",
            f"experiment {short} failed in {verdict.candidate_failures} of {verdict.attempted} pairs",
            f"what it said   paribus show {short}",
            status=Exit.RULE_BROKEN,
        )
    kept = registration.plan.goal is Goal.NONINFERIOR and verdict.label == "noninferior"
    if verdict.outcome is Outcome.IMPROVED or kept:
        return verdict
    told = f"experiment {short}: {WORDS[verdict.outcome]}; only an improvement is promoted"
    if verdict.outcome in (Outcome.UNDECIDED, Outcome.NOT_COMPARABLE):
        raise Problem("not-improved", told, again, status=Exit.UNDECIDED)
    raise Problem(
        "not-improved",
        told,
        f"its evidence   paribus show {short}",
        "those that did improve   paribus log --verdict improved",
        status=Exit.RULE_BROKEN,
    )


def current_baseline(project: Project, found: Judged) -> Current:
    """The highest tag `baseline/<n>`; before the first one the tip of the main branch."""
    repository, objects = project.repository, found.candidate.objects
    tags = baseline_tags(repository.git)
    if tags:
        tag = tags[-1]
        return Current(tag.name, key_of(project, objects, tag.commit, found.sides.protocol), tag)
    tip = main_tip(repository) or find_baseline(repository, resolve(repository, "HEAD")).commit
    return Current(tip[:7], key_of(project, objects, tip, found.sides.protocol), None)


def tested_key(found: Judged) -> str:
    """The snapshot key of the tested tree."""
    objects, sides = found.candidate.objects, found.sides
    files = objects.tree(found.candidate.tree.id)
    return snapshot_key(files, sides.new.pipeline, sides.protocol)


def require_current(
    project: Project, current: Current, found: Judged, registration: Registration
) -> None:
    """Raises `Problem` where another baseline came since the experiment was measured."""
    if current.key in (registration.baseline["key"], tested_key(found)):
        return
    raise Problem(
        "stale-baseline",
        f"{current.name} came since: this was measured against {registration.baseline['name']}, "
        "and what it adds to another baseline is not known",
        f"measure it there   {_asked_again(project, registration, '--baseline', current.name)}",
        f"or take its change over   paribus adopt {registration.id[:8]}",
        status=Exit.RULE_BROKEN,
    )


def chosen_commit(
    project: Project, found: Judged, registration: Registration, given: str | None
) -> str | None:
    """A commit that holds the tested snapshot, and agrees on the same; None where none is known.

    Raises:
        Problem: the given one does not.
    """
    repository, objects, wanted = project.repository, found.candidate.objects, tested_key(found)
    if given is not None:
        commit = resolve(repository, given)
        if key_of(project, objects, commit, found.sides.protocol) != wanted:
            raise _another_tree(found, commit, given)
        moved = moved_measurement(found, commit)
        if moved:
            raise Problem(
                "not-the-tested-tree",
                f"{given} would be measured otherwise than what was tested: its paribus.yaml differs"
                f" in {_listed(moved)}",
                "let Paribus find or make the commit   promote without --commit",
                "or agree on it first, in a commit of its own on the main branch",
                status=Exit.RULE_BROKEN,
            )
        return commit
    known = (*heads_of_work(repository)[:1], main_tip(repository), registration.revision)
    for commit in filter(None, known):
        is_here = repository.git.lookup("cat-file", "-e", f"{commit}^{{commit}}") is not None
        if (
            is_here
            and key_of(project, objects, commit, found.sides.protocol) == wanted
            and not moved_measurement(found, commit)
        ):
            return commit
    return None


def moved_measurement(found: Judged, commit: str) -> tuple[str, ...]:
    """Clauses of a commit's paribus.yaml that decide verdicts, and are not as the baseline has them.

    The tested snapshot leaves that file out, and from this commit on the next ideas are judged by it.
    """
    ours, theirs = found.sides.protocol.measurement(), _protocol(found, commit).measurement()
    every = {**ours, **theirs}
    return tuple(key for key in every if ours.get(key) != theirs.get(key))


def moved_aside(found: Judged, commit: str) -> tuple[str, ...]:
    """Other clauses that are not as the baseline has them, and that a reader should know of."""
    ours, theirs = found.sides.protocol, _protocol(found, commit)
    return tuple(key for key in TOLD if getattr(ours, key) != getattr(theirs, key))


# Private functions


def _protocol(found: Judged, commit: str) -> Protocol:
    """What a commit agrees on; as much as the baseline, where nobody had written that down."""
    candidate = found.candidate
    tree = Tree(candidate.objects.tree_of(commit), commit, commit[:7])
    agreed = candidate.reader.protocol(tree)
    if agreed is None:
        return found.sides.protocol if found.sides.old.protocol is None else Protocol()
    return agreed


def _another_tree(found: Judged, commit: str, given: str) -> Problem:
    objects, pipeline = found.candidate.objects, found.sides.new.pipeline
    neutral = (*ALWAYS_NEUTRAL, *found.sides.protocol.neutral)
    tree = found.candidate.tree.id
    differ = [
        delta.path
        for delta in objects.changed(tree, objects.tree_of(commit))
        if delta.path.rpartition("/")[2] != FILE and not is_aside(delta.path, pipeline, neutral)
    ]
    return Problem(
        "not-the-tested-tree",
        f"{given} is not what was tested: {_listed(differ)} {'differ' if differ[1:] else 'differs'}",
        f"see how   git diff {tree[:12]} {commit[:12]}",
        "let Paribus find or make the commit   promote without --commit",
        status=Exit.RULE_BROKEN,
    )


def _listed(paths: Iterable[str]) -> str:
    first, *more = list(paths) or ["its pipeline"]
    shown = [first, *more[:4]]
    rest = len(more) + 1 - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def _asked_again(project: Project, registration: Registration, *more: str) -> str:
    """The command by which it is asked again."""
    overrides = _overrides(project, registration)
    asked = [registration.revision[:12]] if registration.revision else overrides
    return " ".join(["paribus", "run", *asked, *more])


def _overrides(project: Project, registration: Registration) -> list[str]:
    """Its change as `-S`, if that can say it; else it is the edits that lie in the working tree."""
    parts = [part for change in registration.changes for part in change.get("parts") or (change,)]
    if any(part["kind"] != Kind.PARAM or part["new"] is None for part in parts):
        return []
    told = [
        f"{project.name(part['file'])}:{part['path']}={json.dumps(part['new'])}" for part in parts
    ]
    return [f"-S {shlex.quote(each)}" for each in told]
