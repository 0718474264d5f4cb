"""`paribus log`: filters, sorting and pages, on a ledger of forty experiments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from tests.ledger.index.conftest import write_ledger

from paribus.core.errors import Problem
from paribus.git.command import Git
from paribus.ledger.branch import Branch
from paribus.ledger.index.wanted import SORTED_BY, Wanted
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.reports.log import as_text
from paribus.workflows.log import log
from paribus.workflows.project import open_project

if TYPE_CHECKING:
    from tests.conftest import Workspace

__all__ = ["write_ledger"]
COUNT = 40


@pytest.fixture
def listed(project: Workspace, write_ledger: Callable[..., None]) -> Workspace:
    """A project with forty experiments that were registered five minutes apart."""
    write_ledger(project.path, COUNT)
    return project


def pages(project: Workspace) -> list[Page]:
    """By the ledger itself, the latest first."""
    return Notebook(Branch(Git(project.path))).experiments()[::-1]


def ids(project: Workspace, **wanted: Any) -> list[str]:
    """What is listed."""
    found = log(open_project(project.path), Wanted(**wanted))
    return [one.registration.id for one in found.experiments]


def number(page: Page) -> int:
    """An experiment's number."""
    assert page.registration is not None
    return int(page.registration.summary.rpartition("1.")[2])


def outcome(page: Page) -> str:
    """As the list tells it."""
    failed = number(page) % 10 == 9
    return "failed" if failed else page.conclusions[-1].verdict.outcome.value


FILTERS: dict[str, tuple[dict[str, Any], Callable[[Page], bool]]] = {
    "improved": ({"outcome": "improved"}, lambda page: outcome(page) == "improved"),
    "undecided": ({"outcome": "undecided"}, lambda page: outcome(page) == "undecided"),
    "failed": ({"outcome": "failed"}, lambda page: number(page) % 10 == 9),
    "failed too": ({"status": "failed"}, lambda page: number(page) % 10 == 9),
    "judged": ({"status": "judged"}, lambda page: number(page) % 10 != 9),
    "running": ({"status": "running"}, lambda _: False),
    "author": ({"author": "gRACE"}, lambda page: number(page) % 3 == 1),
    "e-mail": ({"author": "@example.com>"}, lambda _: True),
    "change": ({"change": "DEPTH 1"}, lambda page: number(page) % 5 == 1),
    "param": ({"param": "train.lr"}, lambda page: number(page) % 5 == 0),
    "end of a param": ({"param": "lr"}, lambda page: number(page) % 5 == 0),
    "param and file": ({"param": "params.yaml:train.lr"}, lambda page: number(page) % 5 == 0),
    "half a param": ({"param": "r"}, lambda _: False),
    "metric": ({"metric": "log_loss"}, lambda _: True),
    "another metric": ({"metric": "f1"}, lambda _: False),
    "bound": (
        {"metric": "accuracy >= 0.93"},
        lambda page: mean(page, "accuracy") >= 0.93,
    ),
    "other bound": ({"metric": "accuracy<0.93"}, lambda page: mean(page, "accuracy") < 0.93),
    "baseline": ({"baseline": "baseline/1"}, lambda _: True),
    "words": ({"text": "settle NUMBER 7"}, lambda page: "7" in str(number(page)) or "7" in page.id),
    "since": ({"since": "2025-01-01T02:00"}, lambda page: number(page) >= 24),
    "until": ({"until": "2025-01-01T01"}, lambda page: number(page) < 24),
    "both": (
        {"outcome": "no-difference", "author": "ada", "param": "depth"},
        lambda page: outcome(page) == "no-difference" and number(page) % 15 == 6,
    ),
}  # fmt: skip


def mean(page: Page, metric: str) -> float:
    """Of the runs that succeeded."""
    values = [run.metrics[metric] for run in page.runs if run.succeeded]
    return sum(values) / len(values)


def test_filters(listed: Workspace) -> None:
    every = pages(listed)
    assert len(every) == COUNT
    for name, (wanted, holds) in FILTERS.items():
        assert ids(listed, **wanted) == [page.id for page in every if holds(page)], name
    tip = listed.git("rev-parse", "HEAD")
    for baseline in (tip, tip[:7], "main", "HEAD"):
        assert len(ids(listed, baseline=baseline)) == COUNT
    with pytest.raises(Problem, match="no commit is called 'nothing' here"):
        ids(listed, baseline="nothing")


def test_sorted_by_any_column(listed: Workspace) -> None:
    told: dict[str, Callable[[Any], Any]] = {
        "id": lambda one: one.registration.id,
        "difference": lambda one: one.verdict.estimate,
        "started": lambda one: one.registration.started,
        "change": lambda one: one.registration.summary,
        "author": lambda one: one.registration.author,
    }
    for column, key in told.items():
        for descending in (False, True):
            found = log(open_project(listed.path), Wanted(sort=column, descending=descending))
            values = [key(one) for one in found.experiments]
            assert values == sorted(values, reverse=descending), column
            assert len(values) == COUNT
    for column in SORTED_BY:
        assert sorted(ids(listed, sort=column)) == sorted(ids(listed))


def test_pages_are_parts_of_the_whole(listed: Workspace) -> None:
    whole = ids(listed)
    parts = [ids(listed, limit=15, offset=offset) for offset in (0, 15, 30, 45)]
    assert [len(part) for part in parts] == [15, 15, 10, 0]
    assert [one for part in parts for one in part] == whole
    assert ids(listed, limit=3, offset=2, sort="id", descending=False) == sorted(whole)[2:5]
    first = log(open_project(listed.path), Wanted(limit=15))
    assert (first.total, first.every, first.remaining) == (COUNT, COUNT, 25)
    assert as_text(first).splitlines()[-1] == "and 25 experiments more: --offset 15"
    beyond = log(open_project(listed.path), Wanted(offset=50))
    assert as_text(beyond) == "no experiment after the first 50\nnext: all of them   paribus log"


PAGE = """\
9d83  undecided  +0.000 [-0.010, +0.020]  3 pairs  2025-01-01
      train.lr 1 -> 1.5: number 5 should settle lower, as the last ones of its
        kind did
and 6 experiments more: --offset 2
"""


def test_the_command(listed: Workspace) -> None:
    told = listed.paribus(
        "log", "--status", "judged", "--param", "lr", "--sort", "started", "-n", "1", "--offset", "1",
    )  # fmt: skip
    assert (told.code, told.err) == (0, "")
    assert told.out == PAGE
    found = listed.paribus(
        "log",
        "--json",
        "--text",
        "TRAIN.width 1.27",
        "--sort",
        "-started",
        "--reverse",
        "--limit",
        "1",
    ).json
    assert [list(found), found["total"], found["offset"], found["remaining"]] == [
        [
            "schema",
            "experiments",
            "unregistered",
            "total",
            "offset",
            "remaining",
            "unreadable",
            "next",
        ],
        found["remaining"] + 1,
        0,
        found["total"] - 1,
    ]
    assert found["experiments"][0]["hypothesis"].startswith("number 27 ")
    none = listed.paribus("log", "--param", "nothing")
    assert none.out == (
        f"none of {COUNT} experiments is as asked for\nnext: all of them   paribus log\n"
    )


def test_more_than_a_database_can_count(listed: Workspace) -> None:
    many = str(10**20)
    assert len(listed.paribus("log", "--limit", many, "--json").json["experiments"]) == COUNT
    assert listed.paribus("log", "--offset", many).out == (
        f"no experiment after the first {many}\nnext: all of them   paribus log\n"
    )


def test_a_verdict_is_denied_only_where_nothing_else_was_asked_for(listed: Workspace) -> None:
    """There is one that improved, and nobody of that name made it."""
    assert ids(listed, outcome="improved")
    told = listed.paribus("log", "--verdict", "improved", "--author", "nobody").out
    assert told == f"none of {COUNT} experiments is as asked for\nnext: all of them   paribus log\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--sort", "luck"), "Invalid value for '--sort'"),
        (("--status", "great"), "Invalid value for '--status'"),
        (("--since", "yesterday"), "'yesterday' is no date"),
        (("--until", "2025-1-1"), "'2025-1-1' is no date"),
        (("--since", "2026-31-01"), "'2026-31-01' is no date"),
        (("--until", "2026-02-29"), "'2026-02-29' is no date"),
        (("--metric", "loss!=1"), "'loss!=1' is neither a metric nor a bound of one"),
        (("--metric", "loss<"), "'loss<' is neither a metric nor a bound of one"),
        (("--metric", "loss<much"), "'loss<much' is neither a metric nor a bound of one"),
        (("--baseline", "nothing"), "no commit is called 'nothing' here"),
        (("--baseline", "\udcff"), "no commit is called '\\udcff' here"),
        (("--limit", "0"), "Invalid value for '-n'"),
        (("--offset", "-1"), "Invalid value for '--offset'"),
    ],
)
def test_what_cannot_be_is_refused(
    project: Workspace, words: tuple[str, str], message: str
) -> None:
    told = project.paribus("log", *words)
    assert (told.code, told.out) == (2, "")
    assert message in told.err.splitlines()[0]
