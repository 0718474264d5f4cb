"""Which runs were cut off, and wait to be made again."""

from __future__ import annotations

from collections.abc import Iterable

from paribus.core.run import Purpose, Run, Status

_SCREENING = frozenset({Purpose.MEASURE, Purpose.CONTROL})


def cut_off(runs: Iterable[Run], *, failed: bool) -> list[Run]:
    """The last run of each pair that was ended from outside, and that nothing has made up for.

    Args:
        runs: those too that have no end, as interrupted.
        failed: whether those count, too, that failed by themselves.
    """
    return [
        run
        for run in last_attempts(runs)
        if run.status.from_outside or (failed and run.status is Status.FAILED)
    ]


def last_attempts(runs: Iterable[Run]) -> list[Run]:
    """For each pair the run that succeeded, or else the last attempt."""
    last: dict[tuple[int, Purpose, str], Run] = {}
    for run in sorted(runs, key=lambda run: run.intent.started):
        place = (run.intent.index, run.intent.purpose, run.intent.series)
        known = last.get(place)
        if run.intent.purpose in _SCREENING and not (known and known.succeeded):
            last[place] = run
    return list(last.values())


def is_cut_off(runs: Iterable[Run], *, judged: bool) -> bool:
    """Whether an experiment ended before its verdict, and no failure of its own is why.

    Args:
        runs: those that ended.
        judged: whether it has a verdict.
    """
    return not judged and all(run.status is not Status.FAILED for run in runs)
