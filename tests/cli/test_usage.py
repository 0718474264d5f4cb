"""The command line itself: help, usage errors, what goes to which stream."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paribus import __version__
from paribus.cli import COMMANDS
from paribus.cli.bug import write_log

if TYPE_CHECKING:
    from tests.conftest import Workspace

ALL = [
    *COMMANDS,
    "baseline declare",
    *(f"hook {name}" for name in ("pre-commit", "commit-msg", "pre-receive")),
]


@pytest.mark.parametrize("command", ALL)
def test_help_has_a_real_example(project: Workspace, command: str) -> None:
    """Every option that the example uses is among those that the help lists."""
    told = project.paribus(*command.split(), "--help")
    options, example = told.out.split(f"  Example:  paribus {command}")
    assert (told.code, told.err) == (0, "")
    assert options.startswith(f"Usage: python -m paribus {command}")
    for option in re.findall(r"(?<= )--?[a-zA-Z][\w-]*", example):
        assert option in options, option


def test_help_lists_the_commands_in_the_order_of_a_days_work(project: Workspace) -> None:
    told = project.paribus("--help")
    listed = told.out.partition("Commands:\n")[2].splitlines()
    assert told.code == 0
    assert [line.split()[0] for line in listed if line.strip()][: len(COMMANDS)] == list(COMMANDS)


def test_no_command_at_all_shows_the_help_as_an_error(project: Workspace) -> None:
    told = project.paribus()
    assert (told.code, told.out) == (2, "")
    assert told.err == project.paribus("-h").out


def test_version(project: Workspace) -> None:
    told = project.paribus("--version")
    assert (told.code, told.out, told.err) == (0, f"paribus, version {__version__}\n", "")


WRONG: dict[tuple[str, ...], tuple[str, str]] = {
    ("bogus",): ("No such command 'bogus'", "paribus --help"),
    ("check", "a", "b", "c"): ("at most two revisions are expected", "paribus check --help"),
    ("check", "HEAD", "--staged"): (
        "--staged judges the index, so no revision can be given with it",
        "paribus check --help",
    ),
    ("check", "HEAD..HEAD", "--baseline", "HEAD"): (
        "the first revision is the baseline, so --baseline cannot be given with it",
        "paribus check --help",
    ),
    ("check", "--format", "xml"): (
        "Invalid value for '--format': 'xml' is not one of 'text', 'json', 'github', 'gitlab'",
        "paribus check --help",
    ),
    ("check", "--project", "../.."): (
        "--project ../.. leads out of the repository",
        "paribus check --help",
    ),
    ("hook", "pre-push"): ("No such command 'pre-push'", "paribus hook --help"),
    ("hook", "commit-msg"): ("Missing argument 'FILE'", "paribus hook commit-msg --help"),
    ("check", "--bogus"): ("No such option '--bogus'", "paribus check --help"),
    ("run", "--jobs", "-1"): (
        "Invalid value for '-j' / '--jobs': -1 is not in the range x>=0",
        "paribus run --help",
    ),
    ("run", "--jobs", "two"): (
        "Invalid value for '-j' / '--jobs': 'two' is not a valid integer range",
        "paribus run --help",
    ),
    ("run", "--seeds", "0"): (
        "Invalid value for '--seeds': 0 is not in the range x>=1",
        "paribus run --help",
    ),
    ("run", "--allow", " "): (
        "Invalid value for --allow: a reason is expected",
        "paribus run --help",
    ),
    ("show",): ("Missing argument 'ID'", "paribus show --help"),
    ("log", "--verdict", "great"): (
        "Invalid value for '--verdict': 'great' is not one of 'improved', 'worse', "
        "'no-difference', 'undecided', 'not-comparable'",
        "paribus log --help",
    ),
    ("log", "--limit", "0"): (
        "Invalid value for '-n' / '--limit': 0 is not in the range x>=1",
        "paribus log --help",
    ),
    ("init", "--direction", "up"): (
        "Invalid value for '--direction': 'up' is not one of 'higher', 'lower'",
        "paribus init --help",
    ),
    ("compare", "--md", "--csv"): (
        "--md, --csv, --html, --json and --jsonl exclude one another",
        "paribus compare --help",
    ),
    ("baseline", "declare", "--source", "x"): (
        "Missing option '--metric'",
        "paribus baseline declare --help",
    ),
    **{
        ("baseline", "declare", "--metric", wrong, "--source", "x"): (
            f"Invalid value for --metric: {wrong!r} is not NAME=VALUE with a number",
            "paribus baseline declare --help",
        )
        for wrong in ("accuracy", "accuracy=", "=0.8", "accuracy=high", "accuracy=nan", "a=inf")
    },
    ("baseline", "declare", "--metric", "a=1", "--source", "x", "--n", "0"): (
        "Invalid value for '--n': 0 is not in the range x>=1",
        "paribus baseline declare --help",
    ),
    ("baseline", "declare", "--metric", "a=1", "--source", "x", "--sd", "-1"): (
        "Invalid value for '--sd': -1.0 is not in the range x>=0",
        "paribus baseline declare --help",
    ),
}


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_a_usage_error_is_one_line_and_a_hint(
    project: Workspace, arguments: tuple[str, ...]
) -> None:
    message, hint = WRONG[arguments]
    before = project.state()
    told = project.paribus(*arguments)
    first, *rest = told.err.splitlines()
    assert (told.code, told.out) == (2, "")
    assert first.startswith(f"error[usage]: {message}")  # click may suggest something similar
    assert rest == [f"help: see   python -m {hint}"]
    assert project.state() == before


def test_a_usage_error_for_machines(project: Workspace) -> None:
    told = project.paribus("run", "--json", "--jobs", "two")
    message = "Invalid value for '-j' / '--jobs': 'two' is not a valid integer range"
    assert told.code == 2
    assert told.json == {
        "schema": 1,
        "error": {"code": "usage", "message": message, "retryable": False},
        "next": ["see   python -m paribus run --help"],
    }
    assert told.err.startswith(f"error[usage]: {message}\n")


def test_whoever_stops_reading_hears_no_complaint(project: Workspace) -> None:
    """As in `paribus compare --all --csv | head -1`."""
    told = subprocess.run(
        f"{sys.executable} -m paribus compare --all --csv | head -c 1",
        shell=True, cwd=project.path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (told.stdout, told.stderr) == ("r", "")


def unread(project: Workspace, *arguments: str, both: bool = False) -> tuple[int, str]:
    """How a command ends, and what it complains of, when nobody reads its output, or both streams."""
    ours, theirs = os.pipe()
    os.close(ours)
    told = subprocess.run(
        [sys.executable, "-m", "paribus", *arguments], cwd=project.path, check=False,
        stdout=theirs, stderr=theirs if both else subprocess.PIPE,
    )  # fmt: skip
    os.close(theirs)
    return told.returncode, (told.stderr or b"").decode()


@pytest.mark.parametrize("both", [False, True])
def test_output_that_nobody_reads_ends_with_no_code_that_says_something(
    both: bool, project: Workspace
) -> None:
    """With 1, `set -o pipefail; paribus log | head -1` would say that a rule does not hold."""
    assert unread(project, "log", both=both) == (141, "")
    code, said = unread(project, "show", "nonsense", both=both)
    assert (code, said.startswith("error[unknown-experiment]: ")) == (2, not both)


def test_output_to_a_full_disk(project: Workspace) -> None:
    with Path("/dev/full").open("w") as full:
        told = subprocess.run(
            [sys.executable, "-m", "paribus", "log", "--json"],
            cwd=project.path, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (told.returncode, told.stderr.splitlines()[0]) == (
        6,
        "error[not-recorded]: No space left on device",
    )


def test_a_folder_whose_name_is_no_utf_8(project: Workspace) -> None:
    moved = replace(project, path=project.path.with_name(os.fsdecode(b"caf\xe9")))
    project.path.rename(moved.path)
    told = moved.paribus("log")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("no experiments\n")
    assert (moved.path / ".dvc" / "tmp" / "paribus" / "index.sqlite").exists()
    told = moved.paribus("doctor")
    assert (told.code, told.err) == (0, "")


def test_the_log_of_a_bug_holds_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["paribus", "show", "\udcff"])
    log = write_log(ValueError("\udce9"))
    assert log.read_text().endswith("ValueError: \\udce9\n")
    log.unlink()


def test_a_full_disk_is_told_and_leaves_nothing(project: Workspace) -> None:
    """As full as a disk can be made for one process: no file may hold a byte."""
    before = project.state()
    command = (
        f"ulimit -f 0; exec {sys.executable} -m paribus run -S params.json:train.gain=1 --json"
    )
    told = subprocess.run(
        ["bash", "-c", f"trap '' XFSZ; {command}"],
        cwd=project.path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    error = json.loads(told.stdout)["error"]
    assert (told.returncode, error["code"], error["retryable"]) == (6, "not-recorded", True)
    assert told.stderr == (
        f"error[not-recorded]: {error['message']}\n"
        "help: see that the disk has room and the folder is writable, then run the same command again\n"
    )
    assert project.state() == before
    assert project.paribus("log").out.startswith("no experiments\n")


@pytest.mark.slow
def test_a_person_at_a_terminal_sees_a_living_line(project: Workspace) -> None:
    """It is written over as runs start and end; a log file gets whole lines only."""
    command = [sys.executable, "-m", "paribus", "baseline", "--measure", "--seeds", "1"]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, cwd=project.path, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, text=True
    )
    os.close(theirs)
    out, seen = process.communicate(timeout=100)[0], b""
    while chunk := _read(ours):
        seen += chunk
    os.close(ours)
    assert process.returncode == 0
    assert out.startswith("baseline ")
    assert "\x1b" not in out
    shown = seen.decode()
    assert re.search(r"baseline  pair 1 +\S.*\d+ s", shown)
    assert "control   pair 1" in shown
    ended = [line for line in re.split(r"\x1b\[\d*[AJK]|\r", shown) if " run " in f" {line}"]
    assert re.fullmatch(r"  run 1 of \d  baseline  pair 1  accuracy 0\.\d+  \d+\.\d s", ended[0])
    assert len(ended) == 4


def _read(terminal: int) -> bytes:
    """What was written to a terminal; nothing once its other side is closed."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""
