"""What one run said of each evaluation example, and whether that was right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from paribus.core.clauses import Predictions
from paribus.core.errors import Problem
from paribus.core.examples.cells import classes, names, numbers
from paribus.core.examples.columns import resolve
from paribus.core.examples.faults import fault
from paribus.core.examples.table import read_table


@dataclass(frozen=True, slots=True)
class Answer:
    """One example.

    Attributes:
        label: the truth as the file has it; empty where it names none.
        said: what the run said, as the file has it.
    """

    label: str
    said: str
    is_right: bool


def read_answers(settings: Predictions, name: str, data: bytes) -> dict[str, Answer]:
    """The answers in a predictions file by their examples' ids, in the file's order.

    Args:
        settings: names of columns, where the usual ones do not do, and the measure.
        name: the file's path; its ending tells the format.

    Raises:
        Problem: it is no such file, or no answer is right or wrong by itself, as of a regression.
    """
    table = read_table(name, data)
    measure, columns = resolve(settings, table.names, name)
    cells = dict(zip(columns, table.take(list(columns.values())), strict=True))
    ids = names(name, "id", cells["id"])
    if measure in ("accuracy", "f1"):
        truth, said = classes(name, cells["label"], cells["prediction"])
        right = [label == answer for label, answer in zip(truth, said, strict=True)]
        shown = cells["label"], cells["prediction"]
    elif measure == "mean":
        values = numbers(name, "value", cells["value"])
        if not all(value in (0, 1) for value in values):
            raise _neither(name, "values are not 0 and 1")
        right = [value == 1 for value in values]
        shown = cells.get("label", [""] * len(ids)), cells["value"]
    else:
        raise _neither(name, f"the measure is {measure}")
    return {
        key: Answer(label or "", answer or "", is_right)
        for key, label, answer, is_right in zip(ids, *shown, right, strict=True)
    }


def changed(
    before: Mapping[str, Answer], after: Mapping[str, Answer]
) -> tuple[list[str], list[str], list[str]]:
    """Ids of examples that are newly right, newly wrong, and wrong now, in the order of `after`.

    Args:
        before, after: of the same examples.
    """
    fixed = [key for key, one in after.items() if one.is_right and not before[key].is_right]
    broken = [key for key, one in after.items() if not one.is_right and before[key].is_right]
    return fixed, broken, [key for key, one in after.items() if not one.is_right]


# Private functions


def _neither(file: str, why: str) -> Problem:
    return fault(file, f"no answer is right or wrong by itself: {why}")
