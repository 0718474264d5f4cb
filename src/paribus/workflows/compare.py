"""`paribus compare`: metrics, plots and params of any revisions against one baseline."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from paribus.core.errors import Exit, Problem
from paribus.core.protocol import Protocol
from paribus.core.verdict import Verdict
from paribus.git.command import Git
from paribus.git.objects import missing
from paribus.git.pipelined import Pipelined
from paribus.git.revisions import Baseline, find_baseline, resolve
from paribus.git.worktree import captured
from paribus.ledger.branch import Branch
from paribus.ledger.notebook import Notebook
from paribus.reports.compare import Compared, CompareReport
from paribus.workflows.comparing.asked import WORKSPACE, Asked, range_of, understood
from paribus.workflows.comparing.forest import Forest, trees_of
from paribus.workflows.comparing.means import Measured
from paribus.workflows.comparing.naming import Named
from paribus.workflows.comparing.numbers import (
    Held,
    Numbers,
)
from paribus.workflows.comparing.pipelines import Pipelines
from paribus.workflows.comparing.verdicts import Verdicts
from paribus.workflows.project import Project
from paribus.workflows.reading import Reader, Tree

MOST_ASKED = 10
"""Revisions in which a protocol is looked for."""


def compare(project: Project, revisions: Sequence[str], baseline: str | None) -> CompareReport:
    """Reads every revision's metrics, plots and params, and the verdict that the ledger has of it.

    What cannot be read has its problem in the report, and does not stop the others.

    Args:
        revisions: at least one: commits by any name, ranges `A..B`, ids of experiments and runs, DVC's
            experiments, and `workspace` for the working tree.

    Raises:
        Problem: the baseline does not exist or cannot be read, or the only revision cannot.
    """
    with ExitStack() as stack:
        working = _Working.captured(project, stack) if WORKSPACE in revisions else None
        git = (working.git if working else None) or project.repository.git
        objects = stack.enter_context(Pipelined(git))
        asked = understood(project, objects, revisions)
        if len(asked) == 1 and asked[0].problem is not None:
            raise asked[0].problem
        comparison = _Comparison(project, objects, _baseline(project, asked, revisions, baseline))
        return comparison.report(asked, working.tree if working else None)


def sorted_by(report: CompareReport, name: str) -> CompareReport:
    """The same with its revisions by a value, the best first; those without one come last.

    Where nobody declared which way is better, it is told by the name, and of params the largest is first.

    Raises:
        Problem: no revision has such a value.
    """
    from paribus.reports.comparing.order import in_order  # noqa: PLC0415 (seldom asked for)

    return replace(report, compared=in_order(report, name))


# Private functions


@dataclass(frozen=True, slots=True)
class _Working:
    """The working tree as a Git tree, or why it cannot be had."""

    tree: Tree | Problem
    git: Git | None = None

    @classmethod
    def captured(cls, project: Project, stack: ExitStack) -> _Working:
        try:
            # What else judging needs is loaded with it.
            from paribus.workflows.candidate import working_tree  # noqa: PLC0415

            capture = stack.enter_context(captured(project.repository, keep=False))
            return cls(working_tree(project, capture), capture.git)
        except Problem as problem:
            if problem.status is not Exit.BAD_INPUT:
                raise
            return cls(problem)


class _Comparison:
    """Reads revisions beside one baseline."""

    def __init__(self, project: Project, objects: Pipelined, base: Baseline) -> None:
        self._project = project
        self._objects = objects
        self._base = base
        self._tree = Tree(objects.tree_of(base.commit), base.commit, f"baseline {base.name}")
        self._reader = Reader(project, objects)
        self._forest = Forest(objects)
        self._notebook = Notebook(Branch(project.repository.git))

    def report(self, asked: Sequence[Asked], working: Tree | Problem | None) -> CompareReport:
        known = trees_of(self._objects, [one.commit for one in asked if one.commit])
        trees = [self._tree_of(one, known, working) for one in asked]
        protocol = self._protocol([tree for tree in trees if isinstance(tree, Tree)])
        pipelines = Pipelines(self._project, self._forest, protocol.neutral)
        numbers = Numbers(self._reader, self._forest, pipelines)
        reference, *found = numbers.of(
            [self._tree, *(tree for tree in trees if isinstance(tree, Tree))]
        )
        if isinstance(reference, Problem):
            raise reference
        read = iter(found)
        held = [next(read) if isinstance(tree, Tree) else tree for tree in trees]
        for one, each in zip(asked, held, strict=True):
            if len(asked) == 1 and isinstance(each, Problem) and one.page is None:
                raise each
        return self._told(protocol, asked, trees, [reference, *held])

    # Private methods

    def _told(
        self,
        protocol: Protocol,
        asked: Sequence[Asked],
        trees: Sequence[Tree | Problem],
        held: Sequence[Held | Problem],
    ) -> CompareReport:
        recorded = [self._recorded(one) for one in asked]
        named = Named(held, self._project, [self._base.commit, *(one.commit for one in asked)])
        verdicts = self._verdicts(asked, trees, held[1:])
        return CompareReport(
            baseline=self._base.commit,
            baseline_name=self._base.name,
            reference=self._reference(named.one(0, self._base.commit, self._base.name), recorded),
            compared=tuple(
                _with(named.one(at, one.commit, one.name), one, numbers, verdict)
                for at, (one, numbers, verdict) in enumerate(
                    zip(asked, recorded, verdicts, strict=True), 1
                )
            ),
            metric=protocol.metric,
            higher_is_better=protocol.higher_is_better,
            guards={guard.metric: guard.higher_is_better for guard in protocol.guards},
            origins=named.origins,
        )

    def _tree_of(
        self, one: Asked, known: Mapping[str, str], working: Tree | Problem | None
    ) -> Tree | Problem:
        if one.problem is not None:
            return one.problem
        if one.commit is None and one.page is None:
            assert working is not None
            return working
        if one.commit is not None and one.commit in known:
            return Tree(known[one.commit], one.commit, one.name)
        if one.run is None and one.commit is not None:
            return missing(f"commit {one.commit}")
        registration = one.page.registration if one.page is not None else None
        if registration is None:
            return Problem("missing-object", f"the result of {one.name} is no longer here")
        return Tree(registration.tree, registration.tree, one.name)

    def _protocol(self, trees: Sequence[Tree]) -> Protocol:
        """The baseline's; where it has none yet, that of the first revision that has one."""
        for tree in (self._tree, *trees[:MOST_ASKED]):
            found = self._reader.protocol(tree)
            if found is not None:
                return found
        return Protocol()

    def _recorded(self, one: Asked) -> Measured | None:
        if one.page is None:
            return None
        from paribus.workflows.comparing.recorded import measured, once  # noqa: PLC0415 (seldom)

        return once(one.run) if one.run is not None else measured(self._notebook, one.page)

    def _reference(self, one: Compared, recorded: Sequence[Measured | None]) -> Compared:
        """What an experiment's means are held against are the means of the same pairs."""
        runs = [run for each in recorded if each is not None for run in each.against]
        if not runs:
            return one
        from paribus.workflows.comparing.recorded import mean_of  # noqa: PLC0415 (seldom)

        mean = mean_of(runs)
        metrics = {**one.metrics, **mean.metrics}
        return replace(one, metrics=metrics, runs=mean.runs, missing=(), absent=())

    def _verdicts(
        self,
        asked: Sequence[Asked],
        trees: Sequence[Tree | Problem],
        held: Sequence[Held | Problem],
    ) -> list[Verdict | None]:
        found = [
            one.page.conclusions[-1].verdict
            if one.page is not None and one.run is None and one.page.conclusions
            else None
            for one in asked
        ]
        judged = [
            (at, tree, each)
            for at, (one, tree, each) in enumerate(zip(asked, trees, held, strict=True))
            if one.page is None and isinstance(tree, Tree) and isinstance(each, Held)
        ]
        source = Verdicts(self._project, self._notebook, self._reader, self._objects, self._tree)
        verdicts = source.of(
            [each[1] for each in judged], [each[2] for each in judged], self._forest
        )
        for (at, _, _), verdict in zip(judged, verdicts, strict=True):
            found[at] = verdict
        return found


def _with(
    found: Compared, one: Asked, numbers: Measured | None, verdict: Verdict | None
) -> Compared:
    """What the ledger has of it stands above what the tree holds."""
    found = replace(found, verdict=verdict, of_range=one.of_range)
    if numbers is None:
        return found
    return replace(
        found,
        metrics=numbers.metrics,
        plots={},
        missing=(),
        absent=(),
        problem=None,
        experiment=one.page.id if one.page is not None and one.page.registration else None,
        runs=numbers.runs,
        paired=numbers.paired,
    )


def _baseline(
    project: Project, asked: Sequence[Asked], names: Sequence[str], given: str | None
) -> Baseline:
    """As everywhere; for an experiment what it was measured against, for a range its beginning.

    The beginning counts where the usual baseline is one of the compared commits themselves.
    """
    pages = [one.page for one in asked if one.page is not None and one.run is None]
    registration = pages[0].registration if pages else None
    if given is None and registration is not None:
        commit, name = (str(registration.baseline[key]) for key in ("commit", "name"))
        with contextlib.suppress(Problem):
            return Baseline(resolve(project.repository, commit), name, "the experiment's own")
    first = next((one.commit for one in asked if one.commit), None)
    base = find_baseline(project.repository, first or resolve(project.repository, "HEAD"), given)
    ends = next(filter(None, map(range_of, names)), None)
    listed = {one.commit for one in asked if one.of_range}
    if given is None and ends is not None and base.commit in listed:
        return Baseline(resolve(project.repository, ends[0]), ends[0], "where the range begins")
    return base
