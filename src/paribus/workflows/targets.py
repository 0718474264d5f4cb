"""Opens what a check is asked about: a commit, the working tree or the index, beside its baseline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from paribus.git.command import Git
from paribus.git.history import heads_of_work
from paribus.git.index import staged
from paribus.git.objects import Objects
from paribus.git.revisions import find_newest_baseline, resolve
from paribus.git.worktree import captured
from paribus.workflows.candidate import Candidate, working_tree
from paribus.workflows.project import Project
from paribus.workflows.question import Question
from paribus.workflows.reading import Reader, Tree

INDEX = "the index"


@dataclass(frozen=True, slots=True)
class Target:
    """What to judge, and what belongs to it.

    Attributes:
        tips: the commits on which it stands, whose trailers count.
        intended: files of the index that a commit would not have.
    """

    candidate: Candidate
    tips: tuple[str, ...]
    intended: tuple[str, ...]


@contextmanager
def opened_target(project: Project, question: Question) -> Iterator[Target]:
    """Opens it for reading; nothing is written to the repository.

    The baseline of work that is being merged is the newer one of both sides.
    """
    repository, revision = project.repository, question.revision
    tips = heads_of_work(repository) if revision is None else (resolve(repository, revision),)
    asked = "HEAD" if question.staged and question.per_commit else question.baseline
    base = find_newest_baseline(repository, tips, asked)
    with ExitStack() as stack:
        opened = _tree(stack, project, question)
        objects = stack.enter_context(Objects(opened.git))
        tree = opened.tree or Tree(objects.tree_of(tips[0]), tips[0], revision or "")
        candidate = Candidate(
            tree=tree,
            baseline=base,
            baseline_tree=Tree(objects.tree_of(base.commit), base.commit, f"baseline {base.name}"),
            untracked=opened.untracked,
            reader=Reader(project, objects),
            objects=objects,
            given=asked is not None,
            overridden=False,
        )
        yield Target(candidate, tips, opened.intended)


# Private functions


@dataclass(frozen=True, slots=True)
class _Opened:
    git: Git
    tree: Tree | None = None
    untracked: tuple[str, ...] = ()
    intended: tuple[str, ...] = ()


def _tree(stack: ExitStack, project: Project, question: Question) -> _Opened:
    repository = project.repository
    if question.revision is not None:
        return _Opened(repository.git)
    if question.staged:
        found = stack.enter_context(staged(repository))
        return _Opened(found.git, Tree(found.tree, None, INDEX), intended=found.intended)
    capture = stack.enter_context(captured(repository, keep=False))
    untracked = tuple(path for path in capture.untracked if path != project.protocol_file)
    return _Opened(capture.git, working_tree(project, capture), untracked)
