"""`paribus check`: does a revision, the working tree, the index or each commit change one thing?"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from paribus.core.errors import Problem
from paribus.core.policy import Count
from paribus.git.command import Git
from paribus.git.history import Commit, allowances, commits_between
from paribus.git.objects import Objects
from paribus.git.revisions import Baseline, find_baseline, resolve
from paribus.reports.answers import Answer, EachCommit, JudgedCommit, Nothing
from paribus.reports.check import CheckReport
from paribus.workflows.candidate import Candidate, untracked_inputs
from paribus.workflows.judging import Judged, check_report, judged
from paribus.workflows.project import Project
from paribus.workflows.question import Question
from paribus.workflows.reading import Reader, Tree
from paribus.workflows.targets import Target, opened_target


def check(project: Project, question: Question) -> Answer:
    """Judges what is asked about; reads Git objects only.

    Raises:
        Problem: it cannot be judged.
    """
    if question.per_commit and not question.staged:
        return _each_commit(project, question)
    try:
        with opened_target(project, question) as target:
            return _answer(project, target, committed=question.staged or None)
    except Problem as problem:
        if question.staged and problem.code == "no-commit":
            return Nothing("HEAD has no commit yet")
        raise


def check_where_there_is_one(project: Project, question: Question) -> Answer:
    """As `check`, for a hook: a pipeline that has only now come has nothing to be compared with."""
    try:
        return check(project, question)
    except Problem as problem:
        if problem.code == "no-pipeline" and (reason := unborn(project, question)):
            return Nothing(reason)
        raise


def judged_between(project: Project, objects: Objects, old: str, new: str) -> CheckReport | Nothing:
    """One commit against another, by their full SHAs, where the older has a pipeline at all."""
    reader = Reader(project, objects)
    before = Tree(objects.tree_of(old), old, f"baseline {old[:7]}")
    after = Tree(objects.tree_of(new), new, new[:7])
    unborn = reader.raw(before, project.pipeline_file) is None
    if unborn and reader.raw(after, project.pipeline_file) is not None:
        return Nothing(f"there is no {project.pipeline_file} in {old[:7]}")
    candidate = Candidate(
        tree=after,
        baseline=Baseline(old, old[:7], "given"),
        baseline_tree=before,
        untracked=(),
        reader=reader,
        objects=objects,
        given=True,
        overridden=False,
    )
    try:
        found = judged(candidate)
    except Problem as problem:
        if unborn and problem.code == "no-pipeline":
            return Nothing(f"there is no {project.pipeline_file} in {old[:7]}")
        raise
    return check_report(found, allowed_because=allowance(project.repository.git, found, (new,)))


def each_commit_between(project: Project, old: str, new: str) -> EachCommit:
    """Each commit that `new` has and `old` has not, against its first parent."""
    with Objects(project.repository.git) as objects:
        found = tuple(
            JudgedCommit(commit.sha, commit.subject, _commit_answer(project, objects, commit))
            for commit in commits_between(project.repository, old, new)
        )
    return EachCommit(old, new, found)


def allowance(git: Git, found: Judged, tips: Sequence[str]) -> str | None:
    """Why the commits say that several changes are one; a moved ruler nobody can allow."""
    if found.judgement.outcome is not Count.MANY or found.judgement.moves_ruler:
        return None
    return "; ".join(allowances(git, tips, found.candidate.baseline.commit)) or None


def unborn(project: Project, question: Question) -> str | None:
    """Why there is nothing to compare with; None where a pipeline went missing instead."""
    with opened_target(project, question) as target:
        reader, base = target.candidate.reader, target.candidate.baseline_tree
        if reader.raw(base, project.pipeline_file) is None:
            return f"there is no {project.pipeline_file} in {base.name}"
    return None


# Private functions


def _answer(project: Project, target: Target, *, committed: bool | None) -> CheckReport:
    found = judged(target.candidate, committed=committed)
    missing = untracked_inputs(found.sides.new.pipeline, found.sides.protocol, target.intended)
    if missing:
        raise Problem(
            "intent-to-add",
            f"{missing[0]}: only intended to be added, so the commit would not have it",
            f"add it      git add {shlex.join(missing[:5])}",
            f"or forget   git rm --cached {shlex.join(missing[:5])}",
        )
    git = project.repository.git
    return check_report(found, allowed_because=allowance(git, found, target.tips))


def _each_commit(project: Project, question: Question) -> EachCommit:
    tip = resolve(project.repository, question.revision or "HEAD")
    base = find_baseline(project.repository, tip, question.baseline)
    return each_commit_between(project, base.commit, tip)


def _commit_answer(
    project: Project, objects: Objects, commit: Commit
) -> CheckReport | Nothing | Problem:
    """A commit that cannot be judged must not keep the others from being judged."""
    if commit.parent is None:
        return Nothing("it has no parent")
    try:
        return judged_between(project, objects, commit.parent, commit.sha)
    except Problem as problem:
        return problem
