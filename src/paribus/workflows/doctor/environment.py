"""Whether the packages that the stages use are pinned to versions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from paribus.core.environment.model import Listing, Role, Source, UnreadableError
from paribus.core.environment.packages import is_tooling
from paribus.core.environment.readers import read
from paribus.core.paths import matches, within
from paribus.core.protocol import ALWAYS_NEUTRAL
from paribus.core.rules.environment import ENVIRONMENT
from paribus.workflows.doctor.ailment import Ailment, ailment
from paribus.workflows.doctor.practised import Practised, listed

PINNED = re.compile(r"(?<![<>!~=])={1,3}\s*[^*\s,;|=]+(?=$|[\s,;|])|@ ")
"""An exact version, or an address."""

FREEZE = "pin what is installed   pip freeze > requirements.txt && git add requirements.txt"


def check_environment(practised: Practised) -> Iterator[Ailment]:
    """A lock file will do, or requirements that all name one version."""
    readable = {path: found for path in _files(practised) if (found := _read(practised, path))}
    if any(found.specs(Role.LOCKED) for found in readable.values()):
        return
    asked: dict[str, list[tuple[str, str]]] = {}
    for path, found in readable.items():
        groups = found.groups()
        for name, spec in found.specs(Role.DIRECT).items():
            if name != "python" and not groups.get(name) and not is_tooling(name):
                asked.setdefault(name, []).append((path, spec))
    loose = [
        name for name, told in asked.items() if not any(PINNED.search(spec) for _, spec in told)
    ]
    if not asked:
        yield ailment(
            "environment-not-locked", "no file names the packages and their versions",
            practised.prefix or ".", FREEZE,
        )  # fmt: skip
    elif loose:
        yield ailment(
            "environment-not-locked", f"no version is fixed for {listed(loose)}",
            asked[loose[0]][0][0], FREEZE,
        )  # fmt: skip


# Private functions


def _files(practised: Practised) -> Iterator[str]:
    for path in sorted(practised.paths):
        near = "/" not in path or within(path, practised.prefix)
        if near and matches(path, ENVIRONMENT) and not matches(path, ALWAYS_NEUTRAL):
            yield path


def _read(practised: Practised, path: str) -> Listing | None:
    data = practised.files.get(path)
    try:
        return None if data is None else read(Source(path, data))
    except (UnreadableError, RecursionError):
        return None
