"""TOML, read only where it is needed and cannot take long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from paribus.core.environment.model import Source, UnreadableError

MOST_DOTS = 500
"""In one line; a key of many parts takes the reader as many steps as the square of their number."""


def toml(source: Source) -> dict[str, Any]:
    """The value of a TOML file.

    Raises:
        UnreadableError: it is none.
    """
    import tomllib  # noqa: PLC0415 (it takes longer to load than to judge a change without any TOML)

    text = source.text()
    if any(line.count(".") > MOST_DOTS for line in text.split("\n")):
        raise UnreadableError("keys of too many parts")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("no TOML") from error


def table(value: Any, *keys: str) -> Mapping[str, Any]:
    """The table at some keys; an empty one where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def listed(value: Any) -> list[Any]:
    """A list as it is; an empty one for anything else."""
    return value if isinstance(value, list) else []


def rows(value: Any) -> Iterator[Mapping[str, Any]]:
    """The tables of a list of tables."""
    yield from (each for each in listed(value) if isinstance(each, Mapping))
