"""A repository with the history of a thousand commits, each with other params and metrics."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from projects import demo_copy

IDENTITY = "Bench <bench@example.com> 1700000000 +0000"


def write_history(folder: Path, commits: int) -> Path:
    """The demo with so many commits on top, as a team that commits each result leaves them.

    Each has a param, every metric, and what the lock file says of both, unlike any other.
    """
    demo = demo_copy(folder)
    command = ["git", "fast-import", "--quiet"]
    with subprocess.Popen(command, cwd=demo, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for piece in _stream(demo, commits):
            process.stdin.write(piece)
        process.stdin.close()
        if process.wait():
            raise SystemExit("git fast-import failed")
    subprocess.run(["git", "reset", "--quiet", "--hard"], cwd=demo, check=True)
    return demo


# Private functions


def _stream(demo: Path, commits: int) -> Iterator[bytes]:
    texts = {
        name: (demo / name).read_text() for name in ("params.yaml", "metrics.json", "dvc.lock")
    }
    for number in range(commits):
        told = f"experiment {number}"
        yield f"commit refs/heads/main\ncommitter {IDENTITY}\n".encode()
        yield f"data {len(told)}\n{told}\n".encode()
        if number == 0:
            yield b"from refs/heads/main^0\n"
        for name, text in _varied(texts, number).items():
            yield f"M 100644 inline {name}\ndata {len(text)}\n{text}\n".encode()


def _varied(texts: Mapping[str, str], number: int) -> dict[str, str]:
    """The files with another C, other digits in every metric, and the hash of these metrics."""
    metrics = re.sub(r"0\.(\d{3})\d{3}", rf"0.\g<1>{number % 1000:03}", texts["metrics.json"])
    given = f"C: {3 + number / 1000}"
    digest = hashlib.md5(metrics.encode(), usedforsecurity=False).hexdigest()
    lock = texts["dvc.lock"].replace("C: 3.0", given)
    return {
        "params.yaml": texts["params.yaml"].replace("C: 3.0", given),
        "metrics.json": metrics,
        "dvc.lock": re.sub(r"(metrics\.json\n.*\n +md5: )\w+", rf"\g<1>{digest}", lock),
    }
