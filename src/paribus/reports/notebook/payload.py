"""What the page's scripts read: strict JSON, deflated and in base64, so that nothing in it is markup.

The overview is one block of columns. Details come in blocks of a hundred, of which the browser
inflates one when an experiment of it is opened: with ten thousand experiments they are most of the
bytes, and nobody opens more than a few.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from paribus.reports.notebook.content import Detail, Overview, PairPoint, Point
from paribus.reports.notebook.headline import headline

MOST = 100
"""Details in a block."""

LARGEST = 1_000_000
"""Characters from which on a block is closed, however few details it has."""

DIGITS = 9
"""Significant digits of a measured number: the page shows six decimals at most, and the ledger has all."""

LOOK = ("n", "outcome", "label", "estimate", "low", "high")
"""What a drawing of the looks needs."""

COMMIT = 12
"""Characters of a commit or a tree that are told, so that one can ask for it."""


def detail_blocks(details: Iterable[Detail]) -> tuple[list[str], dict[str, int]]:
    """Details in packed blocks, and in which block each experiment's are, by its whole id.

    The details may come one after another: no more than a block of them is held.
    """
    blocks: list[str] = []
    places: dict[str, int] = {}
    waiting: list[str] = []
    for detail in details:
        places[detail.id] = len(blocks)
        waiting.append(_text(_detail(detail)))
        if len(waiting) >= MOST or sum(map(len, waiting)) >= LARGEST:
            blocks.append(_joined(waiting))
            waiting = []
    if waiting:
        blocks.append(_joined(waiting))
    return blocks, places


def overview_block(overview: Overview, places: Mapping[str, int]) -> str:
    """The overview in one packed block: its points as columns, with the block of each one's details."""
    told = {field.name: getattr(overview, field.name) for field in fields(Overview)}
    told["steps"] = [_plain(step) for step in overview.steps]
    told["noise"] = None if overview.noise is None else _plain(overview.noise)
    told["points"] = _columns(overview.points)
    told["block"] = [places.get(point.id) for point in overview.points]
    told["title"], told["counts"] = headline(overview)
    return _packed(_text(told))


# Private functions


# Found out once, since there may be ten thousand of them.
_DETAIL = tuple(field.name for field in fields(Detail))
_SINGLE = (str, int, float)


def _columns(points: tuple[Point, ...]) -> dict[str, list[Any]]:
    return {
        field.name: [_rounded(getattr(point, field.name)) for point in points]
        for field in fields(Point)
    }


def _detail(detail: Detail) -> dict[str, Any]:
    """A detail without what the page has elsewhere or does not show."""
    own = {
        "changes": [_change(change) for change in detail.changes],
        "looks": [{name: _rounded(look.get(name)) for name in LOOK} for look in detail.looks],
        "pairs": _pairs(detail.pairs),
        "fresh": _pairs(detail.fresh),
        "tree": detail.tree[:COMMIT],
        "commit": detail.commit and detail.commit[:COMMIT],
    }
    return {name: own[name] if name in own else _plain(getattr(detail, name)) for name in _DETAIL}


def _change(change: Mapping[str, Any]) -> dict[str, Any]:
    """Its values are in the summary, as they are written, where `1.0` is not `1`."""
    told = {name: change.get(name) for name in ("kind", "file", "line", "summary")}
    return told | {"parts": [_change(part) for part in change.get("parts", ())]}


def _pairs(pairs: tuple[PairPoint, ...]) -> dict[str, Any]:
    """Columns, which are packed into half the bytes of rows."""
    names = sorted({name for pair in pairs for name in pair.seeds})
    return {
        "pair": [pair.pair for pair in pairs],
        "baseline": [_rounded(pair.baseline) for pair in pairs],
        "candidate": [_rounded(pair.candidate) for pair in pairs],
        "seeds": {name: [pair.seeds.get(name) for pair in pairs] for name in names},
        "run": [pair.run for pair in pairs],
        "beside": [pair.beside for pair in pairs],
    }


def _plain(value: Any) -> Any:
    """What JSON knows, of data classes too; measured numbers with as many digits as are told."""
    if value is None or isinstance(value, _SINGLE):
        return _rounded(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}


def _rounded(value: Any) -> Any:
    """A number with `DIGITS` significant digits; None for one that JSON does not know."""
    if not isinstance(value, float):
        return value
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _joined(texts: Iterable[str]) -> str:
    return _packed(f"[{','.join(texts)}]")


def _packed(text: str) -> str:
    # A path that is not UTF-8 becomes a JSON escape, which stands for the same characters.
    data = text.encode("utf-8", "backslashreplace")
    return base64.b64encode(zlib.compress(data, 9)).decode("ascii")
