"""Which columns of a predictions file are what: as the settings say, else by usual names."""

from __future__ import annotations

from collections.abc import Sequence

from paribus.core.clauses import Predictions
from paribus.core.errors import Problem
from paribus.core.examples.faults import fault, listed

USUAL = {
    "id": ("id", "example", "index", "key", ""),  # pandas gives its index no name
    "label": ("label", "target", "truth", "y_true", "expected", "answer"),
    "prediction": ("prediction", "predicted", "pred", "y_pred", "output"),
    "score": ("score", "probability", "prob"),
    "value": ("value", "passed", "correct", "pass", "grade", "loss"),
}
"""Names of columns by what they hold, the likeliest first; capitals do not matter."""

NEEDED = {
    "accuracy": ("label", "prediction"),
    "f1": ("label", "prediction"),
    "squared-error": ("label", "prediction"),
    "absolute-error": ("label", "prediction"),
    "auc": ("label", "score"),
    "mean": ("value",),
}
"""What each measure is computed from, beside the ids."""


def resolve(settings: Predictions, names: Sequence[str], file: str) -> tuple[str, dict[str, str]]:
    """The measure, and the column of each role that it needs; `id` and the cluster among them.

    Without a measure in the settings it follows from the columns: a named value's mean, the `auc` of
    a named score, else `accuracy`, `mean` or `auc`, the first whose columns there are. Labels of a
    mean's examples count where they are named only: an `answer` beside a grade may be the model's.

    Raises:
        Problem: a column is missing; it says which there are.
    """
    for role in (*USUAL, "cluster"):
        given = getattr(settings, role)
        if given is not None and given not in names:
            raise _missing(file, role, given, names)
    found = {role: _column(settings, role, names) for role in USUAL}
    measure = settings.measure or _measure(settings, found)
    if measure is None:
        what = "neither columns of label and prediction nor one of values"
        raise fault(file, f"{what}; there are {listed(names, len(names))}", _help(file, "value"))
    roles = ("id", *NEEDED[measure])
    if measure == "mean" and settings.label is not None:
        roles = (*roles, "label")
    for role in roles:
        if found[role] is None:
            raise _missing(file, role, None, names)
    columns = {role: name for role in roles if (name := found[role]) is not None}
    if settings.cluster is not None:
        columns["cluster"] = settings.cluster
    return measure, columns


# Private functions


def _column(settings: Predictions, role: str, names: Sequence[str]) -> str | None:
    given: str | None = getattr(settings, role)
    if given is not None:
        return given
    usual = {name.lower(): name for name in reversed(names)}
    return next((usual[name] for name in USUAL[role] if name in usual), None)


def _measure(settings: Predictions, found: dict[str, str | None]) -> str | None:
    if settings.value is not None:
        return "mean"
    if settings.score is not None and settings.prediction is None:
        return "auc"
    for measure in ("accuracy", "mean", "auc"):
        if all(found[role] is not None for role in NEEDED[measure]):
            return measure
    return None


def _missing(file: str, role: str, given: str | None, names: Sequence[str]) -> Problem:
    what = f"no column of {role}s" if given is None else f"no column {given!r} ({role})"
    return fault(file, f"{what}; there are {listed(names, len(names))}", _help(file, role))


def _help(file: str, role: str) -> str:
    return f"name it in paribus.yaml   predictions: {{file: {file}, {role}: COLUMN}}"
