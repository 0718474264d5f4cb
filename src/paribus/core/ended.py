"""How an experiment stands by its runs, for whoever lists it or shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from paribus.core.run import Purpose, Run, Status

FAILED = "failed"
RUNNING = "running"
STATUSES = ("judged", FAILED, RUNNING, "interrupted", "planned")
"""What `standing` may say."""


def not_made_up_for(runs: Iterable[Run]) -> list[Run]:
    """Runs that failed by themselves, were killed or took too long, of pairs without another that succeeded.

    Of several attempts at one pair the last. Only those that a verdict is about: a confirmation has an
    answer of its own.
    """
    judged = [run for run in runs if run.intent.purpose is Purpose.MEASURE]
    good = {run.intent.index for run in judged if run.succeeded}
    bad = {
        run.intent.index: run
        for run in judged
        if run.status in _FAILURES and run.intent.index not in good
    }
    return list(bad.values())


def standing(runs: Sequence[Run], *, judged: bool, running: bool) -> str:
    """Where an experiment stands, in one word.

    Args:
        runs: every run of the candidate, those too that never ended.
        judged: whether there is a verdict.
        running: whether a process works on it.
    """
    if running:
        return RUNNING
    if not_made_up_for(runs):
        return FAILED
    if judged:
        return "judged"
    return "interrupted" if runs else "planned"


# Private functions


_FAILURES = (Status.FAILED, Status.KILLED, Status.TIMED_OUT)
