"""How two sessions differ: package by package, interpreter, operating system, machine, accelerators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

PARTS = {"host": "machine", "system": "system", "python": "python"}
"""What a session's record calls a part, and what people do; a new boot alone changes no number."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One thing that differs; None where one of the sessions does not have it, or does not tell."""

    what: str
    old: str | None
    new: str | None

    def as_json(self) -> dict[str, Any]:
        """Strict JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """What `as_json` wrote."""
        return cls(record["what"], record["old"], record["new"])


def moved(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> tuple[Moved, ...] | None:
    """What differs between two sessions.

    Args:
        old, new: as `Session.as_json` gives them; sessions that were recorded by an earlier version do
            not list their packages.

    Returns:
        None where the old session is not known.
    """
    if old is None:
        return None
    parts = [
        Moved(told, str(old.get(part, "")), str(new.get(part, "")))
        for part, told in PARTS.items()
        if old.get(part) != new.get(part)
    ]
    devices = [_listed(side.get("accelerators")) for side in (old, new)]
    if devices[0] != devices[1]:
        parts.append(Moved("accelerators", *(", ".join(each) or None for each in devices)))
    return (*parts, *_packages(old, new))


# Private functions


def _packages(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Moved, ...]:
    if old.get("packages") == new.get("packages"):
        return ()
    before, after = (_versions(_listed(side.get("installed"))) for side in (old, new))
    if not before:
        return (Moved("packages", None, None),)
    return tuple(
        Moved(name, before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    )


def _versions(installed: Iterable[str]) -> dict[str, str]:
    """A name may be installed twice, in two folders of the path; both versions are told then."""
    versions: dict[str, list[str]] = {}
    for one in installed:
        name, _, version = one.partition("==")
        versions.setdefault(name, []).append(version)
    return {name: " and ".join(sorted(found)) for name, found in versions.items()}


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else []
