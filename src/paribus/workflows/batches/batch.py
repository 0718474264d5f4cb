"""Several experiments against one baseline: registered first, then run together, each judged by itself."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from paribus.core.errors import Problem
from paribus.core.identity import experiment_id
from paribus.core.plan import Plan
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.reports.batch import BatchReport
from paribus.reports.members import Member, Refused
from paribus.workflows.batches.family import adjusted_among
from paribus.workflows.batches.race import NEVER, Race, Trial
from paribus.workflows.experiments import (
    claimed,
    note_interrupted,
    open_notebook,
    report_of,
    short_id,
)
from paribus.workflows.judging import Judged
from paribus.workflows.listening import BatchListener
from paribus.workflows.measuring import Series, anchor
from paribus.workflows.project import Project
from paribus.workflows.registering import Entry, fixed_effect, registered
from paribus.workflows.run import RunOptions, is_judged
from paribus.workflows.runner import Runner, running
from paribus.workflows.subjects import (
    Ground,
    baseline_series,
    experiment_series,
    require_ground,
)
from paribus.workflows.testing import Test


@dataclass(frozen=True, slots=True)
class Asked:
    """One experiment of a batch: it has been judged, and nothing speaks against running it.

    Attributes:
        label: how it is called in the report; empty for what it changes.
        allow: why more than one change is let through; None where there is one.
    """

    found: Judged
    label: str = ""
    allow: str | None = None


def identified(project: Project, ground: Ground, found: Judged) -> str:
    """The id of the experiment that a candidate is."""
    return experiment_id(ground.key, found.judgement.changes, ground.protocol, project.prefix)


def measured_together(
    project: Project, options: RunOptions, listener: BatchListener, asked: Sequence[Asked], how: str
) -> BatchReport:
    """Runs experiments until each is judged, or as many runs are spent as are allowed.

    What was judged earlier is not run again; what another process runs is left to it. The members
    come in the order in which they were asked for.

    Args:
        asked: at least one, no experiment twice, all against the same baseline.
        how: why they are together, as the ledger has it: `values` or `split`.
    """
    notebook, baseline = open_notebook(project), asked[0].found.candidate.baseline
    ground = require_ground(project, asked[0].found)
    names = [identified(project, ground, one.found) for one in asked]
    batch, made = _Batch(project, notebook, options, listener, ground), 0
    with ExitStack() as claims:
        shares = _Shares(project, notebook, claims)
        for name, one in zip(names, asked, strict=True):
            shares.claim(name, one)
        family = [name for name in names if name not in shares.held]
        if shares.mine:
            made = batch.carried_out(shares.mine, family, how)
    pages = {name: notebook.experiment(name) for name in family}
    adjusted = adjusted_among(pages, notebook.baseline(ground.key))
    members = []
    for name, one in zip(names, asked, strict=True):
        if name in pages:
            report = report_of(notebook, project, pages[name], found=name in shares.found)
            members.append(Member(report, one.label or report.registration.summary, adjusted[name]))
    return BatchReport(
        {"commit": baseline.commit, "name": baseline.name},
        tuple(members),
        tuple(shares.held.values()),
        runs=made,
        limit=options.runs,
        command=options.command or None,
    )


# Private functions


@dataclass(slots=True)
class _Shares:
    """Who does what: judged earlier, run by another process, or left for us.

    Attributes:
        claims: holds the claims on what is left for us.
    """

    project: Project
    notebook: Notebook
    claims: ExitStack
    found: set[str] = field(default_factory=set)
    held: dict[str, Refused] = field(default_factory=dict)
    mine: dict[str, Asked] = field(default_factory=dict)

    def claim(self, name: str, one: Asked) -> None:
        """Puts an experiment where it belongs."""
        if not is_judged(self.notebook.experiment(name)):
            try:
                self.claims.enter_context(claimed(self.project, name))
            except Problem as problem:
                self.held[name] = _left_to_others(one, problem)
                return
        if is_judged(self.notebook.experiment(name)):  # or whoever held it before has judged it
            self.found.add(name)
        else:
            self.mine[name] = one


@dataclass(slots=True)
class _Batch:
    """What all experiments of a batch share."""

    project: Project
    notebook: Notebook
    options: RunOptions
    listener: BatchListener
    ground: Ground

    def carried_out(self, mine: dict[str, Asked], family: Sequence[str], how: str) -> int:
        """Registers what is not registered, tells the family, and runs; returns the candidate runs made."""
        pages = {name: self.notebook.experiment(name) for name in mine}
        known = self.notebook.baseline(self.ground.key)
        note_interrupted(self.project, self.listener, *pages.values(), known)
        jobs, listener, limits = self.options.jobs, self.listener, self.options.limits
        with running(self.project, self.notebook, jobs, listener, limits) as runner:
            any_found = next(iter(mine.values())).found
            generations = {self._generation(pages[name], known) for name in mine}
            baselines = {
                generation: baseline_series(any_found.candidate, self.ground, known, generation)
                for generation in sorted(generations)
            }
            for series in baselines.values():
                anchor(series, runner)
            plans = self._registered(mine, pages, known, baselines, runner)
            if len(family) > 1:
                self.notebook.join_family(family, how)
            trials = []
            for name, one in mine.items():
                generation = self._generation(pages[name], known)
                candidate = experiment_series(one.found, name, self.ground, pages[name], generation)
                candidate.trusted = baselines[generation].trusted
                test = Test(plans[name], baselines[generation], candidate, runner, listener)
                trials.append(Trial(name, self._short(name), test, _told(pages[name])))
            pairs, runs = self.options.pairs, self.options.runs
            return Race(
                self.notebook, runner, listener, trials, jobs=jobs, pairs=pairs, runs=runs
            ).run()

    def _registered(
        self,
        mine: dict[str, Asked],
        pages: dict[str, Page],
        known: Page,
        baselines: dict[int, Series],
        runner: Runner,
    ) -> dict[str, Plan]:
        """The plan of each experiment; every one is in the ledger before the first run of any."""
        plans: dict[str, Plan] = {}
        effect: float | None = None
        for name, one in mine.items():
            registration = pages[name].registration
            if registration is None:
                if effect is None:
                    effect = fixed_effect(self.ground, baselines[known.refreshes], runner)
                entry = Entry(
                    self.options.hypothesis,
                    one.allow,
                    known.refreshes,
                    # One of many need not be kept long: clear losers stop at the first look.
                    futile_from=self.ground.protocol.looks[0],
                )
                registration = registered(
                    self.project, self.notebook, one.found, self.ground, effect, entry
                )
            self.listener.registered(registration, self._short(name))
            plans[name] = registration.plan
        return plans

    def _short(self, name: str) -> str:
        return short_id(self.notebook, name)

    def _generation(self, page: Page, known: Page) -> int:
        return known.refreshes if page.registration is None else page.registration.generation


def _told(page: Page) -> int:
    return len(page.conclusions[-1].pairs) if page.conclusions else NEVER


def _left_to_others(one: Asked, problem: Problem) -> Refused:
    changes = one.found.judgement.changes
    label = one.label or "; ".join(change.summary for change in changes)
    return Refused(label, problem.code, problem.message, problem.status, changes, problem.helps)
