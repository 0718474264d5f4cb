"""`paribus log` and `paribus show`: every experiment, the dead ends too."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace
    from tests.workflows.conftest import History

LATEST_FIRST = ["failed", "undecided", "no-difference", "worse", "improved"]


def test_an_empty_log(project: Workspace) -> None:
    before = project.state()
    told = project.paribus("log")
    assert (told.code, told.err) == (0, "")
    assert told.out == (
        'no experiments\nnext: start one   paribus run -S key=value -m "why it should help"\n'
    )
    assert project.paribus("log", "--json").json == {
        "schema": 1,
        "experiments": [],
        "unregistered": [],
        "total": 0,
        "offset": 0,
        "remaining": 0,
        "unreadable": [],
        "next": ['start one   paribus run -S key=value -m "why it should help"'],
    }
    lines = project.paribus("log", "--jsonl")
    assert (lines.code, lines.out, lines.err) == (0, "", "")
    assert project.state() == before


def test_every_experiment_the_latest_first(history: History, shape: Callable[[str], str]) -> None:
    told = history.project.paribus("log")
    ids = {outcome: history.id(outcome)[:4] for outcome in LATEST_FIRST}
    assert (told.code, told.err) == (0, "")
    assert [line.split() for line in shape(told.out).splitlines()] == [
        line.split()
        for line in (
            f"{ids['failed']}  failed  0 pairs  DATE",
            "      train.fail false -> true: it must <b>fail</b>",
            f"{ids['undecided']}  undecided  # [#, #]  3 pairs  DATE",
            "      train.gain # -> #",
            f"{ids['no-difference']}  no detectable difference  +0 [+0, +0]  3 pairs  DATE",
            "      train.name plain -> fancy",
            f"{ids['worse']}  worse  # [#, #]  3 pairs  DATE",
            "      train.gain # -> #",
            f"{ids['improved']}  improved  # [#, #]  3 pairs  DATE",
            "      train.gain # -> #: a larger gain gains",
        )
    ]
    assert max(map(len, told.out.splitlines())) <= 80


def test_the_log_for_machines(history: History) -> None:
    told = history.project.paribus("log", "--json")
    rows = told.json["experiments"]
    assert next(iter(told.json)) == "schema"
    assert told.json["total"] == 5
    assert [row["status"] for row in rows] == ["failed", "judged", "judged", "judged", "judged"]
    assert [row["verdict"]["outcome"] for row in rows[1:]] == LATEST_FIRST[1:]
    assert all(row["author"] == "Ada Lovelace <ada@example.com>" for row in rows)
    assert [row["started"] for row in rows] == sorted(
        (row["started"] for row in rows), reverse=True
    )
    assert all("runs" not in row for row in rows)
    lines = history.project.paribus("log", "--jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == [{"schema": 1, **row} for row in rows]


@pytest.mark.parametrize("outcome", ["improved", "worse", "no-difference", "not-comparable"])
def test_a_filter(history: History, outcome: str) -> None:
    found = history.project.paribus("log", "--verdict", outcome, "--json").json
    expected = [history.id(outcome)] if outcome in LATEST_FIRST else []
    assert [row["experiment"] for row in found["experiments"]] == expected
    assert found["total"] == len(expected)


def test_a_limit(history: History) -> None:
    told = history.project.paribus("log", "--limit", "2")
    assert told.out.splitlines()[-1] == "and 3 experiments more: --offset 2"
    assert len(told.out.splitlines()) == 2 * 2 + 1
    found = history.project.paribus("log", "-n", "1", "--verdict", "improved", "--json").json
    assert (len(found["experiments"]), found["total"]) == (1, 1)


SHOWN = """\
{id}  train.gain # -> #  against HEX
      accuracy, higher is better; effect of interest #; looks 3 5 8 12 20
      null control 0 of 3 differ
      a larger gain gains
      Ada Lovelace <ada@example.com>, DATE UTC

    pairs    difference  interval              worse | better
        3        #  [#, #]  DRAWN  improved

  pair  difference                     worse | better
PAIRS
improved: accuracy # -> #, # [#, #], 3 of 3 pairs
  the interval [#, #] lies above zero
  a gain of at least # is shown
  3 pairs better, 0 equal, 0 worse
  recorded HEX on the branch paribus/ledger
next: make it the baseline   paribus promote {id}
next: see a result           paribus compare HEX

  run         side         pair  status       accuracy    seconds  commit
"""


def test_one_in_full(history: History, shape: Callable[[str], str]) -> None:
    identifier = history.id("improved")
    told = history.project.paribus("show", identifier)
    assert (told.code, told.err) == (0, "")
    beginning, runs, seeds = _parted(shape(PAIRS.sub("PAIRS\n", told.out)))
    assert beginning == SHOWN.format(id=identifier[:4])
    report = history.project.paribus("show", identifier, "--json").json
    values = {run["id"]: run["metrics"]["accuracy"] for run in report["runs"]}
    by_side = {
        side: [run for run in report["runs"] if (run["side"], run["purpose"]) == (side, "measure")]
        for side in ("baseline", "candidate")
    }
    assert report["pairs"] == [
        {
            "pair": old["pair"],
            "seeds": old["seeds"],
            "baseline": values[old["id"]],
            "candidate": values[new["id"]],
            "difference": values[new["id"]] - values[old["id"]],
        }
        for old, new in zip(by_side["baseline"], by_side["candidate"], strict=True)
    ]
    rows = [line.split() for line in _parted(told.out)[1]]
    assert [row[0] for row in rows] == [run["id"] for run in report["runs"]]
    assert [row[1:4] for row in rows] == [
        ["control" if run["purpose"] == "control" else run["side"], str(run["pair"]), "succeeded"]
        for run in report["runs"]
    ]
    assert [row[6] for row in rows] == [run["commit"][:7] for run in report["runs"]]
    assert len(runs) == 9
    assert len(seeds) == 3
    wanted = report["runs"][0]["seeds"]
    assert _parted(told.out)[2][0] == "  seeds of pair 1: " + ", ".join(
        f"{name} {value}" for name, value in wanted.items()
    )


PAIRS = re.compile(r"( +\d  +\+0\.\d+  +\|  +o\n){3}  mean  +\+0\.\d+  +\|  *\[-*\*-*\]\n\n")
"""Three pairs on the better side, and below them their mean with its interval."""


def _parted(text: str) -> tuple[str, list[str], list[str]]:
    """(all before the runs, a line for each run, a line for each pair's seeds)."""
    before, head, after = text.partition("seconds  commit\n")
    lines = after.replace("\n    ", " ").splitlines()  # as if no line had been broken
    seeds = [line for line in lines if line.startswith("  seeds of pair ")]
    return before + head, [line for line in lines if line not in seeds], seeds


def test_an_id_may_be_shortened(history: History) -> None:
    identifier = history.id("improved")
    whole = history.project.paribus("show", identifier).out
    for text in (identifier[:4], identifier[:9], identifier[:6].upper()):
        assert history.project.paribus("show", text).out == whole


@pytest.mark.parametrize("text", ["zzzz", "", "0123456789abcdef0123", "*", "../x", "--", "HEAD"])
def test_an_unknown_id(history: History, text: str) -> None:
    told = history.project.paribus("show", "--", text)
    assert (told.code, told.out) == (2, "")
    assert told.err == (
        f"error[unknown-experiment]: no experiment's id starts with {text!r}\n"
        "help: all of them   paribus log\n"
    )


def committed_by_hand(project: Workspace, *commands: tuple[str, ...]) -> None:
    """A commit on the ledger that Paribus did not make, by git commands on an index of its own."""
    variables = {**os.environ, "GIT_INDEX_FILE": str(project.path.parent / "index")}
    said = ""
    for command in (("read-tree", "paribus/ledger"), *commands, ("write-tree",)):
        done = subprocess.run(
            ["git", *command],
            cwd=project.path,
            env=variables,
            capture_output=True,
            text=True,
            check=True,
        )
        said = done.stdout.strip()
    commit = project.git("commit-tree", said, "-p", "paribus/ledger", "-m", "by hand")
    project.git("update-ref", "refs/heads/paribus/ledger", commit)


def folder_of(identifier: str) -> str:
    """Where the ledger keeps an experiment."""
    return f"experiments/{identifier[:2]}/{identifier}"


def test_an_ambiguous_id(measured: Workspace, history: History) -> None:
    """Two ids with six characters in common: less is refused, and shown ids are long enough."""
    identifier = history.id("improved")
    twin = identifier[:6] + ("0" if identifier[6] != "0" else "1") * 14
    copied = (
        "read-tree",
        f"--prefix={folder_of(twin)}/",
        f"paribus/ledger:{folder_of(identifier)}",
    )
    committed_by_hand(measured, copied)
    for text in (identifier[:4], identifier[:6]):
        told = measured.paribus("show", text)
        assert (told.code, told.out) == (2, "")
        first, second = sorted((identifier[:7], twin[:7]))
        assert told.err == (
            f"error[ambiguous-experiment]: 2 experiments start with {text!r}\n"
            f"help: say more   {first}, {second}\n"
        )
    assert measured.paribus("show", identifier[:7]).out.startswith(f"{identifier[:7]}  train.gain")
    listed = measured.paribus("log").out.splitlines()[::2]
    assert {identifier[:7], twin[:7]} <= {line.split()[0] for line in listed}


def test_a_record_of_a_later_version_is_told_and_the_rest_is_shown(
    measured: Workspace, history: History
) -> None:
    """Unknown records are listed, never dropped."""
    path = f"{folder_of(history.id('improved'))}/dream-1.json"
    measured.write({"../dream.json": '{"schema": 99, "kind": "dream", "body": {}}'})
    oid = measured.git("hash-object", "-w", "../dream.json")
    committed_by_hand(measured, ("update-index", "--add", "--cacheinfo", f"100644,{oid},{path}"))
    told = measured.paribus("log")
    assert told.code == 0
    assert told.out.splitlines()[-1] == f"cannot be read by this version: {path}"
    assert len(told.out.splitlines()) == 5 * 2 + 1
    assert measured.paribus("log", "--json").json["unreadable"] == [path]
    assert measured.paribus("show", history.id("improved")).code == 0


def test_the_log_needs_git_alone(measured: Workspace) -> None:
    """Neither clones nor logs nor DVC's folder; and it writes nothing but its index."""
    shutil.rmtree(measured.path / ".dvc" / "tmp")
    before = measured.state()
    assert len(measured.paribus("log", "--jsonl").out.splitlines()) == 5
    assert measured.state() == before
    written = (measured.path / ".dvc" / "tmp").rglob("*")
    names = {path.name for path in written if path.is_file()}
    assert names == {".gitignore", "index.lock", "index.sqlite"}
