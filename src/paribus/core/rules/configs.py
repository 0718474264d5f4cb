"""Config files that programs read by themselves: compared by leaves, as params are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from paribus.core.pipeline import Pipeline
from paribus.core.protocol import FILE
from paribus.core.rules.params import leaf_findings
from paribus.core.sides import Finding, Sides
from paribus.core.snapshot import FileDelta

LARGEST = 100_000
"""Bytes; a larger file holds data, of which each edit is one change however many leaves it has."""

SUFFIXES = (".yaml", ".yml", ".toml", ".ini", ".cfg")

OTHER_PURPOSE = ("dvc.yaml", FILE, "pyproject.toml", "setup.cfg")
"""Files with a rule of their own, or whose leaves are not all meant for a program."""

FOLDERS = re.compile(
    r"(?:^|[._-])(?:confs?|configs?|configurations?|params|settings|h(?:yper)?params|"
    r"hyperparameters)(?:$|[._-])",
    re.IGNORECASE,
)
DATA_FOLDERS = re.compile(r"^(?:data|datasets?|raw|annotations?|labels?)$", re.IGNORECASE)


def config_file(sides: Sides, delta: FileDelta) -> Sequence[Finding] | None:
    """Claims config files that are mappings on both sides; one that comes or goes is a whole file."""
    if not is_config(delta.path, sides.pipelines):
        return None
    if not all(isinstance(content.document, dict) for content in sides.contents(delta.path)):
        return None
    return leaf_findings(sides, delta.path)


def is_config(path: str, pipelines: Iterable[Pipeline]) -> bool:
    """Whether a file is one of settings: it lies among such, or a stage reads it and it is no data."""
    *folders, name = path.split("/")
    if name in OTHER_PURPOSE:
        return False
    among = any(FOLDERS.search(folder) for folder in folders)
    declared = any(pipeline.readers(path) for pipeline in pipelines)
    if name.endswith(".json"):
        return among or (declared and FOLDERS.search(name.removesuffix(".json")) is not None)
    if not name.endswith(SUFFIXES):
        return False
    return among or (declared and not any(DATA_FOLDERS.search(folder) for folder in folders))
