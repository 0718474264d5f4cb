"""The report of `paribus status`: where the project stands, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from paribus.core.clauses import Budget
from paribus.core.plan import Plan
from paribus.core.progress import Progress, State, Tried, needs
from paribus.core.statistics.planning import PairedSpread
from paribus.core.statistics.variance import Noise, Part
from paribus.core.verdict import Replay
from paribus.reports.advice import next_steps, to_try
from paribus.reports.learning import LearningReport
from paribus.reports.learning import content as curve_json
from paribus.reports.pairs import spread_json
from paribus.reports.text import strict_json


@dataclass(frozen=True, slots=True)
class Entry:
    """An experiment as it is told.

    Attributes:
        short: its id as it is shown.
        command: what goes on with it; None where only whoever started it can tell.
    """

    tried: Tried
    short: str
    command: str | None


@dataclass(frozen=True, slots=True)
class GateGap:
    """What the development set and the locked one said of the same candidate.

    Attributes:
        short: the experiment's id as it is shown.
        dev, gate: mean of candidate minus baseline on either.
    """

    short: str
    dev: float
    gate: float


@dataclass(frozen=True, slots=True)
class StatusReport:
    """A project since its baseline.

    Attributes:
        commit, name: the baseline's.
        days: age of its tag, or of its commit.
        unconfirmed: why it was promoted without a confirmation; None where it was not.
        promoted: the experiment that it came from, as it is shown; None where none is known.
        came_since: the name of a later baseline; None where this is the latest.
        plan: how the next experiment would be judged.
        effect_is_default: whether nobody declared the effect, so that it is the baseline's own spread.
        runs: of the baseline, that count.
        mean, sd: of the metric over them; None where there are too few.
        entries: experiments against it, the earliest first.
        progress: what became of them.
        superseded: experiments against other baselines.
        unreadable: paths of records that this version cannot read.
        detectable: the difference that the plan's cap detects with 80 % power; None where unknown.
        spread: of a paired difference, which tells it; None where the baseline's runs are its guess.
        noise: where the spread comes from; None where it was not measured.
        replay: false alarms among the baseline's own runs; None below ten of them.
        gate_gap: of the last confirmation that asked the locked set; None where none did.
        train_share: whether a param is declared that a learning curve can vary.
        budget, spent: what may be spent, and runs and hours that were; None where nothing is declared.
        time_box, weeks: weeks that were given, and that have passed; None likewise.
        learning: the last learning curve; None where there is none.
    """

    commit: str
    name: str
    days: int
    unconfirmed: str | None
    promoted: str | None
    came_since: str | None
    plan: Plan
    effect_is_default: bool
    runs: int
    mean: float | None
    sd: float | None
    entries: tuple[Entry, ...]
    progress: Progress
    superseded: int = 0
    unreadable: tuple[str, ...] = ()
    detectable: float | None = None
    spread: PairedSpread | None = None
    noise: Noise | None = None
    replay: Replay | None = None
    gate_gap: GateGap | None = None
    train_share: bool = False
    budget: Budget | None = None
    spent: tuple[int, float] = (0, 0.0)
    time_box: float | None = None
    weeks: float = 0.0
    learning: LearningReport | None = None

    def in_state(self, state: State) -> list[Entry]:
        """The experiments that stand so, the latest first."""
        return [entry for entry in reversed(self.entries) if entry.tried.state is state]


def as_json(report: StatusReport) -> str:
    """One strict JSON object."""
    plan, stalled = report.plan, report.progress.stall
    return strict_json(
        {
            "baseline": report.commit,
            "name": report.name,
            "age_days": report.days,
            "unconfirmed": report.unconfirmed,
            "came_since": report.came_since,
            "metric": plan.metric,
            "direction": "higher" if plan.higher_is_better else "lower",
            "effect": plan.effect,
            "effect_is_default": report.effect_is_default,
            "n": report.runs,
            "mean": report.mean,
            "sd": report.sd,
            "experiments": {state.value: count for state, count in report.progress.counts.items()},
            "superseded": report.superseded,
            "undecided": [
                _undecided_json(entry, report.runs) for entry in report.in_state(State.UNDECIDED)
            ],
            "noise": None if report.noise is None else [_part_json(p) for p in report.noise.parts],
            "detectable": report.detectable,
            "pairs": plan.looks[-1],
            "spread": spread_json(report.spread),
            "replay": None if report.replay is None else report.replay.as_json(),
            "stall": {
                "stalled": stalled.below is not None,
                "row": report.progress.row,
                "powered": report.progress.powered,
                "rate_below": stalled.below,
                "next_rate": stalled.next_rate,
                "missing": stalled.missing,
                "since_fresh_seeds": report.progress.since_fresh,
                "untried": [kind.value for kind in report.progress.untried],
                "try": [step.as_help() for step in to_try(report)],
            },
            "budget": None if report.budget is None else _budget_json(report.budget, report.spent),
            "time_box": None if report.time_box is None else _box_json(report),
            "learning_curve": None if report.learning is None else curve_json(report.learning),
            "unreadable": list(report.unreadable),
            "next": [step.as_help() for step in next_steps(report)],
        }
    )


# Private functions


def _undecided_json(entry: Entry, baseline_runs: int) -> dict[str, Any]:
    tried, wanted = entry.tried, needs(entry.tried)
    verdict = tried.verdict
    return {
        "experiment": tried.registration.id,
        "change": tried.registration.summary,
        "pairs": wanted.pairs if wanted else len(tried.differences),
        "cap": tried.registration.plan.looks[-1],
        "estimate": verdict.estimate if verdict else None,
        "low": verdict.low if verdict else None,
        "high": verdict.high if verdict else None,
        "next_look": wanted.next_look if wanted else None,
        "detecting": wanted.detecting if wanted else None,
        "target": wanted.target if wanted else None,
        "runs": wanted.runs(baseline_runs) if wanted else None,
        "command": entry.command,
    }


def _part_json(part: Part) -> dict[str, Any]:
    return {
        "source": part.source.value,
        "name": part.name,
        "share": part.share,
        "low": part.low,
        "high": part.high,
        "n": part.n,
        "within": list(part.within),
    }


def _budget_json(budget: Budget, spent: Sequence[float]) -> dict[str, Any]:
    runs, hours = spent
    return {
        "amount": budget.amount,
        "unit": budget.unit,
        "runs": runs,
        "hours": hours,
    }


def _box_json(report: StatusReport) -> dict[str, Any]:
    return {"weeks": report.time_box, "passed": report.weeks}
