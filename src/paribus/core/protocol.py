"""The protocol: a team's agreement on what is measured, and what counts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from paribus.core.errors import Problem
from paribus.core.plan import LOOKS, Goal
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

    def measurement(self) -> dict[str, Any]:
        """What decides a verdict: a change of it starts another test."""
        return {
            "metric": self.metric,
            "direction": "higher" if self.higher_is_better else "lower",
            "effect": self.effect,
            "goal": self.goal.value,
            "looks": list(self.looks),
            "seeds": list(self.seeds),
        }


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
    return Protocol(higher_is_better=direction, **found)


# Private functions


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
}
