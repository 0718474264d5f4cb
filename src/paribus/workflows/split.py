"""`paribus split`: a confounded change becomes an experiment for each of its changes, and one for all."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import datetime

from paribus.core.change import Change, Kind
from paribus.core.errors import Problem
from paribus.core.pairing import seeds_wired
from paribus.core.policy import Count
from paribus.core.run import Run
from paribus.core.statistics.interaction import Interaction, interaction
from paribus.git.command import Git
from paribus.git.commits import make_commit
from paribus.git.own_objects import at_home
from paribus.git.refs import branch_tip, create_branch
from paribus.reports.branch import SUBJECT_WIDTH, slug
from paribus.reports.split import Branched, Left, SplitBranches, SplitPlan, SplitReport
from paribus.reports.text import clean, plural, shortened
from paribus.workflows.again import typed
from paribus.workflows.batches.batch import Asked, identified, measured_together
from paribus.workflows.batches.family import judged_pairs, values_of
from paribus.workflows.branch_names import require_possible
from paribus.workflows.candidate import Candidate, opened
from paribus.workflows.experiments import open_notebook
from paribus.workflows.judging import Judged, judged
from paribus.workflows.listening import BatchListener
from paribus.workflows.project import Project, now
from paribus.workflows.reading import Tree
from paribus.workflows.run import RunOptions, require_unmoved
from paribus.workflows.subjects import require_ground
from paribus.workflows.taking_apart.apart import Part, taken_apart

FOLDER = "split"
"""Of the branches."""

RENAME = "rename that one   git branch -m OLD NEW"

NOT_RUN = {
    Kind.RULER: "the ruler: numbers before and after are not comparable; commit it alone",
    Kind.ENVIRONMENT: "the environment: both sides would run in the same one",
}


def split(
    project: Project, options: RunOptions, listener: BatchListener
) -> SplitReport | SplitPlan:
    """Measures each change alone, and all together, against the same baseline and with the same seeds.

    Changes of the ruler or the environment, and what cannot be taken apart, are left out; the whole
    would have them, so it is run only where nothing is left out.

    Args:
        options: `revision` is what is split; overrides, `allow` and `hypothesis` are left aside.

    Raises:
        Problem: there are fewer than two changes, or none that can be run by itself.
    """
    with _opened(project, options, keep=False) as candidate:
        found = _several(candidate)
        if options.dry_run:
            return _plan(project, found)
        tree = candidate.tree.id
    with _opened(project, options, keep=True) as candidate:
        require_unmoved(candidate, tree)
        found = _several(candidate)
        parts, left = _parts(found)
        asked = {number: Asked(_alone(found, part), _label(number, part)) for number, part in parts}
        whole = _whole(found, left)
        together = [*asked.values(), *([whole] if whole else [])]
        command = typed("split", options.revision, baseline=options.baseline)
        options = replace(options, command=command)
        batch = measured_together(project, options, listener, together, "split")
        ground = require_ground(project, found)
        names = {one.label: identified(project, ground, one.found) for one in asked.values()}
        key = identified(project, ground, found) if whole else None
    told = None if key is None else _interaction(project, ground.key, names, key)
    return SplitReport(candidate.tree.name, batch, key, told, left)


def split_into_branches(project: Project, options: RunOptions) -> SplitBranches:
    """Makes a branch of each change, with one commit on the baseline; nothing is run or checked out.

    A ruler or an environment has a branch like any other change: that is how it becomes a baseline.

    Raises:
        Problem: there are fewer than two changes, none can be taken apart, or a branch is there already
            with something else.
    """
    git = project.repository.git
    with _opened(project, options, keep=True) as candidate:
        found = _several(candidate)
        parts, left = _parts(found, every=True)
        named = [(number, part, _branch(number, part.change)) for number, part in parts]
        require_possible(git, [name for _, _, name in named], RENAME)
        base, made = candidate.baseline, []
        tips = {name: _own_tip(git, name, part, base.commit) for _, part, name in named}
        date = datetime.fromisoformat(now())
        with ExitStack() as needed:
            for number, part, name in named:
                assert part.tree is not None
                needed.enter_context(at_home(git, part.tree, base.commit))
                message, tip = _message(found, part.change), tips[name]
                commit = tip or make_commit(git, part.tree, base.commit, message, date)
                made.append(Branched(number, part.change, name, commit, new=tip is None))
            for each in made:
                if each.new:
                    create_branch(git, each.branch, each.commit, "paribus split")
    return SplitBranches(candidate.tree.name, _baseline(candidate), tuple(made), left)


# Private functions


def _opened(
    project: Project, options: RunOptions, *, keep: bool
) -> AbstractContextManager[Candidate]:
    return opened(project, options.revision, options.baseline, keep=keep)


def _several(candidate: Candidate) -> Judged:
    """The judgement of at least two changes."""
    found = judged(candidate)
    name, base = candidate.tree.name, candidate.baseline.name
    if found.judgement.outcome is Count.NONE:
        raise Problem(
            "no-change", f"nothing differs from baseline {base}, so there is nothing to split"
        )
    if found.judgement.outcome is Count.ONE:
        (change,) = found.judgement.changes
        revision = f" {name}" if candidate.tree.revision else ""
        raise Problem(
            "nothing-to-split",
            f"{name} has one change against {base} ({change.summary}): there is nothing to split",
            f"measure it   paribus run{revision}",
        )
    return found


def _parts(
    found: Judged, *, every: bool = False
) -> tuple[list[tuple[int, Part]], tuple[Left, ...]]:
    """The changes that have a tree of their own, by their numbers, and the others.

    Args:
        every: those too that no run could tell anything about.
    """
    changes = found.judgement.changes
    reasons = (
        {} if every else {at: told for at, one in enumerate(changes) if (told := _why_not(one))}
    )
    chosen = [at for at in range(len(changes)) if at not in reasons]
    parts, left = [], [Left(at + 1, changes[at], told) for at, told in reasons.items()]
    for at, part in zip(chosen, taken_apart(found, chosen), strict=True):
        if part.tree is None:
            left.append(Left(at + 1, part.change, part.problem or "it cannot be taken apart"))
        else:
            parts.append((at + 1, part))
    if not parts:
        raise Problem(
            "nothing-to-split",
            f"none of the {len(changes)} changes can be an experiment of its own",
            *(f"{one.number} {one.change.summary}   {one.reason}" for one in left),
        )
    return parts, tuple(sorted(left, key=lambda one: one.number))


def _why_not(change: Change) -> str | None:
    kinds = {part.kind for part in change.single()}
    return next((told for kind, told in NOT_RUN.items() if kind in kinds), None)


def _alone(found: Judged, part: Part) -> Judged:
    """The judgement of one change by itself."""
    assert part.tree is not None
    tree = Tree(part.tree, None, part.change.summary)
    # Untracked files are the working tree's; a tree that was made of objects has none.
    return judged(replace(found.candidate, tree=tree, untracked=()), committed=False)


def _whole(found: Judged, left: Sequence[Left]) -> Asked | None:
    """All changes together; None where some of them are not run by themselves."""
    if left:
        return None
    count = len(found.judgement.changes)
    return Asked(found, f"all {count} together", f"split: the whole of {plural(count, 'change')}")


def _label(number: int, part: Part) -> str:
    return f"{number}  {part.change.summary}"


def _plan(project: Project, found: Judged) -> SplitPlan:
    ground = require_ground(project, found)
    parts, left = _parts(found)
    names = {number: identified(project, ground, _alone(found, part)) for number, part in parts}
    whole = None if left else identified(project, ground, found)
    candidate, changes = found.candidate, found.judgement.changes
    return SplitPlan(candidate.tree.name, _baseline(candidate), changes, names, whole, left)


def _interaction(
    project: Project, baseline: str, singles: dict[str, str], whole: str
) -> Interaction | None:
    """What the whole is more, or less, than the sum; over seeds whose runs share one run of the baseline.

    Args:
        baseline: its snapshot key.
        singles: ids of the experiments by how they are called.
    """
    notebook = open_notebook(project)
    plan = notebook.experiment(whole).registration
    assert plan is not None
    metric = plan.plan.metric
    base = notebook.baseline(baseline)

    def pairs(name: str) -> tuple[tuple[Run, Run], ...]:
        return judged_pairs(notebook.experiment(name), base)

    reference = {old.intent.index: old for old, _ in pairs(whole)}

    def arm(name: str) -> dict[int, float]:
        return _values(
            {
                old.intent.index: new
                for old, new in pairs(name)
                if old.intent.index in reference
                and reference[old.intent.index].intent.id == old.intent.id
            },
            metric,
        )

    return interaction(
        plan.plan,
        _values(reference, metric),
        {label: arm(name) for label, name in singles.items()},
        arm(whole),
        seeds_wired=seeds_wired(reference.values()),
    )


def _values(runs: dict[int, Run], metric: str) -> dict[int, float]:
    found = {at: values_of(run, metric) for at, run in runs.items()}
    return {at: value for at, value in found.items() if value is not None}


def _branch(number: int, change: Change) -> str:
    told = slug(change.summary)
    return f"{FOLDER}/{number}-{told}" if told else f"{FOLDER}/{number}"


def _own_tip(git: Git, name: str, part: Part, baseline: str) -> str | None:
    """The commit of a branch that holds this change already; None where there is no such branch.

    Raises:
        Problem: it holds something else.
    """
    tip = branch_tip(git, name)
    if tip is None:
        return None
    if git.text("show", "--no-patch", "--format=%T %P", tip, "--").split() == [part.tree, baseline]:
        return tip
    raise Problem(
        "branch-exists",
        f"the branch {name} is there already, with something else; no branch was made",
        f"keep it by another name   git branch -m {name} kept-{name.replace('/', '-')}",
    )


def _message(found: Judged, change: Change) -> str:
    subject = shortened(clean(change.summary), SUBJECT_WIDTH)
    count, name = len(found.judgement.changes), found.candidate.tree.name
    return f"{subject}\n\nOne of {count} changes of {name}, taken apart by paribus split.\n"


def _baseline(candidate: Candidate) -> dict[str, str]:
    return {"commit": candidate.baseline.commit, "name": candidate.baseline.name}
