"""The report of `paribus run --dry-run`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from paribus.core.verdict import Verdict
from paribus.reports.changes import numbered
from paribus.reports.check import CheckReport
from paribus.reports.text import strict_json, wrapped
from paribus.reports.verdict import headline


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would be run.

    Attributes:
        check: the judgement.
        experiment: the id that it would have.
        looks: numbers of pairs to which it would run.
        baseline_runs: pairs that the baseline has already.
        verdict: what the ledger knows of it.
    """

    check: CheckReport
    experiment: str
    looks: tuple[int, ...]
    baseline_runs: int
    verdict: Verdict | None


def as_json(plan: DryRun) -> str:
    """One strict JSON object."""
    return strict_json(content(plan) | {"dry_run": True})


def content(plan: DryRun) -> dict[str, Any]:
    """What `as_json` tells."""
    judgement = plan.check.judgement
    return {
        "experiment": plan.experiment,
        "baseline": plan.check.baseline,
        "outcome": judgement.outcome.value,
        "changes": [change.as_json() for change in judgement.changes],
        "looks": list(plan.looks),
        "baseline_runs": plan.baseline_runs,
        "verdict": plan.verdict.as_json() if plan.verdict else None,
    }


def as_text(plan: DryRun) -> str:
    """For people."""
    first, last = plan.looks[0], plan.looks[-1]
    lines = [f"would run {plan.experiment[:8]}:", "", *numbered(plan.check.judgement.changes), ""]
    lines.append(
        f"  {min(first, last)} to {last} pairs; the baseline has {plan.baseline_runs} runs"
    )
    if plan.verdict is not None:
        lines += wrapped(f"the ledger has a verdict on it: {headline(plan.verdict)}", "  ")
    return "\n".join([*lines, "", "nothing was run or written"])
