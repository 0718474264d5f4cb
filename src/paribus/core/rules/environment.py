"""Environment: packages, interpreters and containers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from paribus.core.paths import joined, matches
from paribus.core.sides import Finding, Sides
from paribus.core.snapshot import FileDelta

ENVIRONMENT = (
    "*requirements*.txt", "*requirements*.in", "requirements*.lock", "requirements/", "constraints*.txt",
    "pyproject.toml", "setup.py", "setup.cfg", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile",
    "Pipfile.lock", "environment*.yml", "environment*.yaml", "conda-lock.yml", "pixi.toml", "pixi.lock",
    "Dockerfile*", "*.dockerfile", "Containerfile", ".dockerignore", "*.dockerignore",
    "docker-compose*.yml", "docker-compose*.yaml", "compose.yml", "compose.yaml", ".python-version",
    ".tool-versions", "runtime.txt", "renv.lock", "DESCRIPTION",
)  # fmt: skip

MAKEFILES = ("Makefile", "makefile", "GNUmakefile", "*.mk")
MAKE = re.compile(rb"(?<![\w./-])g?make(?![\w.-])")
SCRIPT = re.compile(r"[\w./-]+\.(?:sh|bash)\b")


def environment_files(
    sides: Sides, deltas: Sequence[FileDelta]
) -> tuple[list[Finding], list[FileDelta]]:
    """Claims requirements, lock files, interpreters and containers, and Makefiles that no stage calls."""
    mine = [delta for delta in deltas if _is_mine(sides, delta.path)]
    if not mine:
        return [], list(deltas)
    # The readers are loaded only where there is something to read: every start would pay for them.
    from paribus.core.environment.judge import environment  # noqa: PLC0415

    return environment(sides, mine), [delta for delta in deltas if delta not in mine]


# Private functions


def _is_mine(sides: Sides, path: str) -> bool:
    if sides.is_dependency(path):
        return False
    return matches(path, ENVIRONMENT) or (matches(path, MAKEFILES) and not _calls_make(sides))


def _calls_make(sides: Sides) -> bool:
    """Whether a stage runs `make`, itself or in a script that its command names."""
    return any(MAKE.search(text) for text in _commands(sides))


def _commands(sides: Sides) -> Iterator[bytes]:
    for snapshot in (sides.old, sides.new):
        for stage in snapshot.pipeline.stages:
            command = str(stage.body.get("cmd"))
            yield command.encode()
            for script in SCRIPT.findall(command):
                folder = str(stage.body.get("wdir") or ".")
                path = joined(snapshot.pipeline.folder, folder, script)
                yield snapshot.files.get(path, b"") or b""
