"""`paribus retry`: what was cut off goes on; what failed by itself only when it is asked for."""

from __future__ import annotations

import re
import signal
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace
    from tests.workflows.conftest import History, Staged

RUN = ("run", "-S", "params.json:train.gain=0.3", "--seeds", "3", "--jobs", "2")


def plain(text: str) -> str:
    """With ids made alike."""
    return re.sub(r"\b[0-9a-f]{4}\b", "ID", text)


def test_nothing_to_make_again(project: Workspace) -> None:
    told = project.paribus("retry")
    assert (told.code, told.err) == (0, "")
    assert told.out == (
        "nothing to make again: no run was ended from outside\nnext: all experiments   paribus log\n"
    )
    assert project.paribus("retry", "--json").json == {
        "schema": 1, "found": [], "experiments": [], "left": [], "planned": False,
        "next": ["all experiments   paribus log"],
    }  # fmt: skip


def test_what_is_left_as_it_is(history: History) -> None:
    ids = [history.id(outcome)[:4] for outcome in ("improved", "failed", "undecided")]
    told = history.project.paribus("retry", *ids)
    assert told.code == 0
    assert told.out.splitlines()[1:4] == [
        f"{ids[0]}  left as it is: its verdict stands",
        f"{ids[1]}  left as it is: it failed by itself; --failed makes that again",
        f"{ids[2]}  left as it is: nothing ended its runs from outside",
    ]


def test_all_that_failed_with_the_index_and_without(history: History, measured: Workspace) -> None:
    failed = history.id("failed")
    with_it = measured.paribus("retry", "--failed", "--dry-run", "--json")
    assert [(one["experiment"], one["why"]) for one in with_it.json["found"]] == [
        (failed, ["pair 1 failed: stage train, exit 1"])
    ]
    index = measured.path / ".dvc" / "tmp" / "paribus" / "index.sqlite"
    index.unlink()
    index.mkdir()
    without = measured.paribus("retry", "--failed", "--dry-run", "--json")
    assert (without.code, without.json) == (with_it.code, with_it.json)
    assert without.err.startswith("warning: the index cannot be kept (")


def test_an_unknown_one(history: History) -> None:
    told = history.project.paribus("retry", "zzz")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("error[unknown-experiment]: ")


@pytest.mark.slow
def test_what_was_cancelled_goes_on(staged: Staged) -> None:
    project = staged.project
    staged.sleeps()
    process = staged.start(*RUN)
    staged.began()
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    assert staged.ended(process).code == 143
    planned = project.paribus("retry", "--dry-run")
    assert planned.code == 0
    assert plain(planned.out) == (
        "1 experiment would go on; nothing was run\n"
        "  ID  train.gain 0.0 -> 0.3\n"
        "        pair 1 cancelled: in stage train, SIGTERM\n"
        "next: make them again   paribus retry\n"
    )
    staged.does.write_text("")
    before = project.state()
    told = project.paribus("retry", "--jobs", "2", "--json")
    assert told.code == 0, told
    (experiment,) = told.json["experiments"]
    assert experiment["verdict"]["outcome"] == "improved"
    assert told.json["found"][0]["why"] == ["pair 1 cancelled: in stage train, SIGTERM"]
    assert project.state() == before
    assert project.paribus("retry").out.startswith("nothing to make again")


@pytest.mark.slow
def test_what_was_killed_while_only_the_baseline_ran(staged: Staged) -> None:
    staged.sleeps()
    process = staged.start(*RUN[:-1], "1")
    staged.began()
    process.kill()
    process.communicate(timeout=10)
    planned = staged.project.paribus("retry", "--dry-run", "--json").json
    assert planned["planned"] is True
    assert planned["found"][0]["why"] == ["baseline pair 1 interrupted"]
    staged.does.write_text("")
    told = staged.project.paribus("retry", "--jobs", "2", "--seeds", "1")
    assert told.code == 4
    assert "undecided: accuracy" in told.out


@pytest.mark.slow
def test_one_of_several(staged: Staged) -> None:
    project = staged.project
    staged.does.write_text("import os\nif params['train']['gain']:\n    os.kill(os.getpid(), 15)\n")
    for gain in ("0.3", "0.4"):
        told = project.paribus("run", "-S", f"params.json:train.gain={gain}", "--seeds", "1")
        assert told.code == 5
        assert re.search(r"next: make it again +paribus retry ", told.out), told
    staged.does.write_text("")
    rows = project.paribus("log", "--json").json["experiments"]
    told = project.paribus("retry", rows[1]["experiment"][:6], "--seeds", "1", "--json")
    assert told.code == 4
    assert [one["experiment"] for one in told.json["experiments"]] == [rows[1]["experiment"]]
    left = project.paribus("retry", "--dry-run", "--json").json["found"]
    assert [one["experiment"] for one in left] == [rows[0]["experiment"]]
    both = project.paribus("retry", "--seeds", "1", "--json")
    assert [one["experiment"] for one in both.json["experiments"]] == [rows[0]["experiment"]]
    # Made again one by one, they are no family.
    assert "families" not in project.git("ls-tree", "--name-only", "paribus/ledger")


@pytest.mark.slow
def test_failures_are_made_again_when_asked_for_and_told(staged: Staged) -> None:
    """The environment was mended; the record keeps the failure, and the verdict tells it."""
    project = staged.project
    broken = staged.outside / "broken"
    broken.touch()
    staged.does.write_text(
        f"import os, sys\nn = {str(staged.outside / 'count')!r}\nopen(n, 'a').write('x')\n"
        f"if params['train']['gain'] and os.path.getsize(n) > 3 and os.path.exists({str(broken)!r}):\n"
        f"    sys.exit('no driver')\n"
    )
    assert project.paribus(*RUN[:-2]).code == 5
    (row,) = project.paribus("log", "--json").json["experiments"]
    assert project.paribus("retry").out.startswith("nothing to make again")
    broken.unlink()
    told = project.paribus("retry", "--failed", "--json")
    assert told.code == 0, told
    (experiment,) = told.json["experiments"]
    assert experiment["experiment"] == row["experiment"]
    assert experiment["verdict"]["outcome"] == "improved"
    failed = [run["pair"] for run in experiment["runs"] if run["status"] == "failed"]
    assert len(failed) == 1
    reason = f"pair {failed[0]} of the candidate failed at first, and ran when made again"
    assert experiment["verdict"]["reasons"][-1] == reason
    # Whoever reads it later sees the same.
    shown = project.paribus("show", row["experiment"], "--json").json
    assert shown["verdict"]["reasons"][-1] == reason
