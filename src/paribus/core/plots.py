"""Which files the `plots:` of a `dvc.yaml` mean."""

from __future__ import annotations

from collections.abc import Mapping

from paribus.core.values import Value


def plotted(entries: Value) -> list[str]:
    """The files of the `plots:` that stand beside the stages.

    Each is a path, an id with a path in `x` or `y`, or a path with its options.
    """
    found: list[str] = []
    listed = [entries] if isinstance(entries, Mapping) else entries
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, str):
            found.append(entry)
        elif isinstance(entry, Mapping):
            for name, body in entry.items():
                found += _named_in(body) or [str(name)]
    return [path for path in dict.fromkeys(found) if "://" not in path]


# Private functions


def _named_in(body: Value) -> list[str]:
    """`y: {file.csv: column}`, and the same of `x`."""
    sides = [body.get(key) for key in ("x", "y")] if isinstance(body, Mapping) else []
    return [str(path) for side in sides if isinstance(side, Mapping) for path in side]
