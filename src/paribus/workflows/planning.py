"""How many pairs an effect needs against a baseline, by what its runs and its experiments showed."""

from __future__ import annotations

from collections.abc import Iterable

from paribus.core.plan import Unit
from paribus.core.progress import differences_of
from paribus.core.statistics.looks import level
from paribus.core.statistics.planning import (
    PairedSpread,
    detectable_at_looks,
    paired_sd,
    paired_spread,
    pairs_needed,
)
from paribus.ledger.page import Page
from paribus.reports.noise import Effect, Planned
from paribus.workflows.subjects import Ground


def effect_of_interest(ground: Ground, given: float | None, sd: float | None) -> Effect | None:
    """The difference to plan for: given, declared, or one standard deviation; None without any."""
    if given is not None:
        return Effect(given, "given")
    if ground.protocol.effect is not None:
        return Effect(ground.protocol.effect, "declared")
    return Effect(sd, "default") if sd else None


def spread_so_far(
    ground: Ground, baseline: Page, experiments: Iterable[Page]
) -> PairedSpread | None:
    """The spread of a paired difference in the experiments against a baseline.

    The pairs are those of each one's last verdict. None where they are too few to tell.

    Args:
        baseline: its runs.
        experiments: all that there are; those against other baselines are left out.
    """
    last = [
        (page, page.conclusions[-1])
        for page in experiments
        if page.registration
        and page.conclusions
        and page.registration.baseline["key"] == ground.key
        and page.conclusions[-1].verdict.metric == ground.metric
    ]
    return paired_spread(differences_of(one, baseline.runs, page.runs) for page, one in last)


def planned(
    ground: Ground, sd: float | None, spread: PairedSpread | None, effect: Effect | None
) -> tuple[Planned, ...]:
    """For sides without correlation, and with the spread that pairs had; none without a spread.

    None, too, where examples repeat instead of seeds.

    Args:
        sd: standard deviation of one run; None when unknown.
        spread: of a paired difference, as it was measured.
    """
    looks = ground.protocol.looks
    if ground.protocol.unit is not Unit.SEED:
        return ()
    known = [(paired_sd(sd), None)] if sd else []
    measured = [(spread.sd, spread)] if spread else []
    return tuple(
        Planned(
            of_pair,
            measure,
            detectable_at_looks(of_pair, looks),
            None if effect is None else pairs_needed(of_pair, effect.size, level(looks)),
        )
        for of_pair, measure in (*known, *measured)
    )
