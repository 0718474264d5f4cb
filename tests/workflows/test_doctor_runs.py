"""Runs that were killed, processes and cards that they left, results that nobody recorded."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from tests.workflows.doctoring import (
    BASELINE,
    EXPERIMENT,
    LEDGER,
    Past,
    codes,
    examined,
    intent,
    mended,
    notebook,
    past,
    succeeded,
    told,
)

from paribus.core.run import Status
from paribus.execute import card
from paribus.execute.holder import held

if TYPE_CHECKING:
    from tests.conftest import Workspace


@pytest.fixture
def full(project: Workspace, monkeypatch: pytest.MonkeyPatch) -> Past:
    """A project with a past."""
    return past(project, monkeypatch)


def begin(full: Past, number: int, owner: str = EXPERIMENT, host: str | None = None) -> None:
    """Records that a run is about to start, as a command does that is killed after it."""
    started = intent(number, owner=owner.rpartition("/")[2])
    started = replace(started, host=host) if host else started
    full.notebook.advance([], [(owner, started)], {"id": started.session})


@contextmanager
def stage_of(run: str, project: Path) -> Iterator[psutil.Process]:
    """A process that a run in a project's private clone started, and that outlives it."""
    site = project / ".dvc" / "tmp" / "paribus" / "pool" / "0" / "site"
    variables = {**os.environ, "PARIBUS_RUN": run, "DVC_SITE_CACHE_DIR": str(site)}
    with subprocess.Popen(["sleep", "300"], env=variables) as process:
        try:
            yield psutil.Process(process.pid)
        finally:
            process.kill()


def test_a_run_whose_process_is_gone(full: Past) -> None:
    begin(full, 4)
    begin(full, 5, f"baseline/{BASELINE}")
    report = examined(full.project)
    assert told(report, full.project) == (
        "2 faults found; 2 can be repaired\n"
        "\n"
        "broken:\n"
        "  1  interrupted-run: run 0000000005 never ended, and its process is gone\n"
        f"     where  baseline/{BASELINE}\n"
        "  2  interrupted-run: run 0000000004 never ended, and its process is gone\n"
        f"     where  {EXPERIMENT}\n"
        "     why    its process is gone, so that no end will ever be recorded\n"
        "     mend   paribus doctor --fix: it is recorded as interrupted, with its result\n"
        "            where one came home; nothing else changes\n"
        "\n"
        "help: repair what can be repaired   paribus doctor --fix"
    )
    tip = full.project.git("rev-parse", LEDGER)
    report = mended(full.project, "interrupted-run", "interrupted-run")
    assert [finding.done for finding in report.repaired] == ["recorded as interrupted"] * 2
    assert full.project.git("rev-list", "--count", f"{tip}..{LEDGER}") == "1"
    for page in (full.notebook.experiment(EXPERIMENT), full.notebook.baseline(BASELINE)):
        assert page.open_intents() == []
        assert page.runs[-1].status is Status.INTERRUPTED
        assert page.runs[-1].cause == "its process was gone before its end was recorded"


def test_a_run_that_goes_on_is_left_alone(full: Past) -> None:
    with held(full.project.path / ".git" / "paribus" / "holders") as holder:
        started = replace(intent(4), holder=holder)
        full.notebook.advance([], [(EXPERIMENT, started)], {"id": started.session})
        report = examined(full.project, fix=True)
        assert report.faults == ()
        assert len(full.notebook.experiment(EXPERIMENT).open_intents()) == 1


def test_a_run_of_another_machine_is_told(full: Past) -> None:
    begin(full, 4, host="elsewhere")
    report = examined(full.project, fix=True)
    assert report.faults == ()
    (note,) = (note for note in report.notes if note.code == "lost-run")
    assert note.message == "run 0000000004 on elsewhere has no end since 2026-01-05T00:00"
    assert len(full.notebook.experiment(EXPERIMENT).open_intents()) == 1


def test_killed_between_result_and_record(full: Past) -> None:
    """The result is there, the intent too, the record is not: case 15 of the scorecard."""
    begin(full, 4)
    run = succeeded(full.project, intent(4))
    assert run.commit is not None
    (finding,) = examined(full.project).left
    assert finding.message == (
        "run 0000000004 never ended, and its process is gone; its result came home, to "
        f"{run.commit[:12]}"
    )
    report = mended(full.project, "interrupted-run")
    assert report.repaired[0].done == f"recorded as interrupted, with its result at {run.ref}"
    marked = full.notebook.experiment(EXPERIMENT).runs[-1]
    assert (marked.status, marked.commit, marked.ref) == (Status.INTERRUPTED, run.commit, run.ref)
    assert full.project.git("rev-parse", str(run.ref)) == run.commit


def test_a_result_of_which_nobody_knows(full: Past) -> None:
    """Its ledger was never merged: it may be a colleague's, and stays."""
    run = succeeded(full.project, intent(6))
    (finding,) = examined(full.project, fix=True).left
    assert (finding.code, finding.where) == ("unrecorded-result", run.ref)
    assert finding.helps == (
        "if others recorded it   paribus sync",
        f"if nobody did          git update-ref -d {run.ref}",
    )
    assert full.project.git("rev-parse", str(run.ref)) == run.commit


@pytest.mark.slow
def test_killed_in_the_middle_of_the_repair(full: Past) -> None:
    """Recording is one commit of the ledger: it is there, or it is not; the next one finishes."""
    for number in range(4, 9):
        begin(full, number)
    for delay in (0.4, 0.7, 0.9, 1.1):
        process = subprocess.Popen(
            [sys.executable, "-m", "paribus", "doctor", "--fix"],
            cwd=full.project.path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(delay)
        process.kill()
        process.wait()
    full.project.paribus("doctor", "--fix")
    assert codes(examined(full.project)) == []
    runs = [run.intent.id for run in full.notebook.experiment(EXPERIMENT).runs]
    assert len(runs) == len(set(runs)) == 6
    full.project.git("fsck", "--no-dangling")


def test_two_doctors_at_once(full: Past) -> None:
    for number in range(4, 7):
        begin(full, number)
    full.project.git("branch", "--quiet", "-D", "paribus/ledger")
    command = [sys.executable, "-m", "paribus", "doctor", "--fix", "--json"]
    doctors = [
        subprocess.Popen(command, cwd=full.project.path, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    ended = [(process.communicate()[0], process.returncode) for process in doctors]
    assert {code for _, code in ended} == {0}
    assert all(json.loads(out)["sound"] for out, _ in ended)
    runs = [run.intent.id for run in full.notebook.experiment(EXPERIMENT).runs]
    assert len(runs) == len(set(runs)) == 4
    assert examined(full.project).faults == ()


# Processes and cards


def test_processes_that_outlived_their_run(full: Past) -> None:
    with stage_of("0000000003", full.project.path) as process:
        (finding,) = examined(full.project).left
        assert (finding.code, finding.where) == ("orphan-processes", "run 0000000003")
        assert finding.message == f"1 process of run 0000000003 outlived it: {process.pid}"
        assert process.is_running()
        mended(full.project, "orphan-processes")
        assert psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE


def test_processes_of_others_are_left_alone(full: Past) -> None:
    with stage_of("ffffffffff", full.project.path) as process:
        assert examined(full.project, fix=True).faults == ()
        assert process.status() == psutil.STATUS_SLEEPING


def test_another_clone_on_this_machine_is_left_alone(full: Past) -> None:
    """It shares the ledger, and has a run under way of which nothing lies here."""
    started = replace(intent(4), started=datetime.now(UTC).isoformat(), holder="of another clone")
    full.notebook.advance([], [(EXPERIMENT, started)], {"id": started.session})
    other = full.project.path.parent / "other"
    with stage_of("0000000004", other) as process, stage_of("0000000003", other):
        assert examined(full.project, fix=True).faults == ()
        assert process.status() == psutil.STATUS_SLEEPING
    assert examined(full.project, fix=True).faults == ()
    assert len(full.notebook.experiment(EXPERIMENT).open_intents()) == 1


@pytest.mark.parametrize("left", ["lock", "card", "log"])
def test_what_a_killed_command_left_tells_that_a_run_was_made_here(left: str, full: Past) -> None:
    started = replace(intent(4), started=datetime.now(UTC).isoformat())
    full.notebook.advance([], [(EXPERIMENT, started)], {"id": started.session})
    assert examined(full.project).faults == ()
    git, state = full.project.path / ".git" / "paribus", full.project.path / ".dvc/tmp/paribus"
    if left == "card":
        card.write(
            git / "runs" / f"{started.id}.json", card.new_card(started.id, EXPERIMENT, "gone")
        )
    else:
        file = (
            git / "holders" / "gone.lock"
            if left == "lock"
            else state / "logs" / f"{started.id}.log"
        )
        file.parent.mkdir(parents=True)
        file.touch()
    found = codes(examined(full.project))
    assert found == ["interrupted-run", *(["stale-card"] if left == "card" else [])]
    mended(full.project, *found)


def test_a_card_of_a_run_that_is_over(full: Past) -> None:
    cards = full.project.path / ".git" / "paribus" / "runs"
    card.write(card.path_of(cards, "0000000003"), card.new_card("0000000003", EXPERIMENT, "gone"))
    (finding,) = examined(full.project).left
    assert (finding.code, finding.where) == ("stale-card", str(cards / "0000000003.json"))
    mended(full.project, "stale-card")
    assert list(cards.iterdir()) == []


# For real


def _until(condition: Callable[[], bool], limit: float = 60) -> None:
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


@pytest.mark.slow
def test_a_run_is_killed_for_real(project: Workspace) -> None:
    """kill -9 of the command in the middle of a stage: doctor tells, mends, and the command goes on."""
    began = project.path.parent / "began"
    wait = f"import time\nopen({str(began)!r}, 'w').close()\ntime.sleep(float(open({str(began)!r} + '.takes').read()))\n"
    Path(f"{began}.takes").write_text("60")
    project.commit(
        "slow", {"train.py": project.read("train.py").replace("score = 0.8", f"{wait}score = 0.8")}
    )
    before = project.state()
    command = ("run", "-S", "params.json:train.gain=0.3", "--seeds", "1")
    process = subprocess.Popen(
        [sys.executable, "-m", "paribus", *command],
        cwd=project.path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _until(began.exists)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    _until(lambda: not any("train.py" in line for line in _commands(project)))
    found = project.paribus("doctor", "--json")
    assert found.code == 1
    assert {one["code"] for one in found.json["findings"]} >= {"interrupted-run", "killed-clone"}
    assert all(one["fixable"] for one in found.json["findings"])
    fixed = project.paribus("doctor", "--fix", "--json")
    assert fixed.code == 0, fixed
    assert all(one["fixed"] for one in fixed.json["findings"])
    assert project.paribus("doctor", "--json").json["findings"] == []
    assert project.state() == before
    Path(f"{began}.takes").write_text("0")
    assert project.paribus(*command).code == 4
    pages = notebook(project).experiments()
    assert [page.open_intents() for page in pages] == [[]]
    assert project.paribus("doctor", "--json").json["findings"] == []


def _commands(project: Workspace) -> list[str]:
    found = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        if (process.info["cwd"] or "").startswith(str(project.path)):
            found.append(" ".join(process.info["cmdline"] or []))
    return found
