"""Experiments that were tried together: the pairs of each, and how it stands among all of them."""

from __future__ import annotations

from collections.abc import Mapping

from paribus.core.metrics import looked_up
from paribus.core.pairing import seeds_wired
from paribus.core.plan import Unit
from paribus.core.run import Run
from paribus.core.sample import Pair, Sample
from paribus.core.statistics.family import adjusted, sequential_p
from paribus.ledger.page import Page


def judged_pairs(page: Page, baseline: Page) -> tuple[tuple[Run, Run], ...]:
    """The runs of (baseline, experiment) that the last verdict rests on, in the order of their seeds.

    Empty without a verdict. A pair of which the ledger has lost a run is left out.
    """
    if not page.conclusions:
        return ()
    old, new = ({run.intent.id: run for run in side.runs} for side in (baseline, page))
    pairs = [
        (old[before], new[after])
        for before, after in page.conclusions[-1].pairs
        if before in old and after in new
    ]
    return tuple(sorted(pairs, key=lambda pair: pair[0].intent.index))


def values_of(run: Run, metric: str) -> float | None:
    """What a run measured; None where it has no such metric."""
    value = looked_up(run.metrics, metric)
    return value if isinstance(value, int | float) else None


def adjusted_among(pages: Mapping[str, Page], baseline: Page) -> dict[str, float | None]:
    """How surprising each experiment is, given that all of them were tried (Benjamini-Hochberg).

    Args:
        pages: of registered experiments against one baseline, by their ids.

    Returns:
        The adjusted value by the id; None for all where there is only one, and for those whose unit is
        the example, since the value is of seeds.
    """
    plain = {name: _p(page, baseline) for name, page in pages.items()}
    known = {name: p for name, p in plain.items() if p is not None}
    if len(plain) < 2:
        return dict.fromkeys(plain)
    return dict.fromkeys(plain) | dict(zip(known, adjusted(list(known.values())), strict=True))


# Private functions


def _p(page: Page, baseline: Page) -> float | None:
    assert page.registration is not None
    plan = page.registration.plan
    if plan.unit is Unit.EXAMPLE:
        return None
    if not page.conclusions or page.conclusions[-1].verdict.candidate_failures:
        return 1.0
    runs = judged_pairs(page, baseline)
    pairs = []
    for before, after in runs:
        old, new = values_of(before, plan.metric), values_of(after, plan.metric)
        if old is not None and new is not None:
            pairs.append(Pair(before.intent.index, old, new))
    wired = seeds_wired(before for before, _ in runs)
    return sequential_p(plan, Sample(tuple(pairs), len(pairs), seeds_wired=wired))
