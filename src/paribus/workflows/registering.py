"""Registers an experiment before its first run: what will be measured, how, and what was tried before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from paribus.core.change import Change
from paribus.core.experiment import Registration
from paribus.core.identity import experiment_id, idea_key
from paribus.core.plan import FUTILE_FROM, Plan
from paribus.core.policy import Count
from paribus.core.verdict import Outcome
from paribus.git.identity import identity
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.workflows.judging import Judged
from paribus.workflows.measuring import RUNS_FOR_SPREAD, Series, require_success, spread
from paribus.workflows.project import Project, now
from paribus.workflows.runner import Runner
from paribus.workflows.subjects import Ground

NO_GAIN = {Outcome.NO_DIFFERENCE, Outcome.WORSE}


@dataclass(frozen=True, slots=True)
class Entry:
    """What is registered beside the change itself.

    Attributes:
        hypothesis: why it should help.
        allow: why more than one change is let through; None where there is one.
        generation: how often the baseline's seeds have been drawn anew.
        futile_from: pairs from which it may be stopped because its aim is out of reach.
    """

    hypothesis: str = ""
    allow: str | None = None
    generation: int = 0
    futile_from: int = FUTILE_FROM


def registered(
    project: Project,
    notebook: Notebook,
    found: Judged,
    ground: Ground,
    effect: float,
    entry: Entry,
) -> Registration:
    """Writes an experiment's registration to the ledger.

    Args:
        effect: the smallest difference that matters, in the metric's units.
    """
    candidate, protocol, changes = found.candidate, ground.protocol, found.judgement.changes
    ideas = [idea_key(change) for change in changes]
    identifier = experiment_id(ground.key, changes, protocol, project.prefix)
    many = found.judgement.outcome is Count.MANY
    registration = Registration(
        id=identifier,
        project=project.prefix,
        baseline={
            "commit": candidate.baseline.commit,
            "name": candidate.baseline.name,
            "key": ground.key,
        },
        changes=tuple(change.as_json() for change in changes),
        hypothesis=entry.hypothesis,
        plan=_plan(ground, effect, entry.futile_from),
        effect_is_default=protocol.effect is None,
        tree=candidate.tree.id,
        revision=candidate.tree.revision,
        allow=entry.allow if many else None,
        author=author(project),
        started=now(),
        seeds=protocol.seeds,
        seed_list=protocol.seed_list if entry.generation == 0 else (),
        generation=entry.generation,
        evaluation=ground.evaluation,
    )
    known = [_tried_alone(notebook, project, idea, identifier) for idea in ideas]
    registration = (
        replace(registration, bundled=_bundled(changes, known))
        if many
        else replace(registration, earlier=_earlier(registration, known[0]))
    )
    notebook.register(registration, ideas)
    return registration


def fixed_effect(ground: Ground, baseline: Series, runner: Runner) -> float:
    """The smallest difference that matters: declared, or one standard deviation of the baseline's runs.

    The default is measured before the first pair and then stays as it is.
    """
    if ground.protocol.effect is not None:
        return ground.protocol.effect
    baseline.runs += runner.carry_out(baseline.missing(RUNS_FOR_SPREAD))
    require_success(baseline)
    return spread(baseline.succeeded(), baseline.subject.metric) or 0.0


def author(project: Project) -> str:
    """Name and e-mail of who works here, as Git knows them."""
    who = identity(project.repository.git)
    return f"{who['GIT_AUTHOR_NAME']} <{who['GIT_AUTHOR_EMAIL']}>"


# Private functions


def _plan(ground: Ground, effect: float, futile_from: int) -> Plan:
    protocol = ground.protocol
    return Plan(
        ground.metric,
        protocol.higher_is_better,
        effect,
        protocol.goal,
        protocol.looks,
        protocol.guards,
        protocol.unit,
        futile_from,
    )


def _tried_alone(
    notebook: Notebook, project: Project, idea: str, but: str
) -> list[tuple[Registration, Page]]:
    """Experiments with this change and no other, the earliest first."""
    pages = [notebook.experiment(name) for name in notebook.tried(idea, project.prefix)]
    alone = [
        (page.registration, page)
        for page in pages
        if page.registration is not None and page.id != but and len(page.registration.changes) == 1
    ]
    return sorted(alone, key=lambda one: one[0].started)


def _outcome(page: Page) -> Outcome | None:
    return page.conclusions[-1].verdict.outcome if page.conclusions else None


def _earlier(
    new: Registration, known: Sequence[tuple[Registration, Page]]
) -> tuple[Mapping[str, Any], ...]:
    """The same change, tried against another baseline or judged by another agreement."""
    return tuple(
        {
            "experiment": page.id,
            "baseline": old.baseline["name"],
            "outcome": _outcome(page),
            "differs": list(_differing(old, new)),
        }
        for old, page in known
    )


def _differing(old: Registration, new: Registration) -> list[str]:
    if old.baseline["key"] != new.baseline["key"]:
        return [f"baseline {old.baseline['name']} -> {new.baseline['name']}"]
    before, after = old.plan.as_json(), new.plan.as_json()
    before["seeds"], after["seeds"] = list(old.seeds), list(new.seeds)
    before["seed_list"], after["seed_list"] = list(old.seed_list), list(new.seed_list)
    return [
        f"{key} {before[key]} -> {after[key]}"
        for key in after
        if before[key] != after[key] and key != "futile_from"
    ]


def _bundled(
    changes: Sequence[Change], known: Sequence[Sequence[tuple[Registration, Page]]]
) -> tuple[Mapping[str, Any], ...]:
    """Those of a bundle's changes that were no gain when they were tried alone."""
    return tuple(
        {"change": change.summary, "experiment": page.id, "outcome": _outcome(page)}
        for change, tried in zip(changes, known, strict=True)
        for _, page in tried
        if _outcome(page) in NO_GAIN
    )
