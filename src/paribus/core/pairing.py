"""From runs to a sample: baseline and experiment, paired by seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from paribus.core.run import Purpose, Run, Status
from paribus.core.sample import Pair, Sample


def measured(runs: Iterable[Run]) -> dict[int, Run]:
    """The run that counts for each pair: the earliest that succeeded, else the last attempt.

    The earliest, so that nobody can rerun a seed until they like it.
    """
    counting: dict[int, Run] = {}
    for run in sorted(runs, key=lambda run: run.intent.started):
        index = run.intent.index
        if run.intent.purpose is Purpose.MEASURE and not _stands(counting.get(index)):
            counting[index] = run
    return counting


def paired(baseline: Mapping[int, Run], candidate: Mapping[int, Run], metric: str) -> Sample:
    """The sample of one metric from the runs that count on either side."""
    both = sorted(baseline.keys() & candidate.keys())
    pairs = tuple(
        Pair(index, baseline[index].metrics[metric], candidate[index].metrics[metric])
        for index in both
        if _has(baseline[index], metric) and _has(candidate[index], metric)
    )
    return Sample(
        pairs,
        attempted=len(both),
        candidate_failures=sum(
            _has(baseline[index], metric) and _failed(candidate[index], metric) for index in both
        ),
        baseline_failures=sum(_failed(baseline[index], metric) for index in both),
        seeds_wired=seeds_wired(baseline.values()),
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


def _stands(run: Run | None) -> bool:
    return run is not None and run.succeeded


def _has(run: Run, metric: str) -> bool:
    return run.succeeded and metric in run.metrics


def _failed(run: Run, metric: str) -> bool:
    """A run from when another metric was the primary one may have succeeded without this one."""
    return run.status is Status.FAILED or (run.succeeded and metric not in run.metrics)
