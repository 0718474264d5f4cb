"""Whether a stage failed by itself, or was ended from outside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from paribus.core.ending import is_memory_kill, signal_of, stage_ended, too_big
from paribus.core.run import Intent, Purpose, Run, Status


@pytest.mark.parametrize(
    ("code", "status", "cause"),
    [
        (1, Status.FAILED, "stage train, exit 1"),
        (2, Status.FAILED, "stage train, exit 2"),
        (128, Status.FAILED, "stage train, exit 128"),
        (141, Status.FAILED, "stage train, exit 141"),
        (255, Status.FAILED, "stage train, exit 255"),
        (-9, Status.KILLED, "stage train, SIGKILL (out of memory?)"),
        (137, Status.KILLED, "stage train, SIGKILL (out of memory?)"),
        (-15, Status.KILLED, "stage train, SIGTERM from outside"),
        (143, Status.KILLED, "stage train, SIGTERM from outside"),
        (130, Status.KILLED, "stage train, SIGINT from outside"),
        (-1, Status.KILLED, "stage train, SIGHUP from outside"),
        (-11, Status.FAILED, "stage train, SIGSEGV"),
        (139, Status.FAILED, "stage train, SIGSEGV"),
        (134, Status.FAILED, "stage train, SIGABRT"),
        (-7, Status.FAILED, "stage train, SIGBUS"),
        (136, Status.FAILED, "stage train, SIGFPE"),
        (-13, Status.FAILED, "stage train, SIGPIPE"),
    ],
)
def test_each_end(code: int, status: Status, cause: str) -> None:
    assert stage_ended("train", code, out_of_memory=False, log_tail="") == (status, cause)


def test_the_kernel_said_that_memory_ran_out() -> None:
    told = stage_ended("train", 137, out_of_memory=True, log_tail="")
    assert told == (Status.KILLED, "stage train, SIGKILL (out of memory)")
    failed = stage_ended("train", 1, out_of_memory=True, log_tail="MemoryError")
    assert failed == (Status.FAILED, "stage train, exit 1")


def test_a_full_disk_says_nothing_of_the_candidate() -> None:
    tail = "Traceback\nOSError: [Errno 28] No space left on device\n"
    told = stage_ended("train", 1, out_of_memory=False, log_tail=tail)
    assert told == (Status.KILLED, "stage train, exit 1: no space left on device")
    long_ago = f"{tail}" + "epoch\n" * 9 + "ValueError: nan"
    assert stage_ended("train", 1, out_of_memory=False, log_tail=long_ago)[0] is Status.FAILED


def test_no_signal() -> None:
    assert signal_of(None) is None
    assert signal_of(0) is None
    assert signal_of(-200) is None


def killed(index: int = 0, **more: object) -> Run:
    intent = Intent(
        "1", index, {}, Purpose.MEASURE, "s", "h", "host", "2026-01-01T00:00:00+00:00", "e"
    )
    run = Run(intent, Status.KILLED, stage="train", exit_code=137)
    return replace(run, **more)  # type: ignore[arg-type]


def test_the_second_kill_for_memory_at_a_pair_is_the_models() -> None:
    assert is_memory_kill(killed())
    assert too_big(killed(), [killed()])
    assert not too_big(killed(), [])
    assert not too_big(killed(1), [killed(0)])
    assert not too_big(killed(), [killed(exit_code=143)])
    assert not too_big(killed(exit_code=143), [killed()])
    assert not too_big(killed(), [killed(stage=None, exit_code=None)])


@pytest.mark.parametrize("status", list(Status))
def test_what_was_ended_from_outside(status: Status) -> None:
    own = {Status.SUCCEEDED, Status.FAILED, Status.RUNNING}
    assert status.from_outside is (status not in own)
