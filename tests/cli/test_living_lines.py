"""What is shown while runs are made: in place on a terminal, a line now and then on a pipe."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from paribus.cli.progress import Progress
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.workflows.listening import Going

SHOWS = """\
import sys
sys.path.insert(0, {here!r})
from test_living_lines import intent, succeeded
from paribus.cli.progress import Progress
from paribus.workflows.listening import Going

progress = Progress()
progress.planned(4, "accuracy")
for number in range(3):
    progress.started(intent(number))
long = "a_stage_with_a_very_long_name_" * 5
progress.waiting([Going(intent(0), "train", 7.4, 12.0), Going(intent(1), None, 3.0), Going(intent(2), long, 3700.0)])
progress.ended(succeeded(intent(0)))
progress.waiting([Going(intent(1), "train\\x1b[2J", 4.0)])
progress.noted("something")
progress.waiting([])
"""


def intent(number: int, experiment: str | None = None) -> Intent:
    return Intent(
        f"run{number}", number, {}, Purpose.MEASURE, "s", "h", "host", "2026-01-01", experiment
    )


def succeeded(of: Intent) -> Run:
    return Run(of, Status.SUCCEEDED, {"accuracy": 0.5}, 7.5)


def on_a_terminal(columns: int, rows: int) -> str:
    """All that is written to a terminal of this size."""
    main, other = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "LINES": str(rows)}
    code = SHOWS.format(here=str(Path(__file__).parent))
    with subprocess.Popen([sys.executable, "-c", code], stderr=other, env=environment) as process:
        os.close(other)
        written = b""
        while True:
            try:
                data = os.read(main, 4096)
            except OSError:
                break
            if not data:
                break
            written += data
    os.close(main)
    assert process.returncode == 0, written
    return written.decode().replace("\r\n", "\n")


def screen(written: str) -> list[str]:
    """What is left on the screen when all was written."""
    lines: list[str] = [""]
    at = 0
    for part in re.findall(r"\x1b\[\d*[AJ]|\r|\n|[^\x1b\r\n]+", written):
        if part == "\n":
            at += 1
            lines += [""] * (at + 1 - len(lines))
        elif part == "\r":
            continue
        elif part.endswith("A") and part.startswith("\x1b"):
            at -= int(part[2:-1])
        elif part == "\x1b[J":
            del lines[at:]
            lines.append("")
        else:
            lines[at] += part
    return lines


def test_each_run_has_a_line_that_is_drawn_in_place() -> None:
    written = on_a_terminal(60, 24)
    frames = written.split("\r")
    long = ("a_stage_with_a_very_long_name_" * 5)[:150]
    padded = "train".ljust(150)
    expected = [
        f"  baseline  pair 1  {padded}  0:07 of about 0:12",
        f"  baseline  pair 2  {'starting'.ljust(150)}  0:03",
        f"  baseline  pair 3  {long}  1:01:40",
    ]
    assert frames[0].splitlines() == [
        *(f"{line[:56]}..." for line in expected),
        "  0 of 4 runs done, 0:00",
    ]
    assert "\x1b[2J" not in written
    assert screen(written) == [
        "  run 1 of 4  baseline  pair 1  accuracy 0.5  7.5 s",
        "note: something",
        "",
    ]
    lines = re.sub(r"\x1b\[\d*[AJ]|\r", "", written).splitlines()
    assert max(map(len, lines)) <= 59


def test_more_runs_than_lines() -> None:
    written = on_a_terminal(100, 5)
    assert written.split("\r")[0].splitlines()[1:] == [
        "  and 2 more",
        "  0 of 4 runs done, 0:00",
    ]


def test_on_a_pipe_only_what_goes_on_for_long(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(silence=0.0)
    progress.planned(2, "accuracy")
    progress.started(intent(0))
    progress.waiting([Going(intent(0), "train", 120.0, 720.0), Going(intent(1, "abc"), None, 61.2)])
    assert capsys.readouterr() == (
        "",
        "  still running after 2 min of about 12 min: baseline pair 1, stage train\n"
        "  still running after 61 s: candidate pair 2\n",
    )
    patient = Progress()
    patient.started(intent(0))
    patient.waiting([Going(intent(0), "train", 59.0)])
    assert capsys.readouterr() == ("", "")


def test_silence_while_a_machine_reads(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(quiet=True, silence=0.0)
    progress.planned(1, "accuracy")
    progress.started(intent(0))
    progress.waiting([Going(intent(0), "train", 120.0)])
    progress.ended(succeeded(intent(0)))
    assert capsys.readouterr() == ("", "")
