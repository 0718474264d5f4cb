"""Process trees end as a whole, wherever their processes went; nobody else's is touched."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from paribus.execute.processes import MARK, end_group, end_marked, mark_of

# A worker in small: it adopts, starts a shell that leaves a process behind in some way, and ends all.
WORKER = """\
import os, subprocess, sys, time
from paribus.execute.processes import adopt_orphans, end_descendants, has_children

print(adopt_orphans(), has_children(), end_descendants(), flush=True)
subprocess.run(["sh", "-c", sys.argv[1]], check=True)
print(end_descendants(float(sys.argv[2])), has_children(), flush=True)
"""

WAYS = {
    "in the background": "sleep 60 & echo $! > {file}",
    "in a session of its own": "setsid sh -c 'echo $$ > {file}; exec sleep 60' & sleep 0.3",
    "twice away": "(setsid sh -c 'sleep 60 & echo $! > {file}' &) ; sleep 0.3",
    "deaf to hang-ups": "nohup sleep 60 >/dev/null 2>&1 & echo $! > {file}",
    "deaf to requests": "sh -c 'trap \"\" TERM INT; echo $$ > {file}; while :; do sleep 1; done' & sleep 0.3",
    "without an environment": "env -i setsid sleep 60 & echo $! > {file}; sleep 0.3",
}


def becomes(question: Callable[[], bool], within: float = 10) -> bool:
    end = time.monotonic() + within
    while not question():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="orphans are adopted on Linux")
@pytest.mark.parametrize("way", WAYS)
def test_what_a_stage_leaves_behind_ends(way: str, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    command = [sys.executable, "-c", WORKER, WAYS[way].format(file=file), "0.2"]
    worker = subprocess.run(command, capture_output=True, text=True, check=True)
    first, last = worker.stdout.splitlines()
    assert first == "True False 0"
    count, left = last.split()
    assert (int(count) >= 1, left) == (True, "False")
    assert not is_alive(int(file.read_text()))


def test_in_good_order_where_it_can(tmp_path: Path) -> None:
    """A server that is asked to end can still write what it has."""
    file = tmp_path / "goodbye"
    stage = f"sh -c 'trap \"echo bye > {file}; exit\" TERM; echo > {file}.up; while :; do sleep 0.05; done' &"
    wait = f"while [ ! -e {file}.up ]; do sleep 0.02; done"
    command = [sys.executable, "-c", WORKER, f"{stage} {wait}", "5"]
    subprocess.run(command, capture_output=True, check=True)
    assert file.read_text() == "bye\n"


def marked(run: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "60"], env={**os.environ, MARK: run}, start_new_session=True)


def test_by_its_mark_and_no_others() -> None:
    mine, others, none = marked("of-this-test"), marked("of-another"), marked("")
    try:
        assert becomes(lambda: mark_of(psutil.Process(mine.pid)) == "of-this-test")
        assert end_marked({"of-this-test"}) == 1
        assert mine.wait(10) == -9
        assert others.poll() is None
        assert none.poll() is None
        assert end_marked({"of-this-test"}) == 0
        assert end_marked({"of-another"}, below=1 << 22) == 0
        assert others.poll() is None
    finally:
        for process in (mine, others, none):
            process.kill()
            process.wait()


def test_a_group_by_the_birth_of_its_leader() -> None:
    """A number may be somebody else's by now."""
    leader = subprocess.Popen(["sh", "-c", "sleep 60 & wait"], start_new_session=True)
    try:
        born = psutil.Process(leader.pid).create_time()
        end_group(leader.pid, born - 100)
        end_group(leader.pid, born + 100)
        assert leader.poll() is None
        below = psutil.Process(leader.pid)
        assert becomes(lambda: bool(below.children()))
        (child,) = below.children()
        end_group(leader.pid, born)
        assert leader.wait(10) == -9
        assert becomes(lambda: not is_alive(child.pid))
    finally:
        leader.kill()
        leader.wait()


def test_one_that_leads_no_group_is_left_alone() -> None:
    child = subprocess.Popen(["sleep", "60"])
    try:
        end_group(child.pid, psutil.Process(child.pid).create_time())
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()
