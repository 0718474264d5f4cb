"""`paribus doctor`: finds what is broken, says what to do, repairs on request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from paribus.core.errors import Problem
from paribus.core.finding import Finding, Level
from paribus.git.command import GitError
from paribus.git.repository import Repository, discover
from paribus.reports.doctor import DoctorReport
from paribus.workflows.doctor.ailment import Ailment, ailment
from paribus.workflows.doctor.baselines import check_baselines
from paribus.workflows.doctor.git_files import check_git_files
from paribus.workflows.doctor.git_locks import check_git_locks
from paribus.workflows.doctor.git_setup import check_git
from paribus.workflows.doctor.ground import Ground
from paribus.workflows.doctor.index import check_index
from paribus.workflows.doctor.ledger import check_records, check_references, check_worktrees
from paribus.workflows.doctor.places import (
    check_folders,
    check_holders,
    check_pool,
    check_room,
)
from paribus.workflows.doctor.practices import check_practices
from paribus.workflows.doctor.results import check_exps, check_results
from paribus.workflows.doctor.runs import check_processes, check_runs
from paribus.workflows.doctor.sharing import check_sharing
from paribus.workflows.project import Project, open_project

Check = Callable[[Ground], Iterator[Ailment]]

FIRST: tuple[tuple[str, Check], ...] = (
    ("the setup of Git", check_git),
    ("room and permissions", check_room),
    ("locks of Git", check_git_locks),
    ("files of Git", check_git_files),
    ("the ledger's references", check_references),
    ("the working trees", check_worktrees),
    ("refs/exps", check_exps),
    ("private clones", check_pool),
    ("temporary folders", check_folders),
)
"""In the order in which repairs are made: what is in the way of the others comes first."""

OF_LEDGER: tuple[tuple[str, Check], ...] = (
    ("the ledger's records", check_records),
    ("runs", check_runs),
    ("processes", check_processes),
    ("results", check_results),
    ("locks of runs", check_holders),  # which tell which runs were made here, and go after these
    ("baselines", check_baselines),
    ("the index", check_index),
    ("what is shared", check_sharing),
    ("practices", check_practices),
)
"""What can be told where the ledger's references are whole."""

ROUNDS = 4
"""As often as what one repair brings to light is repaired, too."""


def doctor(directory: Path, *, fix: bool = False, strict: bool = False) -> DoctorReport:
    """Examines the repository around a folder, and the DVC project in it.

    Args:
        fix: whether to repair what can be repaired without losing anything.
        strict: whether practices count.

    Raises:
        Problem: there is no repository with a working tree.
    """
    repository = discover(directory.resolve())
    looked = _look(_ground(repository, directory))
    mended: list[Finding] = []
    for _ in range(ROUNDS if fix else 0):
        tried = [_mended(one) for one in looked.ailments if one.repair is not None]
        mended += [finding for finding in tried if finding.done is not None]
        if not tried:
            break
        looked = _look(_ground(repository, directory))
        looked.failures |= {
            _name(finding): finding.failed for finding in tried if finding.failed is not None
        }
    return _report(looked, mended, strict=strict)


# Private functions


@dataclass(slots=True)
class _Looked:
    """What one look found.

    Attributes:
        failures: why repairs of what is still there could not be made.
    """

    ailments: list[Ailment]
    experiments: int
    runs: int
    failures: dict[tuple[str, str], str] = field(default_factory=dict)


def _ground(repository: Repository, directory: Path) -> Ground:
    try:
        return Ground(open_project(directory), has_project=True)
    except Problem as problem:
        if problem.code != "no-dvc-project":
            raise
        return Ground(Project(repository, repository.top, ""), has_project=False)


def _look(ground: Ground) -> _Looked:
    found = [one for what, check in FIRST for one in _checked(ground, what, check)]
    if any(one.finding.code == "ledger-broken" for one in found):
        return _Looked(list(_once(found)), 0, 0)
    found += [one for what, check in OF_LEDGER for one in _checked(ground, what, check)]
    try:
        experiments, runs = ground.survey.experiments, ground.survey.runs
    except (Problem, GitError):
        experiments, runs = 0, 0  # why is among what was found
    return _Looked(list(_once(found)), experiments, runs)


def _checked(ground: Ground, what: str, check: Check) -> Iterator[Ailment]:
    """What a check finds; and, where something else keeps it from looking, that it could not."""
    try:
        yield from check(ground)
    except Problem as problem:
        yield _not_examined(what, problem.message, *problem.helps)
    except GitError as error:
        yield _not_examined(what, error.detail, "see what is damaged   git fsck --full")
    except OSError as error:
        yield _not_examined(what, f"{error.strerror}: {error.filename}")


def _not_examined(what: str, why: str, *ways: str) -> Ailment:
    return ailment("not-examined", f"{what} could not be examined: {why}", what, *ways)


def _once(found: Iterable[Ailment]) -> Iterator[Ailment]:
    seen: set[tuple[str, str]] = set()
    for one in found:
        if _name(one.finding) not in seen:
            seen.add(_name(one.finding))
            yield one


def _name(finding: Finding) -> tuple[str, str]:
    return finding.code, f"{finding.where}\n{finding.message}"


def _mended(one: Ailment) -> Finding:
    assert one.repair is not None
    try:
        return replace(one.finding, done=one.repair())
    except Problem as problem:
        return replace(one.finding, failed=problem.message)
    except GitError as error:
        return replace(one.finding, failed=error.detail)
    except OSError as error:
        return replace(one.finding, failed=f"{error.strerror}: {error.filename}")


def _report(looked: _Looked, mended: Sequence[Finding], *, strict: bool) -> DoctorReport:
    left = [
        replace(one.finding, failed=looked.failures.get(_name(one.finding)))
        for one in looked.ailments
    ]
    names = {_name(finding) for finding in left}
    done = [finding for finding in mended if _name(finding) not in names]

    def of(level: Level) -> tuple[Finding, ...]:
        return tuple(finding for finding in left if finding.kind.level is level)

    return DoctorReport(
        faults=(*done, *of(Level.FAULT)),
        practices=of(Level.PRACTICE),
        notes=of(Level.NOTE),
        experiments=looked.experiments,
        runs=looked.runs,
        strict=strict,
    )
