"""How many pairs an effect needs against a baseline, by what its runs and its experiments showed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import fmean

from paribus.core.looks import level
from paribus.core.planning import detectable_at_looks, paired_sd, pairs_needed
from paribus.core.run import Run
from paribus.ledger.notebook import Notebook, Page
from paribus.reports.noise import Correlation, Effect, Planned
from paribus.workflows.subjects import Ground

FEWEST = 3
"""Degrees of freedom below which no correlation is told."""


def effect_of_interest(ground: Ground, given: float | None, sd: float | None) -> Effect | None:
    """The difference to plan for: given, declared, or one standard deviation; None without any."""
    if given is not None:
        return Effect(given, "given")
    if ground.protocol.effect is not None:
        return Effect(ground.protocol.effect, "declared")
    return Effect(sd, "default") if sd else None


def planned(
    notebook: Notebook, ground: Ground, sd: float | None, effect: Effect | None
) -> tuple[Planned, ...]:
    """For sides without correlation, and with the one that was measured; none without a spread.

    Args:
        sd: standard deviation of one run; None when unknown.
    """
    looks = ground.protocol.looks
    plans: list[Planned] = []
    for known in (None, correlation(notebook, ground)):
        of_pair = paired_sd(sd or 0.0, known.value if known else 0.0)
        if of_pair and (known or not plans):
            needed = None if effect is None else pairs_needed(of_pair, effect.size, level(looks))
            plans.append(Planned(known, detectable_at_looks(of_pair, looks), needed))
    return tuple(plans)


def correlation(notebook: Notebook, ground: Ground) -> Correlation | None:
    """Of the two sides of a pair, pooled within the experiments against this baseline.

    Those that reproduced the baseline to the last digit are left out: they changed nothing. None
    with fewer than three degrees of freedom.
    """
    known = {run.intent.id: run for run in notebook.baseline(ground.key).runs}
    tried = [
        pairs
        for page in notebook.experiments()
        if (pairs := _pairs(page, ground, known)) and any(x != y for x, y in pairs)
    ]
    sums = [0.0, 0.0, 0.0]
    for pairs in tried:
        x, y = (fmean(side) for side in zip(*pairs, strict=True))
        sums[0] += math.fsum((a - x) * (b - y) for a, b in pairs)
        sums[1] += math.fsum((a - x) ** 2 for a, _ in pairs)
        sums[2] += math.fsum((b - y) ** 2 for _, b in pairs)
    count, size = sum(map(len, tried)), math.sqrt(sums[1]) * math.sqrt(sums[2])
    if count - len(tried) < FEWEST or not size:
        return None
    return Correlation(max(-1.0, min(1.0, sums[0] / size)), count, len(tried))


# Private functions


def _pairs(page: Page, ground: Ground, baseline: Mapping[str, Run]) -> list[tuple[float, float]]:
    """The two sides of an experiment's pairs, as its last verdict paired them."""
    registration, metric = page.registration, ground.metric
    if registration is None or not page.conclusions or registration.baseline["key"] != ground.key:
        return []
    own = {run.intent.id: run for run in page.runs}
    sides = [
        (baseline[old].metrics, own[new].metrics)
        for old, new in page.conclusions[-1].pairs
        if old in baseline and new in own
    ]
    return [(old[metric], new[metric]) for old, new in sides if metric in old and metric in new]
