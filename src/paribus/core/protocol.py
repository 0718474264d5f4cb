"""The protocol: a team's agreement on what is measured, and what counts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from paribus.core.clauses import (
    Budget,
    Gate,
    Predictions,
    read_budget,
    read_gate,
    read_guards,
    read_predictions,
    read_seed_list,
    read_time_box,
    read_tolerances,
)
from paribus.core.duration import read_duration
from paribus.core.errors import Problem
from paribus.core.plan import LOOKS, Goal, Guard, Unit
from paribus.core.tolerance import Tolerance
from paribus.core.values import KeyPath, Value

FILE = "paribus.yaml"
SCHEMA = 1

ALWAYS_NEUTRAL = (
    "*.md", "*.rst", "*.adoc", "LICENSE*", "LICENCE*", "COPYING*", "NOTICE*", "AUTHORS*", "CITATION*",
    "CODEOWNERS", "docs/", "doc/", "tests/", "test/", "conftest.py", ".github/", ".gitlab/",
    ".circleci/", ".ci/", ".gitlab-ci.yml", "Jenkinsfile", ".travis.yml", ".vscode/", ".idea/",
    ".gitignore", ".gitkeep", ".editorconfig", ".pre-commit-config.yaml", ".mailmap", ".importlinter",
    ".pre-commit-hooks.yaml", ".pylintrc", "pylintrc", "mypy.ini", ".mypy.ini", ".flake8", ".isort.cfg",
    "ruff.toml", ".ruff.toml", "tox.ini", "noxfile.py", "pytest.ini", ".coveragerc", "codecov.yml",
    ".codecov.yml", ".yamllint*", ".markdownlint*", "mkdocs.yml", ".readthedocs.y*ml", ".devcontainer/",
    ".bumpversion.cfg", ".dvc/.gitignore", "renovate.json", "*.code-workspace", ".DS_Store",
    "*.log", "*.pyc", "__pycache__/", "*.egg-info/", ".ipynb_checkpoints/", ".coverage", "htmlcov/",
    ".mllint.yml", "*.example", "*.sample", "*.template",
    "**/.dvc/config", "**/.dvc/plots/",
)  # fmt: skip
"""Files that cannot move a metric wherever they are, unless a stage declares one as a dependency."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """The agreement, as `paribus.yaml` has it.

    Attributes:
        metric: name of the primary metric, dotted where it is nested; None where nobody declared one.
        higher_is_better: its direction.
        effect: the smallest difference that matters, in the metric's units; None for one standard
            deviation of the baseline's runs.
        goal: what an experiment is to show.
        looks: numbers of pairs after which a verdict may be given; the last is the cap.
        seeds: names of the nuisance params, each `key` or `file:key`.
        ruler: names of the stages that measure; None for the default rule.
        neutral: patterns of files that cannot move a metric, beyond the usual ones.
        coupled: groups of params that are one change when they change together.
        guards: metrics that an improvement must not break.
        unit: whether seeds or examples are what repeats.
        predictions: where a run leaves a row for each evaluation example.
        seed_list: values of the seeds, pair by pair; empty to derive them, so that nobody chose them.
        gate: a locked evaluation set, asked at a promotion only.
        train_share: the param that says which share of the training data is used.
        budget: what the team is ready to spend.
        time_box: weeks from the first experiment on.
        timeout: seconds after which a run is ended; None for never.
        tolerances: losses that a review lets pass, in the primary metric or any other.
    """

    metric: str | None = None
    higher_is_better: bool = True
    effect: float | None = None
    goal: Goal = Goal.IMPROVE
    looks: tuple[int, ...] = LOOKS
    seeds: tuple[str, ...] = ()
    ruler: tuple[str, ...] | None = None
    neutral: tuple[str, ...] = ()
    coupled: tuple[tuple[str, ...], ...] = ()
    guards: tuple[Guard, ...] = ()
    unit: Unit = Unit.SEED
    predictions: Predictions | None = None
    seed_list: tuple[int, ...] = ()
    gate: Gate | None = None
    train_share: str | None = None
    budget: Budget | None = None
    time_box: float | None = None
    timeout: float | None = None
    tolerances: tuple[Tolerance, ...] = ()

    def measurement(self) -> dict[str, Any]:
        """What decides a verdict: a change of it starts another test.

        What is left out of the agreement is left out here, too, so that a new kind of clause does
        not give every experiment that was judged without it another name.
        """
        always = {
            "metric": self.metric,
            "direction": "higher" if self.higher_is_better else "lower",
            "effect": self.effect,
            "goal": self.goal.value,
            "looks": list(self.looks),
            "seeds": list(self.seeds),
        }
        further = {
            "guards": [guard.as_json() for guard in self.guards],
            "unit": self.unit.value if self.unit is not Unit.SEED else None,
            "predictions": self.predictions.as_json() if self.predictions else None,
            "seed_list": list(self.seed_list),
        }
        return always | {key: value for key, value in further.items() if value}


def read_protocol(document: Value, lines: Mapping[KeyPath, int], file: str = FILE) -> Protocol:
    """The protocol of a `paribus.yaml`.

    Raises:
        Problem: a key that is not known, or a value that cannot be meant, with its line.
    """
    if not isinstance(document, Mapping):
        raise Problem("broken-protocol", f"{file}: the file is not a mapping of keys")
    found: dict[str, Any] = {}
    for key, value in document.items():
        line = lines.get((str(key),))
        where = f"{file}:{line}" if line else file
        reader = _READERS.get(str(key))
        if reader is None:
            raise Problem(
                "broken-protocol",
                f"{where}: unknown key `{key}`",
                f"the keys are {', '.join(_READERS)}",
            )
        try:
            found[str(key)] = reader(value)
        except (TypeError, ValueError) as error:
            raise Problem("broken-protocol", f"{where}: `{key}` {error}") from error
    found.pop("schema", None)
    direction = found.pop("direction", True)
    return _consistent(Protocol(higher_is_better=direction, **found), file)


# Private functions


def _consistent(protocol: Protocol, file: str) -> Protocol:
    """Clauses that are right by themselves and cannot all hold."""
    wrong = None
    if protocol.unit is Unit.EXAMPLE and protocol.predictions is None:
        wrong = "`unit: example` needs `predictions`, the file with a row for each example"
    elif protocol.metric in {guard.metric for guard in protocol.guards}:
        wrong = f"{protocol.metric} is the primary metric, and cannot guard itself"
    elif protocol.seed_list and len(protocol.seed_list) < protocol.looks[-1]:
        wrong = (
            f"`seed_list` has {len(protocol.seed_list)} seeds, "
            f"and the last look needs {protocol.looks[-1]}"
        )
    else:
        wrong = _contradiction(protocol)
    if wrong:
        raise Problem("broken-protocol", f"{file}: {wrong}")
    return protocol


def _contradiction(protocol: Protocol) -> str | None:
    """A tolerance that has a metric's direction the other way round."""
    known = {guard.metric: guard.higher_is_better for guard in protocol.guards}
    if protocol.metric is not None:
        known[protocol.metric] = protocol.higher_is_better
    for one in protocol.tolerances:
        if known.get(one.metric, one.higher_is_better) != one.higher_is_better:
            return f"`tolerances` has {one.metric} in the other direction than the agreement"
    return None


def _schema(value: Value) -> int:
    if value != SCHEMA or isinstance(value, bool):
        raise ValueError(f"is {value!r}; this version of Paribus reads schema {SCHEMA}")
    return SCHEMA


def _text(value: Value) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError(f"is {value!r}; a name is expected")
    return value


def _direction(value: Value) -> bool:
    if value not in ("higher", "lower"):
        raise ValueError(f"is {value!r}; `higher` or `lower` is expected")
    return bool(value == "higher")


def _effect(value: Value) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"is {value!r}; a number is expected")
    if not 0 < value <= sys.float_info.max:
        raise ValueError(f"is {value!r}; a positive number is expected")
    return float(value)


def _goal(value: Value) -> Goal:
    try:
        return Goal(value)
    except ValueError:
        names = ", ".join(f"`{goal.value}`" for goal in Goal)
        raise ValueError(f"is {value!r}; one of {names} is expected") from None


def _unit(value: Value) -> Unit:
    try:
        return Unit(value)
    except ValueError:
        raise ValueError(f"is {value!r}; one of `seed`, `example` is expected") from None


def _looks(value: Value) -> tuple[int, ...]:
    whole = isinstance(value, list) and all(type(look) is int for look in value)
    if not whole or not value or value != sorted(set(value)) or value[0] < 3:
        raise ValueError(f"is {value!r}; rising whole numbers from 3 on are expected")
    return tuple(value)


def _names(value: Value) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise TypeError(f"is {value!r}; a list of names is expected")
    return tuple(_text(name) for name in value)


def _groups(value: Value) -> tuple[tuple[str, ...], ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise TypeError(f"is {value!r}; a list of lists of names is expected")
    return tuple(_names(group) for group in value)


def _timeout(value: Value) -> float | None:
    return None if value is None else read_duration(str(value))


_READERS: dict[str, Callable[[Value], Any]] = {
    "schema": _schema,
    "metric": _text,
    "direction": _direction,
    "effect": _effect,
    "goal": _goal,
    "looks": _looks,
    "seeds": _names,
    "ruler": _names,
    "neutral": _names,
    "coupled": _groups,
    "guards": read_guards,
    "unit": _unit,
    "predictions": read_predictions,
    "seed_list": read_seed_list,
    "gate": read_gate,
    "train_share": _text,
    "budget": read_budget,
    "time_box": read_time_box,
    "timeout": _timeout,
    "tolerances": read_tolerances,
}
