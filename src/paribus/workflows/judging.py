"""Judges a candidate: the first half of the sentence, with its problems told."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace

from paribus.core.errors import Problem
from paribus.core.policy import Judgement, judge
from paribus.core.sides import Sides
from paribus.reports.check import CheckReport
from paribus.workflows.candidate import Candidate, untracked_inputs
from paribus.workflows.locks import edited_metric, stale_lock


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement and what it was made of.

    Attributes:
        sides: with the project's own pipeline alone, as a run has it.
    """

    sides: Sides
    judgement: Judgement
    candidate: Candidate


def judged(candidate: Candidate, *, committed: bool | None = None) -> Judged:
    """What the candidate changes against its baseline.

    Args:
        committed: whether it is a commit, or is to be one; None to tell by its tree.

    Raises:
        Problem: it cannot be judged: a broken or missing file, or an untracked one that a stage needs.
    """
    reader, tree = candidate.reader, candidate.tree
    sides, deltas = reader.sides(candidate.baseline_tree, tree)
    reader.require_params(tree, sides.new.pipeline)
    missing = untracked_inputs(sides.new.pipeline, sides.protocol, candidate.untracked)
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise Problem(
            "untracked-file",
            f"{missing[0]}{more}: Git does not track it, so a run would not see it",
            f"if it is part of the experiment   git add {shlex.join(missing[:5])}",
            f"if it is not                      echo {shlex.quote(missing[0])} >> .gitignore",
        )
    warnings = [
        *stale_lock(candidate),
        *edited_metric(candidate, sides, deltas, committed=committed),
    ]
    judgement = judge(sides, deltas)
    judgement = replace(judgement, warnings=(*judgement.warnings, *warnings))
    return Judged(_as_run(sides), judgement, candidate)


def check_report(
    found: Judged, *, allowed: bool = False, allowed_because: str | None = None
) -> CheckReport:
    """A judgement as it is reported."""
    candidate = found.candidate
    return CheckReport(
        baseline=candidate.baseline.commit,
        baseline_name=candidate.baseline.name,
        given=candidate.given,
        revision=candidate.tree.revision,
        revision_name=candidate.tree.name,
        overridden=candidate.overridden,
        judgement=found.judgement,
        untracked=candidate.untracked,
        allowed=allowed,
        allowed_because=allowed_because,
        project=candidate.reader.project.prefix,
        metric=found.sides.protocol.metric,
    )


# Private functions


def _as_run(sides: Sides) -> Sides:
    """Without the pipelines of folders below, which depend on what is compared."""
    old, new = (replace(side, pipeline=side.pipeline.alone()) for side in (sides.old, sides.new))
    return replace(sides, old=old, new=new)
