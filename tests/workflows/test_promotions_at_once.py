"""Promotions that are killed, and promotions that meet: one baseline, and nothing made twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace
    from tests.workflows.conftest import History

GAIN = "params.json:train.gain"


def begun(project: Workspace, *arguments: str) -> subprocess.Popen[str]:
    """A promotion in the background."""
    return subprocess.Popen(
        [sys.executable, "-m", "paribus", "promote", *arguments],
        cwd=project.path,
        env={**os.environ, **project.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def told(project: Workspace, beginning: str) -> int:
    """How many commits of the ledger say this first."""
    log = project.git("log", "--format=%s", "paribus/ledger").splitlines()
    return sum(line.startswith(beginning) for line in log)


@pytest.mark.slow
def test_killed_in_the_middle_it_goes_on(measured: Workspace, history: History) -> None:
    winner, before = history.id("improved"), measured.state()
    started = told(measured, "succeeded")
    process = begun(measured, winner)
    end = time.monotonic() + 120
    while told(measured, "succeeded") < started + 6:
        assert time.monotonic() < end
        time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert measured.state() == before
    time.sleep(1)  # its workers notice that it is gone
    made = told(measured, "succeeded") - started
    done = measured.paribus("promote", winner, "--jobs", "2", timeout=300)
    assert done.code == 0, done.err
    assert done.err.startswith("note: 1 run interrupted earlier: made again where needed\n")
    assert done.out.startswith("promoted: baseline/1, accuracy 0.")
    assert "confirmed on 20 of 20 fresh pairs" in done.out
    assert told(measured, "confirm ") == told(measured, "confirmed ") == 1
    after = measured.state()
    assert {key for key in after if after[key] != before.get(key)} == {"refs/tags/baseline/1"}
    fresh = [line for line in done.err.splitlines() if line.startswith("  run ")]
    assert len(fresh) <= 40 - made + 1 + 8


@pytest.mark.slow
def test_two_at_once(measured: Workspace, history: History) -> None:
    """Both were measured against the same baseline; the second is against one that is gone."""
    other = measured.paribus("run", "-S", f"{GAIN}=0.3", "--json").json["experiment"]
    both = [begun(measured, one, "--provisional", "now") for one in (history.id("improved"), other)]
    ended = [(*process.communicate(timeout=240), process.returncode) for process in both]
    assert sorted(code for *_, code in ended) == [0, 1], ended
    (won,) = [out for out, _, code in ended if code == 0]
    (lost,) = [err for _, err, code in ended if code == 1]
    assert won.startswith("promoted: baseline/1, unconfirmed: now\n")
    assert "\nerror[stale-baseline]: baseline/1 came since: " in f"\n{lost}"
    assert measured.git("tag", "--list") == "baseline/1"
    assert told(measured, "promote ") == 1


@pytest.mark.slow
def test_what_was_provisional_is_confirmed_later(measured: Workspace, history: History) -> None:
    winner = history.id("improved")
    assert measured.paribus("promote", winner, "--provisional", "not yet", "-j", "2").code == 0
    tag = measured.git("rev-parse", "baseline/1")
    done = measured.paribus("promote", winner, "--jobs", "2", timeout=300)
    assert done.code == 0, done.err
    assert "confirmed on 20 of 20 fresh pairs" in done.out.splitlines()[0]
    assert measured.git("rev-parse", "baseline/1") == tag
    assert measured.git("tag", "--list") == "baseline/1"
    assert "(unconfirmed)" not in measured.paribus("baseline").out
    row = next(
        row
        for row in measured.paribus("log", "--json").json["experiments"]
        if row["experiment"] == winner
    )
    assert (row["promotion"], row["tag"]) == ("promoted", "baseline/1")
