"""Reviews a pull request: what it changes, what the ledger knows of it, what the gate says."""

from __future__ import annotations

from dataclasses import replace

from paribus.core.errors import Problem
from paribus.core.policy import Count
from paribus.dvc.layout import PIPELINE
from paribus.git.revisions import Baseline, find_baseline, resolve
from paribus.ledger.notebook import Notebook
from paribus.reports.reviewing.model import Judged as Reviewed
from paribus.reports.reviewing.model import Review
from paribus.workflows.check import allowance, unborn
from paribus.workflows.experiments import open_notebook
from paribus.workflows.judging import Judged, check_report, judged
from paribus.workflows.project import Project
from paribus.workflows.question import Question
from paribus.workflows.reviewing.committed import committed
from paribus.workflows.reviewing.evidence import elsewhere, evidence_of, key_of_baseline
from paribus.workflows.reviewing.gating import gate_of
from paribus.workflows.standing import key_of, standing
from paribus.workflows.targets import Target, opened_target


def review(project: Project, question: Question) -> Review:
    """Reviews a revision against its baseline; runs and writes nothing.

    What cannot be judged is a review, too, since silence is not a pass.

    Raises:
        Problem: there is no such revision, so that nobody can say what was to be reviewed.
    """
    head = resolve(project.repository, question.revision) if question.revision else None
    try:
        with opened_target(project, question) as target:
            found = _reviewed(project, target)
    except Problem as problem:
        return Review(project.prefix, head, _unjudged(project, question, problem))
    return Review(project.prefix, head, found)


# Private functions


def _unjudged(project: Project, question: Question, problem: Problem) -> Problem | str:
    """Why it cannot be judged, or why there is nothing to compare with."""
    if problem.code != "no-pipeline":
        return problem
    try:
        return _newborn(project, question) or problem
    except Problem as another:
        return another


def _newborn(project: Project, question: Question) -> str | None:
    """Why there is nothing to compare with; None where the revision has no pipeline, either.

    Raises:
        Problem: a pipeline of another folder went, so that this one may be that one, moved.
    """
    with opened_target(project, question) as target:
        candidate = target.candidate
        if candidate.reader.raw(candidate.tree, project.pipeline_file) is None:
            return None  # the wrong folder would pass for ever
        before, after = (
            {
                path
                for path in candidate.objects.tree(tree.id)
                if path.rpartition("/")[2] == PIPELINE
            }
            for tree in (candidate.baseline_tree, candidate.tree)
        )
    gone = sorted(before - after)
    if gone:
        raise Problem(
            "moved-project",
            f"{gone[0]} went and {project.pipeline_file} came: what else changed cannot be told",
            "move the project alone first, and make a baseline of it   paribus baseline --measure",
        )
    return unborn(project, question)


def _reviewed(project: Project, target: Target) -> Reviewed:
    # What was typed, such as `HEAD`, is another commit where the comment is read.
    tree = replace(target.candidate.tree, name=(target.candidate.tree.revision or "")[:12])
    candidate = replace(target.candidate, baseline=_named(project, target), tree=tree)
    found = judged(candidate)
    because = allowance(project.repository.git, found, target.tips)
    check = check_report(found, allowed_because=because)
    if found.judgement.outcome is Count.NONE:
        return Reviewed(check, None, (), committed(project, found), (), None)
    if check.status or found.judgement.moves_ruler:
        return Reviewed(check, None, (), None, (), None)
    notebook = open_notebook(project)
    key = key_of_baseline(found)
    evidence = evidence_of(project, notebook, found, key)
    others = elsewhere(notebook, project, found, evidence)
    numbers = committed(project, found)
    gate = gate_of(notebook, found, key, evidence, numbers)
    stale = _stale(project, notebook, found, key)
    if evidence is not None and evidence.report.place.promoted == stale:
        stale = None  # it came of this very experiment, though the files may differ in a comment
    return Reviewed(check, evidence, others, numbers, gate, stale)


def _named(project: Project, target: Target) -> Baseline:
    """The baseline, called by the tag below it where nothing that moves a metric came since."""
    base, objects = target.candidate.baseline, target.candidate.objects
    try:
        tag = find_baseline(project.repository, base.commit)
    except Problem:
        return base
    if tag.name.startswith("baseline/") and (
        tag.commit == base.commit
        or key_of(project, objects, tag.commit) == key_of(project, objects, base.commit)
    ):
        return replace(base, name=tag.name)
    return base


def _stale(project: Project, notebook: Notebook, found: Judged, key: str) -> str | None:
    """The baseline that came since; one that lies below what was reviewed did not."""
    stands = standing(project, notebook)
    name, latest = stands.since(key), stands.latest
    if name is None or latest is None:
        return None
    git, base = project.repository.git, found.candidate.baseline.commit
    if git.lookup("merge-base", "--is-ancestor", latest.commit, base) is not None:
        return None
    tree = found.candidate.tree
    # The head may be that baseline itself, promoted and then merged.
    ours = (
        key_of(project, found.candidate.objects, tree.revision or "", found.sides.protocol)
        if tree.revision
        else None
    )
    return None if ours == stands.key else name
