"""What the practices are looked at in: the working tree, read once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from paribus.core.pipeline import Pipeline
from paribus.core.protocol import Protocol
from paribus.core.reach import Reach
from paribus.core.values import Value

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Practised:
    """A project's files as they are now; paths are from the repository's top.

    Attributes:
        top: the working tree.
        prefix: the project's folder.
        paths: everything that Git tracks.
        files: content by path.
        params: the value of each params file that can be read.
        reach: the code that the stages run.
        document: a structured file's value.
    """

    top: Path
    prefix: str
    pipeline: Pipeline
    protocol: Protocol
    paths: frozenset[str]
    files: Mapping[str, bytes]
    params: Mapping[str, Value]
    reach: Reach
    document: Callable[[str], Value]


def listed(names: list[str] | tuple[str, ...]) -> str:
    """The first few, and how many more."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
