"""What `dvc exp run` left: commits below `refs/exps/`, each named by the commit that it came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from paribus.git.bulk import contents
from paribus.git.command import Git

_RESULT = re.compile(
    rb"^([0-9a-f]{40,64}) refs/exps/([0-9a-f]{2})/([0-9a-f]{38,62})/(.+)$", re.MULTILINE
)
_OURS = re.compile(rb"paribus-(?:[0-9a-f]{8}|baseline|learn)-\d+-[0-9a-f]+")
"""Names of runs of experiments and baselines, as `workflows.runner` gives them."""
_COMMIT = re.compile(
    rb"tree [0-9a-f]+\n(?:parent [0-9a-f]+\n)*author (?P<who>[^\n]*>) (?P<when>\d{1,11}) [^\n]*\n"
    rb"(?:[^\n]+\n)*\n(?P<subject>[^\n]*)"
)


@dataclass(frozen=True, slots=True)
class Result:
    """A result of DVC's own.

    Attributes:
        name: as DVC has it.
        commit, baseline: full SHAs.
    """

    name: str
    commit: str
    baseline: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a result's commit says of itself.

    Attributes:
        author: name and e-mail.
        started: UTC, ISO 8601.
        subject: the first line of its message.
    """

    author: str
    started: str
    subject: str


def foreign_results(git: Git) -> tuple[Result, ...]:
    """Every result that is no run of ours, in the order of their references.

    Queues, stashes and what DVC runs at this moment have other places, and broken references are
    left out by git.
    """
    return tuple(each for each in _results(git) if not _OURS.fullmatch(_bytes(each.name)))


def results_named(git: Git, name: str) -> tuple[Result, ...]:
    """Every result of a name, ours too; experiments from several commits may share one."""
    return tuple(each for each in _results(git) if each.name == name)


def read_results(git: Git, commits: Iterable[str]) -> Iterator[tuple[str, Said]]:
    """What commits say, by their SHA; of those that are there and are commits."""
    for commit, data in contents(git, ((each, each) for each in commits)):
        found = _COMMIT.match(data) if data is not None else None
        if found is not None:
            when = datetime.fromtimestamp(int(found["when"]), UTC)
            who, subject = (found[key].decode("utf-8", "replace") for key in ("who", "subject"))
            yield commit, Said(who, when.isoformat(timespec="microseconds"), subject)


# Private functions


def _results(git: Git) -> Iterator[Result]:
    told = git.run("for-each-ref", "--format=%(objectname) %(refname)", "refs/exps/")
    for commit, beginning, rest, name in _RESULT.findall(told):
        yield Result(
            name.decode("utf-8", "surrogateescape"), commit.decode(), (beginning + rest).decode()
        )


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
