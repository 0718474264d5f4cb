"""The null control from history: the rule of a plan applied to the baseline against itself.

Runs of one baseline, whatever their seeds, differ by noise only. So any "improved" or "worse" among
them is a false alarm, seen on this project's own noise instead of on a normal distribution.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Sequence
from dataclasses import replace

from paribus.core.decision import trail
from paribus.core.plan import Plan
from paribus.core.sample import Pair, Sample
from paribus.core.verdict import Outcome, Replay, Verdict

FEWEST = 10
"""Runs below which nothing is replayed: five pairs reach two looks of the default plan."""

REPLAYS = 150

Rule = Callable[[Plan, Sample], Sequence[Verdict]]


def replay(
    plan: Plan, values: Sequence[float], replays: int = REPLAYS, rule: Rule = trail
) -> Replay | None:
    """Splits baseline runs at random into two sides, pairs them at random, and lets the rule judge.

    A split of a finite pool keeps the variance of the t statistic. The pairs have no run in common,
    and swapping the two runs of one pair turns the sign of its difference d_i and leaves all others:
    so E[d_i d_j] = 0 over the splits of any pool, and the mean of n differences has the variance
    E[d^2] / n without a correction for the finite pool. (The mean of one half against the mean of
    the pool would need one.) By the same symmetry each replay of independent runs is one draw from
    the null distribution. But the replays share one pool, so they are not independent of each
    other: their share of alarms has the right expectation and more scatter than a binomial count.

    What it cannot see: a drift over time, which the shuffling hides, and what pairing by seed gains.
    Fewer looks are reached than declared when there are fewer than twice as many runs as the cap;
    then fewer alarms are to be expected than the 5 in 100 that all looks together are allowed.

    Args:
        values: one metric of runs of one baseline, in any order: the splits follow from the values
            alone, the same on every machine.
        rule: what is controlled; the verdicts at the looks, the last one counts.

    Returns:
        None for fewer than 10 values.

    Raises:
        ValueError: a value is not finite, or there are no replays.
    """
    if replays < 1:
        raise ValueError("without a replay nothing is controlled")
    if len(values) < FEWEST:
        return None
    plan = replace(plan, guards=())  # of which these values know nothing
    pool = sorted(values)
    pairs = min(len(pool) // 2, plan.looks[-1])
    ends = [rule(plan, _split(pool, pairs, index))[-1:] for index in range(replays)]
    outcomes = [verdict.outcome for end in ends for verdict in end]
    improved, worse = outcomes.count(Outcome.IMPROVED), outcomes.count(Outcome.WORSE)
    return Replay(replays, improved, worse, len(pool), pairs)


# Private functions


def _split(pool: Sequence[float], pairs: int, index: int) -> Sample:
    # Hashes, as for seeds: no generator promises the same numbers in its next version.
    key = hashlib.sha256(struct.pack(f"<{len(pool)}d", *pool) + b"%d" % index).digest()
    order = sorted(range(len(pool)), key=lambda i: hashlib.sha256(key + b"%d" % i).digest())
    shuffled = [pool[i] for i in order]
    sides = zip(shuffled[:pairs], shuffled[pairs : 2 * pairs], strict=True)
    return Sample(tuple(Pair(i, one, other) for i, (one, other) in enumerate(sides)), pairs)
