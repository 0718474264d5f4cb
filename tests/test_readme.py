"""The README's transcript is what its commands print, on the demo as it is committed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from paribus.cli import COMMANDS

TOP = Path(__file__).resolve().parent.parent

CLOSE = 0.004
"""Other processors round otherwise: accuracies may differ by a test image or two."""
FRESH = 0.02
"""A confirmation draws other seeds each time: this is five standard errors of a side's mean."""


def transcript() -> dict[str, str]:
    """Each command of the README's transcript, and what stands below it."""
    readme = (TOP / "README.md").read_text()
    block = readme.split("```console\n")[1].split("```")[0]
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], (text.strip("\n") for text in parts[1::2]), strict=True))


def comparable(text: str) -> tuple[str, list[float]]:
    """A text with its ids, dates and numbers taken out, and the numbers with a fraction."""
    text = re.sub(r"\(merge base with \S+\)", "(merge base)", text)
    text = re.sub(r"\b\d{4}-\d\d-\d\d\b", "DATE", text)
    text = re.sub(r" \(20 fresh seeds a side, about [^)]*\)", "", text)  # on a slow machine
    # A note that some draws of fresh seeds earn and others do not: 800 components are steadier.
    text = re.sub(r"^  over seeds the candidate varies far less .*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"paribus-[0-9a-f]+-1-[0-9a-f]+", "RESULT", text)
    text = re.sub(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7}\b", "SHA", text)
    numbers = [float(number) for number in re.findall(r"[-+]?\d+\.\d+", text)]
    text = re.sub(r"[-+]?\d+\.\d+", "N", text)
    drawn = re.sub(r"\[[-+*]{2,}\]", "DRAWN", text)
    return re.sub(r" {2,}", "  ", drawn), numbers


@pytest.mark.slow
def test_the_transcript_is_what_the_commands_print(tmp_path: Path) -> None:
    origin, clone = tmp_path / "origin.git", tmp_path / "clone"
    for arguments in (  # without the ledger and the tags that `make demo` leaves
        ["git", "init", "--quiet", "--bare", "--initial-branch=main", str(origin)],
        ["git", "-C", str(origin), "fetch", "--quiet", "--no-tags", str(TOP), "HEAD:main"],
        ["git", "clone", "--quiet", str(origin), str(clone)],
    ):
        subprocess.run(arguments, check=True, capture_output=True)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    runner = f"'{sys.executable}' -m paribus"

    for command, expected in transcript().items():
        typed = re.sub(r"^paribus\b", runner, command)
        done = subprocess.run(
            ["sh", "-c", typed],
            cwd=clone, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        words, numbers = comparable(done.stdout.strip("\n"))
        expected_words, expected_numbers = comparable(expected)
        assert words == expected_words
        drawn_anew = "promote" in command or "log" in command
        assert numbers == pytest.approx(expected_numbers, abs=FRESH if drawn_anew else CLOSE)


def test_every_command_of_the_readme_exists() -> None:
    table = re.findall(r"^\| `paribus (\w+)", (TOP / "README.md").read_text(), flags=re.MULTILINE)
    assert table == list(COMMANDS)
