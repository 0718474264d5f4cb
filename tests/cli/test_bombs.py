"""Files that were made to hurt: an answer, or exit 2 naming the file, within 5 seconds and 300 MB."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace

SECONDS, MEGABYTES = 5, 300

ALIASES = "a: &a [x]\n" + "\n".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]"
    for old, new in zip("abcdefghi", "bcdefghij", strict=True)
)
STAGES = (
    "stages:\n  train:\n    cmd: python train.py\n    deps: [train.py]\n    outs: [model.json]\n"
)
AXES = "".join(f"      axis{at}: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n" for at in range(12))

BOMBS: dict[str, tuple[str, Callable[[], str]]] = {
    "aliases in params": ("params.json", lambda: ALIASES),
    "aliases in the pipeline": ("dvc.yaml", lambda: ALIASES),
    "aliases in the protocol": ("paribus.yaml", lambda: ALIASES),
    "aliases in a pointer": ("data.dvc", lambda: ALIASES),
    "aliases in the lock": ("dvc.lock", lambda: ALIASES),
    "a deep list in params": ("params.json", lambda: "[" * 100_000),
    "a deep list in the pipeline": ("dvc.yaml", lambda: "[" * 100_000),
    "a deep mapping in params": ("params.json", lambda: '{"a":' * 50_000 + "1" + "}" * 50_000),
    "a number without end": ("params.json", lambda: '{"a": ' + "9" * 1_000_000 + "}"),
    "many keys": ("params.json", lambda: json.dumps({f"key{at}": at for at in range(200_000)})),
    "a matrix of a million million stages": (
        "dvc.yaml", lambda: f"stages:\n  train:\n    matrix:\n{AXES}    cmd: python train.py\n",
    ),
    "a stage for each of many items": (
        "dvc.yaml",
        lambda: "stages:\n  train:\n    foreach: [" + "0, " * 300_000 + "1]\n    do:\n      cmd: python train.py\n",
    ),
    "many stages": (
        "dvc.yaml",
        lambda: "stages:\n" + "".join(f"  s{at}:\n    cmd: echo {at}\n" for at in range(50_000)),
    ),
    "deep Python": ("train.py", lambda: "x = " + "(" * 5_000 + ")" * 5_000),
    "a long sum": ("train.py", lambda: "x = " + "1 + " * 50_000 + "1\n"),
    "a long chain": ("train.py", lambda: "x = a" + ".b" * 100_000 + "\n"),
    "many statements": ("train.py", lambda: "".join(f"x{at} = {at}\n" for at in range(20_000))),
    "many functions": ("train.py", lambda: "".join(f"def f{at}(): return {at}\n" for at in range(5_000))),
    "one statement many times": ("train.py", lambda: "f(1)\n" * 40_000),
    "imports without an end": ("train.py", lambda: "from a import (" * 17_000),
    "a long line": ("train.py", lambda: "#" * 20_000_000),
    "quotes in a command": ("dvc.yaml", lambda: STAGES.replace("train.py\n", "train.py " + "\\\"'" * 50_000 + "\n", 1)),
    "references in a command": ("dvc.yaml", lambda: STAGES.replace("train.py\n", "train.py " + "${a}" * 50_000 + "\n", 1)),
    "a large table": ("data.csv", lambda: "1,2,3\n" * 8_000_000),
    "a large params file": ("params.json", lambda: "{}" + " " * 40_000_000),
    "requirements without end": ("requirements.txt", lambda: "a" * 5_000_000),
    "many requirements": ("requirements.txt", lambda: "".join(f"p{at}=={at}\n" for at in range(100_000))),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("file", "content"), BOMBS.values(), ids=BOMBS)
def test_a_bomb(project: Workspace, file: str, content: Callable[[], str]) -> None:
    project.write({file: content()})
    project.git("add", "--all")
    project.git("commit", "--quiet", "-m", "Change it")
    told, errors, code, seconds, megabytes = checked(project.path)
    assert code in (0, 1, 2), f"exit {code} after {seconds:.1f} s, {megabytes:.0f} MB: {errors}"
    assert code != 2 or (errors.startswith("error[") and file in errors.splitlines()[0]), errors
    assert "Traceback" not in told + errors
    assert seconds < SECONDS
    assert megabytes < MEGABYTES


@pytest.mark.slow
def test_ten_thousand_files(project: Workspace) -> None:
    project.write({f"many/f{at}.py": f"x = {at}\n" for at in range(10_000)})
    project.git("add", "--all")
    project.git("commit", "--quiet", "-m", "Change it")
    _, errors, code, seconds, megabytes = checked(project.path)
    assert (code, errors) == (0, "")
    assert seconds < 2 * SECONDS
    assert megabytes < MEGABYTES


# Private functions


WATCH = """
import json, resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
done = subprocess.run(sys.argv[1:], capture_output=True, text=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
seconds, megabytes = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
print(json.dumps([done.stdout, done.stderr, done.returncode, seconds, megabytes]))
"""
"""Runs a command, and tells how it ended and what it used; one that runs away is ended."""


def checked(folder: Path) -> tuple[str, str, int, float, float]:
    """Standard output, standard error, exit code, seconds of the processor, megabytes at most."""
    paribus = str(Path(sys.executable).parent / "paribus")
    command = [sys.executable, "-c", WATCH, paribus, "check", "HEAD~1", "HEAD"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    told, errors, code, seconds, megabytes = json.loads(done.stdout)
    return told, errors, code, seconds, megabytes
