"""The report of `paribus run --dry-run` with several values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from paribus.core.errors import Exit
from paribus.reports.batch import BatchReport, left_out, next_steps, others, refused_told
from paribus.reports.batch_rows import WIDEST
from paribus.reports.dry_run import DryRun, content
from paribus.reports.members import Refused, Skipped
from paribus.reports.registration import shown_baseline
from paribus.reports.text import clean, helps, plural, shortened, strict_json, wrapped
from paribus.reports.verdict import headline


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What would be run.

    Attributes:
        baseline: commit and name.
        plans: of each experiment.
        refused, skipped: the others.
        command: what would run them with more.
    """

    baseline: Mapping[str, str]
    plans: tuple[DryRun, ...]
    refused: tuple[Refused, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    command: str | None = None

    @property
    def status(self) -> Exit:
        """0 where anything would be run; else as a run of them would end, 2 or 1 where all are refused."""
        return Exit.DONE if self.plans else BatchReport(self.baseline, (), self.refused).status


def as_json(plan: BatchPlan) -> str:
    """One strict JSON object."""
    return strict_json(
        {
            "baseline": plan.baseline["commit"],
            "baseline_name": plan.baseline["name"],
            "experiments": [content(one) for one in plan.plans],
            **others(plan.refused, plan.skipped),
            "dry_run": True,
            "next": next_steps(_as_run(plan)),
        }
    )


def as_text(plan: BatchPlan) -> str:
    """For people."""
    count = plural(len(plan.plans), "experiment")
    end = refused_told(plan.refused) + (":" if plan.plans else "")
    lines = [f"would run {count} against {shown_baseline(plan.baseline)}{end}"]
    lines += [""] if plan.plans else []
    for one in plan.plans:
        changes = "; ".join(clean(change.summary) for change in one.check.judgement.changes)
        lines.append(f"  {one.experiment[:8]}  {shortened(changes, WIDEST)}")
        if one.verdict:
            lines += wrapped(f"in the ledger: {headline(one.verdict)}", " " * 12)
    if plan.plans:
        looks, runs = plan.plans[0].looks, plan.plans[0].baseline_runs
        lines += ["", f"  {looks[0]} to {looks[-1]} pairs each; the baseline has {runs} runs"]
    lines += ["", *left_out(plan.refused, plan.skipped)] if plan.refused or plan.skipped else []
    ways = next_steps(_as_run(plan))
    lines += ["", *helps(ways)] if ways else []
    return "\n".join([*lines, "", "nothing was run or written"])


# Private functions


def _as_run(plan: BatchPlan) -> BatchReport:
    """A report of what is refused, which has the ways out."""
    return BatchReport(plan.baseline, (), plan.refused, plan.skipped, command=plan.command)
