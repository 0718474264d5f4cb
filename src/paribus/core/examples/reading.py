"""From the bytes of a predictions file to its examples."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

import numpy as np

from paribus.core.clauses import Predictions
from paribus.core.examples.cells import classes, names, numbers, spelled
from paribus.core.examples.columns import resolve
from paribus.core.examples.faults import fault, shown
from paribus.core.examples.measures import Floats, Ints
from paribus.core.examples.model import Examples
from paribus.core.examples.table import Cell, read_table

MOST_ROWS = 2_000_000


def parse(settings: Predictions, name: str, data: bytes) -> Examples:
    """The examples in a predictions file: one row for each, with an id of its own.

    Args:
        settings: names of columns, where the usual ones do not do, and the measure.
        name: the file's path; its ending tells the format.
        data: the file's bytes.

    Raises:
        Problem: no table, a column or a cell missing, a number not finite, an id twice, fewer than
            two examples or clusters; for `auc`, a label other than 0 and 1, or only one of them.
    """
    table = read_table(name, data)
    measure, columns = resolve(settings, table.names, name)
    cells = dict(zip(columns, table.take(list(columns.values())), strict=True))
    size = len(cells["id"])
    if not 2 <= size <= MOST_ROWS:
        raise fault(name, f"{size} rows; from 2 to {MOST_ROWS} are expected")
    ids = _ids(name, cells["id"])
    order = np.array(sorted(range(size), key=ids.__getitem__))
    values, labels, truth = _measured(name, measure, cells)
    examples = Examples(
        measure=measure,
        digest=_digest(ids, truth, order),
        values=values[order],
        labels=None if labels is None else labels[order],
        clusters=_clusters(name, cells, order),
    )
    if examples.clusters is not None and examples.clusters.max() == 0:
        raise fault(name, "all rows belong to one cluster, which shows no spread between clusters")
    return examples


# Private functions


def _ids(file: str, cells: Sequence[Cell]) -> list[str]:
    ids = names(file, "id", cells)
    if len(set(ids)) == len(ids):
        return ids
    first: dict[str, int] = {}
    for row, key in enumerate(ids, start=1):
        if first.setdefault(key, row) != row:
            raise fault(file, f"rows {first[key]} and {row} have the same id {shown(key)!r}")
    raise AssertionError


def _measured(
    file: str, measure: str, cells: Mapping[str, Sequence[Cell]]
) -> tuple[Floats, Ints | None, list[str] | None]:
    """Values and labels as `Examples` has them, in the file's order, and the labels for the digest."""
    if measure == "mean":
        truth = spelled(file, "label", cells["label"]) if "label" in cells else None
        return numbers(file, "value", cells["value"]), None, truth
    if measure == "auc":
        return _ranked(file, cells)
    if measure in ("accuracy", "f1"):
        truth, said = classes(file, cells["label"], cells["prediction"])
        if measure == "accuracy":
            right = [label == answer for label, answer in zip(truth, said, strict=True)]
            return np.array(right, dtype=np.float64), None, truth
        # Classes that occur as labels first: their codes are those of every run on this set.
        known = set(truth)
        numbered = _numbered([*sorted(known), *sorted(set(said) - known)])
        return _coded(numbered, said).astype(np.float64), _coded(numbered, truth), truth
    return _errors(file, measure, cells)


def _ranked(
    file: str, cells: Mapping[str, Sequence[Cell]]
) -> tuple[Floats, Ints, list[str] | None]:
    labels = numbers(file, "label", cells["label"])
    wrong = np.flatnonzero((labels != 0) & (labels != 1))
    if wrong.size:
        row = int(wrong[0])
        raise fault(file, f"row {row + 1}: label {shown(str(cells['label'][row]))!r} is not 0 or 1")
    if labels.min() == labels.max():
        raise fault(file, f"all labels are {labels[0]:.0f}; auc needs both")
    scores = numbers(file, "score", cells["score"])
    return scores, labels.astype(np.int64), spelled(file, "label", cells["label"])


def _errors(
    file: str, measure: str, cells: Mapping[str, Sequence[Cell]]
) -> tuple[Floats, None, list[str]]:
    labels = numbers(file, "label", cells["label"])
    with np.errstate(over="ignore"):
        errors = np.abs(labels - numbers(file, "prediction", cells["prediction"]))
        values = errors * errors if measure == "squared-error" else errors
    too_large = np.flatnonzero(~np.isfinite(values))
    if too_large.size:
        raise fault(file, f"row {int(too_large[0]) + 1}: its {measure} is too large for a number")
    return values, None, spelled(file, "label", cells["label"])


def _numbered(texts: Sequence[str]) -> dict[str, int]:
    return {text: code for code, text in enumerate(texts)}


def _coded(numbered: Mapping[str, int], texts: Sequence[str]) -> Ints:
    return np.array([numbered[text] for text in texts], dtype=np.int64)


def _clusters(file: str, cells: Mapping[str, Sequence[Cell]], order: Ints) -> Ints | None:
    if "cluster" not in cells:
        return None
    found = names(file, "cluster", cells["cluster"])
    return _coded(_numbered(sorted(set(found))), found)[order]


def _digest(ids: Sequence[str], truth: Sequence[str] | None, order: Ints) -> str:
    """JSON keeps ids and labels apart whatever is in them, and escapes what is no UTF-8."""
    rows = order.tolist()
    labels = None if truth is None else [truth[row] for row in rows]
    text = json.dumps([[ids[row] for row in rows], labels])
    return hashlib.sha256(text.encode("ascii")).hexdigest()
