"""Where DVC keeps things."""

from __future__ import annotations

import re
from pathlib import Path

from paribus.core.errors import Problem

PIPELINE = "dvc.yaml"
LOCK = "dvc.lock"


def project_root(directory: Path, top: Path) -> Path:
    """The nearest folder with a `.dvc` folder in it, from `directory` up to the repository's top.

    Raises:
        Problem: there is none.
    """
    for folder in (directory, *directory.parents):
        if (folder / ".dvc").is_dir():
            return folder
        if folder == top:
            break
    raise Problem(
        "no-dvc-project",
        f"no DVC project here: no .dvc folder between {directory} and {top}",
        "start one   dvc init",
    )


def result_ref(baseline: str, name: str) -> str:
    """Where DVC looks for an experiment's result: below the SHA of its baseline, split 2/38."""
    return f"refs/exps/{baseline[:2]}/{baseline[2:]}/{name}"


def cached_file(cache: Path, md5: str) -> Path:
    """Where DVC 3 keeps a file's content."""
    return cache / "files" / "md5" / md5[:2] / md5[2:]


def uses_hydra(project: Path) -> bool:
    """Whether DVC would compose this project's params by Hydra before each run."""
    for name in ("config", "config.local"):
        file = project / ".dvc" / name
        text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
        section = re.search(
            r"^\s*\[\s*hydra\s*\](.*?)(?=^\s*\[|\Z)", text, re.DOTALL | re.MULTILINE
        )
        if section and re.search(r"^\s*enabled\s*=\s*true\s*$", section[1], re.I | re.MULTILINE):
            return True
    return False
