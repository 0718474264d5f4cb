"""The report of `paribus run --dry-run` with several values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from paribus.reports.batch import WIDEST, Refused, Skipped, left_out, others
from paribus.reports.dry_run import DryRun, content
from paribus.reports.registration import shown_baseline
from paribus.reports.text import clean, plural, shortened, strict_json
from paribus.reports.verdict import headline


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What would be run.

    Attributes:
        baseline: commit and name.
        plans: of each experiment.
        refused, skipped: the others.
    """

    baseline: Mapping[str, str]
    plans: tuple[DryRun, ...]
    refused: tuple[Refused, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def as_json(plan: BatchPlan) -> str:
    """One strict JSON object."""
    return strict_json(
        {
            "baseline": plan.baseline["commit"],
            "baseline_name": plan.baseline["name"],
            "experiments": [content(one) for one in plan.plans],
            **others(plan.refused, plan.skipped),
            "dry_run": True,
        }
    )


def as_text(plan: BatchPlan) -> str:
    """For people."""
    count = plural(len(plan.plans), "experiment")
    lines = [f"would run {count} against {shown_baseline(plan.baseline)}:", ""]
    for one in plan.plans:
        known = f"  (in the ledger: {headline(one.verdict)})" if one.verdict else ""
        changes = "; ".join(clean(change.summary) for change in one.check.judgement.changes)
        lines.append(f"  {one.experiment[:8]}  {shortened(changes, WIDEST)}{known}")
    if plan.plans:
        looks, runs = plan.plans[0].looks, plan.plans[0].baseline_runs
        lines += ["", f"  {looks[0]} to {looks[-1]} pairs each; the baseline has {runs} runs"]
    lines += ["", *left_out(plan.refused, plan.skipped)] if plan.refused or plan.skipped else []
    return "\n".join([*lines, "", "nothing was run or written"])
