"""Which recorded runs a verification makes again."""

from __future__ import annotations

import re
from dataclasses import dataclass

from paribus.core.errors import Problem
from paribus.core.experiment import Registration
from paribus.core.pairing import measured
from paribus.core.run import Purpose, Run
from paribus.ledger.branch import Branch
from paribus.ledger.by_run import pages_with_run
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.workflows.asking import open_index
from paribus.workflows.baseline import baseline_ground
from paribus.workflows.candidate import opened
from paribus.workflows.experiments import find
from paribus.workflows.project import Project

BASELINE = "baseline"
RESULT_REF = re.compile(r"refs/exps/([0-9a-f]{2})/([0-9a-f]{38,62})/")
SHORTEST = 4
"""Characters of a run's id."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded run that succeeded, and where it belongs.

    Attributes:
        run: as the ledger has it.
        registration: of the experiment; None for a baseline that is verified by itself.
        baseline: the page of the baseline, whose reruns tell how noisy a seed is.
    """

    run: Run
    registration: Registration | None
    baseline: Page

    @property
    def of_baseline(self) -> bool:
        """Whether it is a run of the baseline."""
        return self.run.intent.experiment is None

    @property
    def owner(self) -> str:
        """Where its record belongs: the experiment's id, or `baseline/<snapshot key>`."""
        return self.run.intent.experiment or f"baseline/{self.baseline.id}"

    @property
    def commit(self) -> str | None:
        """The commit that a baseline's run was made of, or that an experiment builds on."""
        named = RESULT_REF.match(self.run.ref or "")
        if self.of_baseline and named:
            return named[1] + named[2]
        return None if self.registration is None else self.registration.baseline["commit"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is verified.

    Attributes:
        subject: the experiment's id, or the baseline's snapshot key.
        registration: of the experiment; None for a baseline.
        runs: in the order in which they are told.
    """

    subject: str
    registration: Registration | None
    runs: tuple[Recorded, ...]


def chosen(project: Project, branch: Branch, text: str, pairs: int, *, both: bool) -> Chosen:
    """The runs that a user means.

    Args:
        text: the beginning of an experiment's or a run's id, or `baseline`.
        pairs: how many pairs of an experiment, from the first that counts.
        both: whether the baseline's run of each pair, too.

    Raises:
        Problem: there is no such thing, or more than one; or it has no run that succeeded.
    """
    notebook = Notebook(branch)
    if text == BASELINE:
        return _of_baseline(project, notebook, pairs)
    try:
        page = find(notebook, text)
    except Problem as problem:
        if problem.code != "unknown-experiment":
            raise
        return _of_run(project, notebook, text)
    return _of_experiment(notebook, page, pairs, both=both)


# Private functions


def _of_baseline(project: Project, notebook: Notebook, pairs: int) -> Chosen:
    with opened(project) as candidate:
        ground = baseline_ground(project, candidate)
        name = candidate.baseline.name
    page = notebook.baseline(ground.key)
    runs = [run for _, run in sorted(measured(page.runs).items()) if run.succeeded][:pairs]
    if not runs:
        raise Problem(
            "nothing-to-verify",
            f"the baseline {name} has no run that succeeded",
            "make some   paribus baseline --measure",
        )
    return Chosen(page.id, None, tuple(Recorded(run, None, page) for run in runs))


def _of_experiment(notebook: Notebook, page: Page, pairs: int, *, both: bool) -> Chosen:
    assert page.registration is not None
    baseline = notebook.baseline(page.registration.baseline["key"])
    named = [
        run
        for old, new in _pairs(page, baseline)[:pairs]
        for run in ((new, old) if both else (new,))
    ]
    found = [Recorded(run, page.registration, baseline) for run in named if run is not None]
    if not found or len(found) < len(named):
        whose = "its baseline" if found else f"experiment {page.id[:8]}"
        which = "the same pair of " if found else ""
        raise Problem(
            "nothing-to-verify",
            f"no run of {which}{whose} succeeded",
            f"see what became of them   paribus show {page.id[:8]}",
        )
    return Chosen(page.id, page.registration, tuple(found))


def _pairs(page: Page, baseline: Page) -> list[tuple[Run | None, Run]]:
    """The pairs that the verdict counts; before there is one, those that it would count."""
    runs = {run.intent.id: run for run in (*page.runs, *baseline.runs)}
    conclusion = page.conclusions[-1] if page.conclusions else None
    named = [
        (runs.get(old), runs.get(new)) for old, new in (conclusion.pairs if conclusion else ())
    ]
    pairs = [(old, new) for old, new in named if new is not None and new.succeeded]
    if pairs:
        return pairs
    other = {
        (index, tuple(sorted(run.intent.seeds.items()))): run
        for index, run in measured(baseline.runs).items()
        if run.succeeded
    }
    return [
        (other.get((index, tuple(sorted(run.intent.seeds.items())))), run)
        for index, run in sorted(measured(page.runs).items())
        if run.succeeded
    ]


def _of_run(project: Project, notebook: Notebook, text: str) -> Chosen:
    beginning, pages = text.lower(), list[Page]()
    if len(beginning) >= SHORTEST:
        pages = pages_with_run(project.repository.git, open_index(project), beginning)
    found = [
        (page, run) for page in pages for run in page.runs if run.intent.id.startswith(beginning)
    ]
    if not found:
        raise Problem(
            "unknown-run",
            f"neither an experiment's nor a run's id starts with {text!r}",
            "every experiment          paribus log",
            "the runs of one of them   paribus show ID",
        )
    if len(found) > 1:
        ids = ", ".join(run.intent.id for _, run in found[:5])
        raise Problem(
            "ambiguous-run", f"{len(found)} runs start with {text!r}", f"say more   {ids}"
        )
    ((page, run),) = found
    if not run.succeeded or run.intent.purpose is Purpose.LEARN:
        why = "has less training data than its tree says" if run.succeeded else "did not succeed"
        raise Problem(
            "nothing-to-verify",
            f"run {run.intent.id} {why}, so there is nothing to compare with",
            *([f"see what became of it   paribus show {page.id[:8]}"] if page.registration else []),
        )
    baseline = page if page.registration is None else notebook.baseline(_key(page.registration))
    return Chosen(page.id, page.registration, (Recorded(run, page.registration, baseline),))


def _key(registration: Registration) -> str:
    return registration.baseline["key"]
