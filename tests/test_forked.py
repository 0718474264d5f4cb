"""Calls in a fork of a process that has imported the command line."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.forked import Forked

import paribus


def test_calls_of_many_threads_do_not_mix(tmp_path: Path) -> None:
    """As tests of many writers at once make them."""
    forked = Forked()

    def call(number: int) -> tuple[int, str, str]:
        arguments = ["--version"] if number % 2 else ["check", f"no-such-revision-{number}"]
        done = forked.call(arguments, tmp_path, dict(os.environ), 60)
        return done.returncode, done.stdout, done.stderr

    try:
        with ThreadPoolExecutor(16) as threads:
            answers = list(threads.map(call, range(64)))
    finally:
        forked.close()
    assert set(answers[1::2]) == {(0, f"paribus, version {paribus.__version__}\n", "")}
    assert {code for code, _, _ in answers[::2]} == {2}
