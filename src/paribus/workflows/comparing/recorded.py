"""What the ledger measured of an experiment: means over its runs, and differences from pair to pair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean

from paribus.core.run import Purpose, Run
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.workflows.comparing.means import Measured


def measured(notebook: Notebook, page: Page) -> Measured:
    """An experiment's runs: those that its last verdict is of, else all that measured it.

    One lucky run is no result: runs of a confirmation, controls and reruns are other questions.
    """
    assert page.registration is not None
    own = [run for run in page.runs if run.succeeded and run.intent.purpose is Purpose.MEASURE]
    pairs = page.conclusions[-1].pairs if page.conclusions else ()
    by_id = {run.intent.id: run for run in page.runs if run.succeeded}
    baseline = {}
    if own:
        against = notebook.baseline(str(page.registration.baseline["key"]))
        baseline = {run.intent.id: run for run in against.runs if run.succeeded}
    matched = [
        (baseline[old], by_id[new]) for old, new in pairs if old in baseline and new in by_id
    ]
    if not matched:
        matched = list(_by_seed(own, baseline.values()))
    used = [by_id[new] for _, new in pairs if new in by_id] or own
    return replace(mean_of(used), paired=_paired(matched), against=tuple(old for old, _ in matched))


def mean_of(runs: Iterable[Run]) -> Measured:
    """Runs as one, each counted once."""
    once_each = {run.intent.id: run for run in runs}
    return Measured(_means([run.metrics for run in once_each.values()]), len(once_each))


def once(run: Run) -> Measured:
    """A single run."""
    return Measured(dict(run.metrics), 1)


# Private functions


def _by_seed(own: Sequence[Run], baseline: Iterable[Run]) -> Iterable[tuple[Run, Run]]:
    """Each run with the baseline's of the same seeds."""
    others = [run for run in baseline if run.intent.purpose is Purpose.MEASURE]
    for run in own:
        for other in others:
            if other.intent.seeds == run.intent.seeds:
                yield other, run
                break


def _paired(pairs: Sequence[tuple[Run, Run]]) -> dict[str, float]:
    if not pairs:
        return {}
    shared = set.intersection(*(set(old.metrics) & set(new.metrics) for old, new in pairs))
    return {
        name: fmean(new.metrics[name] - old.metrics[name] for old, new in pairs)
        for name in pairs[0][1].metrics
        if name in shared
    }


def _means(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    if not runs:
        return {}
    shared = set.intersection(*map(set, runs))
    return {name: fmean(run[name] for run in runs) for name in runs[0] if name in shared}
