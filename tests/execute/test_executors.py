"""Workers: results come back whatever happens to a worker, and no process stays behind."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, wait
from pathlib import Path
from typing import Any

import pytest

from paribus.core.errors import Exit, Problem
from paribus.dvc.layout import project_root
from paribus.execute.executors import InlineExecutor, LocalExecutor, WorkerLost
from paribus.execute.frames import read_frame, write_frame
from paribus.git.command import Git, GitError

# What a worker can import is what is installed; these names come from the standard library and from
# Paribus, and the few functions of ours are sent as source.


def run(source: str) -> Callable[..., object]:
    """A function that a worker can import: `eval` of an expression."""
    return _Sent(source)


class _Sent:
    """Pickles as a call of `eval`, so that nothing of this file has to be importable elsewhere."""

    def __init__(self, source: str) -> None:
        self._source = source

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return eval, (f"lambda *arguments, **named: ({self._source})",)

    def __call__(self, *arguments: object, **named: object) -> object:
        raise AssertionError("only a worker calls it")


@pytest.fixture
def local() -> Iterator[LocalExecutor]:
    with LocalExecutor(1, os.environ) as executor:
        yield executor


@pytest.fixture
def two() -> Iterator[LocalExecutor]:
    with LocalExecutor(2, os.environ) as executor:
        yield executor


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, 0)
            return not Path("/proc/self").exists()
        return False


def becomes(question: Callable[[], bool], within: float) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        if question():
            return True
        time.sleep(0.02)
    return question()


def number_in(path: Path) -> int:
    assert becomes(lambda: path.exists() and path.read_text().strip() != "", 20)
    return int(path.read_text())


# Results


@pytest.mark.parametrize("kind", ["inline", "local"])
def test_a_result_comes_back(kind: str) -> None:
    with InlineExecutor() if kind == "inline" else LocalExecutor(1, os.environ) as executor:
        assert executor.submit(divmod, 17, 5).result(30) == (3, 2)
        assert executor.submit(sorted, [1, 3, 2], reverse=True).result(30) == [3, 2, 1]
        assert executor.submit(print, end="").result(30) is None


def test_results_of_a_map_come_in_order(two: LocalExecutor) -> None:
    assert list(two.map(pow, [2, 3, 4, 5], [5, 4, 3, 2], timeout=30)) == [32, 81, 64, 25]


@pytest.mark.parametrize("kind", ["inline", "local"])
def test_an_exception_comes_back(kind: str) -> None:
    with InlineExecutor() if kind == "inline" else LocalExecutor(1, os.environ) as executor:
        future = executor.submit(int, "seven")
        with pytest.raises(ValueError, match="invalid literal for int"):
            future.result(30)
        assert executor.submit(int, "7").result(30) == 7


def test_exceptions_come_back_as_what_they_are(local: LocalExecutor, tmp_path: Path) -> None:
    """Some have constructors that take other arguments than the message."""
    with pytest.raises(Problem) as problem:
        local.submit(project_root, tmp_path, tmp_path).result(30)
    assert (problem.value.code, problem.value.status) == ("no-dvc-project", Exit.BAD_INPUT)
    assert problem.value.helps == ("start one   dvc init",)
    with pytest.raises(GitError) as failed:
        local.submit(Git(tmp_path).run, "frobnicate").result(30)
    assert (failed.value.code, failed.value.arguments) == (1, ("frobnicate",))
    assert failed.value.detail == "git: 'frobnicate' is not a git command. See 'git --help'."
    with pytest.raises(FileNotFoundError) as missing:
        local.submit(os.listdir, str(tmp_path / "nowhere")).result(30)
    assert (missing.value.errno, missing.value.strerror) == (2, "No such file or directory")


def test_a_large_result(local: LocalExecutor) -> None:
    assert local.submit(bytes, 5_000_000).result(30) == bytes(5_000_000)
    assert local.submit(len, bytes(5_000_000)).result(30) == 5_000_000


def test_what_cannot_be_sent_fails_alone(local: LocalExecutor) -> None:
    with pytest.raises((pickle.PicklingError, AttributeError)):
        local.submit(lambda: 1).result(30)
    with pytest.raises(RuntimeError, match="TypeError: cannot pickle"):
        local.submit(run("memoryview(b'abc')")).result(30)
    assert local.submit(abs, -1).result(30) == 1


def test_prints_do_not_disturb_the_answers(
    local: LocalExecutor, capfd: pytest.CaptureFixture[str]
) -> None:
    """Of Python, of the descriptor and of children alike: they go where errors go."""
    assert local.submit(print, "by print", flush=True).result(30) is None
    assert local.submit(os.write, 1, b"by descriptor\n").result(30) == 14
    assert local.submit(os.system, "echo by child").result(30) == 0
    assert local.submit(os.read, 0, 10).result(30) == b""
    assert local.submit(abs, -1).result(30) == 1
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == "by print\nby descriptor\nby child\n"


def test_a_worker_stays_for_the_next_task(local: LocalExecutor) -> None:
    first, second = local.submit(os.getpid).result(30), local.submit(os.getpid).result(30)
    assert first == second != os.getpid()


def test_a_worker_leads_its_own_process_group(local: LocalExecutor) -> None:
    """So that Ctrl-C reaches the command, which then ends its workers in good order."""
    worker = local.submit(os.getpid).result(30)
    assert local.submit(os.getpgid, 0).result(30) == worker
    assert local.submit(os.getsid, 0).result(30) == worker


def test_a_worker_has_the_environment_that_it_was_given() -> None:
    with LocalExecutor(1, {"PATH": os.environ["PATH"], "ONLY": "this"}) as executor:
        listed = executor.submit(subprocess.check_output, ["env"]).result(30)
    assert isinstance(listed, bytes)
    names = {line.partition(b"=")[0] for line in listed.splitlines()}
    assert names - {b"PWD", b"_", b"SHLVL", b"LC_CTYPE"} == {b"PATH", b"ONLY"}


@pytest.mark.parametrize("name", ["queue.py", "pickle.py", "paribus.py", "dvc.py", "random.py"])
def test_files_beside_the_user_do_not_take_the_place_of_modules(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_text(f"open({str(tmp_path / 'sang')!r}, 'w')\nraise SystemExit(5)\n")
    monkeypatch.chdir(tmp_path)
    with LocalExecutor(1, os.environ) as executor:
        assert (
            executor.submit(run("__import__('random').Random(1).random() < 1")).result(30) is True
        )
        assert executor.submit(os.getcwd).result(30) == str(tmp_path)
        assert str(tmp_path) not in executor.submit(run("__import__('sys').path")).result(30)  # type: ignore[operator]
    assert not (tmp_path / "sang").exists()


# In parallel


def test_jobs_run_side_by_side(two: LocalExecutor, tmp_path: Path) -> None:
    """Each waits for the other's file: one after the other, neither would end."""
    command = (
        "touch {mine}; for i in $(seq 500); do [ -e {other} ] && exit 0; sleep 0.02; done; exit 1"
    )
    one, other = tmp_path / "one", tmp_path / "other"
    futures = [
        two.submit(os.system, command.format(mine=one, other=other)),
        two.submit(os.system, command.format(mine=other, other=one)),
    ]
    assert [future.result(30) for future in futures] == [0, 0]


def test_there_are_never_more_than_the_jobs(two: LocalExecutor) -> None:
    futures = [
        two.submit(run("(__import__('time').sleep(0.05), __import__('os').getpid())[1]"))
        for _ in range(8)
    ]
    workers = {future.result(30) for future in futures}
    assert len(workers) == 2


def test_one_worker_that_dies_is_one_task(two: LocalExecutor) -> None:
    futures: list[Future[Any]] = [
        two.submit(os.abort) if turn in (1, 4) else two.submit(abs, -turn) for turn in range(6)
    ]
    wait(futures, 60)
    lost = [type(future.exception()) for future in futures]
    assert lost == [type(None), WorkerLost, type(None), type(None), WorkerLost, type(None)]
    assert [futures[turn].result() for turn in (0, 2, 3, 5)] == [0, 2, 3, 5]


# Workers that are lost


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "__import__('os').kill(__import__('os').getpid(), 9)",
            "its worker process ended (signal 9)",
        ),
        ("__import__('os').abort()", "its worker process ended (signal 6)"),
        ("__import__('os')._exit(3)", "its worker process ended (signal 9)"),
    ],
)
def test_a_task_whose_worker_dies_is_lost_and_the_next_has_a_new_one(
    source: str, said: str, local: LocalExecutor
) -> None:
    first = local.submit(os.getpid).result(30)
    future = local.submit(run(source))
    with pytest.raises(WorkerLost) as caught:
        future.result(30)
    if "_exit" not in source:
        assert str(caught.value) == said
    second = local.submit(os.getpid).result(30)
    assert second != first
    assert not is_alive(first)


def test_an_idle_worker_that_dies_is_replaced(local: LocalExecutor) -> None:
    first = local.submit(os.getpid).result(30)
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert local.submit(os.getpid).result(30) != first


def test_what_a_lost_worker_started_is_ended_with_it(local: LocalExecutor, tmp_path: Path) -> None:
    """A training that goes on after its run was given up would write into the next one's clone."""
    future = local.submit(
        os.system, f"sleep 60 & echo $! > {tmp_path}/child; echo $PPID > {tmp_path}/worker; wait"
    )
    child, worker = number_in(tmp_path / "child"), number_in(tmp_path / "worker")
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(WorkerLost):
        future.result(30)
    assert becomes(lambda: not is_alive(child), 2)


# Stopping


def test_stop_ends_all_that_runs_and_all_that_waits(two: LocalExecutor, tmp_path: Path) -> None:
    started = [
        two.submit(os.system, f"sleep 60 & echo $! > {tmp_path}/{number}; wait")
        for number in range(2)
    ]
    waiting = two.submit(abs, -1)
    children = [number_in(tmp_path / str(number)) for number in range(2)]
    began = time.monotonic()
    two.stop()
    for future in [*started, waiting]:
        with pytest.raises(WorkerLost):
            future.result(30)
    assert time.monotonic() - began < 5
    assert becomes(lambda: not any(is_alive(child) for child in children), 2)
    with pytest.raises(WorkerLost, match="stopped"):
        two.submit(abs, -1).result(30)


def test_an_error_of_the_caller_waits_for_nobody(tmp_path: Path) -> None:
    began = time.monotonic()
    with contextlib.suppress(KeyError), LocalExecutor(1, os.environ) as executor:
        executor.submit(os.system, f"sleep 60 & echo $! > {tmp_path}/child; wait")
        child = number_in(tmp_path / "child")
        raise KeyError
    assert time.monotonic() - began < 20
    assert becomes(lambda: not is_alive(child), 10)


def test_stop_without_workers(local: LocalExecutor) -> None:
    local.stop()
    local.stop()


def test_shutdown_waits_for_what_is_under_way_and_ends_the_workers() -> None:
    executor = LocalExecutor(1, os.environ)
    worker = executor.submit(os.getpid).result(30)
    future: Future[int] = executor.submit(os.system, "sleep 0.3")
    executor.shutdown()
    assert future.result(0) == 0
    assert not is_alive(worker)
    with pytest.raises(RuntimeError, match="after shutdown"):
        executor.submit(abs, -1)


def test_shutdown_can_cancel_what_waits() -> None:
    executor = LocalExecutor(1, os.environ)
    first = executor.submit(os.system, "sleep 0.3")
    waiting: Future[int] = executor.submit(abs, -1)
    executor.shutdown(cancel_futures=True)
    assert first.result(0) == 0
    with pytest.raises(CancelledError):
        waiting.result(0)


# The end of the parent

PARENT = """\
import os, sys, time
from paribus.execute.executors import LocalExecutor

folder = sys.argv[1]
executor = LocalExecutor(2, os.environ)
for number in range(2):
    executor.submit(
        os.system, f"sleep 60 & echo $! > {folder}/child{number}; echo $PPID > {folder}/worker{number}; wait"
    )
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_when_the_parent_is_killed_nothing_of_it_stays(
    number: signal.Signals, tmp_path: Path
) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)])
    names = ["child0", "child1", "worker0", "worker1"]
    processes = [number_in(tmp_path / name) for name in names]
    assert all(is_alive(process) for process in processes)
    parent.send_signal(number)
    parent.wait(10)
    assert becomes(lambda: not any(is_alive(process) for process in processes), 10)


def test_a_worker_by_itself_ends_with_its_input() -> None:
    worker = subprocess.Popen(
        [sys.executable, "-P", "-m", "paribus.execute.worker"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    with worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        write_frame(worker.stdin, pickle.dumps((abs, (-5,), {})))
        answer = read_frame(worker.stdout)
        assert answer is not None
        assert pickle.loads(answer) == 5
        worker.stdin.close()
        assert worker.wait(10) == -signal.SIGKILL


def test_frames(tmp_path: Path) -> None:
    path = tmp_path / "frames"
    with path.open("wb") as pipe:
        for message in (b"", b"abc", bytes(70_000)):
            write_frame(pipe, message)
        pipe.write((100).to_bytes(8) + b"cut off")
    with path.open("rb") as source:
        assert [read_frame(source) for _ in range(4)] == [b"", b"abc", bytes(70_000), None]
    path.write_bytes(b"\0\0\0")
    with path.open("rb") as source:
        assert read_frame(source) is None
