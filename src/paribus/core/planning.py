"""How many pairs an effect needs, and which effect a number of pairs can show."""

from __future__ import annotations

import math

# Not scipy.stats, which takes twice as long to import.
from scipy.special import nctdtrinc

from paribus.core.looks import t_quantile

_ALPHA = 0.05


def minimum_detectable(sd: float, n: int, alpha: float = _ALPHA) -> float:
    """The true mean difference that n pairs detect with 80 % power, in the units of `sd`.

    The noncentral t power of a two-sided paired test at level `alpha`, far side neglected. Give
    `level(looks)` for a schedule: at .05 the default one has a power of 64 % only, at c 83 %.

    Args:
        sd: standard deviation of one paired difference: sigma * sqrt(2 * (1 - rho)) for runs of
            standard deviation sigma whose two sides correlate by rho under one seed.

    Raises:
        ValueError: n < 2.
    """
    if n < 2:
        raise ValueError(f"{n} pairs have no spread: at least 2 are needed")
    shift = float(nctdtrinc(n - 1, 0.2, t_quantile(1 - alpha / 2, n - 1)))
    return shift * sd / math.sqrt(n)


def pairs_needed(sd: float, effect: float, alpha: float = _ALPHA) -> int | None:
    """The fewest pairs that detect a true mean difference `effect` with 80 % power; at least 2.

    None for more than 1000, which is no plan but another question.

    Raises:
        ValueError: effect is not above 0.
    """
    if effect <= 0:
        raise ValueError("only an effect above 0 can be planned for")
    # The normal approximation never asks for more pairs than t does, and for hardly fewer.
    normal = t_quantile(1 - alpha / 2, math.inf) + t_quantile(0.8, math.inf)
    root = normal * sd / effect
    start = max(2, math.ceil(min(root * root, 1001)))
    enough = (n for n in range(start, 1001) if minimum_detectable(sd, n, alpha) <= effect)
    return next(enough, None)
