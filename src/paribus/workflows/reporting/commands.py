"""What to type about an experiment, as its page offers it."""

from __future__ import annotations

from paribus.core.run import Run
from paribus.reports.run import RunReport, next_steps


def commands(report: RunReport) -> tuple[tuple[str, str], ...]:
    """Each (what for, command), the one that reproduces it first.

    Runs are made again by `paribus verify` where any succeeded; the others by what goes on with them.
    """
    steps = [step.partition("   ") for step in next_steps(report)]
    told = [(what.strip(), command.strip()) for what, _, command in steps]
    told = [each for each in told if each[1].startswith("paribus ")]
    return tuple(dict.fromkeys([*_again(report), *told, *_logs(report), *_branch(report)]))


# Private functions


def _again(report: RunReport) -> list[tuple[str, str]]:
    if any(run.succeeded for run in report.candidate_runs):
        return [("make its runs again, without caches", f"paribus verify {report.short}")]
    return [("run it again", report.command)] if report.command else []


def _logs(report: RunReport) -> list[tuple[str, str]]:
    last: Run | None = max(
        report.candidate_runs, key=lambda run: (not run.succeeded, run.intent.started), default=None
    )
    if last is None:
        return []
    what = "what its last run printed" if last.succeeded else "what a run that failed printed"
    return [(what, f"paribus logs {last.intent.id}")]


def _branch(report: RunReport) -> list[tuple[str, str]]:
    if not any(run.succeeded and run.ref for run in report.candidate_runs):
        return []
    return [("a branch of it, for a pull request", f"paribus branch {report.short}")]
