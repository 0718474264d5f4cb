"""The report of `paribus split`: each change of a confounded one by itself, and all of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from paribus.core.change import Change
from paribus.core.errors import Exit
from paribus.core.numbers import decimals, number
from paribus.core.statistics.interaction import Effect, Interaction
from paribus.reports.batch import BatchReport, answer, next_steps, table
from paribus.reports.batch import content as batch_content
from paribus.reports.changes import numbered
from paribus.reports.registration import shown_baseline
from paribus.reports.text import clean, helps, plural, strict_json, wrapped


@dataclass(frozen=True, slots=True)
class Left:
    """A change that is no experiment of its own.

    Attributes:
        number: as the judge numbers it, from 1.
        reason: in a line.
    """

    number: int
    change: Change
    reason: str


@dataclass(frozen=True, slots=True)
class SplitReport:
    """What came of each change, and of all together.

    Attributes:
        name: of what was split.
        batch: the single changes and, where it was run, the whole.
        whole: id of the experiment with all changes; None where it was not run.
        interaction: None without a whole.
        left: changes that were left out.
    """

    name: str
    batch: BatchReport
    whole: str | None
    interaction: Interaction | None
    left: tuple[Left, ...] = ()

    @property
    def status(self) -> Exit:
        """As of a batch."""
        return self.batch.status


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """What would be run.

    Attributes:
        name: of what is to be split.
        baseline: commit and name.
        changes: as the judge numbers them.
        experiments: ids, by the number of the change.
        whole: id of the experiment with all changes; None where it cannot be run.
        left: changes that are left out.
    """

    name: str
    baseline: Mapping[str, str]
    changes: tuple[Change, ...]
    experiments: Mapping[int, str]
    whole: str | None
    left: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True)
class Branched:
    """A branch with one commit: one change on the baseline; `new` unless it was there already."""

    number: int
    change: Change
    branch: str
    commit: str
    new: bool = True


@dataclass(frozen=True, slots=True)
class SplitBranches:
    """The branches that were made of something, and what was left out."""

    name: str
    baseline: Mapping[str, str]
    branches: tuple[Branched, ...]
    left: tuple[Left, ...] = ()


Told = SplitReport | SplitPlan | SplitBranches


def as_json(told: Told) -> str:
    """One strict JSON object."""
    content: dict[str, Any] = {"split": told.name, "left_out": list(map(_left_json, told.left))}
    if isinstance(told, SplitReport):
        found = None if told.interaction is None else _interaction_json(told.interaction)
        content |= {"whole": told.whole, "interaction": found} | batch_content(told.batch)
        return strict_json(content | {"next": _next(told)})
    content |= {"baseline": told.baseline["commit"], "baseline_name": told.baseline["name"]}
    if isinstance(told, SplitBranches):
        return strict_json(content | {"branches": list(map(_branch_json, told.branches))})
    experiments = [
        {"number": at, "experiment": name, "change": told.changes[at - 1].as_json()}
        for at, name in told.experiments.items()
    ]
    return strict_json(content | {"experiments": experiments, "whole": told.whole, "dry_run": True})


def as_text(told: Told) -> str:
    """For people."""
    if isinstance(told, SplitReport):
        return _report_text(told)
    return _plan_text(told) if isinstance(told, SplitPlan) else _branches_text(told)


# Private functions


def _report_text(report: SplitReport) -> str:
    first = f"{clean(report.name)}, split: {answer(report.batch)}{_left_told(report.left)}"
    lines = [first, *table(report.batch)]
    if report.interaction is not None:
        lines += ["", *_interaction_text(report.interaction)]
    elif report.left:
        told = (
            "the whole is not run: it has changes that are left out, so there is nothing to add up"
        )
        lines += ["", *wrapped(told)]
    lines += _left_text(report.left)
    return "\n".join([*lines, "", *helps(_next(report), "next")])


def _plan_text(plan: SplitPlan) -> str:
    count = plural(len(plan.experiments) + (plan.whole is not None), "experiment")
    lines = [
        f"would split {clean(plan.name)} into {count} against {shown_baseline(plan.baseline)}"
        f"{_left_told(plan.left)}:"
    ]
    lines += ["", *numbered(plan.changes), ""]
    lines += [f"  {at}  alone         {name[:8]}" for at, name in plan.experiments.items()]
    if plan.whole is not None:
        lines.append(f"     all together  {plan.whole[:8]}")
    lines += _left_text(plan.left)
    return "\n".join([*lines, "", "nothing was run or written"])


def _branches_text(told: SplitBranches) -> str:
    count = "branch" if len(told.branches) == 1 else "branches"
    lines = [
        f"{clean(told.name)}, split into {len(told.branches)} {count} "
        f"on {shown_baseline(told.baseline)}{_left_told(told.left)}",
        "",
    ]
    width = max(len(each.branch) for each in told.branches)
    for each in told.branches:
        there = "" if each.new else " (was there already)"
        lines.append(f"  {each.branch.ljust(width)}  {each.commit[:7]}{there}")
        lines += wrapped(clean(each.change.summary), " " * 6)
    lines += _left_text(told.left)
    first = told.branches[0].branch
    lines += ["", "nothing was run or checked out"]
    return "\n".join([*lines, *helps([f"measure one   paribus run {first}"], "next")])


def _interaction_text(found: Interaction) -> list[str]:
    """The answer in a line, then the evidence."""
    alone = " ".join(_shown(effect) for effect in found.singles.values())
    if not found.n:
        return wrapped(f"interaction: ?; {clean(found.reasons[0])}")
    told = (
        f"together {_shown(found.whole)}, one by one {alone}, "
        f"interaction {_shown(found.interaction, interval=True)}"
    )
    reasons = [line for reason in found.reasons for line in wrapped(clean(reason), "  ")]
    return [*wrapped(told), *reasons]


def _shown(effect: Effect, *, interval: bool = False) -> str:
    if effect.estimate is None:
        return "?"
    if effect.low is None or effect.high is None:
        return f"{effect.estimate:+.3g}"
    digits = decimals((effect.high - effect.low) / 2)
    ends = ", ".join(number(end, digits, sign=True) for end in (effect.low, effect.high))
    told = number(effect.estimate, digits, sign=True)
    return f"{told} [{ends}]" if interval else told


def _left_text(left: Sequence[Left]) -> list[str]:
    if not left:
        return []
    lines = [""]
    for one in left:
        lines += wrapped(f"left out  {one.number}  {clean(one.change.summary)}", hang=13)
        lines += wrapped(clean(one.reason), " " * 13, hang=0)
    return lines


def _left_told(left: Sequence[Left]) -> str:
    return f"; {len(left)} left out" if left else ""


def _next(report: SplitReport) -> list[str]:
    return next_steps(report.batch)


def _left_json(left: Left) -> dict[str, Any]:
    return {"number": left.number, "reason": left.reason, "change": left.change.as_json()}


def _branch_json(each: Branched) -> dict[str, Any]:
    return {
        "number": each.number,
        "branch": each.branch,
        "commit": each.commit,
        "made": each.new,
        "change": each.change.as_json(),
    }


def _interaction_json(found: Interaction) -> dict[str, Any]:
    return {
        "singles": {name: asdict(effect) for name, effect in found.singles.items()},
        "whole": asdict(found.whole),
        "interaction": asdict(found.interaction),
        "n": found.n,
        "reasons": list(found.reasons),
    }
