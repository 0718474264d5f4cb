"""What Git hooks say: a line when all is well, help when it is not."""

from __future__ import annotations

from collections.abc import Sequence

from paribus.core.errors import Problem
from paribus.core.policy import Count
from paribus.reports.answers import Answer, EachCommit, Nothing, as_text
from paribus.reports.changes import counted, not_counted, numbered, parts_of, warned
from paribus.reports.check import RULER_FIRST, CheckReport
from paribus.reports.text import clean, helps, shortened

ALLOW_VARIABLE = "PARIBUS_ALLOW"
"""At a pre-commit hook there is no message yet that could have a trailer."""
WIDTH = 200
"""Of a change in one line."""


def before_commit(answer: Answer, *, per_commit: bool = False) -> str:
    """For the pre-commit hook."""
    if not isinstance(answer, CheckReport):
        return f"paribus: {as_text(answer)}"
    if not answer.status:
        return "\n".join([f"paribus: {_passed(answer)}", *warned(answer.judgement.warnings)[1:]])
    if answer.judgement.moves_ruler:
        ways = [RULER_FIRST]
    else:
        apart = "git restore --staged FILE"
        where = apart if per_commit else f"{apart}, and commit it on a branch of its own"
        ways = [
            f"one experiment each    {where}",
            f'they belong together   {ALLOW_VARIABLE}="why" git commit   (recorded)',
        ]
    return "\n".join(_refusal(answer, "", ways))


def on_push(branch: str, answer: Answer) -> str:
    """For the pre-receive hook, about one branch and project."""
    name = clean(branch)
    if isinstance(answer, EachCommit):
        return f"{name}: {as_text(answer)}"
    if isinstance(answer, Nothing):
        return f"paribus: {name}: {as_text(answer)}"
    if not answer.status:
        return f"paribus: {name}: {_passed(answer)}"
    if answer.judgement.moves_ruler:
        ways = ["the ruler first   push its change alone, and measure the baseline on it"]
    else:
        ways = [
            "one experiment each    push them one by one",
            'they belong together   git commit --amend --trailer "Paribus-Allow: why"',
        ]
    return "\n".join(_refusal(answer, f"{name}: ", ways))


def skipped(branch: str, reason: str) -> str:
    """Why a branch was not judged."""
    return f"paribus: {clean(branch)}: {clean(reason)}"


def unjudged(branch: str, problem: Problem) -> str:
    """Why a branch cannot be judged."""
    told = [clean(text) for text in problem.helps]
    first = f"error[{problem.code}]: {clean(branch)}: {clean(problem.message)}"
    return "\n".join([first, *helps(told)])


def trailer(answer: Answer) -> str | None:
    """The one change in one line; None where there is no such thing."""
    if not isinstance(answer, CheckReport) or answer.judgement.outcome is not Count.ONE:
        return None
    return shortened(clean(parts_of(answer.judgement.changes[0])), WIDTH)


# Private functions


def _passed(answer: CheckReport) -> str:
    changes, against = answer.judgement.changes, f"against {_name(answer)}"
    if answer.allowed_because is not None:
        return f"{counted(changes)} {against}, allowed: {clean(answer.allowed_because)}"
    if not changes:
        return f"no change {against}"
    return f"one change {against}: {shortened(clean(parts_of(changes[0])), WIDTH)}"


def _refusal(answer: CheckReport, about: str, ways: Sequence[str]) -> list[str]:
    count = counted(answer.judgement.changes)
    return [
        f"error[one-change]: {about}{count} against {_name(answer)}; an experiment has one",
        "",
        *numbered(answer.judgement.changes),
        *not_counted(answer.judgement.not_counted),
        *warned(answer.judgement.warnings),
        "",
        *helps(ways),
    ]


def _name(answer: CheckReport) -> str:
    short = answer.baseline[:7]
    return short if answer.baseline_name == short else f"{clean(answer.baseline_name)} ({short})"
