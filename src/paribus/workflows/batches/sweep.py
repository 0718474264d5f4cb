"""`paribus run` with several values of a param: each combination is an experiment of its own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from paribus.core.errors import Problem
from paribus.core.policy import Count
from paribus.core.sweep import expanded, named, repeated
from paribus.reports.batch import BatchReport, asked_as
from paribus.reports.batch_plan import BatchPlan
from paribus.reports.changes import counted
from paribus.reports.check import CheckReport, refusal_status
from paribus.reports.members import Refused, Skipped
from paribus.workflows.batches.batch import Asked, identified, measured_together
from paribus.workflows.candidate import Candidate, opened, with_overrides
from paribus.workflows.doubts import doubts, seed_told, seeds_set
from paribus.workflows.judging import Judged, judged
from paribus.workflows.listening import BatchListener
from paribus.workflows.project import Project
from paribus.workflows.run import (
    RunOptions,
    dry_run,
    refusal,
    require_unmoved,
    typed_again,
)
from paribus.workflows.subjects import require_ground


def run_values(
    project: Project, options: RunOptions, listener: BatchListener
) -> BatchReport | BatchPlan:
    """Measures each combination of values against the baseline, all of them together.

    Returns:
        How each was judged, and why others were not run; or what would be run.

    Raises:
        Problem: it is no value, or no param; or none can be run, all for the same reason.
    """
    for name in repeated(options.overrides):
        listener.noted(f"-S {name} is given more than once: each of its values is tried")
    command = typed_again(options)
    options = replace(options, command=command)
    with opened(project, options.revision, options.baseline, keep=False) as candidate:
        sorted_ = _sorted(project, candidate, options)
        if options.dry_run:
            plans = tuple(dry_run(project, one.found, options) for one in sorted_.asked)
            return BatchPlan(_baseline(candidate), plans, *sorted_.others(), command)
        if not sorted_.asked:
            others = sorted_.others()
            return BatchReport(_baseline(candidate), (), *others, 0, options.runs, command)
        tree = candidate.tree.id
    with opened(project, options.revision, options.baseline, keep=True) as candidate:
        require_unmoved(candidate, tree)
        sorted_ = _sorted(project, candidate, options)
        for skipped in sorted_.skipped:
            listener.noted(f"{skipped.asked} is skipped: {skipped.reason}")
        for text in dict.fromkeys(
            doubt for one in sorted_.asked for doubt in doubts(one.found, options.overrides)
        ):
            listener.noted(text)
        told = measured_together(project, options, listener, sorted_.asked, "values")
    refused, aside = sorted_.others()
    return replace(told, refused=(*refused, *told.refused), skipped=aside)


# Private functions


@dataclass(slots=True)
class _Sorted:
    """The combinations by what becomes of them."""

    asked: list[Asked] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def others(self) -> tuple[tuple[Refused, ...], tuple[Skipped, ...]]:
        return tuple(self.refused), tuple(self.skipped)


def _sorted(project: Project, candidate: Candidate, options: RunOptions) -> _Sorted:
    sorted_ = _Sorted()
    seen: dict[str, str] = {}
    problems: list[Problem] = []
    combinations = expanded(options.overrides)
    fixed = set.intersection(*map(set, combinations))
    for overrides in combinations:
        asked = asked_as([each for each in overrides if each not in fixed] or overrides)
        variant = with_overrides(candidate, overrides)
        try:
            found = judged(variant)
            if found.judgement.outcome is Count.NONE:
                told, names = seeds_set(found, overrides), {named(each) for each in overrides}
                only = len(told) == len(names)
                reason = seed_told(told[0]) if only else "nothing differs from the baseline"
                sorted_.skipped.append(Skipped(asked, reason))
                continue
            refused = refusal(found, options.allow)
        except Problem as problem:
            problems.append(problem)
            why = (problem.code, problem.message, problem.status)
            sorted_.refused.append(Refused(asked, *why, helps=problem.helps))
            continue
        if refused is not None:
            sorted_.refused.append(_refused(asked, found, refused))
            continue
        identifier = identified(project, require_ground(project, found), found)
        if identifier in seen:
            first = seen[identifier]
            same = "given twice" if first == asked else f"it is the same as {first}"
            sorted_.skipped.append(Skipped(asked, same))
            continue
        seen[identifier] = asked
        sorted_.asked.append(Asked(found, allow=options.allow))
    _require_any(sorted_, problems)
    return sorted_


def _refused(asked: str, found: Judged, refused: CheckReport) -> Refused:
    changes = found.judgement.changes
    if found.judgement.moves_ruler:
        code, reason = "not-comparable", "the ruler changed"
    else:
        code, reason = "one-change", f"{counted(changes)}, and an experiment has one"
    return Refused(asked, code, reason, refusal_status(refused), changes)


def _require_any(sorted_: _Sorted, problems: list[Problem]) -> None:
    """Raises `Problem` where no combination can be run, and it is the same that is wrong with all."""
    if sorted_.asked:
        return
    alike = len({problem.message for problem in problems}) == 1
    if alike and len(problems) == len(sorted_.refused):
        raise problems[0]
    seeds = {one.reason for one in sorted_.skipped if one.reason.startswith("`")}
    if not sorted_.refused and seeds:
        raise Problem(
            "no-change",
            f"{min(seeds)}, so there is nothing to test",
            "set another param   paribus run -S key=value",
        )
    if not sorted_.refused:
        raise Problem(
            "no-change",
            "no value differs from the baseline's own, so there is nothing to test",
            "set another   paribus run -S key=value",
        )


def _baseline(candidate: Candidate) -> dict[str, str]:
    return {"commit": candidate.baseline.commit, "name": candidate.baseline.name}
