"""`paribus logs`: what a run printed, followed where it goes on."""

from __future__ import annotations

import re
import shutil
import signal
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace
    from tests.workflows.conftest import History, Staged

RUN = ("run", "-S", "params.json:train.gain=0.3", "--seeds", "1")


def test_the_latest_run_of_an_experiment(history: History) -> None:
    told = history.project.paribus("logs", history.id("failed")[:5])
    assert told.code == 0
    assert re.fullmatch(r"run [0-9a-f]{10}: candidate pair 1, failed\n", told.err)
    assert "ValueError: loss is nan at epoch 3\n" in told.out
    assert "> python -S train.py\n" in told.out


def test_a_run_by_its_own_id(history: History) -> None:
    shown = history.project.paribus("show", history.id("improved"), "--json").json
    run = shown["runs"][-1]
    for beginning in (run["id"], run["id"][:6]):
        told = history.project.paribus("logs", beginning)
        assert (told.code, told.err) == (
            0, f"run {run['id']}: {run['side']} pair {run['pair']}, succeeded\n",
        )  # fmt: skip
        assert "training with {'gain': 0.2" in told.out


def test_a_run_by_its_own_id_where_no_index_can_be_kept(
    history: History, measured: Workspace
) -> None:
    """A folder stands where its file should be; the records under it are the same."""
    run = measured.paribus("show", history.id("improved"), "--json").json["runs"][-1]["id"]
    expected = measured.paribus("logs", run)
    index = measured.path / ".dvc" / "tmp" / "paribus" / "index.sqlite"
    index.unlink()
    index.mkdir()
    told = measured.paribus("logs", run)
    assert (told.code, told.out) == (expected.code, expected.out)
    assert told.err.startswith("warning: the index cannot be kept (")
    assert told.err.endswith(expected.err)
    unknown = measured.paribus("logs", "abcdef123456")
    assert unknown.code == 2
    assert "error[unknown-run]" in unknown.err


def test_the_baseline(history: History) -> None:
    told = history.project.paribus("logs", "baseline")
    assert told.code == 0
    assert ": baseline pair " in told.err
    assert "training with {'gain': 0.0" in told.out


def test_the_list(history: History) -> None:
    told = history.project.paribus("logs", history.id("improved"), "--list")
    rows = [line.split() for line in told.out.splitlines()]
    assert rows[0] == ["run", "side", "pair", "status", "started,", "UTC", "log"]
    assert [row[1:4] for row in rows[1:]] == [
        ["candidate", str(pair), "succeeded"] for pair in (1, 2, 3)
    ]
    listed = history.project.paribus("logs", history.id("improved"), "--list", "--json").json
    assert [run["id"] for run in listed["runs"]] == [row[0] for row in rows[1:]]
    assert all(run["log_bytes"] > 0 for run in listed["runs"])


def test_for_machines(history: History) -> None:
    told = history.project.paribus("logs", history.id("failed"), "--json")
    assert told.err == ""
    assert (told.json["run"]["status"], told.json["from_ledger"]) == ("failed", False)
    assert told.json["log"].endswith("ValueError: loss is nan at epoch 3\n")


@pytest.mark.parametrize("text", ["zz", "", "ab!", "fffffff", "../x"])
def test_what_there_is_not(history: History, text: str) -> None:
    told = history.project.paribus("logs", text)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("error[unknown-run]: no experiment's id, and no run's, starts with")


def test_following_in_json_is_refused(history: History) -> None:
    told = history.project.paribus("logs", "baseline", "-f", "--json")
    assert (told.code, told.out.count("error")) == (2, 1)


def test_where_the_file_is_gone_the_ledger_has_the_last_lines(
    history: History, staged: Staged
) -> None:
    project = staged.project
    shutil.rmtree(project.path)
    shutil.copytree(history.kept, project.path, symlinks=True)
    shutil.rmtree(project.path / ".dvc" / "tmp" / "paribus" / "logs")
    told = project.paribus("logs", history.id("failed"))
    assert told.code == 0
    assert told.out.endswith("ValueError: loss is nan at epoch 3\n")
    assert told.err.splitlines()[1] == (
        "note: the log file is not here; these are the last lines, from the ledger"
    )
    (run,) = re.findall(r"run ([0-9a-f]{10})", told.err)
    assert project.paribus("logs", run[:7]).out == told.out


def test_a_baseline_that_was_never_run(staged: Staged) -> None:
    told = staged.project.paribus("logs", "baseline")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("error[no-runs]: there is no run of it yet\n")


@pytest.mark.slow
def test_what_is_under_way_is_followed_to_its_end(staged: Staged) -> None:
    """Line by line, with the runs after it; not only when all is over."""
    gate = staged.outside / "gate"
    staged.does.write_text(
        f"import os, time, pathlib\nprint('epoch 1', flush=True)\n"
        f"pathlib.Path({str(staged.outside / 'began')!r}).write_text(str(os.getpid()))\n"
        f"while not os.path.exists({str(gate)!r}): time.sleep(0.02)\nprint('epoch 2', flush=True)\n"
    )
    running = staged.start("baseline", "--seeds", "1")
    staged.began()
    follower = staged.start("logs", "baseline", "-f")
    assert follower.stdout is not None
    lines = []
    while "epoch 1\n" not in lines:
        lines.append(follower.stdout.readline())
    assert follower.poll() is None
    assert "epoch 2\n" not in lines
    gate.touch()
    told = staged.ended(follower, 120)
    assert told.code == 0
    assert staged.ended(running).code == 0
    lines += told.out.splitlines(keepends=True)
    assert lines.count("epoch 2\n") == 1 + 3, "the run and the three reruns of its seed"
    assert re.findall(r"run [0-9a-f]{10}: baseline pair 1, running", told.err)
    assert re.findall(r"succeeded after \d+\.\d s", told.err)


@pytest.mark.slow
def test_following_what_fails_ends_with_5(staged: Staged) -> None:
    staged.sleeps(4)
    staged.does.write_text(staged.does.read_text() + "raise SystemExit('no luck')\n")
    running = staged.start("baseline", "--seeds", "1")
    staged.began()
    told = staged.ended(staged.start("logs", "baseline", "--follow"))
    assert told.code == 5
    assert told.out.endswith("no luck\n") or "no luck\n" in told.out
    assert told.err.splitlines()[-1].startswith("failed: pair 1, stage train, exit 1 after ")
    assert staged.ended(running).code == 5


@pytest.mark.slow
def test_following_what_is_killed_ends(staged: Staged) -> None:
    """Nobody says any more how it ended; the follower must not wait for ever."""
    staged.sleeps()
    running = staged.start("baseline", "--seeds", "1")
    staged.began()
    follower = staged.start("logs", "baseline", "-f")
    time.sleep(2)
    running.send_signal(signal.SIGKILL)
    told = staged.ended(follower, 30)
    assert told.code == 5
    assert "epoch 1\n" in told.out
    running.communicate()


@pytest.mark.slow
def test_a_follower_who_has_enough(staged: Staged) -> None:
    staged.sleeps()
    running = staged.start(*RUN)
    staged.began()
    follower = staged.start("logs", "baseline", "-f")
    time.sleep(2)
    follower.send_signal(signal.SIGINT)
    assert staged.ended(follower, 30).code == 130
    assert running.poll() is None
    running.send_signal(signal.SIGTERM)
    assert staged.ended(running).code == 143
