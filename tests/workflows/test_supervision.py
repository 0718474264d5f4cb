"""Runs end when they should, for the reason that is recorded, and no process of theirs stays."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from paribus.execute import card
from paribus.execute.card import Card
from paribus.workflows.leftovers import end_leftovers, remove_old_logs
from paribus.workflows.project import open_project

if TYPE_CHECKING:
    from tests.conftest import Workspace
    from tests.workflows.conftest import Staged

RUN = ("run", "-S", "params.json:train.gain=0.3", "--seeds", "1", "--jobs", "2")


def until(question: object, within: float = 30) -> None:
    end = time.monotonic() + within
    while not question():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def no_cards(project: Workspace) -> bool:
    return not list((project.path / ".git" / "paribus" / "runs").glob("*"))


# Timeouts


@pytest.mark.slow
def test_a_run_that_takes_too_long(staged: Staged) -> None:
    project = staged.project
    staged.does.write_text("import time\nprint('epoch 1', flush=True)\n"
                           "time.sleep(60 if params['train']['gain'] else 0)\n")  # fmt: skip
    before = project.state()
    told = project.paribus(*RUN, "--timeout", "12s")
    assert told.code == 5
    assert re.sub(r"[0-9a-f]{4,}", "ID", told.out).splitlines()[4:] == [
        "timed out: pair 1, after 12 s in stage train; recorded",
        "  epoch 1",
        "undecided: accuracy, 0 of 0 pairs",
        "  0 of at most 20 pairs; nothing is decided before 3; next look at 3",
        "  recorded ID on the branch paribus/ledger",
        "next: make it again   paribus retry ID",
        "next: every run of it   paribus show ID",
    ] or told.out  # fmt: skip
    assert staged.runs() == [
        ("candidate", 1, "timed-out", "timed out after 12 s in stage train"),
    ]
    assert staged.alive() == []
    assert no_cards(project)
    assert project.state() == before
    (row,) = project.paribus("log", "--json").json["experiments"]
    assert row["status"] == "failed"


@pytest.mark.slow
def test_the_agreement_has_a_timeout(staged: Staged) -> None:
    project = staged.project
    staged.sleeps()
    project.commit("agreed", {"paribus.yaml": project.read("paribus.yaml") + "timeout: 12s\n"})
    told = project.paribus("baseline", "--seeds", "1")
    assert (told.code, told.out) == (5, "")
    assert told.err.splitlines()[-2:] == [
        "error[run-timed-out]: a run of the baseline timed out: timed out after 12 s in stage train;"
        " it is recorded",
        "help: try again   run the same command; what succeeded is kept",
    ] or told.err  # fmt: skip
    assert staged.alive() == []


@pytest.mark.slow
def test_a_timeout_inside_this_process(staged: Staged) -> None:
    staged.sleeps()
    began = time.monotonic()
    told = staged.project.paribus("baseline", "--seeds", "1", "--jobs", "0", "--timeout", "4s")
    assert told.code == 5
    assert "error[run-timed-out]" in told.err
    assert time.monotonic() - began < 30
    assert staged.alive() == []


@pytest.mark.parametrize("text", ["30", "0s", "soon"])
def test_a_timeout_that_cannot_be_meant(project: Workspace, text: str) -> None:
    told = project.paribus(*RUN, "--timeout", text)
    assert (told.code, told.out) == (2, "")
    assert "such as `90s`, `30m` or `2h` is expected" in " ".join(told.err.split())


# Signals


@pytest.mark.parametrize(
    ("number", "name", "code"),
    [
        (signal.SIGINT, "SIGINT", 130),
        pytest.param(signal.SIGTERM, "SIGTERM", 143, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, "SIGHUP", 129, marks=pytest.mark.slow),
    ],
)
def test_a_signal_cancels_and_records(
    staged: Staged, number: signal.Signals, name: str, code: int
) -> None:
    staged.sleeps()
    before = staged.project.state()
    process = staged.start(*RUN)
    staged.began()
    time.sleep(0.5)
    process.send_signal(number)
    told = staged.ended(process)
    assert (told.code, told.out) == (code, "")
    assert [line for line in told.err.splitlines() if line][-2:] == [
        "note: ending 2 runs under way; the same signal again ends at once",
        "interrupted; what had ended is recorded",
    ]
    assert staged.alive() == []
    assert no_cards(staged.project)
    assert staged.runs() == [("candidate", 1, "cancelled", f"in stage train, {name}")]
    assert staged.project.state() == before
    (row,) = staged.project.paribus("log", "--json").json["experiments"]
    assert row["status"] == "interrupted"
    shown = staged.project.paribus("show", row["experiment"]).out
    assert f"\ncancelled: pair 1, in stage train, {name} after " in shown


@pytest.mark.slow
def test_the_second_signal_ends_at_once(staged: Staged) -> None:
    staged.sleeps()
    before = staged.project.state()
    process = staged.start(*RUN)
    staged.began()
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    told = staged.ended(process)
    assert time.monotonic() - began < 10
    # Both may be there before either is dealt with; which is first is then the system's choice.
    assert told.code in (143, 130)
    until(lambda: not staged.alive(), 10)
    assert staged.project.state() == before
    assert staged.project.git("fsck", "--no-dangling") == ""
    locks = (staged.project.path / ".git").rglob("*.lock")
    assert [lock for lock in locks if lock.parent.name != "holders"] == []
    staged.does.write_text("")
    assert staged.project.paribus(*RUN).code == 4


@pytest.mark.slow
def test_hang_up_stays_ignored_under_nohup(staged: Staged) -> None:
    staged.sleeps(3)
    process = subprocess.Popen(
        ["nohup", "python", "-m", "paribus", *RUN], cwd=staged.project.path, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    staged.began()
    process.send_signal(signal.SIGHUP)
    told = staged.ended(process, 120)
    assert told.code == 4, told


# Stages that are killed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (signal.SIGTERM, "stage train, SIGTERM from outside"),
        (signal.SIGINT, "stage train, SIGINT from outside"),
    ],
)
def test_a_stage_that_somebody_kills(staged: Staged, number: signal.Signals, cause: str) -> None:
    staged.does.write_text(
        "import os, signal\nif params['train']['gain']:\n    print('epoch 1', flush=True)\n"
        f"    signal.signal({int(number)}, signal.SIG_DFL)\n    os.kill(os.getpid(), {int(number)})\n"
    )
    told = staged.project.paribus(*RUN, "--json")
    assert told.code == 5
    assert staged.runs() == [("candidate", 1, "killed", cause)] or told.err
    assert told.json["verdict"]["candidate_failures"] == 0
    staged.does.write_text("")
    again = staged.project.paribus(*RUN, "--json")
    assert again.code == 4
    assert [(pair, status) for side, pair, status, _ in staged.runs() if side == "candidate"] == [
        (1, "killed"), (1, "succeeded"),
    ]  # fmt: skip


@pytest.mark.slow
def test_a_crash_is_the_stages_own(staged: Staged) -> None:
    staged.does.write_text("import os\nif params['train']['gain']:\n    os.abort()\n")
    assert staged.project.paribus(*RUN).code == 5
    assert staged.runs() == [("candidate", 1, "failed", "stage train, SIGABRT")]


@pytest.mark.slow
def test_a_model_that_is_too_big_is_not_tried_for_ever(staged: Staged) -> None:
    staged.does.write_text("import os\nif params['train']['gain']:\n    os.kill(os.getpid(), 9)\n")
    causes = []
    for _ in range(2):
        assert staged.project.paribus(*RUN).code == 5
        causes.append([run[2:] for run in staged.runs() if run[0] == "candidate"][-1])
    big = "stage train, SIGKILL (out of memory?)"
    assert causes == [("killed", big), ("failed", f"{big}, twice at this pair")]
    nothing = staged.project.paribus("retry")
    assert nothing.code == 0
    assert nothing.out.startswith("nothing to make again")


# The end of a worker, of the command, and of both


def workers(project: Workspace) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline", "cwd"])
        if "paribus.execute.worker" in (process.info["cmdline"] or [])
        and (process.info["cwd"] or "").startswith(str(project.path))
    ]


DAEMON = """\
import subprocess
subprocess.Popen(["setsid", "sh", "-c", "(sleep 60 & echo $! > {pid}); exit"])
"""


@pytest.mark.slow
def test_a_worker_that_dies_loses_its_run_and_no_other(staged: Staged) -> None:
    gate = staged.outside / "gate"
    staged.does.write_text(
        f"import os, signal, time\nif params['train']['gain']:\n"
        f"    open({str(gate)!r}, 'w').close()\n    os.kill(os.getsid(0), signal.SIGKILL)\n"
        f"    time.sleep(60)\n"
        f"while not os.path.exists({str(gate)!r}): time.sleep(0.02)\ntime.sleep(1)\n"
    )
    told = staged.project.paribus(*RUN, "--json")
    assert told.code == 5, told
    cause = "its worker process ended (signal 9), in stage train"
    runs = [(run["side"], run["status"], run["cause"]) for run in told.json["runs"]]
    assert ("candidate", "killed", cause) in runs
    assert ("baseline", "succeeded") in [
        (side, status)
        for side, status, _ in [
            (run["side"], run["status"], run["cause"])
            for run in staged.project.paribus("baseline", "--json").json["runs"]
            if run.setdefault("side", "baseline")
        ]
    ]
    assert staged.alive() == []


@pytest.mark.slow
def test_background_processes_end_with_their_run(staged: Staged) -> None:
    """Before the result is read: one that went on writing would change what is judged."""
    pid = staged.outside / "daemon"
    staged.does.write_text(DAEMON.format(pid=pid))
    told = staged.project.paribus("baseline", "--seeds", "1")
    assert told.code == 0, told
    until(lambda: pid.exists() and pid.read_text().strip() != "")
    assert not psutil.pid_exists(int(pid.read_text()))
    assert staged.alive() == []


def test_when_the_command_is_killed_its_daemons_end_too(staged: Staged) -> None:
    pid = staged.outside / "daemon"
    staged.sleeps()
    staged.does.write_text(DAEMON.format(pid=pid) + staged.does.read_text())
    process = staged.start(*RUN)
    staged.began()
    until(lambda: pid.exists() and pid.read_text().strip() != "")
    process.kill()
    process.communicate(timeout=10)
    until(lambda: not staged.alive(), 10)
    until(lambda: not psutil.pid_exists(int(pid.read_text())), 10)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["plain", "daemon"])
def test_when_all_are_killed_the_next_command_ends_what_is_left(staged: Staged, kind: str) -> None:
    """Nobody is left who could have ended it: the command and its workers died in the same moment."""
    staged.sleeps()
    if kind == "daemon":
        staged.does.write_text(
            DAEMON.format(pid=staged.outside / "daemon") + staged.does.read_text()
        )
    process = staged.start(*RUN[:-1], "1")
    stage = staged.began()
    (worker,) = workers(staged.project)
    # Stopped, a worker cannot do anything about the end of its parent.
    worker.suspend()
    process.kill()
    process.wait(10)
    worker.kill()
    assert psutil.pid_exists(stage)
    assert status(staged.project) in ("interrupted", "planned")
    assert end_leftovers(open_project(staged.project.path)) == 1
    process.communicate(timeout=10)  # nobody holds its pipes any more
    until(lambda: not staged.alive(), 5)
    assert no_cards(staged.project)
    staged.does.write_text("")
    told = staged.project.paribus(*RUN)
    assert told.code == 4
    assert told.err.startswith("note: 1 run interrupted earlier: made again where needed\n")


def leave_card(project: Workspace, **different: object) -> Path:
    """A card as a command that is gone would have left it."""
    told: dict[str, object] = {
        "run": "0123456789", "owner": "x", "host": socket.gethostname(), "boot": card.boot(),
        "holder": "gone", "started": time.time(), "pid": None, "born": None,
    }  # fmt: skip
    file = card.path_of(project.path / ".git" / "paribus" / "runs", "0123456789")
    card.write(file, Card(**(told | different)))  # type: ignore[arg-type]
    return file


def test_a_number_that_is_somebody_elses_by_now(project: Workspace) -> None:
    bystander = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        leave_card(project, pid=bystander.pid, born=time.time() - 1000)
        assert end_leftovers(open_project(project.path)) == 1
        leave_card(project, pid=bystander.pid, born=time.time(), boot="another")
        assert end_leftovers(open_project(project.path)) == 1
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_cards_of_other_machines_are_theirs_for_a_day(project: Workspace) -> None:
    file = leave_card(project, host="elsewhere")
    assert end_leftovers(open_project(project.path)) == 0
    os.utime(file, (time.time() - 90_000,) * 2)
    assert end_leftovers(open_project(project.path)) == 1
    assert not file.exists()


def test_a_card_that_cannot_be_read_goes_after_a_day(project: Workspace) -> None:
    file = leave_card(project)
    file.write_text("{")
    assert end_leftovers(open_project(project.path)) == 0
    os.utime(file, (1, 1))
    assert end_leftovers(open_project(project.path)) == 1


# Runs of other machines


def elsewhere(staged: Staged, started: datetime) -> str:
    """The ledger as it is when another machine has started a run; the run's id."""
    project = staged.project
    staged.sleeps()
    process = staged.start(*RUN[:-1], "1")
    staged.began()
    process.kill()
    process.communicate(timeout=10)
    until(lambda: not staged.alive(), 10)
    end_leftovers(open_project(project.path))
    paths = project.git("ls-tree", "-r", "--name-only", "paribus/ledger").splitlines()
    (path,) = [one for one in paths if re.match(r"baselines/.*/intent-", one)]
    record = json.loads(project.git("show", f"paribus/ledger:{path}"))
    (row,) = project.paribus("log", "--json").json["experiments"]
    body = record.get("body", record)
    body |= {"host": "elsewhere", "started": started.isoformat(), "experiment": row["experiment"]}
    index = {**os.environ, "GIT_INDEX_FILE": str(staged.outside / "index")}
    blob = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"], input=json.dumps(record), cwd=project.path,
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    where = f"experiments/{row['experiment'][:2]}/{row['experiment']}/intent-0.json"
    for command in (
        ["git", "read-tree", "paribus/ledger"],
        ["git", "update-index", "--add", "--cacheinfo", f"100644,{blob},{where}"],
    ):
        subprocess.run(command, cwd=project.path, env=index, check=True)
    tree = subprocess.run(
        ["git", "write-tree"], cwd=project.path, env=index, check=True, capture_output=True, text=True
    ).stdout.strip()  # fmt: skip
    commit = project.git("commit-tree", tree, "-p", "paribus/ledger", "-m", "from elsewhere")
    project.git("update-ref", "refs/heads/paribus/ledger", commit)
    return str(body["id"])


def status(project: Workspace) -> str:
    told = project.paribus("log", "--json")
    assert told.code == 0, told
    (row,) = told.json["experiments"]
    return str(row["status"])


@pytest.mark.slow
def test_a_run_elsewhere_by_its_heartbeat_and_else_for_a_day(staged: Staged) -> None:
    run = elsewhere(staged, datetime.now(UTC) - timedelta(hours=2))
    project = staged.project
    assert status(project) == "running"
    file = card.path_of(project.path / ".git" / "paribus" / "runs", run)
    card.write(file, Card(run, "x", "elsewhere", "", "h", time.time()))
    assert status(project) == "running"
    os.utime(file, (time.time() - 70,) * 2)
    assert status(project) == "interrupted"


@pytest.mark.slow
def test_a_run_elsewhere_of_yesterday_is_over(staged: Staged) -> None:
    elsewhere(staged, datetime.now(UTC) - timedelta(hours=25))
    assert status(staged.project) == "interrupted"


# The first that fails ends the others


@pytest.mark.slow
def test_fail_fast(staged: Staged) -> None:
    staged.does.write_text(
        "import sys, time\nif params['train']['gain'] == 0.1:\n    time.sleep(1)\n    sys.exit('no')\n"
        "time.sleep(60 if params['train']['gain'] else 0)\n"
    )
    began = time.monotonic()
    told = staged.project.paribus(
        "run", "-S", "params.json:train.gain=0.1,0.2", "--jobs", "3", "--fail-fast", "--json"
    )
    assert told.code == 5
    assert time.monotonic() - began < 50
    found = {
        (one["label"], run["status"], run["cause"])
        for one in told.json["experiments"]
        for run in one["runs"]
        if run["side"] == "candidate"
    }
    assert ("train.gain 0.0 -> 0.1", "failed", "stage train, exit 1") in found
    cause = "in stage train, since another run failed"
    assert ("train.gain 0.0 -> 0.2", "cancelled", cause) in found
    assert staged.alive() == []


@pytest.mark.slow
@pytest.mark.parametrize("command", [("baseline", "--seeds", "2"), ("noise", "--seeds", "3")])
def test_fail_fast_of_the_baseline(staged: Staged, command: tuple[str, ...]) -> None:
    gate = staged.outside / "gate"
    staged.does.write_text(
        f"import os, sys, time\nif not os.path.exists({str(gate)!r}):\n"
        f"    open({str(gate)!r}, 'w').close()\n    time.sleep(3)\n    sys.exit('no')\ntime.sleep(60)\n"
    )
    told = staged.project.paribus(*command, "--jobs", "2", "--fail-fast")
    assert (told.code, told.out) == (5, "")
    assert "error[run-failed]: a run of the baseline failed: stage train, exit 1; it is" in told.err
    assert staged.alive() == []


# Logs of old runs


def test_old_logs_go_and_the_oldest_of_too_many(tmp_path: Path) -> None:
    now = time.time()
    for age, size in ((40, 10), (20, 10), (10, 10), (0, 10)):
        file = tmp_path / f"{age}.log"
        file.write_bytes(b"x" * size)
        os.utime(file, (now - age * 86_400,) * 2)
    (tmp_path / "other").touch()
    remove_old_logs(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "0.log",
        "10.log",
        "20.log",
        "other",
    ]
    remove_old_logs(tmp_path, size=25)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["0.log", "10.log", "other"]
    remove_old_logs(tmp_path / "nowhere")
