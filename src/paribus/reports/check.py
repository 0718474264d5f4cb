"""The report of `paribus check`."""

from __future__ import annotations

import json
import posixpath
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from paribus.core.change import Change, Kind
from paribus.core.errors import Exit
from paribus.core.pipeline import DEFAULT_PARAMS
from paribus.core.policy import Count, Judgement
from paribus.core.values import MISSING, dotted, spelled
from paribus.reports.changes import (
    SHOWN_NOT_COUNTED,
    counted,
    explained,
    not_counted,
    numbered,
    warned,
)
from paribus.reports.text import clean, helps, shortened, strict_json


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a revision changes against its baseline.

    Attributes:
        baseline: full SHA; with its name, and how it was found.
        given: whether the caller named the baseline.
        revision: full SHA, or None for the working tree and for overrides; with its name.
        overridden: whether params were set on the command line.
        untracked: files of the working tree that are not part of what was judged.
        allowed: whether more than one change was let through.
        allowed_because: the reason that a commit of the revision gives for it; None where none does.
        project: folder of the DVC project from the top of the repository.
        metric: the primary metric's name, where there is one.
    """

    baseline: str
    baseline_name: str
    given: bool
    revision: str | None
    revision_name: str
    overridden: bool
    judgement: Judgement
    untracked: tuple[str, ...] = ()
    allowed: bool = False
    allowed_because: str | None = None
    project: str = ""
    metric: str | None = None

    @property
    def status(self) -> Exit:
        """The exit code: 1 for more than one change, unless a reason was given for them."""
        many = self.judgement.outcome is Count.MANY and self.allowed_because is None
        return Exit.RULE_BROKEN if many else Exit.DONE


def as_json(report: CheckReport) -> str:
    """One strict JSON object."""
    return strict_json(content(report))


def content(report: CheckReport) -> dict[str, Any]:
    """What `as_json` tells."""
    judgement = report.judgement
    return {
        "baseline": report.baseline,
        "baseline_name": report.baseline_name,
        "revision": report.revision,
        "outcome": judgement.outcome.value,
        "changes": [change.as_json() for change in judgement.changes],
        "not_counted": [item.as_json() for item in judgement.not_counted],
        "warnings": [item.as_json() for item in judgement.warnings],
        "joined": [tie.as_json() for tie in judgement.ties],
        "untracked": list(report.untracked),
        "next": _next(report),
        **({"allowed": report.allowed_because} if report.allowed_because is not None else {}),
    }


def as_text(report: CheckReport, *, explain: bool = False) -> str:
    """For people: the answer first, then the evidence, then what to type next."""
    judgement, against = report.judgement, f"against {_name(report)}"
    count = counted(judgement.changes)
    refused = judgement.outcome is Count.MANY and report.allowed_because is None
    lines = [_answer(report, count, against)]
    if report.allowed_because is not None:
        lines.append(f"allowed: {clean(report.allowed_because)}")
    if judgement.changes:
        lines += ["", *numbered(judgement.changes)]
    lines += not_counted(judgement.not_counted, every=explain)
    lines += warned(judgement.warnings)
    if explain:
        lines += explained(judgement)
    if refused:
        lines += ["", *helps(_ways_out(report)), "", f"{count}, 0 runs made"]
    elif judgement.outcome is Count.ONE:
        lines += ["", *helps(_next(report), "next")]
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
    return "\n".join([*lines, *helps([RULER_FIRST], "next")])


def override(change: Change, project: str) -> str:
    """A param change as the option that makes it, safe to paste: `-S train.C=0.3`.

    Args:
        project: folder of the DVC project, from which the option names files.
    """
    file = posixpath.relpath(change.file, project or ".")
    name = "" if file == DEFAULT_PARAMS else f"{file}:"
    value = spelled(change.new)
    if "," in value and value == change.new:  # bare, it would be several values
        value = json.dumps(value, ensure_ascii=False)
    return f"-S {shlex.quote(clean(f'{name}{dotted(change.path)}={value}'))}"


# Private functions


RULER_FIRST = "commit the ruler alone, then measure anew   paribus baseline --measure"


def _answer(report: CheckReport, count: str, against: str) -> str:
    """The first line, which stands alone in a log."""
    if report.judgement.outcome is Count.NONE:
        return f"no change {against}: nothing that can move a metric differs"
    if report.judgement.outcome is Count.ONE:
        return f"one change {against}"
    if report.allowed_because is not None:
        return f"{count} {against}"
    return f"error[one-change]: {count} {against}; an experiment has one"


def _ways_out(report: CheckReport) -> list[str]:
    """The ways out of a refusal, each a command where there is one."""
    changes = report.judgement.changes
    params = [change for change in changes if change.kind is Kind.PARAM and not change.parts]
    ways = [_one_each(report, params)]
    if any(map(_on_ruler, changes)):
        ways.append(RULER_FIRST)
    else:
        again = "the same command, with" if report.overridden else _run(report)
        ways.append(f'they belong together   {again} --allow "why"   (recorded)')
    if len(params) > 1:
        ways.append("they always go together   list them under `coupled` in paribus.yaml")
    return ways


def _one_each(report: CheckReport, params: Sequence[Change]) -> str:
    """How each change becomes an experiment of its own."""
    settable = [change for change in params if MISSING not in (change.old, change.new)]
    if report.overridden and settable:
        # On top of the baseline: the working tree, or the revision, has the other changes too.
        onto = shlex.quote(clean(report.baseline_name))
        option = override(settable[0], report.project)
        return f"one experiment each   paribus run {onto} {option}{_against(report)}"
    if report.overridden:
        return "one experiment each   commit them on branches of their own"
    never = {Kind.RULER, Kind.ENVIRONMENT}
    if all(never & {part.kind for part in change.single()} for change in report.judgement.changes):
        return f"one commit each   {_command('split --branches', report)}"
    return f"one experiment each   {_command('split', report)}"


def _run(report: CheckReport) -> str:
    """The command that runs what was judged."""
    return _command("run", report)


def _command(name: str, report: CheckReport) -> str:
    revision = f" {shlex.quote(clean(report.revision_name))}" if report.revision else ""
    return f"paribus {name}{revision}{_against(report)}"


def _against(report: CheckReport) -> str:
    return f" --baseline {shlex.quote(clean(report.baseline_name))}" if report.given else ""


def _on_ruler(change: Change) -> bool:
    return any(part.kind is Kind.RULER for part in change.single())


def _name(report: CheckReport) -> str:
    short = report.baseline[:7]
    return short if report.baseline_name == short else f"{clean(report.baseline_name)} ({short})"


def _next(report: CheckReport) -> list[str]:
    judgement = report.judgement
    if judgement.outcome is Count.MANY and report.allowed_because is None:
        return _ways_out(report)
    if judgement.moves_ruler:
        return [RULER_FIRST]
    if judgement.outcome is not Count.ONE:
        return []
    if any(part.kind is Kind.ENVIRONMENT for part in judgement.changes[0].single()):
        return ["measure the baseline in the new environment   paribus baseline --measure"]
    return [f'measure it   {_run(report)} -m "why it should help"']


def _listed(paths: Sequence[str]) -> str:
    shown = ", ".join(shortened(clean(path), 60) for path in paths[:SHOWN_NOT_COUNTED])
    more = len(paths) - SHOWN_NOT_COUNTED
    return f"{shown}, and {more} more" if more > 0 else shown
