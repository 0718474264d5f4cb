"""What the names on the command line mean: commits, ranges, experiments, runs, the working tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from paribus.core.errors import Problem
from paribus.core.ids import SHORTEST
from paribus.core.run import Run
from paribus.git.command import GitError
from paribus.git.pipelined import Pipelined
from paribus.git.revisions import resolve
from paribus.ledger.branch import Branch
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.workflows.project import Project

WORKSPACE = "workspace"
"""How the working tree is called where a revision is expected, as in DVC."""

_HEX = re.compile(rf"[0-9a-f]{{{SHORTEST},20}}")
"""What may be the id of an experiment or of a run, or its beginning."""

USUAL_ABBREVIATION = 7
"""Characters that Git shows of a commit; a shorter beginning is rather meant to be an experiment's."""

_RANGE = re.compile(r"(?P<old>[^:^{}]*?)\.\.(?P<third>\.?)(?P<new>[^:^{}]*)")


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to compare.

    Attributes:
        name: as it was asked for; of a commit of a range its first seven characters.
        commit: full SHA; None for the working tree, and for what only the ledger knows.
        page: of an experiment that was asked for by its id.
        run: of a run that was asked for by its id; the page is then its owner's.
        problem: why it cannot be had.
        of_range: whether nobody named it by itself.
    """

    name: str
    commit: str | None = None
    page: Page | None = None
    run: Run | None = None
    problem: Problem | None = None
    of_range: bool = False

    @property
    def is_working_tree(self) -> bool:
        """Whether it is the working tree."""
        return self.name == WORKSPACE and self.page is None and self.commit is None


def understood(project: Project, objects: Pipelined, names: Sequence[str]) -> list[Asked]:
    """What each name means, in their order; a range is each of its commits, as `git log` has them.

    A name that means nothing has its problem with it.
    """
    plain = [name for name in names if name != WORKSPACE and not range_of(name)]
    commits = dict(_commits(objects, plain))
    ledger = _Ledger(project)
    found: list[Asked] = []
    for name in names:
        if name == WORKSPACE:
            found.append(Asked(name))
        elif range_of(name):
            found += _of_range(project, name)
        else:
            found.append(_one(project, ledger, name, commits.get(name)))
    return found


def range_of(name: str) -> tuple[str, str] | None:
    """Both ends of a range; None for any other name."""
    found = _RANGE.fullmatch(name)
    return None if found is None else (found["old"] or "HEAD", found["new"] or "HEAD")


# Private functions


class _Ledger:
    """What the ledger knows by an id; nothing is read before somebody asks."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._notebook = Notebook(Branch(project.repository.git))

    def experiments(self, beginning: str) -> list[Page]:
        """Those whose ids begin so, and that this version can read."""
        found = map(self._notebook.experiment, self._notebook.identifiers(beginning)[:2])
        return [page for page in found if page.registration is not None]

    def runs(self, beginning: str) -> list[tuple[Page, Run]]:
        if self._notebook.tip() is None:
            return []
        from paribus.ledger.by_run import pages_with_run  # noqa: PLC0415 (imports sqlite3)
        from paribus.workflows.asking import open_index  # noqa: PLC0415

        pages = pages_with_run(self._project.repository.git, open_index(self._project), beginning)
        return [
            (page, run)
            for page in pages
            for run in page.runs
            if run.intent.id.startswith(beginning)
        ]


def _commits(objects: Pipelined, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The commit of each name that Git knows, asked for all at once."""
    askable = [name for name in dict.fromkeys(names) if _is_askable(name)]
    answers = objects.read_many([f"{name}^{{commit}}" for name in askable])
    for name, got in zip(askable, answers, strict=True):
        if got is not None and got.kind == "commit":
            yield name, got.oid


def _is_askable(name: str) -> bool:
    """Whether a name can stand on a line, with more behind it."""
    return bool(name) and not name.startswith((":", "^")) and name.isprintable()


def _one(project: Project, ledger: _Ledger, name: str, commit: str | None) -> Asked:
    if _HEX.fullmatch(name.lower()) and not (commit and _is_ref(project, name)):
        recorded = _recorded(ledger, name, commit)
        if recorded is not None:
            return recorded
    if commit is not None:
        return Asked(name, commit)
    try:
        return Asked(name, resolve(project.repository, name))
    except Problem as problem:
        return Asked(name, problem=problem)


def _recorded(ledger: _Ledger, name: str, commit: str | None) -> Asked | None:
    """The experiment or the run whose id begins so; None where a commit is meant, or nothing."""
    experiments = ledger.experiments(name.lower())
    is_commit = commit is not None and (len(name) >= USUAL_ABBREVIATION or not experiments)
    if experiments and len(experiments) + is_commit > 1:
        return Asked(name, problem=_ambiguous(name, "experiment", commit if is_commit else None))
    if experiments:
        return Asked(name, page=experiments[0])
    runs = [] if is_commit else ledger.runs(name.lower())
    if len(runs) > 1:
        return Asked(name, problem=_ambiguous(name, "run", None))
    return Asked(name, runs[0][1].commit, *runs[0]) if runs else None


def _is_ref(project: Project, name: str) -> bool:
    """Whether a branch or a tag is called so, which then is what is meant."""
    refs = [f"refs/heads/{name}", f"refs/tags/{name}", f"refs/remotes/{name}"]
    return bool(project.repository.git.lookup("for-each-ref", "--count=1", *refs))


def _ambiguous(name: str, kind: str, commit: str | None) -> Problem:
    told = f"several {kind}s begin with {name!r}"
    if commit:
        told = f"an {kind} and commit {commit[:12]} begin with {name!r}"
    return Problem("ambiguous-revision", told, "say more characters of it   paribus log")


def _of_range(project: Project, name: str) -> list[Asked]:
    git = project.repository.git
    ends = range_of(name)
    assert ends is not None
    try:
        for end in ends:
            resolve(project.repository, end)
        listed = git.text("rev-list", "--end-of-options", name).splitlines()
    except Problem as problem:
        return [Asked(name, problem=problem)]
    except GitError as error:
        return [Asked(name, problem=Problem("unknown-revision", f"{name}: {error.detail}"))]
    if not listed:
        return [Asked(name, problem=_empty(name, *ends))]
    return [Asked(commit[:7], commit, of_range=True) for commit in listed]


def _empty(name: str, old: str, new: str) -> Problem:
    told = f"the range {name} has no commit: {old} has all of {new}"
    helps = () if old == new else (f"the other way round   {new}..{old}",)
    return Problem("empty-range", told, *helps)
