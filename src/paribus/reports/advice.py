"""What `paribus status` proposes: the next commands, and what to try when a search has stalled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paribus.core.progress import State, needs
from paribus.core.statistics.stall import refresh_due
from paribus.reports.text import plural

if TYPE_CHECKING:
    from paribus.reports.status import Entry, StatusReport

RATES = {0.2: "one in five", 0.1: "one in ten", 0.05: "one in twenty"}
"""Promotion rates in words."""

MOST = 4
"""Next commands that are told: whoever is told ten does none."""

START = 'paribus run -S key=value -m "why it should help"'


@dataclass(frozen=True, slots=True)
class Step:
    """A command, or a line for `paribus.yaml`, and what it is good for."""

    command: str
    why: str

    def as_help(self) -> str:
        """As every report's `next` has it."""
        return f"{self.why}   {self.command}"


def next_steps(report: StatusReport) -> list[Step]:
    """The most useful commands, first what waits for an answer."""
    steps = [
        *_move_on(report),
        *_measure(report),
        *_promote(report),
        *_go_on(report),
        *_refresh(report),
        *(
            _again(one, f"goes on with {one.short}, which was interrupted")
            for one in report.in_state(State.INTERRUPTED)[:1]
        ),
        *(
            _again(one, f"runs {one.short}, which is planned, with 0 runs so far")
            for one in report.in_state(State.PLANNED)[:1]
        ),
        *(
            Step(f"paribus show {one.short}", "why it failed")
            for one in report.in_state(State.FAILED)[:1]
        ),
        *_noise(report),
    ]
    return (steps or [Step(START, "try one change")])[:MOST]


def to_try(report: StatusReport) -> list[Step]:
    """What to try when the search has stalled: what is technical first. Empty while it has not."""
    if report.progress.stall.below is None:
        return []
    return [
        *_refresh(report),
        *_gate(report),
        *_sensitivity(report),
        *_data(report),
        *_untried(report),
        Step(
            "paribus log --verdict no-difference",
            "question the metric: would a user have seen these?",
        ),
        *_take_stock(report),
    ]


# Private functions


def _move_on(report: StatusReport) -> list[Step]:
    if report.came_since is None:
        return []
    return [Step(f"git merge --ff-only {report.came_since}", "goes on from the newest baseline")]


def _measure(report: StatusReport) -> list[Step]:
    if report.mean is not None:
        return []
    return [Step("paribus baseline --measure", "the baseline's own noise, shared by all")]


def _promote(report: StatusReport) -> list[Step]:
    confirmed = [
        Step(f"paribus promote {one.short}", "it is confirmed: the next baseline")
        for one in report.in_state(State.CONFIRMED)
    ]
    if report.unconfirmed is not None and report.promoted is not None:
        confirmed.append(Step(f"paribus promote {report.promoted}", "confirms the baseline itself"))
    waiting = [
        Step(f"paribus promote {one.short}", "an improvement waits for confirmation")
        for one in sorted(report.in_state(State.UNCONFIRMED), key=_gain, reverse=True)
    ]
    waiting += [
        Step(f"paribus promote {one.short}", "it is not worse, as it was to show")
        for one in report.in_state(State.NONINFERIOR)
    ]
    return [*confirmed, *waiting][:2]


def _gain(entry: Entry) -> float:
    plan, verdict = entry.tried.registration.plan, entry.tried.verdict
    estimate = verdict.estimate if verdict and verdict.estimate is not None else 0.0
    return estimate if plan.higher_is_better else -estimate


def _go_on(report: StatusReport) -> list[Step]:
    """The undecided one that is nearest to a decision."""
    found = [
        (wanted.runs(report.runs), entry)
        for entry in report.in_state(State.UNDECIDED)
        if (wanted := needs(entry.tried)) is not None
    ]
    if not found:
        return []
    _, nearest = min(found, key=lambda pair: pair[0])
    return [_again(nearest, f"goes on with {nearest.short}")]


def _again(entry: Entry, why: str) -> Step:
    """What goes on with an experiment; where it is an edit that is gone, what it was."""
    if entry.command is not None:
        return Step(entry.command, why)
    return Step(f"paribus show {entry.short}", "the edit with which paribus run goes on")


def _refresh(report: StatusReport) -> list[Step]:
    row = report.progress.since_fresh
    if not refresh_due(row):
        return []
    return [Step("paribus baseline --fresh", f"new seeds: {row} failed against the same ones")]


def _noise(report: StatusReport) -> list[Step]:
    if report.noise is not None or report.mean is None or not report.progress.counts:
        return []
    return [Step("paribus noise", "where the spread comes from")]


def _gate(report: StatusReport) -> list[Step]:
    gap = report.gate_gap
    if gap is None:
        return []
    told = f"dev {gap.dev:+.2g}, gate {gap.gate:+.2g}: do gains on dev carry over?"
    return [Step(f"paribus show {gap.short}", told)]


def _sensitivity(report: StatusReport) -> list[Step]:
    """More pairs, another effect, or less noise, where the effect cannot be seen."""
    if report.detectable is None or report.detectable <= report.plan.effect:
        return []
    cap = report.plan.looks[-1]
    return [
        Step(
            f"looks: in paribus.yaml, beyond {cap}, or effect: {report.detectable:.2g}",
            f"{plural(cap, 'pair')} detect {report.detectable:.2g}, and {report.plan.effect:.2g} is sought",
        ),
        Step("paribus noise", "which part of the spread could be less"),
    ]


def _data(report: StatusReport) -> list[Step]:
    if report.learning is not None:
        return []
    if report.train_share:
        return [Step("paribus status --learning-curve", "would more data help")]
    return [
        Step(
            "train_share: in paribus.yaml, then paribus status --learning-curve",
            "would more data help",
        )
    ]


def _untried(report: StatusReport) -> list[Step]:
    tried = plural(sum(report.progress.counts.values()), "experiment")
    hints = {
        "data": "look at the wrong predictions",
        "code": "try another method",
        "param": "try other values",
        "pipeline": "try another step",
    }
    return [
        Step(
            'paribus run -m "why it should help"', f"no {kind} change among {tried}: {hints[kind]}"
        )
        for kind in report.progress.untried
    ]


def _take_stock(report: StatusReport) -> list[Step]:
    if report.time_box is None or report.weeks < report.time_box:
        return []
    return [Step("paribus log", "the time-box is over: take stock")]
