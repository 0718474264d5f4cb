"""When a row of experiments without a promotion says that the search has stalled.

After K failures in a row a success rate of r or more has a chance of (1 - r)^K at most. Where that
is 5 % or less, the rate is below r with 95 % confidence: the exact binomial bound for no success
(Clopper and Pearson, Biometrika 1934), of which the "rule of three" is the approximation.

Count only experiments that had 80 % power for the effect of interest, `planning.power`: the others
would have failed with a good idea too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

RATES = (0.2, 0.1, 0.05)
"""Promotion rates worth a word: one in five, one in ten, one in twenty."""

REFRESH_AFTER = 10
"""Non-promotions after which the baseline's runs are made anew: a lucky one blocks what is good."""

_ERROR = 0.05


@dataclass(frozen=True, slots=True)
class Stall:
    """What a row of well-powered experiments without a promotion shows.

    Attributes:
        row: how many there were.
        bound: upper 95 % confidence bound of the promotion rate; 1 when there were none.
        below: the smallest of `RATES` that the promotion rate is below, or None: not stalled.
        next_rate: the next smaller of `RATES`, or None when `below` is the smallest.
        missing: how many further ones in the row show `next_rate`, or None with it.
    """

    row: int
    bound: float
    below: float | None
    next_rate: float | None
    missing: int | None


def stall(row: int) -> Stall:
    """What `row` well-powered experiments in a row without a promotion show.

    Raises:
        ValueError: row is negative.
    """
    bound = rate_bound(row)
    below = min((rate for rate in RATES if row >= row_needed(rate)), default=None)
    next_rate = max((rate for rate in RATES if row < row_needed(rate)), default=None)
    missing = None if next_rate is None else row_needed(next_rate) - row
    return Stall(row, bound, below, next_rate, missing)


def row_needed(rate: float) -> int:
    """K = ceil(ln .05 / ln(1 - rate)): so many in a row, and the promotion rate is below `rate`.

    Raises:
        ValueError: rate is not between 0 and 1.
    """
    if not 0 < rate < 1:
        raise ValueError(f"a rate of {rate:g} is not between 0 and 1")
    return math.ceil(math.log(_ERROR) / math.log1p(-rate))


def rate_bound(row: int) -> float:
    """Upper 95 % confidence bound of the promotion rate, 1 - .05^(1 / row); 1 for an empty row.

    Raises:
        ValueError: row is negative.
    """
    if row < 0:
        raise ValueError(f"a row of {row} experiments cannot be")
    return 1.0 if row == 0 else -math.expm1(math.log(_ERROR) / row)


def refresh_due(non_promotions: int) -> bool:
    """Whether the baseline is to be run again: 10 non-promotions since its runs, of any power."""
    return non_promotions >= REFRESH_AFTER
