"""What may not have been meant by an override: told before runs are spent on it."""

from __future__ import annotations

from collections.abc import Sequence

from paribus.core.change import Kind
from paribus.core.errors import Problem
from paribus.core.policy import Count
from paribus.core.rules.params import params_named
from paribus.core.sweep import named
from paribus.core.values import Value, dotted, spelled
from paribus.workflows.judging import Judged


def doubts(found: Judged, overrides: Sequence[str]) -> list[str]:
    """A number that becomes text or null, and a seed that is set though every run sets it."""
    parts = [part for change in found.judgement.changes for part in change.single()]
    told = [
        f"{dotted(part.path)} {spelled(part.old)} -> {spelled(part.new)}: "
        f"a number becomes {'null' if part.new is None else 'text'}"
        for part in parts
        if part.kind is Kind.PARAM and _is_number(part.old) and _is_no_number(part.new)
    ]
    return [*told, *(seed_told(name) for name in seeds_set(found, overrides))]


def seeds_set(found: Judged, overrides: Sequence[str]) -> list[str]:
    """The declared seeds among what is overridden, as they are written."""
    seeds = params_named(found.sides, found.sides.protocol.seeds)
    names = dict.fromkeys(named(text) for text in overrides)
    return [name for name in names if params_named(found.sides, [name]) & seeds]


def seed_told(name: str) -> str:
    """Why setting a declared seed is no experiment."""
    return f"`{name}` is a declared seed and is varied anyway"


def require_more_than_seeds(found: Judged, overrides: Sequence[str]) -> None:
    """Raises `Problem` where nothing differs because only seeds were set."""
    seeds = seeds_set(found, overrides) if found.judgement.outcome is Count.NONE else []
    if seeds:
        raise Problem(
            "no-change",
            f"{seed_told(seeds[0])}, so there is nothing to test",
            "set another param             paribus run -S key=value",
            "run with more or less seeds   looks: in paribus.yaml",
        )


# Private functions


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_no_number(value: Value) -> bool:
    return value is None or isinstance(value, str)
