"""`paribus run`: the main job. Judge, look in the ledger, register, run pairs, decide, record."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from paribus.core.errors import Problem
from paribus.core.identity import experiment_id
from paribus.core.policy import Count
from paribus.core.verdict import Outcome, is_final
from paribus.ledger.page import Page
from paribus.reports.check import CheckReport
from paribus.reports.dry_run import DryRun
from paribus.reports.run import RunReport
from paribus.workflows.again import typed
from paribus.workflows.candidate import Candidate, opened
from paribus.workflows.doubts import doubts, require_more_than_seeds
from paribus.workflows.experiments import (
    claimed,
    note_interrupted,
    open_notebook,
    report_of,
    short_id,
)
from paribus.workflows.judging import Judged, check_report, judged
from paribus.workflows.limits import NO_LIMITS, Limits
from paribus.workflows.listening import RunListener
from paribus.workflows.measuring import anchor
from paribus.workflows.project import Project
from paribus.workflows.reading import Tree
from paribus.workflows.registering import Entry, fixed_effect, registered
from paribus.workflows.runner import running
from paribus.workflows.subjects import (
    Ground,
    baseline_series,
    experiment_series,
    require_ground,
    require_runnable,
)
from paribus.workflows.testing import Test

FINAL = {Outcome.IMPROVED, Outcome.WORSE, Outcome.NO_DIFFERENCE}


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the caller asks for.

    Attributes:
        revision: a commit or branch; None for the working tree.
        baseline: None to find it.
        overrides: `key=value`, on top of the revision or the working tree.
        hypothesis: why it should help.
        jobs: runs at once.
        pairs: at most so many pairs now; None for the plan's cap.
        allow: why more than one change is let through; None to refuse.
        dry_run: judge and plan only.
        runs: at most so many candidate runs now, of several experiments; None for no limit.
        command: what goes on with it; empty for that of `paribus run`.
        limits: what runs may take.
        failed: whether runs that failed by themselves are made again, too.
    """

    revision: str | None = None
    baseline: str | None = None
    overrides: Sequence[str] = ()
    hypothesis: str = ""
    jobs: int = 1
    pairs: int | None = None
    allow: str | None = None
    dry_run: bool = False
    runs: int | None = None
    command: str = ""
    limits: Limits = NO_LIMITS
    failed: bool = False


def run(
    project: Project, options: RunOptions, listener: RunListener
) -> RunReport | CheckReport | DryRun:
    """Measures one change against its baseline until a verdict stands, or tells why it will not.

    Returns:
        The report; the judgement, where it is refused; or what would be run.
    """
    with _opened(project, options, keep=False) as candidate:
        found = judged(candidate)
        require_more_than_seeds(found, options.overrides)
        told = _told_at_once(project, options, found)
        if not isinstance(told, CheckReport):
            for text in doubts(found, options.overrides):
                listener.noted(text)
        if told is not None:
            return told
        tree = candidate.tree.id
    with _opened(project, options, keep=True) as candidate:
        require_unmoved(candidate, tree)
        return go_on(project, options, listener, judged(candidate))


def run_tree(
    project: Project, options: RunOptions, listener: RunListener, tree: Tree
) -> RunReport | CheckReport | DryRun:
    """As `run`, of a tree that the repository holds already, such as one that was put together.

    Args:
        options: its revision, if any, tells only where the baseline is looked for; overrides go on
            top of the tree.
    """
    with _opened(project, options, keep=not options.dry_run, tree=tree) as candidate:
        found = judged(candidate)
        told = _told_at_once(project, options, found)
        return told or go_on(project, options, listener, found)


def go_on(project: Project, options: RunOptions, listener: RunListener, found: Judged) -> RunReport:
    """Measures a candidate that was judged, and is not refused, until a verdict stands."""
    ground = require_ground(project, found)
    notebook = open_notebook(project)
    identifier = experiment_id(ground.key, found.judgement.changes, ground.protocol, project.prefix)
    page = notebook.experiment(identifier)
    if not is_judged(page):
        with claimed(project, identifier):
            page = notebook.experiment(identifier)  # whoever held it before may have judged it
            if not is_judged(page):
                return _measured(project, options, listener, found, ground, page)
    return report_of(notebook, project, page, found=True, command=typed_again(options))


def refusal(found: Judged, allow: str | None) -> CheckReport | None:
    """Why a candidate is not run: it has too many changes, or moves the ruler; None where it is.

    Args:
        allow: why more than one change is let through; None to refuse.

    Raises:
        Problem: there is nothing that a run could tell.
    """
    judgement, candidate = found.judgement, found.candidate
    if judgement.outcome is Count.NONE:
        raise Problem(
            "no-change",
            f"nothing differs from baseline {candidate.baseline.name}, so there is nothing to test",
            "set a param            paribus run -S key=value",
            "measure the baseline   paribus baseline --measure",
        )
    many = judgement.outcome is Count.MANY and allow is None
    if many or judgement.moves_ruler:
        return check_report(found, allowed=allow is not None)
    require_runnable(judgement)
    return None


def is_judged(page: Page) -> bool:
    """Whether its verdict stands; one that only a failure keeps from standing does not."""
    if not page.conclusions:
        return False
    verdict = page.conclusions[-1].verdict
    stuck = is_final(verdict) and not verdict.candidate_failures
    return stuck or verdict.outcome in FINAL


def targets(looks: Sequence[int], pairs: int | None) -> tuple[int, ...]:
    """Numbers of pairs to run to: the looks, up to a limit of the caller's, which is not a look."""
    if pairs is None:
        return tuple(looks)
    return (*(look for look in looks if look < pairs), min(pairs, looks[-1]))


def require_unmoved(candidate: Candidate, tree: str) -> None:
    """Raises `Problem` where what was judged is not what is about to be run."""
    if candidate.tree.id != tree:
        raise Problem("moved", "the working tree changed meanwhile", "run it again", retryable=True)


def dry_run(project: Project, found: Judged, options: RunOptions) -> DryRun:
    """What would be run, of a candidate that is not refused."""
    ground = require_ground(project, found)
    identifier = experiment_id(ground.key, found.judgement.changes, ground.protocol, project.prefix)
    notebook = open_notebook(project)
    conclusions = notebook.experiment(identifier).conclusions
    known = baseline_series(found.candidate, ground, notebook.baseline(ground.key))
    return DryRun(
        check_report(found),
        identifier,
        targets(ground.protocol.looks, options.pairs),
        len({run.intent.index for run in known.runs}),
        conclusions[-1].verdict if conclusions else None,
    )


def typed_again(options: RunOptions) -> str:
    """The command that goes on with what was asked for."""
    return options.command or typed(
        "run", options.revision, options.overrides, options.allow, options.baseline
    )


# Private functions


def _opened(
    project: Project, options: RunOptions, *, keep: bool, tree: Tree | None = None
) -> AbstractContextManager[Candidate]:
    """The tree is captured where it is the working tree's, and else as it is."""
    revision, baseline, overrides = options.revision, options.baseline, options.overrides
    return opened(project, revision, baseline, overrides, keep=keep, tree=tree)


def _told_at_once(
    project: Project, options: RunOptions, found: Judged
) -> CheckReport | DryRun | None:
    """What is told without running anything; None where it is to be run."""
    refused = refusal(found, options.allow)
    if refused is not None or not options.dry_run:
        return refused
    return dry_run(project, found, options)


def _measured(
    project: Project,
    options: RunOptions,
    listener: RunListener,
    found: Judged,
    ground: Ground,
    page: Page,
) -> RunReport:
    notebook = open_notebook(project)
    known, registration = notebook.baseline(ground.key), page.registration
    note_interrupted(project, listener, page, known)
    generation = known.refreshes if registration is None else registration.generation
    baseline = baseline_series(found.candidate, ground, known, generation)
    with running(project, notebook, options.jobs, listener, options.limits) as runner:
        anchor(baseline, runner)
        if registration is None:
            effect = fixed_effect(ground, baseline, runner)
            registration = registered(project, notebook, found, ground, effect, Entry(
                options.hypothesis, options.allow, generation))  # fmt: skip
        listener.registered(registration, short_id(notebook, page.id))
        candidate = experiment_series(found, page.id, ground, page, generation)
        candidate.trusted = baseline.trusted
        if options.failed:
            baseline.forgive()
            candidate.forgive()
        test = Test(registration.plan, baseline, candidate, runner, listener)
        conclusion = test.conclude(targets(registration.plan.looks, options.pairs))
    recorded = notebook.conclude(page.id, conclusion)
    page = notebook.experiment(page.id)
    return report_of(notebook, project, page, recorded=recorded, command=typed_again(options))
