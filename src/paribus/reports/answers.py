"""What `paribus check` can answer: a judgement, one for each commit, or nothing to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from paribus.core.change import Change, Kind
from paribus.core.errors import Exit, Problem
from paribus.core.policy import Count
from paribus.reports import check
from paribus.reports.check import CheckReport
from paribus.reports.text import clean, helps, plural, shortened, strict_json

WIDTH = 72
"""Of a commit's subject."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing to compare with, so the rule holds.

    Attributes:
        reason: why, in words.
    """

    reason: str

    @property
    def status(self) -> Exit:
        """The exit code."""
        return Exit.DONE


@dataclass(frozen=True, slots=True)
class JudgedCommit:
    """One commit of a range against its parent.

    Attributes:
        subject: first line of its message, as its author wrote it.
        answer: a `Problem` where it cannot be judged.
    """

    sha: str
    subject: str
    answer: CheckReport | Nothing | Problem

    @property
    def word(self) -> str:
        """The outcome in a word."""
        if isinstance(self.answer, CheckReport):
            return self.answer.judgement.outcome.value
        return "?" if isinstance(self.answer, Problem) else Count.NONE.value

    @property
    def is_refused(self) -> bool:
        """Whether it breaks the rule."""
        return not isinstance(self.answer, Problem) and self.answer.status is Exit.RULE_BROKEN


@dataclass(frozen=True, slots=True)
class EachCommit:
    """The commits of a range, oldest first.

    Attributes:
        baseline: full SHA of the commit before them.
        revision: full SHA of the last.
    """

    baseline: str
    revision: str
    commits: tuple[JudgedCommit, ...]

    @property
    def status(self) -> Exit:
        """1 where a commit has several changes; else 2 where one cannot be judged."""
        if any(commit.is_refused for commit in self.commits):
            return Exit.RULE_BROKEN
        broken = any(isinstance(commit.answer, Problem) for commit in self.commits)
        return Exit.BAD_INPUT if broken else Exit.DONE


Answer = CheckReport | Nothing | EachCommit


@dataclass(frozen=True, slots=True)
class Finding:
    """A change, and whether it is one too many."""

    change: Change
    among: int
    refused: bool
    against: str

    @property
    def moves_ruler(self) -> bool:
        """Whether numbers before and after cannot be compared."""
        return any(part.kind is Kind.RULER for part in self.change.single())


def findings(answer: Answer) -> list[Finding]:
    """Every change, the most important first: refused ones, then those of the ruler."""
    found = [
        Finding(change, len(report.judgement.changes), report.status is Exit.RULE_BROKEN, report.baseline[:7])
        for report in reports(answer)
        for change in report.judgement.changes
    ]  # fmt: skip
    return sorted(found, key=lambda one: (not one.refused, not one.moves_ruler))


def reports(answer: Answer) -> Iterator[CheckReport]:
    """The judgements in an answer."""
    if isinstance(answer, CheckReport):
        yield answer
    elif isinstance(answer, EachCommit):
        yield from (c.answer for c in answer.commits if isinstance(c.answer, CheckReport))


def outcome(answer: Answer) -> Count:
    """One, none or many; of several commits, that of the worst."""
    found = {report.judgement.outcome for report in reports(answer)}
    return next((count for count in (Count.MANY, Count.ONE) if count in found), Count.NONE)


def as_text(answer: Answer, *, explain: bool = False) -> str:
    """For people; with the reasons for which changes were joined, if asked for."""
    if isinstance(answer, Nothing):
        return f"nothing to compare with: {clean(answer.reason)}"
    if isinstance(answer, CheckReport):
        return check.as_text(answer, explain=explain)
    return _each_as_text(answer, explain=explain)


def as_json(answer: Answer) -> str:
    """One strict JSON object."""
    return strict_json(_content(answer))


def headline(answer: EachCommit) -> str:
    """How many commits there are, and how many of them break the rule; nothing of what they say."""
    within = f"{answer.baseline[:7]}..{answer.revision[:7]}"
    count = plural(len(answer.commits), "commit")
    if refused := sum(commit.is_refused for commit in answer.commits):
        have = "has" if refused == 1 else "have"
        return f"{refused} of {count} {have} several changes ({within})"
    if broken := sum(isinstance(commit.answer, Problem) for commit in answer.commits):
        return f"{broken} of {count} cannot be judged ({within})"
    return f"{count}, none with several changes ({within})"


# Private functions


def _each_as_text(answer: EachCommit, *, explain: bool) -> str:
    refused = [commit for commit in answer.commits if commit.is_refused]
    broken = [commit for commit in answer.commits if isinstance(commit.answer, Problem)]
    first = f"{'error[one-change]: ' if refused else ''}{headline(answer)}"
    rows = [f"  {c.sha[:7]}  {c.word.ljust(4)}  {_subject(c)}{_remark(c)}" for c in answer.commits]
    lines = [first, *([""] if rows else []), *rows]
    for commit in (*refused, *broken):
        lines += ["", f"{commit.sha[:7]}  {_subject(commit)}", *_in_full(commit, explain=explain)]
    return "\n".join(lines)


def _remark(commit: JudgedCommit) -> str:
    answer = commit.answer
    if isinstance(answer, Nothing):
        return f" ({clean(answer.reason)})"
    allowed = isinstance(answer, CheckReport) and answer.allowed_because
    return f" (allowed: {clean(allowed)})" if allowed else ""


def _in_full(commit: JudgedCommit, *, explain: bool) -> list[str]:
    if isinstance(commit.answer, Problem):
        problem = commit.answer
        told = [clean(text) for text in problem.helps]
        return [f"error[{problem.code}]: {clean(problem.message)}", *helps(told)]
    return [as_text(commit.answer, explain=explain)]


def _subject(commit: JudgedCommit) -> str:
    return shortened(clean(commit.subject), WIDTH)


def _content(answer: Answer) -> dict[str, Any]:
    if isinstance(answer, CheckReport):
        return check.content(answer)
    if isinstance(answer, Nothing):
        return {
            "baseline": None,
            "revision": None,
            "outcome": Count.NONE.value,
            "changes": [],
            "reason": answer.reason,
            "next": [],
        }
    return {
        "baseline": answer.baseline,
        "revision": answer.revision,
        "outcome": outcome(answer).value,
        "commits": [_commit_content(commit) for commit in answer.commits],
        "next": [],
    }


def _commit_content(commit: JudgedCommit) -> dict[str, Any]:
    about: dict[str, Any] = {"commit": commit.sha, "subject": commit.subject}
    if isinstance(commit.answer, Problem):
        error = {"code": commit.answer.code, "message": commit.answer.message}
        return {**about, "outcome": None, "changes": [], "error": error}
    return {**about, **_content(commit.answer)}
