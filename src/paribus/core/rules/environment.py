"""Environment: packages, interpreters and containers."""

from __future__ import annotations

from collections.abc import Sequence

from paribus.core.change import Kind
from paribus.core.names import Found
from paribus.core.paths import matches
from paribus.core.rules.whole import edited_lines, whole
from paribus.core.sides import Finding, Sides
from paribus.core.snapshot import FileDelta

ENVIRONMENT = (
    "requirements*.txt", "requirements*.in", "requirements/", "constraints*.txt", "pyproject.toml",
    "setup.py", "setup.cfg", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile", "Pipfile.lock",
    "environment*.yml", "environment*.yaml", "conda-lock.yml", "pixi.toml", "pixi.lock",
    "Dockerfile*", "*.dockerfile", ".dockerignore", "docker-compose*.yml", ".python-version",
    "runtime.txt", "renv.lock", "DESCRIPTION",
)  # fmt: skip


def environment_files(
    sides: Sides, deltas: Sequence[FileDelta]
) -> tuple[list[Finding], list[FileDelta]]:
    """Claims requirements, lock files, interpreters and containers."""
    mine = [
        delta
        for delta in deltas
        if matches(delta.path, ENVIRONMENT) and not sides.is_dependency(delta.path)
    ]
    findings: list[Finding] = [
        Found(whole(Kind.ENVIRONMENT, delta, edited_lines(sides, delta))) for delta in mine
    ]
    return findings, [delta for delta in deltas if delta not in mine]
