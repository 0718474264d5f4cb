"""Makefiles that no stage calls: the packages and the Python that their recipes install."""

from __future__ import annotations

import re

from paribus.core.environment.model import Listing, Role, Source, Stated
from paribus.core.environment.shell import Command, installed

VARIABLE = re.compile(r"(?:export\s+)?(\w+)\s*[:?+!]{0,3}=\s*(.*)")
PYTHON = re.compile(r"(?:.*/)?(?:python)?(\d+\.\d+(?:\.\d+)?)")
THE_REST = "recipes that no stage calls"


def makefile(source: Source) -> Listing:
    """Reads a Makefile; recipes that do anything else cannot move a metric, since no stage calls them."""
    found: list[Stated] = []
    text = source.text().replace("\\\n", " ")
    for line in text.split("\n"):
        if line.startswith("\t"):
            found += [each for each in installed(line) if not isinstance(each, Command)]
        else:
            found += _interpreter(line)
    return Listing((*found, Stated(THE_REST, text, Role.ASIDE)))


# Private functions


def _interpreter(line: str) -> list[Stated]:
    variable = VARIABLE.match(line)
    if not variable or "PYTHON" not in variable[1].upper():
        return []
    version = PYTHON.fullmatch(variable[2].strip())
    return [Stated("python", f"=={version[1]}")] if version else []
