"""Makes the commit that an experiment leaves: its change on its baseline, with its results.

Nothing is believed of the commit but what is read of its tree: the snapshot that was tested, and the
changes that were registered.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from paribus.core.errors import Exit, Problem
from paribus.core.experiment import Registration
from paribus.core.identity import experiment_id, is_aside, snapshot_key
from paribus.core.paths import joined
from paribus.core.pipeline import Pipeline
from paribus.core.protocol import ALWAYS_NEUTRAL, FILE
from paribus.core.run import Purpose, Run
from paribus.core.snapshot import LINK_MODE, FileDelta
from paribus.git.commits import make_commit
from paribus.git.objects import Objects
from paribus.git.revisions import Baseline
from paribus.git.trees import Blob, Piece, with_pieces
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.reports.branch import commit_message
from paribus.reports.runs import happened, last_words
from paribus.workflows.candidate import Candidate
from paribus.workflows.judging import Judged, judged
from paribus.workflows.project import Project
from paribus.workflows.reading import Reader, Tree
from paribus.workflows.runner import Runner
from paribus.workflows.subjects import experiment_subject, require_ground
from paribus.workflows.wanted import Wanted


def finished(project: Project, notebook: Notebook, runner: Runner, page: Page) -> str:
    """The commit of an experiment: its baseline's tree with the tested change alone, and its results.

    The tested tree is run once with the seeds that it has itself; where that was done already, and
    its result is still here, nothing is run. The same page gives the same commit.

    Args:
        page: with a registration, and read again here; whoever calls keeps other processes from
            running it.

    Returns:
        The SHA of a commit that follows the baseline's. No reference names it yet.

    Raises:
        Problem: the run fails; baseline or result are not here; what comes out is not what was tested.
    """
    page = notebook.experiment(page.id)
    with reopened(project, page) as found:
        run = result_of(project, page) or _made(project, runner, page, found)
        assert run.commit is not None
        return _committed(project, page, found, found.candidate.objects.tree_of(run.commit))


def change_alone(project: Project, page: Page) -> str:
    """As `finished`, without results: for an experiment that failed, so that it has none."""
    with reopened(project, page) as found:
        return _committed(project, page, found, None)


def beside(project: Project, page: Page, commit: str) -> tuple[str, ...]:
    """Files of an experiment's commit that are neither part of a change nor results.

    They were tested as they are there: a file that no stage reaches, or one that moved.
    """
    with reopened(project, page) as found:
        candidate, pipeline = found.candidate, found.sides.new.pipeline
        parts = {part.file for change in found.judgement.changes for part in change.single()}
        tree = candidate.objects.tree_of(commit)
        deltas = candidate.objects.changed(candidate.baseline_tree.id, tree)
        return tuple(
            delta.path
            for delta in deltas
            if delta.path not in parts and not is_aside(delta.path, pipeline, _neutral(found))
        )


def result_of(project: Project, page: Page) -> Run | None:
    """The latest run with the tree's own seeds that succeeded and whose result is still here."""
    for run in reversed(page.runs):
        is_result = run.intent.purpose is Purpose.RESULT and not run.intent.series
        if is_result and run.succeeded and run.commit and _is_here(project, run.commit):
            return run
    return None


@contextmanager
def reopened(project: Project, page: Page) -> Iterator[Judged]:
    """What an experiment tested, judged again against its baseline; trees are kept.

    Raises:
        Problem: as `judged_again`.
    """
    with Objects(project.repository.git) as objects:
        yield judged_again(project, page, Reader(project, objects), objects)


def judged_again(project: Project, page: Page, reader: Reader, objects: Objects) -> Judged:
    """What an experiment tested, judged again against its baseline.

    Args:
        page: with a registration.
        objects: below the reader.

    Raises:
        Problem: it is another project's, its baseline's commit or its tree is not here, or it is judged
            otherwise by now.
    """
    registration = page.registration
    assert registration is not None
    _require_here(project, registration)
    baseline = registration.baseline
    base = Tree(objects.tree_of(baseline["commit"]), baseline["commit"], "the baseline")
    found = judged(
        Candidate(
            tree=Tree(registration.tree, None, "the tested tree"),
            baseline=Baseline(baseline["commit"], baseline["name"], "registered"),
            baseline_tree=base,
            untracked=(),
            reader=reader,
            objects=objects,
            given=True,
            overridden=False,
        )
    )
    if _identified(project, page, found) != page.id:
        raise Problem(
            "judged-otherwise",
            f"this version of Paribus finds other changes than {registration.summary}",
            "try it again as a new experiment   paribus run",
        )
    return found


# Private functions


def _is_here(project: Project, oid: str) -> bool:
    return project.repository.git.lookup("cat-file", "-e", oid) is not None


def _require_here(project: Project, registration: Registration) -> None:
    """Raises `Problem` where an experiment is another project's, or not in this repository as a whole."""
    if registration.project != project.prefix:
        folder = project.repository.top / registration.project
        raise Problem(
            "other-project",
            f"this experiment belongs to the DVC project in {registration.project or 'the top folder'}",
            f"go there   cd {shlex.quote(str(folder))}",
        )
    commit, name = registration.baseline["commit"], registration.baseline["name"]
    for oid, what in (
        (f"{commit}^{{commit}}", f"its baseline {name}"),
        (f"{registration.tree}^{{tree}}", "the tree that it tested"),
    ):
        if not _is_here(project, oid):
            raise Problem(
                "missing-object",
                f"{what} ({oid[:7]}) is not in this repository",
                "bring what others have   git fetch --all --tags",
            )


def _made(project: Project, runner: Runner, page: Page, found: Judged) -> Run:
    """One run with the tree's own seeds, recorded as any other."""
    subject = experiment_subject(found, page.id, require_ground(project, found))
    (run,) = runner.carry_out([Wanted(subject, 0, {}, Purpose.RESULT)])
    if run.succeeded:
        return run
    raise Problem(
        "run-failed",
        f"the run with the tree's own seeds {happened(run)}: {run.cause}; it is recorded",
        *(f"the last that it said: {line}" for line in last_words(run)[-1:]),
        "mend it and try again   run the same command",
        status=Exit.RUN_FAILED,
        retryable=run.status.from_outside,
    )


def _committed(project: Project, page: Page, found: Judged, result: str | None) -> str:
    registration, candidate = page.registration, found.candidate
    assert registration is not None
    pieces = _change(found) | (_results(found, result) if result else {})
    tree = with_pieces(candidate.objects, candidate.baseline_tree.id, pieces)
    _require_tested(project, page, found, tree)
    conclusion = page.conclusions[-1] if page.conclusions else None
    verdict = conclusion.verdict if conclusion else None
    return make_commit(
        project.repository.git,
        tree,
        registration.baseline["commit"],
        commit_message(registration, verdict, results=result is not None),
        _date(registration),
    )


def _change(found: Judged) -> dict[str, Piece]:
    """What the tested tree has otherwise than the baseline, but what cannot move a metric."""
    candidate, old = found.candidate, found.sides.old
    pipeline = found.sides.new.pipeline
    protocol = candidate.reader.project.protocol_file if old.protocol is None else None
    return {
        delta.path: delta.new
        for delta in candidate.objects.changed(candidate.baseline_tree.id, candidate.tree.id)
        if delta.path == protocol
        or (
            delta.path.rpartition("/")[2] != FILE
            and not is_aside(delta.path, pipeline, _neutral(found))
        )
    }


def _neutral(found: Judged) -> tuple[str, ...]:
    return (*ALWAYS_NEUTRAL, *found.sides.protocol.neutral)


def _results(found: Judged, result: str) -> dict[str, Piece]:
    """What a run wrote of that which Git tracks: the lock, metrics, plots and other outputs."""
    candidate, pipeline = found.candidate, found.sides.new.pipeline
    deltas = candidate.objects.changed(candidate.baseline_tree.id, result)
    return {
        delta.path: delta.new
        for delta in deltas
        if delta.path == pipeline.lock or pipeline.is_output(delta.path)
    } | dict(_ignoring(candidate.objects, deltas, pipeline))


def _ignoring(
    objects: Objects, deltas: Sequence[FileDelta], pipeline: Pipeline
) -> Iterator[tuple[str, Piece]]:
    """`.gitignore` files with the lines that DVC has added to keep an output out of Git.

    They are no part of what was tested, and without them the branch would show its outputs as new files.
    """
    for delta in deltas:
        folder, _, name = delta.path.rpartition("/")
        if name != ".gitignore" or delta.new is None or delta.new.mode == LINK_MODE:
            continue
        before, after = (
            (objects.read(entry.oid) or b"") if entry else b"" for entry in (delta.old, delta.new)
        )
        known = set(before.splitlines())
        lines = [
            line + b"\n"
            for line in after.splitlines()
            if line.startswith(b"/")
            and line not in known
            and pipeline.is_output(joined(folder, os.fsdecode(line[1:])))
        ]
        if lines:
            ended = before if before.endswith(b"\n") or not before else before + b"\n"
            yield delta.path, Blob(delta.new.mode, b"".join([ended, *lines]))


def _require_tested(project: Project, page: Page, found: Judged, tree: str) -> None:
    """Raises `Problem` unless a tree is the tested snapshot and has the registered changes."""
    candidate = found.candidate
    named = Tree(tree, None, "the commit to be made")
    # Its metrics are held against its lock, as those of a commit are.
    made = judged(replace(candidate, tree=named), committed=True)
    same = _key(candidate, made, tree) == _key(candidate, found, candidate.tree.id)
    if not same or _identified(project, page, made) != page.id:
        raise Problem(
            "not-the-tested-tree",
            "the commit would not be what was tested, so it was not made",
            f"what was tested   git diff {candidate.baseline.commit[:12]} {candidate.tree.id[:12]}",
        )


def _key(candidate: Candidate, found: Judged, tree: str) -> str:
    return snapshot_key(
        candidate.objects.tree(tree), found.sides.new.pipeline, found.sides.protocol
    )


def _identified(project: Project, page: Page, found: Judged) -> str:
    """The experiment that a tree is; its baseline's key is the registered one."""
    registration = page.registration
    assert registration is not None
    changes, protocol = found.judgement.changes, found.sides.protocol
    return experiment_id(registration.baseline["key"], changes, protocol, project.prefix)


def _date(registration: Registration) -> datetime:
    return datetime.fromisoformat(registration.started)
