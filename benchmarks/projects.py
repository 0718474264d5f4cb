"""The projects that the benchmarks work on."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent

DEMO_FILES = (
    ".dvc/config", ".dvc/.gitignore", ".dvcignore", "dvc.yaml", "dvc.lock", "params.yaml",
    "paribus.yaml", "metrics.json", "src/digits",
)  # fmt: skip

TRIVIAL = {
    "params.yaml": "seed: 1\n",
    "train.sh": 'grep seed params.yaml | sed "s/seed: /{\\"accuracy\\": 0./; s/$/}/" > metrics.json\n',
    "dvc.yaml": (
        "stages:\n  train:\n    cmd: sh train.sh\n    deps: [train.sh]\n    params: [seed]\n"
        "    metrics:\n      - metrics.json: {cache: false}\n"
    ),
    "paribus.yaml": "metric: accuracy\nseeds: [seed]\neffect: 0.1\n",
    ".dvc/config": "[core]\n    analytics = false\n",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
}


def demo_copy(folder: Path) -> Path:
    """The repository's own demo as a project of its own, with one commit."""
    folder.mkdir()
    for name in DEMO_FILES:
        source, target = TOP / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy2(source, target)
    return committed(folder)


def trivial_project(folder: Path, more: Mapping[str, str] | None = None) -> Path:
    """A project whose one stage writes a metric and nothing else.

    Args:
        more: contents of further files by name.
    """
    for name, content in (TRIVIAL | dict(more or {})).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return committed(folder)


def committed(folder: Path) -> Path:
    """The folder as a Git repository."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "The baseline")
    return folder


def git(folder: Path, *arguments: str) -> str:
    """What git prints."""
    identity = ("-c", "user.name=Bench", "-c", "user.email=bench@example.com")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
