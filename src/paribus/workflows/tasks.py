"""What a worker is given to make one run."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from paribus.core.paths import joined
from paribus.core.rules.params import param_name
from paribus.core.run import Intent, Purpose
from paribus.core.values import KeyPath, Value
from paribus.execute import card
from paribus.execute.clone import Origin
from paribus.execute.session import Session
from paribus.execute.task import Task
from paribus.workflows.project import Project, now
from paribus.workflows.promotion.gate import question
from paribus.workflows.wanted import Wanted, predictions_files


def new_intent(wanted: Wanted, session: Session, holder: str) -> Intent:
    """The intent of a run that starts now, with a new id."""
    return Intent(
        id=secrets.token_hex(5),
        index=wanted.index,
        seeds=wanted.seeds,
        purpose=wanted.purpose,
        session=session.id,
        holder=holder,
        host=session.host,
        started=now(),
        experiment=wanted.subject.experiment,
        series=wanted.series,
    )


def task_of(project: Project, wanted: Wanted, intent: Intent, *, alone: bool) -> Task:
    """What a worker needs to know to make a run.

    Args:
        alone: whether the process that makes it makes nothing else.
    """
    subject = wanted.subject
    state = project.make_state()
    control, result = (wanted.purpose is each for each in (Purpose.CONTROL, Purpose.RESULT))
    which = "the tree's own seeds" if result else f"pair {wanted.index + 1}"
    return Task(
        name=f"paribus-{subject.label}-{wanted.index + 1}-{intent.id}",
        message=f"{subject.message}, {which}",
        origin=Origin(project.repository.top, project.repository.common_dir, project.prefix),
        pool=state / "pool",
        log=project.logs / f"{intent.id}.log",
        baseline=subject.baseline,
        tree=subject.tree,
        params=seed_params(wanted.seeds, project.prefix),
        guarded=subject.guarded,
        collect=(
            *subject.pipeline.metrics_files(),
            *predictions_files(subject, project.prefix),
        ),
        # Without a declared seed every repeat is the same to DVC, which would not run it again.
        fresh=subject.fresh or wanted.fresh or control or not (wanted.seeds or result),
        question=question(wanted.asks),
        run=intent.id,
        card=card.path_of(project.cards, intent.id),
        alone=alone,
    )


def seed_params(seeds: Mapping[str, int], prefix: str) -> dict[str, dict[KeyPath, Value]]:
    """Seeds as values of params files."""
    params: dict[str, dict[KeyPath, Value]] = {}
    for name, value in seeds.items():
        file, path = param_name(name)
        params.setdefault(joined(prefix, file), {})[path] = value
    return params
