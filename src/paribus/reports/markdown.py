"""The answer of a check as Markdown: text of the repository is shown in code spans, where nothing acts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from paribus.core.change import Change
from paribus.core.errors import Problem
from paribus.reports.answers import Answer, EachCommit, JudgedCommit, Nothing, headline, reports
from paribus.reports.changes import counted, parts_of
from paribus.reports.check import CheckReport
from paribus.reports.text import clean, plural, shortened

SHOWN = 50
"""Changes, and commits: a summary has a limit of its own, and a reader an earlier one."""
PARTS = 5
WIDTH = 200
LINKS = (
    ("@", "@\u200b"),
    ("://", ":\u200b//"),
    ("www.", "www\u200b."),
    ("#", "#\u200b"),
    ("GH-", "GH\u200b-"),
)
MARKUP = "\\`*_{}[]<>()#!|~&$"


def code(text: str) -> str:
    """Text as code, in which Markdown, HTML, links, mentions and references stay what they are.

    The fence is longer than any run of backticks inside, and blanks keep those apart from it.
    """
    shown = shortened(clean(text), WIDTH) or " "
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    fence = "`" * (longest + 1)
    return f"{fence}{pad}{shown}{pad}{fence}"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is: no markup, no link, no mention; for cells of tables."""
    shown = "".join(f"\\{letter}" if letter in MARKUP else letter for letter in clean(text))
    return _unlinked(shown)


def summary_line(text: str) -> str:
    """Text as the title of a fold: HTML, in which Markdown does not act, and GitHub's links would."""
    shown = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _unlinked(shown)


def summary(answer: Answer) -> str:
    """The summary of a CI job."""
    lines = [f"### Paribus: {_title(answer)}", ""]
    if isinstance(answer, Nothing):
        lines.append(code(answer.reason))
    if isinstance(answer, EachCommit):
        lines += [_row(commit) for commit in answer.commits[:SHOWN]]
        lines += _more(len(answer.commits), "commit")
    for report in reports(answer):
        if isinstance(answer, EachCommit) and not report.status:
            continue
        lines += _changes(report, titled=isinstance(answer, EachCommit))
    return "\n".join(lines).rstrip() + "\n"


def problem_summary(problem: Problem) -> str:
    """That something cannot be judged."""
    lines = [f"### Paribus: cannot be judged ({problem.code})", "", code(problem.message)]
    return "\n".join([*lines, *(f"- {code(text)}" for text in problem.helps)]) + "\n"


def listed(changes: Sequence[Change]) -> list[str]:
    """Changes with their numbers, kinds and places; of many the first."""
    lines = [_change(number, change) for number, change in enumerate(changes[:SHOWN], 1)]
    return lines + _more(len(changes), "change")


# Private functions


def _unlinked(text: str) -> str:
    """Without mentions, addresses and references to issues, which are found in what was rendered."""
    for start, cut in LINKS:
        text = text.replace(start, cut)
    return text


def _title(answer: Answer) -> str:
    """No name out of the repository is in it: a heading is the first line of an e-mail."""
    if isinstance(answer, CheckReport):
        count = counted(answer.judgement.changes)
        told = "allowed" if answer.allowed_because is not None else "an experiment has one"
        many = f"{count}, {told}"
        words = {"one": "one change", "none": "no change", "many": many}
        return words[answer.judgement.outcome.value]
    return headline(answer) if isinstance(answer, EachCommit) else "nothing to compare with"


def _row(commit: JudgedCommit) -> str:
    return f"- {code(commit.sha[:7])} **{commit.word}** {code(commit.subject)}"


def _changes(report: CheckReport, *, titled: bool) -> list[str]:
    changes = report.judgement.changes
    lines = [f"against {code(report.baseline_name)} ({report.baseline[:7]})", ""]
    if titled:
        revision = code((report.revision or "")[:7])
        lines = ["", f"#### {revision}: {plural(len(changes), 'change')}", ""]
    if report.allowed_because is not None:
        lines += [f"allowed: {code(report.allowed_because)}", ""]
    lines += listed(changes)
    warnings = report.judgement.warnings[:SHOWN]
    return [*lines, "", *(f"- **warning** {code(each.message)}" for each in warnings)]


def _change(number: int, change: Change) -> str:
    where = ", ".join(code(part.where) for part in change.single()[:PARTS])
    return f"{number}. **{change.kind.value}** {code(parts_of(change))} in {where}"


def _more(count: int, word: str) -> list[str]:
    return ["", f"and {plural(count - SHOWN, f'more {word}')}"] if count > SHOWN else []
