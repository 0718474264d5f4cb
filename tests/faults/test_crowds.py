"""Many at once: each run is there afterwards, with its own params and its own metrics."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.faults.oracle import before, measured, nothing_lost, records
from tests.faults.shim import Fault

if TYPE_CHECKING:
    from tests.conftest import Called, Workspace

SECONDS = 600


def one_after_the_other(project: Workspace, baseline: str, gains: list[str]) -> list[Called]:
    """What one person does."""
    command = ("run", "--baseline", baseline, "--seeds", "3", "--json", "-S")
    return [
        project.paribus(*command, f"params.json:gain={gain}", timeout=SECONDS) for gain in gains
    ]


def by_writers(writers: int, rounds: int) -> list[list[str]]:
    """Gains far above the baseline's, all different, each written as a number is."""
    gains = [f"0.{number}" for number in range(611, 1000, 7) if number % 10]
    return [gains[writer * rounds : (writer + 1) * rounds] for writer in range(writers)]


def all_there(project: Workspace, wanted: list[list[str]], said: list[list[Called]]) -> None:
    """The ledger agrees with what each command said; nothing is there twice."""
    held = records(project)
    registered = {
        record["id"]: str(record["changes"][0]["new"])
        for record in held.values()
        if record["kind"] == "registration"
    }
    assert len(set(registered.values())) == len(registered)
    for gains, calls in zip(wanted, said, strict=True):
        for gain, told in zip(gains, calls, strict=True):
            assert told.code == 0, told
            identifier = told.json["experiment"]
            assert registered[identifier] == gain
            mine = [
                record
                for record in held.values()
                if record["kind"] == "run"
                and record["experiment"] == identifier
                and record["status"] == "succeeded"
            ]
            assert sorted(run["index"] for run in mine) == [0, 1, 2]
            for run in mine:
                seed = run["seeds"]["params.json:seed"]
                assert run["metrics"] == {"accuracy": measured(gain, seed)}
            shown = [
                run
                for run in told.json["runs"]
                if (run["side"], run["status"]) == ("candidate", "succeeded")
            ]
            assert {run["id"] for run in shown} == {run["id"] for run in mine}
    log = project.paribus("log", "--json").json
    listed = {str(row["change"]["new"]): row["status"] for row in log["experiments"]}
    assert listed.items() >= {gain: "judged" for gains in wanted for gain in gains}.items()
    assert (log["total"], log["unreadable"]) == (len(registered), [])


@contextmanager
def meanwhile(*actions: Callable[[], object]) -> Iterator[list[int]]:
    """Repeats each action in a thread of its own until the block ends; yields how often each was done."""
    over, done = threading.Event(), [0] * len(actions)

    def repeat(number: int) -> None:
        while not over.wait(0.2):
            actions[number]()
            done[number] += 1

    threads = [threading.Thread(target=repeat, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.mark.slow
@pytest.mark.parametrize(("writers", "rounds"), [(3, 1), (8, 5)])
def test_writers_at_once(
    writers: int, rounds: int, tiny: Workspace, fault: Callable[..., Fault]
) -> None:
    then, wanted = before(tiny), by_writers(writers, rounds)
    baseline = tiny.git("rev-parse", "HEAD")
    with ThreadPoolExecutor(writers) as people:
        said = list(people.map(lambda gains: one_after_the_other(tiny, baseline, gains), wanted))
    all_there(tiny, wanted, said)
    nothing_lost(tiny, fault(), then, said[0][0])


@pytest.mark.slow
def test_writers_beside_everything_else(tiny: Workspace, fault: Callable[..., Fault]) -> None:
    """Garbage collection, packed references, and the user's own commits, one after the other.

    A plain `git commit` beside `git gc --prune=now` loses files, with or without us.
    """
    wanted, baseline = by_writers(4, 3), tiny.git("rev-parse", "HEAD")
    tiny.git("commit", "--quiet", "-m", "what was staged")
    tiny.git("checkout", "--quiet", "--", "README.md")
    commits = int(tiny.git("rev-list", "--count", "main"))

    def commit_and_collect() -> None:
        tiny.git("commit", "--quiet", "--allow-empty", "-m", "work goes on")
        quietly(tiny, "gc", "--quiet", "--prune=now")

    then = before(tiny)
    with (
        meanwhile(commit_and_collect, lambda: quietly(tiny, "pack-refs", "--all")) as done,
        ThreadPoolExecutor(4) as people,
    ):
        said = list(people.map(lambda gains: one_after_the_other(tiny, baseline, gains), wanted))
    all_there(tiny, wanted, said)
    assert int(tiny.git("rev-list", "--count", "main")) == commits + done[0]
    assert min(done) > 1
    for name in ("refs/heads/main", "index"):
        then.state[name] = before(tiny).state[name]  # the user's own doing
    nothing_lost(tiny, fault(), then, said[0][0])


# Private functions


def quietly(project: Workspace, *arguments: str) -> None:
    """A command of the user's, which may fail when it is in its own way."""
    subprocess.run(["git", *arguments], cwd=project.path, capture_output=True, check=False)
