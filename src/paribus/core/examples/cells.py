"""Cells as numbers, as classes and as names; a missing or infinite one is a problem, never a zero."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from paribus.core.examples.faults import fault, shown
from paribus.core.examples.table import Cell

_TRUTH = {"true": "1", "false": "0"}


def numbers(file: str, role: str, cells: Sequence[Cell]) -> NDArray[np.float64]:
    """Shape (m,): the cells as finite numbers; true is 1, false is 0.

    Raises:
        Problem: a cell is none; it says which row, counted from 1 without the column names.
    """
    found = _floats(cells)
    if found is None:
        row = next(row for row, cell in enumerate(cells) if _float(cell) is None)
        raise fault(file, f"row {row + 1}: {role} {_said(cells[row])} is not a number")
    return _finite(file, role, cells, found)


def classes(
    file: str, labels: Sequence[Cell], predictions: Sequence[Cell]
) -> tuple[list[str], list[str]]:
    """Labels and predictions in one spelling, so that the same class is the same text.

    Where all labels are numbers, 1, 1.0 and true are one class. A prediction that is no number is
    then like no label. Elsewhere a text is what it is, and an empty prediction is an answer, too.

    Raises:
        Problem: a label or a prediction is missing.
    """
    truth, said = spelled(file, "label", labels), _present(file, "prediction", predictions)
    if _floats(labels) is None:
        return truth, said
    _refuse_blank(file, "prediction", said)
    found = _floats(said)
    if found is not None:
        return truth, [repr(number) for number in _finite(file, "prediction", said, found).tolist()]
    return truth, [text if (number := _float(text)) is None else repr(number) for text in said]


def spelled(file: str, role: str, cells: Sequence[Cell]) -> list[str]:
    """Names or labels, none of them blank; in the spelling of Python's floats if all are numbers.

    Raises:
        Problem: a cell is missing, or all are numbers and one is not finite.
    """
    texts, found = _present(file, role, cells), _floats(cells)
    _refuse_blank(file, role, texts)
    if found is None:
        return texts
    return [repr(number) for number in _finite(file, role, texts, found).tolist()]


def names(file: str, role: str, cells: Sequence[Cell]) -> list[str]:
    """Names as they stand, none of them blank; 01 and 1 are two.

    Raises:
        Problem: one is missing.
    """
    texts = _present(file, role, cells)
    _refuse_blank(file, role, texts)
    return texts


# Private functions


def _present(file: str, role: str, cells: Sequence[Cell]) -> list[str]:
    texts = [cell for cell in cells if cell is not None]
    if len(texts) < len(cells):
        raise fault(file, f"row {cells.index(None) + 1}: {role} is null")
    return texts


def _refuse_blank(file: str, role: str, texts: Sequence[str]) -> None:
    if "" in texts or any(map(str.isspace, texts)):
        row = next(row for row, text in enumerate(texts) if not text.strip())
        raise fault(file, f"row {row + 1}: {role} is empty")


def _floats(cells: Sequence[Cell]) -> NDArray[np.float64] | None:
    """All cells as numbers, finite or not; None where one is no number."""
    try:
        plain = [float(cell) for cell in cells]  # type: ignore[arg-type]
    except (TypeError, ValueError):
        found = [_float(cell) for cell in cells]
        if None in found:
            return None
        return np.array(found, dtype=np.float64)
    # Python reads 1_000 as a number; in a file it is a name.
    return None if any("_" in cell for cell in cells if cell) else np.array(plain)


def _float(cell: Cell) -> float | None:
    if cell is None or "_" in cell:
        return None
    try:
        return float(_TRUTH.get(cell.strip().lower(), cell))
    except ValueError:
        return None


def _finite(
    file: str, role: str, cells: Sequence[Cell], found: NDArray[np.float64]
) -> NDArray[np.float64]:
    wrong = np.flatnonzero(~np.isfinite(found))
    if wrong.size:
        row = int(wrong[0])
        raise fault(file, f"row {row + 1}: {role} {_said(cells[row])} is not a finite number")
    return found + 0.0  # -0 is 0


def _said(cell: Cell) -> str:
    return "null" if cell is None else repr(shown(cell))
