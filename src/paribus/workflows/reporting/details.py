"""Each experiment in full, one after another, so that memory does not grow with the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from paribus.core.declared import Declared
from paribus.core.experiment import Conclusion, Registration
from paribus.core.run import Purpose, Run, Status
from paribus.git.diffs import Diff
from paribus.git.objects import Objects
from paribus.ledger.branch import Branch
from paribus.ledger.index.building import read_pages
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.ledger.promotions import Promotions
from paribus.ledger.verifications import every_verification
from paribus.reports.notebook.content import Detail, Ended, Overview, PairPoint, Point, Predictions
from paribus.reports.run import RunReport, declared_json
from paribus.reports.runs import last_words
from paribus.reports.standing import Place
from paribus.workflows.again import command_of
from paribus.workflows.experiments import beside_declared
from paribus.workflows.pair_points import pair_points
from paribus.workflows.project import Project
from paribus.workflows.reporting.commands import commands
from paribus.workflows.reporting.diffs import changes_as_text, outputs_of
from paribus.workflows.reporting.predictions import Examples
from paribus.workflows.reporting.sessions import Sessions
from paribus.workflows.reporting.steps import baseline_pages
from paribus.workflows.standing import Standing, by_experiment, standing

TOGETHER = 200
"""Experiments that are in memory at once."""
ENDED = 20
"""Runs that did not succeed of which one experiment tells, the last ones."""
TAIL = 2000
"""Characters of a run's last lines."""


def details(project: Project, shown: Overview) -> Iterator[Detail]:
    """The experiments of an overview in its order; of what cannot be read what can.

    One that has gone from the ledger meanwhile is left out. Runs under way have no end yet, and are not
    among those that did not succeed.
    """
    with Objects(project.repository.git) as objects:
        book = _Book(project, objects, shown)
        points = iter(shown.points)
        while some := list(islice(points, TOGETHER)):
            yield from book.details(some)


# Private functions


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read for some experiments at once."""

    baselines: Mapping[str, Page]
    packed: Mapping[str, Mapping[str, Any]]
    diffs: Mapping[str, Diff | None]


class _Book:
    """What all experiments share."""

    def __init__(self, project: Project, objects: Objects, shown: Overview) -> None:
        git = project.repository.git
        self._project = project
        self._objects = objects
        self._branch = Branch(git)
        self._notebook = Notebook(self._branch)
        self._stands = standing(project, self._notebook)
        self._of_each: Mapping[str, Standing] = by_experiment(self._stands)
        self._others = replace(self._stands, promotions=Promotions())
        self._sessions = Sessions(self._branch)
        self._outputs = outputs_of(project, objects)
        self._examples = Examples(project, objects, shown)
        self._declared: list[Declared] = [one for _, one in self._notebook.declarations()]
        self._verified = {
            subject: tuple(
                (one.start.started, one.end.outcome.value if one.end else "interrupted")
                for one in made
            )
            for subject, made in every_verification(self._branch)
        }

    def details(self, points: Sequence[Point]) -> Iterator[Detail]:
        """Those of some experiments, in their order."""
        git = self._project.repository.git
        tips = self._branch.tips()
        pages = {page.id: page for page in read_pages(git, tips, [one.id for one in points])}
        there = [one for one in points if one.id in pages and pages[one.id].registration]
        known = self._known([pages[one.id] for one in there])
        for point in there:
            page = pages[point.id]
            assert page.registration is not None
            try:
                detail = self._detail(point, page, page.registration, known)
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
                detail = _bare(page, page.registration)  # what somebody else wrote may be anything
            yield detail

    def _known(self, pages: Sequence[Page]) -> _Known:
        registrations = [page.registration for page in pages if page.registration]
        baselines = baseline_pages(
            self._branch, [str(one.baseline["key"]) for one in registrations]
        )
        runs = [run for page in (*pages, *baselines.values()) for run in page.runs]
        self._sessions.learn(run.intent.session for run in runs)
        packed: Mapping[str, Mapping[str, Any]] = {}
        if self._examples.are_declared:
            firsts = [page.conclusions[-1].pairs[:1] for page in pages if page.conclusions]
            packed = self._notebook.examples(
                list(dict.fromkeys(run for pairs in firsts for pair in pairs for run in pair))
            )
        return _Known(
            baselines, packed, changes_as_text(self._project, registrations, self._outputs)
        )

    def _detail(self, point: Point, page: Page, own: Registration, known: _Known) -> Detail:
        conclusion = page.conclusions[-1] if page.conclusions else None
        baseline = known.baselines.get(own.baseline["key"], Page(own.baseline["key"]))
        both, metric = (*baseline.runs, *page.runs), own.plan.metric
        pairs = pair_points(conclusion.pairs, both, metric) if conclusion else ()
        place = self._of_each.get(page.id, self._others).place(own)
        diff = known.diffs.get(page.id)
        measured = [run for run in page.runs if run.intent.purpose is Purpose.MEASURE]
        last = page.runs[-1] if page.runs else None
        return Detail(
            id=page.id,
            changes=own.changes,
            diff=diff.text if diff else None,
            diff_cut=bool(diff and diff.is_cut),
            looks=tuple(look.as_json() for look in conclusion.trail) if conclusion else (),
            verdict=conclusion.verdict.as_json() if conclusion else None,
            pairs=pairs,
            fresh=pair_points(place.end.runs, both, metric) if place.end else (),
            confirmation=_confirmation(place),
            null_control=conclusion.null_control if conclusion else (0, 0),
            ended=_ended(page),
            tail=_tail(last) if last else "",
            sessions=self._sessions.told(_sessions(pairs, baseline, page)),
            commands=commands(self._report(point, page, own, place, conclusion, baseline)),
            predictions=self._predictions(page, pairs, baseline, known.packed),
            earlier=own.earlier,
            bundled=own.bundled,
            declared=tuple(map(declared_json, beside_declared(self._declared, measured))),
            verifications=self._verified.get(page.id, ()),
            tree=own.tree,
            commit=next((run.commit for run in page.runs if run.commit), None),
        )

    def _report(
        self,
        point: Point,
        page: Page,
        own: Registration,
        place: Place,
        conclusion: Conclusion | None,
        baseline: Page,
    ) -> RunReport:
        """As `paribus show` has it, as far as what to do next depends on it."""
        used = {beside for beside, _ in conclusion.pairs} if conclusion else set()
        against = own.baseline["name"] if place.superseded else None
        return RunReport(
            registration=own,
            short=point.short,
            baseline_runs=tuple(run for run in baseline.runs if run.intent.id in used),
            candidate_runs=tuple(page.runs),
            trail=(),
            verdict=conclusion.verdict if conclusion else None,
            controls=(0, 0),
            recorded=None,
            place=place,
            command=command_of(self._project, own, against),
        )

    def _predictions(
        self,
        page: Page,
        pairs: Sequence[PairPoint],
        baseline: Page,
        packed: Mapping[str, Mapping[str, Any]],
    ) -> Predictions | None:
        if not pairs:
            return None
        first = pairs[0]
        runs = {run.intent.id: run for run in (*baseline.runs, *page.runs)}
        return self._examples.of(page.id, first.pair, (runs[first.beside], runs[first.run]), packed)


def _bare(page: Page, own: Registration) -> Detail:
    """An experiment of which no more can be read than what was registered."""
    return Detail(
        id=page.id, changes=own.changes, diff=None, diff_cut=False, looks=(), verdict=None, pairs=(),
        fresh=(), confirmation=None, null_control=(0, 0), ended=(), tail="", sessions=(), commands=(),
        predictions=None, earlier=(), bundled=(), declared=(), verifications=(), tree=own.tree,
        commit=None,
    )  # fmt: skip


def _confirmation(place: Place) -> dict[str, Any] | None:
    names = ("confirmed", "estimate", "low", "high", "n", "pairs", "level")
    return None if place.end is None else {name: getattr(place.end, name) for name in names}


def _ended(page: Page) -> tuple[Ended, ...]:
    bad = [run for run in page.runs if run.status not in (Status.SUCCEEDED, Status.RUNNING)]
    return tuple(
        Ended(
            run=run.intent.id,
            pair=run.intent.index + 1,
            status=run.status.value,
            stage=run.stage,
            exit_code=run.exit_code,
            cause=run.cause or "",
            seconds=run.seconds,
            tail=_tail(run),
        )
        for run in bad[-ENDED:]
    )


def _tail(run: Run) -> str:
    """The last lines that it printed, without what DVC says of its own work."""
    text = "\n".join(last_words(run))
    return text if len(text) <= TAIL else text[-TAIL:].partition("\n")[2] or text[-TAIL:]


def _sessions(pairs: Sequence[PairPoint], baseline: Page, page: Page) -> list[str]:
    """Of the pairs on which the verdict rests; of all its runs where there is none."""
    runs = {run.intent.id: run for run in (*baseline.runs, *page.runs)}
    used = [runs[run] for pair in pairs for run in (pair.beside, pair.run)] or page.runs
    return [run.intent.session for run in used]
