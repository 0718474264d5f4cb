"""The report of `paribus check`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from paribus.core.change import Change, Kind, NotCounted
from paribus.core.errors import Exit
from paribus.core.policy import Count, Judgement
from paribus.reports.text import clean, helps, plural, shortened, strict_json

SHOWN_NOT_COUNTED = 6


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a revision changes against its baseline.

    Attributes:
        baseline: full SHA; with its name, and how it was found.
        revision: full SHA, or None for the working tree; with its name.
        untracked: files of the working tree that are not part of what was judged.
        allowed: whether more than one change was let through.
    """

    baseline: str
    baseline_name: str
    baseline_reason: str
    revision: str | None
    revision_name: str
    judgement: Judgement
    untracked: tuple[str, ...] = ()
    allowed: bool = False

    @property
    def status(self) -> Exit:
        """The exit code: 1 for more than one change."""
        return Exit.RULE_BROKEN if self.judgement.outcome is Count.MANY else Exit.DONE


def as_json(report: CheckReport) -> str:
    """One strict JSON object."""
    judgement = report.judgement
    return strict_json(
        {
            "baseline": report.baseline,
            "baseline_name": report.baseline_name,
            "revision": report.revision,
            "outcome": judgement.outcome.value,
            "changes": [change.as_json() for change in judgement.changes],
            "not_counted": [item.as_json() for item in judgement.not_counted],
            "untracked": list(report.untracked),
            "next": _next(report),
        }
    )


def as_text(report: CheckReport) -> str:
    """For people: the answer first, then the evidence, then what to type next."""
    changes = report.judgement.changes
    against = f"against {_name(report)}"
    lines: list[str] = []
    if report.judgement.outcome is Count.MANY:
        count = plural(len(changes), "change")
        lines += [f"error[one-change]: {count} {against}; an experiment has one", ""]
        lines += [*numbered(changes), *not_counted(report.judgement.not_counted), ""]
        lines += [*refusal_helps(changes), "", f"{count}, 0 runs made"]
    elif report.judgement.outcome is Count.ONE:
        lines += [f"one change {against}", "", *numbered(changes)]
        lines += not_counted(report.judgement.not_counted)
        lines += ["", *helps(_next(report), "next")]
    else:
        lines += [f"no change {against}: nothing that can move a metric differs"]
        lines += not_counted(report.judgement.not_counted)
    if report.untracked:
        lines += ["", f"untracked, so not part of it: {_listed(report.untracked)}"]
    return "\n".join(lines)


def refusal_status(report: CheckReport) -> Exit:
    """The exit code of an experiment that is not run: 1 for many changes, 4 for a moved ruler."""
    many = report.judgement.outcome is Count.MANY and not report.allowed
    return Exit.RULE_BROKEN if many else Exit.UNDECIDED


def refusal_text(report: CheckReport) -> str:
    """Why an experiment is not run."""
    if report.judgement.outcome is Count.MANY and not report.allowed:
        return as_text(report)
    lines = [f"not comparable: the ruler changed against {_name(report)}", ""]
    lines += [*numbered(report.judgement.changes), ""]
    lines.append("a number on a new ruler is neither better nor worse; 0 runs made")
    lines += helps(["commit it, then measure anew   paribus baseline --measure"], "next")
    return "\n".join(lines)


def numbered(changes: Sequence[Change]) -> list[str]:
    """Every change with its number, its kind, `old -> new` and where it is."""
    width = max((len(change.kind.value) for change in changes), default=0)
    lines = []
    for number, change in enumerate(changes, 1):
        lines.append(f"  {number}  {change.kind.value.ljust(width)}  {clean(change.summary)}")
        indent = " " * (5 + width + 2)
        extra = "; numbers before and after are not comparable" if _on_ruler(change) else ""
        for part in change.single():
            lines.append(f"{indent}{clean(part.where)}{extra}")
    return lines


def not_counted(items: Sequence[NotCounted]) -> list[str]:
    """What was seen and is no change."""
    if not items:
        return []
    told = [f"{clean(item.file)} ({clean(item.reason)})" for item in items[:SHOWN_NOT_COUNTED]]
    more = len(items) - len(told)
    return ["", "not counted: " + ", ".join(told) + (f", and {more} more" if more else "")]


def refusal_helps(changes: Sequence[Change]) -> list[str]:
    """The ways out of a refusal, each a command where there is one."""
    ways: list[str] = []
    params = [change for change in changes if change.kind is Kind.PARAM and not change.parts]
    if params:
        ways.append(f"one experiment each       paribus run {override(params[0])}")
    else:
        ways.append("one experiment each       commit them on branches of their own")
    if any(_on_ruler(change) for change in changes):
        ways.append("change the ruler first    commit it alone, then paribus baseline --measure")
    ways.append('they belong together      paribus run --allow "why"   (recorded)')
    if len(params) > 1:
        ways.append("they always go together   list them under `coupled` in paribus.yaml")
    return helps(ways)


def override(change: Change) -> str:
    """A param change as the option that makes it: `-S train.C=0.3`."""
    key = ".".join(change.path)
    file = "" if change.file.rpartition("/")[2] == "params.yaml" else f"{change.file}:"
    value = change.summary.rsplit(" -> ", 1)[-1].removesuffix(" (type only)")
    plain = all(letter.isalnum() or letter in "._+-" for letter in value)
    text = f"{file}{key}={value}"
    return clean(f"-S {text}" if plain else f"-S '{text}'")


# Private functions


def _on_ruler(change: Change) -> bool:
    return any(part.kind is Kind.RULER for part in change.single())


def _name(report: CheckReport) -> str:
    short = report.baseline[:7]
    return short if report.baseline_name == short else f"{clean(report.baseline_name)} ({short})"


def _next(report: CheckReport) -> list[str]:
    if report.judgement.outcome is not Count.ONE:
        return []
    revision = f" {report.revision_name}" if report.revision else ""
    return [f'measure it   paribus run{revision} -m "why it should help"']


def _listed(paths: Sequence[str]) -> str:
    shown = ", ".join(shortened(clean(path), 60) for path in paths[:SHOWN_NOT_COUNTED])
    more = len(paths) - SHOWN_NOT_COUNTED
    return f"{shown}, and {more} more" if more > 0 else shown
