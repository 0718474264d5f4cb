"""Makes a real history of this repository's own demo: what somebody tries in an afternoon.

Nothing is made up: each experiment is run, with its seeds, in a clone in the folder given. It takes about a
quarter of an hour on two cores.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]

MOVED = '    frequencies = np.sqrt(2.0 * params["gamma"]) * draws[:, :-1].T\n'
HEAVY = '    frequencies = np.sqrt(params["gamma"]) * 2.5 * np.tanh(draws[:, :-1].T)\n'
"""Frequencies whose distribution has no tails, and another kernel: an idea that costs."""

TRIED: tuple[tuple[str, ...], ...] = (
    ("baseline", "--measure"),
    ("run", "-S", "train.C=2.5", "-m", "less fitting to wrong labels"),
    ("run", "-S", "train.gamma=1.0,3.0", "-m", "another width of the kernel"),
    ("promote", "train.gamma 2.0 -> 1.0"),
    ("run", "-S", "train.components=-1", "-m", "does it notice?"),
    ("run", "-S", "train.components=800", "-m", "closer to the exact kernel"),
    ("promote", "train.components 200 -> 800"),
    ("edit", "src/digits/train.py", MOVED, HEAVY, "frequencies without tails"),
    ("run", "-S", "featurize.kind=strokes", "-m", "strokes say more than pixels"),
    ("run", "-S", "train.C=10.0,1.0", "-m", "more components may bear another regularisation"),
    ("run", "-S", "train.share=0.5", "-m", "how much do the data matter?"),
    ("noise",),
)
"""Commands, as a person would type them; `promote` names the change, `edit` a change of code."""


def make(folder: Path) -> Path:
    """Runs it all in a clone below a folder; returns the clone."""
    clone = folder / "digits"
    _run("git", "clone", "--quiet", str(TOP), str(clone), at=folder)
    _run("git", "checkout", "--quiet", "-B", "main", at=clone)
    for key, value in (("user.name", "Ada Example"), ("user.email", "ada@example.org")):
        _run("git", "config", key, value, at=clone)
    for number, (command, *arguments) in enumerate(TRIED, 1):
        print(f"{number} of {len(TRIED)}: {' '.join((command, *arguments[:2]))}", flush=True)
        if command == "promote":
            _promote(clone, arguments[0])
        elif command == "edit":
            file, old, new, why = arguments
            source = (clone / file).read_text()
            assert old in source, f"{file} has changed: mend {Path(__file__).name}"
            (clone / file).write_text(source.replace(old, new))
            _paribus(clone, "run", "-m", why)
            (clone / file).write_text(source)
        else:
            _paribus(clone, command, *arguments)
    return clone


# Private functions


def _promote(clone: Path, change: str) -> None:
    listed = _paribus(clone, "log", "--jsonl", "--change", change).splitlines()
    identifier = re.search(r'"experiment": "(\w+)"', listed[0])
    assert identifier is not None
    _paribus(clone, "promote", identifier[1])
    tags = _run("git", "tag", "--list", "baseline/*", "--sort=-version:refname", at=clone)
    _run("git", "merge", "--quiet", "--ff-only", tags.splitlines()[0], at=clone)


def _paribus(clone: Path, *arguments: str) -> str:
    jobs = ("--jobs", "2") if arguments[0] in ("baseline", "run", "promote", "noise") else ()
    return _run(sys.executable, "-m", "paribus", *arguments, *jobs, at=clone, may_fail=True)


def _run(*command: str, at: Path, may_fail: bool = False) -> str:
    """Standard output; an experiment that is worse, or fails, has an exit code of its own."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, cwd=at, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode not in ((0, 1, 4, 5) if may_fail else (0,)):
        raise SystemExit(f"{' '.join(command[:6])}: {done.stderr}")
    return done.stdout


if __name__ == "__main__":
    make(Path(sys.argv[1]))
