"""What the ledger has of a tree under review, and of the same change elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from paribus.core.change import Kind
from paribus.core.ended import FAILED
from paribus.core.errors import Problem
from paribus.core.identity import experiment_id, idea_key, snapshot_key
from paribus.core.run import Run
from paribus.core.verdict import Outcome
from paribus.ledger.branch import Branch
from paribus.ledger.index.query import listing
from paribus.ledger.index.wanted import Wanted
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.ledger.verifications import verifications
from paribus.reports.reviewing.model import Elsewhere, Evidence
from paribus.reports.run import RunReport
from paribus.reports.verdict import WORDS, headline
from paribus.workflows.asking import open_index
from paribus.workflows.experiments import report_of, short_id
from paribus.workflows.judging import Judged
from paribus.workflows.project import Project
from paribus.workflows.reviewing.examples import turned

MOST_ELSEWHERE = 3


def key_of_baseline(found: Judged) -> str:
    """The snapshot key of the baseline, as experiments against it have it."""
    files = found.candidate.objects.tree(found.candidate.baseline_tree.id)
    return snapshot_key(files, found.sides.old.pipeline, found.sides.protocol)


def evidence_of(project: Project, notebook: Notebook, found: Judged, key: str) -> Evidence | None:
    """The experiment with exactly this change of this baseline; None where it was never registered.

    Args:
        key: of the baseline.
    """
    if notebook.tip() is None:
        return None
    changes, protocol = found.judgement.changes, found.sides.protocol
    page = notebook.experiment(experiment_id(key, changes, protocol, project.prefix))
    if page.registration is None:
        return None
    report = report_of(notebook, project, page, found=True)
    # One that was begun again and given up must not hide what the last one said.
    end = notebook.promotions(project.prefix).answered(page.id)
    report = replace(report, place=replace(report.place, end=end))
    made = verifications(Branch(project.repository.git), page.id)
    sides = _pairs_of(page, report)
    return Evidence(
        report=replace(report, verified=made),
        pairs=tuple(sides),
        same_tree=_is_tested(found, page),
        sessions=len({run.intent.session for pair in sides for run in pair}),
        turned=turned(notebook, sides),
        tries=_tries(project, found, page.id),
        unreadable=tuple(page.unreadable),
    )


def elsewhere(
    notebook: Notebook, project: Project, found: Judged, evidence: Evidence | None
) -> tuple[Elsewhere, ...]:
    """Other experiments with the very same change, the latest first."""
    if notebook.tip() is None or len(found.judgement.changes) != 1:
        return ()
    own = evidence.report.registration.id if evidence else None
    tried = notebook.tried(idea_key(found.judgement.changes[0]), project.prefix)
    pages = [notebook.experiment(name) for name in tried if name != own]
    known = [page for page in pages if page.registration is not None]
    known.sort(
        key=lambda page: page.registration.started if page.registration else "", reverse=True
    )
    return tuple(_told(notebook, page) for page in known[:MOST_ELSEWHERE])


# Private functions


def _pairs_of(page: Page, report: RunReport) -> list[tuple[Run, Run]]:
    """The runs of each pair that counts, (baseline, candidate): those of a confirmation, if there is one."""
    end = report.place.end
    ids = page.conclusions[-1].pairs if page.conclusions else ()
    if end is not None and end.runs:
        ids = end.runs
    runs = {run.intent.id: run for run in (*report.baseline_runs, *report.candidate_runs)}
    return [
        (runs[old], runs[new])
        for old, new in ids
        if old in runs and new in runs and runs[old].succeeded and runs[new].succeeded
    ]


def _told(notebook: Notebook, page: Page) -> Elsewhere:
    assert page.registration is not None
    said = headline(page.conclusions[-1].verdict) if page.conclusions else "no verdict"
    return Elsewhere(short_id(notebook, page.id), page.registration.baseline["name"], said)


def _is_tested(found: Judged, page: Page) -> bool | None:
    """Whether the registered tree is the head's snapshot."""
    assert page.registration is not None
    objects, sides = found.candidate.objects, found.sides
    try:
        tested = objects.tree(page.registration.tree)
    except Problem:
        return None
    head = objects.tree(found.candidate.tree.id)
    keys = {snapshot_key(files, sides.new.pipeline, sides.protocol) for files in (tested, head)}
    return len(keys) == 1


def _tries(project: Project, found: Judged, own: str) -> Mapping[str, int]:
    """How experiments that set the same param came out; none where it is not one param alone."""
    parts = [part for change in found.judgement.changes for part in change.single()]
    if len(parts) != 1 or parts[0].kind is not Kind.PARAM or not parts[0].path:
        return {}
    name = f"{parts[0].file}:{parts[0].as_json()['path']}"
    wanted = Wanted(param=name)
    listed = open_index(project).ask(
        lambda connection: listing(connection, project.prefix, wanted, ())
    )
    told = Counter[str]()
    for entry, _ in listed.entries:
        if entry.id != own and entry.registration is not None:
            told[_word(entry.status, entry.verdict.outcome if entry.verdict else None)] += 1
    return dict(told)


def _word(status: str, outcome: Outcome | None) -> str:
    if status == FAILED:
        return FAILED
    return WORDS[outcome] if outcome else "without a verdict"
