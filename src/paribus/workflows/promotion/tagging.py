"""Makes a commit the next baseline: runs it anew, tags it, records it; idempotent, and never twice."""

from __future__ import annotations

from dataclasses import dataclass, replace

from paribus.core.errors import Exit, Problem
from paribus.core.policy import judge
from paribus.core.promotion import Promotion
from paribus.core.run import Run
from paribus.git.objects import Objects
from paribus.git.revisions import Baseline
from paribus.git.tags import BaselineTag, create_tag, next_number
from paribus.ledger.promotions import Attempt
from paribus.reports.promote import tag_message
from paribus.workflows.candidate import Candidate
from paribus.workflows.judging import Judged
from paribus.workflows.measuring import (
    RUNS_FOR_SPREAD,
    anchor,
    null_controls_missing,
    require_all,
    require_success,
)
from paribus.workflows.project import Project, now
from paribus.workflows.promotion.fresh_pairs import Candidacy
from paribus.workflows.promotion.promotable import current_baseline, require_current
from paribus.workflows.reading import Reader, Tree
from paribus.workflows.registering import author
from paribus.workflows.runner import Runner
from paribus.workflows.standing import key_of
from paribus.workflows.subjects import baseline_series, require_ground

ATTEMPTS = 5
"""A tag can be taken by somebody else, whose baseline then stands; more than once is a fault of ours."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """On what a promotion rests: a confirmation, or a reason to do without."""

    attempt: Attempt | None
    provisional: str | None


def remeasured(candidacy: Candidacy, runner: Runner, commit: str) -> list[Run]:
    """The runs of a commit with the screening seeds of its own snapshot, made where they are missing.

    A baseline that won with lucky seeds would keep every later idea out; these are others.
    """
    project, notebook = candidacy.project, candidacy.notebook
    with Objects(project.repository.git) as objects:
        found = _as_baseline(candidacy, objects, commit)
        ground = require_ground(project, found)
        series = baseline_series(found.candidate, ground, notebook.baseline(ground.key))
        anchor(series, runner)
        wanted = [*series.missing(RUNS_FOR_SPREAD), *null_controls_missing(series)]
        made = runner.carry_out(wanted, lambda run: not run.succeeded)
        series.runs += made
        require_success(series)
        require_all(made)
        return series.succeeded()


def tagged(candidacy: Candidacy, commit: str, grounds: Grounds) -> BaselineTag:
    """Tags a commit as the next baseline, if the one that was beaten still stands.

    Raises:
        Problem: another baseline came meanwhile, or the tag cannot be written.
    """
    project, registration = candidacy.project, candidacy.registration
    git = project.repository.git
    for _ in range(ATTEMPTS):
        number = next_number(git)
        require_current(
            project, current_baseline(project, candidacy.found), candidacy.found, registration
        )
        verdict = candidacy.page.conclusions[-1].verdict
        end = grounds.attempt.end if grounds.attempt else None
        message = tag_message(registration, verdict, end, grounds.provisional)
        tag = BaselineTag(number, commit, registration.id, grounds.provisional)
        if create_tag(git, tag.name, commit, message):
            return tag
    raise Problem(
        "not-recorded",
        "the next tag baseline/<n> was taken again and again",
        "see them   git tag --list 'baseline/*'",
        status=Exit.NOT_RECORDED,
        retryable=True,
    )


def promotion_of(candidacy: Candidacy, tag: BaselineTag, grounds: Grounds) -> Promotion:
    """What the ledger is to say of a tag that is there."""
    project, registration = candidacy.project, candidacy.registration
    end = grounds.attempt.end if grounds.attempt else None
    told = end or candidacy.page.conclusions[-1].verdict
    found = candidacy.found
    key = key_of(project, found.candidate.objects, tag.commit, found.sides.protocol)
    return Promotion(
        number=tag.number,
        commit=tag.commit,
        key=key or "",
        project=project.prefix,
        experiment=registration.id,
        summary=registration.summary,
        baseline=dict(registration.baseline),
        attempt=end.attempt if end else None,
        provisional=grounds.provisional,
        metric=registration.plan.metric,
        estimate=told.estimate,
        low=told.low,
        high=told.high,
        given=now(),
        author=author(project),
    )


# Private functions


def _as_baseline(candidacy: Candidacy, objects: Objects, commit: str) -> Judged:
    """A commit against itself, read as any other baseline."""
    project: Project = candidacy.project
    tree = Tree(objects.tree_of(commit), commit, "the new baseline")
    reader = Reader(project, objects)
    candidate = Candidate(
        tree=tree,
        baseline=Baseline(commit, commit[:7], "promoted"),
        baseline_tree=tree,
        untracked=(),
        reader=reader,
        objects=objects,
        given=True,
        overridden=False,
    )
    sides, deltas = reader.sides(tree, tree)
    if sides.old.protocol is None:
        sides = replace(sides, old=replace(sides.old, protocol=candidacy.found.sides.protocol))
    return Judged(sides, judge(sides, deltas), candidate)
