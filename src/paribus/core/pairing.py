"""From runs to a sample: baseline and experiment, paired by seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from paribus.core.run import Purpose, Run, Status
from paribus.core.sample import Guarded, Pair, Sample
from paribus.core.timing import is_timing


def measured(
    runs: Iterable[Run], purpose: Purpose = Purpose.MEASURE, series: str = ""
) -> dict[int, Run]:
    """The run that counts for each pair: the earliest that succeeded, else the last attempt.

    The earliest, so that nobody can rerun a seed until they like it.
    """
    counting: dict[int, Run] = {}
    for run in sorted(runs, key=lambda run: run.intent.started):
        index = run.intent.index
        belongs = run.intent.purpose is purpose and run.intent.series == series
        if belongs and not _stands(counting.get(index)):
            counting[index] = run
    return counting


def within_sessions(
    baseline: Iterable[Run],
    candidate: Iterable[Run],
    purpose: Purpose = Purpose.MEASURE,
    series: str = "",
) -> dict[int, tuple[Run, Run]]:
    """Pairs whose two sides ended in one session, by their index; of several the earliest.

    Their differences hold whatever the machine does in other sessions. So they are kept: whoever
    could throw them away by starting anew could draw until they like what comes.
    """
    sides = [list(baseline), list(candidate)]
    sessions = {run.intent.session: run.intent.started for side in sides for run in reversed(side)}
    kept: dict[int, tuple[Run, Run]] = {}
    for session in sorted(sessions, key=sessions.__getitem__):
        old, new = (
            measured((run for run in side if run.intent.session == session), purpose, series)
            for side in sides
        )
        for index in sorted(old.keys() & new.keys()):
            if _is_settled(old[index]) and _is_settled(new[index]):
                kept.setdefault(index, (old[index], new[index]))
    return kept


def paired(
    baseline: Mapping[int, Run],
    candidate: Mapping[int, Run],
    metric: str,
    guards: Sequence[str] = (),
) -> Sample:
    """The sample of one metric from the runs that count on either side.

    Args:
        guards: further metrics of the same pairs.
    """
    both = sorted(baseline.keys() & candidate.keys())
    # A candidate that failed before its baseline was run failed all the same.
    alone = [
        index for index, run in candidate.items() if index not in baseline and _failed(run, metric)
    ]
    pairs = tuple(
        Pair(index, baseline[index].metrics[metric], candidate[index].metrics[metric])
        for index in both
        if _has(baseline[index], metric) and _has(candidate[index], metric)
    )
    return Sample(
        pairs,
        attempted=len(both) + len(alone),
        candidate_failures=len(alone)
        + sum(
            _has(baseline[index], metric) and _failed(candidate[index], metric) for index in both
        ),
        baseline_failures=sum(_failed(baseline[index], metric) for index in both),
        seeds_wired=seeds_wired(baseline.values()),
        candidate_wired=seeds_wired(candidate.values()),
        guards={name: _guarded(baseline, candidate, name, both) for name in guards},
    )


def other_examples(baseline: Mapping[int, Run], candidate: Mapping[int, Run]) -> tuple[int, ...]:
    """Pairs whose sides were measured on different evaluation sets, and so cannot be compared."""
    return tuple(
        index
        for index in sorted(baseline.keys() & candidate.keys())
        if baseline[index].succeeded
        and candidate[index].succeeded
        and baseline[index].evaluation != candidate[index].evaluation
    )


def seeds_wired(runs: Iterable[Run]) -> bool:
    """Whether other seeds give other numbers; true while fewer than two runs can tell."""
    results = [run.metrics for run in runs if run.succeeded]
    return len(results) < 2 or any(result != results[0] for result in results)


def controls_differing(baseline: Mapping[int, Run], controls: Iterable[Run]) -> tuple[int, int]:
    """How many same-seed reruns differ from the run that they repeat, of how many."""
    compared = [
        run.metrics != baseline[run.intent.index].metrics
        for run in controls
        if run.succeeded and run.intent.index in baseline and baseline[run.intent.index].succeeded
    ]
    return sum(compared), len(compared)


# Private functions


def _guarded(
    baseline: Mapping[int, Run], candidate: Mapping[int, Run], metric: str, both: Sequence[int]
) -> Guarded:
    pairs, missing, apart = [], [], []
    for index in both:
        old, new = baseline[index], candidate[index]
        if not (_has(old, metric) and new.succeeded):
            continue
        if not _has(new, metric):
            missing.append(index)
        elif is_timing(metric) and old.intent.session != new.intent.session:
            apart.append(index)
        else:
            pairs.append(Pair(index, old.metrics[metric], new.metrics[metric]))
    return Guarded(tuple(pairs), tuple(missing), tuple(apart))


def _is_settled(run: Run) -> bool:
    return run.status in (Status.SUCCEEDED, Status.FAILED)


def _stands(run: Run | None) -> bool:
    return run is not None and run.succeeded


def _has(run: Run, metric: str) -> bool:
    return run.succeeded and metric in run.metrics


def _failed(run: Run, metric: str) -> bool:
    """A run from when another metric was the primary one may have succeeded without this one."""
    return run.status is Status.FAILED or (run.succeeded and metric not in run.metrics)
