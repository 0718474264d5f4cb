"""`paribus adopt`: one change of a colleague's line, tried on one's own baseline."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace

from paribus.core.change import Change, Kind
from paribus.core.errors import Problem
from paribus.git.revisions import find_newest_baseline, resolve
from paribus.reports.check import CheckReport
from paribus.reports.dry_run import DryRun
from paribus.reports.run import RunReport
from paribus.reports.text import plural
from paribus.workflows.candidate import Candidate, opened
from paribus.workflows.experiments import find, open_notebook
from paribus.workflows.finishing import judged_again
from paribus.workflows.judging import Judged, judged
from paribus.workflows.limits import NO_LIMITS, Limits
from paribus.workflows.listening import RunListener
from paribus.workflows.project import Project
from paribus.workflows.reading import Tree
from paribus.workflows.run import RunOptions, dry_run, refusal, run_tree
from paribus.workflows.taking_apart.apart import adopted

MOST_LISTED = 12
"""Changes that are named where one has to be chosen."""


@dataclass(frozen=True, slots=True)
class AdoptOptions:
    """What the caller asks for.

    Attributes:
        source: the beginning of an experiment's id, or a revision.
        number: of the change, from 1, as `paribus check` numbers them; None for the only one.
        hypothesis: why it should help here; empty for the original's.
        jobs: runs at once.
        pairs: at most so many pairs now; None for the plan's cap.
        dry_run: judge and plan only.
        limits: what runs may take.
    """

    source: str
    number: int | None = None
    hypothesis: str = ""
    jobs: int = 1
    pairs: int | None = None
    dry_run: bool = False
    limits: Limits = NO_LIMITS


def adopt(
    project: Project, options: AdoptOptions, listener: RunListener
) -> RunReport | CheckReport | DryRun:
    """Takes one change from where it was made to one's own baseline, and measures it there.

    What it is measured against, and whether it is an experiment that the ledger has already, is as
    with `paribus run`. Edits in the working tree are no part of it.

    Returns:
        As `run`.

    Raises:
        Problem: there is no such change, or one's own baseline has something else in its place.
    """
    nothing = Tree("", None, "")  # what is to be judged is made of the baseline, which comes first
    with opened(project, keep=not options.dry_run, tree=nothing) as own:
        origin = _origin(project, options.source, own)
        which = _chosen(origin, options.source, options.number)
        part = adopted(origin.found, which, own.baseline_tree)
        if part.tree is None:
            raise Problem(
                "not-adopted",
                f"{part.change.summary} cannot be adopted: {part.problem}",
                "make the change by hand, and try it   paribus run",
            )
        tree = Tree(part.tree, None, f"{own.baseline_tree.name} with {part.change.summary}")
        said = options.hypothesis or origin.hypothesis
        asked = RunOptions(
            hypothesis="; ".join(filter(None, [said, f"adopted from {origin.name}"])),
            jobs=options.jobs,
            limits=options.limits,
            pairs=options.pairs,
            command=shlex.join(["paribus", "adopt", options.source, str(which + 1)]),
        )
        if options.dry_run:
            found = judged(replace(own, tree=tree))
            return refusal(found, None) or dry_run(project, found, asked)
    return run_tree(project, asked, listener, tree)


# Private functions


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a change comes from.

    Attributes:
        found: all changes there, against the baseline there.
        name: for the record: it must still say what was meant when branches have moved.
        hypothesis: the original's; empty where there is none.
    """

    found: Judged
    name: str
    hypothesis: str


def _origin(project: Project, source: str, own: Candidate) -> _Origin:
    """An experiment of the ledger, or else a revision; what it is read with is one's own reader."""
    notebook = open_notebook(project)
    try:
        page = find(notebook, source)
    except Problem as problem:
        if problem.code != "unknown-experiment":
            raise
        return _from_revision(project, source, own)
    assert page.registration is not None
    found = judged_again(project, page, own.reader, own.objects)
    return _Origin(found, page.id, page.registration.hypothesis)


def _from_revision(project: Project, revision: str, own: Candidate) -> _Origin:
    repository, objects = project.repository, own.objects
    try:
        commit = resolve(repository, revision)
    except Problem as problem:
        raise Problem(
            "unknown-origin",
            f"neither an experiment nor a commit is called {revision!r} here",
            "all experiments   paribus log",
            *problem.helps,
        ) from problem
    base = find_newest_baseline(repository, (commit,), None)
    candidate = replace(
        own,
        tree=Tree(objects.tree_of(commit), commit, revision),
        baseline=base,
        baseline_tree=Tree(objects.tree_of(base.commit), base.commit, f"baseline {base.name}"),
        given=False,
    )
    name = commit if commit.startswith(revision) else f"{revision} ({commit[:12]})"
    return _Origin(judged(candidate), name, "")


def _how(change: Change, source: str, number: int) -> str:
    """The command that adopts a change; what no experiment can tell anything about has none."""
    kinds = {part.kind for part in change.single()} & {Kind.RULER, Kind.ENVIRONMENT}
    if kinds:
        return f"({number}: the {min(kinds).value}, which is no experiment)"
    return f"paribus adopt {shlex.quote(source)} {number}"


def _chosen(origin: _Origin, source: str, number: int | None) -> int:
    """The place of a change among those that there are, from 0."""
    changes, baseline = origin.found.judgement.changes, origin.found.candidate.baseline
    if not changes:
        raise Problem(
            "no-change",
            f"nothing differs there from its baseline {baseline.name}, so there is nothing to adopt",
        )
    if number is None and len(changes) == 1:
        return 0
    if number is not None and number <= len(changes):
        return number - 1
    told = "say which" if number is None else f"there is no number {number}"
    listed = [
        f"{' '.join(change.summary.split())}   {_how(change, source, at + 1)}"
        for at, change in enumerate(changes[:MOST_LISTED])
    ]
    raise Problem(
        "which-change",
        f"{plural(len(changes), 'change')} against {baseline.name}: {told}",
        *listed,
    )
