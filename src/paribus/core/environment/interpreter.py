"""Files that name the interpreter alone."""

from __future__ import annotations

import re

from paribus.core.environment.model import Listing, Role, Source, Stated, UnreadableError

VERSION = re.compile(
    r"(?:python[- ]?|cpython[@-]?)?(\d+(?:\.[\w*]+)*\S*)", re.IGNORECASE | re.ASCII
)


def python_version(source: Source) -> Listing:
    """Reads a `.python-version` or a `runtime.txt`: one version a line, or the name of an environment."""
    lines = [line.partition("#")[0].strip() for line in source.text().split("\n")]
    lines = [line for line in lines if line]
    if not lines or any(" " in line or len(line) > 80 for line in lines):
        raise UnreadableError("no version")
    found = [VERSION.fullmatch(line) for line in lines]
    return Listing(
        tuple(
            Stated("python", f"=={version[1]}" if version else line)
            for line, version in zip(lines, found, strict=True)
        )
    )


def tool_versions(source: Source) -> Listing:
    """Reads a `.tool-versions`: one tool a line, with its versions."""
    found: list[Stated] = []
    for line in source.text().split("\n"):
        name, *versions = line.partition("#")[0].split() or [""]
        if name == "python":
            found += [Stated("python", f"=={version}") for version in versions]
        elif name:
            found.append(Stated(name, " ".join(versions), Role.ASIDE))
    return Listing(tuple(found))
