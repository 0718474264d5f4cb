"""Clauses of the protocol that have parts of their own, and how they are read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from paribus.core.plan import Guard
from paribus.core.tolerance import Tolerance
from paribus.core.values import Value

MEASURES = ("accuracy", "mean", "squared-error", "absolute-error", "auc", "f1")
WEEKS = {"day": 1 / 7, "week": 1.0, "month": 365.25 / 12 / 7}


@dataclass(frozen=True, slots=True)
class Predictions:
    """Where a run leaves one row for each evaluation example; columns left out are found by name.

    Attributes:
        file: CSV, TSV, JSON or JSON Lines.
        id: column that names the example.
        label, prediction: columns of the truth and of what was said.
        value: column with an example's own score, whose mean is the metric.
        score: column with a number that ranks examples, for `auc`.
        cluster: column of what belongs together, such as a patient or a conversation.
        measure: one of `MEASURES`; None to tell by the columns.
    """

    file: str
    id: str | None = None
    label: str | None = None
    prediction: str | None = None
    value: str | None = None
    score: str | None = None
    cluster: str | None = None
    measure: str | None = None

    def as_json(self) -> dict[str, str]:
        """Strict JSON, without what is left out."""
        return {key: value for key, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True)
class Gate:
    """A locked evaluation set that is asked at a promotion only.

    Attributes:
        command: run in the clone after the pipeline; it writes `metrics`.
        metrics: the file that it writes, from the project's folder.
        metric: a number in it, with the primary metric's direction.
        predictions: another file that it writes, one row for each of its examples; they decide where
            fresh seeds change nothing. None where it writes none.
    """

    command: str
    metrics: str
    metric: str
    predictions: str | None = None

    def as_json(self) -> dict[str, str]:
        """Strict JSON, without what is left out."""
        return {key: value for key, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True)
class Budget:
    """What the team is ready to spend; `unit` is `runs` or `hours`."""

    amount: float
    unit: str


def read_guards(value: Value) -> tuple[Guard, ...]:
    """Metrics that an improvement must not break; raises `TypeError` or `ValueError`."""
    guards = tuple(_guard(item) for item in _list(value, "guards"))
    names = [guard.metric for guard in guards]
    if len(set(names)) < len(names):
        raise ValueError("names a metric twice")
    return guards


def read_tolerances(value: Value) -> tuple[Tolerance, ...]:
    """Losses that a review lets pass; raises as `read_guards`."""
    tolerances = tuple(_tolerance(item) for item in _list(value, "tolerances"))
    names = [tolerance.metric for tolerance in tolerances]
    if len(set(names)) < len(names):
        raise ValueError("names a metric twice")
    return tolerances


def read_predictions(value: Value) -> Predictions | None:
    """A file's name, or a mapping with the names of its columns; raises as `read_guards`."""
    if value is None:
        return None
    if isinstance(value, str):
        return Predictions(_text(value))
    known = {field.name for field in fields(Predictions)}
    found = {key: _text(item) for key, item in _mapping(value, known, {"file"}).items()}
    if found.get("measure", MEASURES[0]) not in MEASURES:
        raise ValueError(
            f"has measure {found['measure']!r}; one of {', '.join(MEASURES)} is expected"
        )
    return Predictions(**found)


def read_gate(value: Value) -> Gate | None:
    """A mapping of command, metrics, metric and perhaps predictions; raises as `read_guards`."""
    if value is None:
        return None
    needed = {"command", "metrics", "metric"}
    found = _mapping(value, {*needed, "predictions"}, needed)
    gate = Gate(**{key: _text(item) for key, item in found.items()})
    if gate.predictions == gate.metrics:
        raise ValueError(f"has {gate.metrics} as metrics and as predictions; these are two files")
    return gate


def read_seed_list(value: Value) -> tuple[int, ...]:
    """Values that every declared seed takes in turn; raises as `read_guards`."""
    listed = _list(value, "whole numbers")
    if not all(type(item) is int and item >= 0 for item in listed):
        raise TypeError(f"is {value!r}; a list of whole numbers from 0 on is expected")
    if len(set(listed)) < len(listed):
        raise ValueError("has a seed twice, which would count one run as two")
    return tuple(listed)


def read_budget(value: Value) -> Budget | None:
    """`400 runs` or `40 hours`; raises as `read_guards`."""
    if value is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?) *(run|hour)s?", str(value).strip())
    if not found or float(found[1]) <= 0:
        raise ValueError(f"is {value!r}; such as `400 runs` or `40 hours` is expected")
    return Budget(float(found[1]), f"{found[2]}s")


def read_time_box(value: Value) -> float | None:
    """Weeks; `6 weeks`, `10 days` or `2 months`; raises as `read_guards`."""
    if value is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?) *(day|week|month)s?", str(value).strip())
    if not found or float(found[1]) <= 0:
        raise ValueError(f"is {value!r}; such as `6 weeks` is expected")
    return float(found[1]) * WEEKS[found[2]]


# Private functions


def _guard(value: Value) -> Guard:
    found = _mapping(value, {"metric", "direction", "margin"}, {"metric", "direction"})
    return Guard(_text(found["metric"]), _is_higher(found), _amount(found, "margin"))


def _tolerance(value: Value) -> Tolerance:
    needed = {"metric", "direction"}
    found = _mapping(value, {*needed, "absolute", "relative"}, needed)
    if not {"absolute", "relative"} & set(found):
        raise ValueError("lacks absolute or relative, the loss that is tolerated")
    share = found.get("relative")
    percent = re.fullmatch(r"(\d+(?:\.\d+)?) *%", share) if isinstance(share, str) else None
    relative = float(percent[1]) / 100 if percent else _amount(found, "relative")
    return Tolerance(
        _text(found["metric"]), _is_higher(found), _amount(found, "absolute"), relative
    )


def _is_higher(found: Mapping[str, Any]) -> bool:
    if found["direction"] not in ("higher", "lower"):
        raise ValueError(f"has direction {found['direction']!r}; `higher` or `lower` is expected")
    return bool(found["direction"] == "higher")


def _amount(found: Mapping[str, Any], key: str) -> float:
    amount = found.get(key, 0)
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise TypeError(f"has {key} {amount!r}; a number is expected")
    return float(amount)


def _list(value: Value, what: str) -> Sequence[Any]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise TypeError(f"is {value!r}; a list of {what} is expected")
    return value


def _mapping(value: Value, known: set[str], needed: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(
            f"has {value!r}, where a mapping of {', '.join(sorted(needed))} is expected"
        )
    unknown, missing = [key for key in value if key not in known], sorted(needed - set(value))
    if unknown:
        raise ValueError(
            f"has the unknown key {unknown[0]!r}; there are {', '.join(sorted(known))}"
        )
    if missing:
        raise ValueError(f"lacks {', '.join(missing)}")
    return value


def _text(value: Value) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError(f"has {value!r}, where a text is expected")
    return value
