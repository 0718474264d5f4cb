"""Records of which every field is what the rest of Paribus takes it for; each raises `TypeError` else."""

from __future__ import annotations

import re
from collections.abc import Mapping

from paribus.core.experiment import Registration
from paribus.core.plan import Plan
from paribus.core.run import Intent, Run
from paribus.core.shapes import require, require_counts, require_numbers, require_texts


def checked_registration(one: Registration) -> Registration:
    """What was fixed before the first run."""
    require_texts(one.id, one.project, one.hypothesis, one.tree, one.author, one.started)
    require_texts(*(one.baseline[name] for name in ("commit", "name", "key")))
    require_texts(*(change["summary"] for change in one.changes), *one.seeds)
    require_texts(one.revision, one.allow, one.evaluation, optional=True)
    parts = (part for change in one.changes for part in change.get("parts") or ())
    require(*((item, Mapping) for item in (*parts, *one.earlier, *one.bundled)))
    require_counts(one.generation)
    _require_plan(one.plan)
    return one


def checked_intent(one: Intent) -> Intent:
    """What was about to run."""
    require_texts(one.id, one.started, one.session, one.holder, one.host, one.series)
    require_texts(one.experiment, optional=True)
    require_counts(one.index)
    require_numbers(*one.seeds.values())  # which may be larger than any count
    return one


def checked_run(one: Run) -> Run:
    """How a run ended."""
    checked_intent(one.intent)
    require_numbers(one.seconds, *one.metrics.values())
    require_texts(one.log_tail)
    require_texts(one.commit, one.ref, one.cause, one.stage, one.evaluation, optional=True)
    require_counts(one.exit_code, optional=True)
    if one.commit is not None and not _OID.fullmatch(one.commit):
        raise TypeError(f"{one.commit!r} is no object's id")  # it stands in commands to type
    return one


# Private functions

_OID = re.compile("[0-9a-f]+")


def _require_plan(plan: Plan) -> None:
    require_texts(plan.metric, *(guard.metric for guard in plan.guards))
    require_numbers(plan.effect, *(guard.margin for guard in plan.guards))
    require_counts(plan.futile_from, *plan.looks)
