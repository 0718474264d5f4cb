"""The noise that the pictures show, and what Paribus' own functions make of it.

In units of sigma, the standard deviation of one run over seeds, where nothing else is said. The
simulations are seeded: `random()` is the one generator whose numbers Python promises to keep.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import NormalDist, fmean, stdev

from paribus.core.decision import trail
from paribus.core.plan import LOOKS, Goal, Plan
from paribus.core.sample import Pair, Sample
from paribus.core.statistics.confirm import FRESH_PAIRS, Confirmation, confirmation
from paribus.core.statistics.looks import Interval, t_quantile
from paribus.core.statistics.online import Event, Finished, Started, next_level
from paribus.core.verdict import Outcome, Verdict

IMPROVE = Plan("metric", True, 1.0)
CAP = LOOKS[-1]

Values = Sequence[float]


class Noise:
    """Draws from the standard normal distribution."""

    def __init__(self, seed: int) -> None:
        """
        Args:
            seed: the same one gives the same numbers on every machine.
        """
        self._random = random.Random(seed)  # noqa: S311 (a picture, no secret)

    def runs(self, n: int) -> list[float]:
        """n draws."""
        normal = NormalDist()
        return [normal.inv_cdf(self._random.random() or 0.5) for _ in range(n)]

    def sides(self, n: int, effect: float, rho: float) -> tuple[list[float], list[float]]:
        """n runs of a baseline, and of a candidate that is better by `effect`, paired by seed.

        Args:
            rho: correlation of the two sides of a pair.
        """
        seeds, here, there = self.runs(n), self.runs(n), self.runs(n)
        shared, own = math.sqrt(rho), math.sqrt(1 - rho)
        baseline = [shared * s + own * e for s, e in zip(seeds, here, strict=True)]
        candidate = [effect + shared * s + own * e for s, e in zip(seeds, there, strict=True)]
        return baseline, candidate


def paired(baseline: Values, candidate: Values) -> Sample:
    """Pairs of runs."""
    sides = zip(baseline, candidate, strict=True)
    return Sample(tuple(Pair(i, *side) for i, side in enumerate(sides)), len(baseline))


def ends_of(verdict: Verdict) -> Interval:
    """The interval that a verdict has."""
    assert verdict.low is not None
    assert verdict.high is not None
    return Interval(verdict.low, verdict.high)


def unpaired(baseline: Values, candidate: Values, c: float) -> Interval:
    """The same runs without their pairs: two means with n runs each, and a pooled spread."""
    n = len(baseline)
    error = math.sqrt((stdev(baseline) ** 2 + stdev(candidate) ** 2) / n)
    half = t_quantile(1 - c / 2, 2 * n - 2) * error
    mean = fmean(candidate) - fmean(baseline)
    return Interval(mean - half, mean + half)


def records(runs: Values) -> list[float]:
    """The best so far, after each run."""
    return list(accumulate(runs, max))


def false_alarms(trails: int, seed: int) -> tuple[list[float], list[float]]:
    """How often two equal models have been called different after 3, 4, ... 20 pairs.

    Returns:
        A 5 % test after every pair, and the declared looks: each of shape (18,).
    """
    noise, plan = Noise(seed), Plan("metric", True, 0.0, Goal.TWO_SIDED)
    bars = [t_quantile(0.975, n - 1) / math.sqrt(n) for n in range(3, CAP + 1)]
    peeked, declared = [0] * (CAP + 1), [0] * (CAP + 1)
    for _ in range(trails):
        differences = noise.runs(CAP)
        first = _first_alarm(differences, bars)
        if first is not None:
            peeked[first] += 1
        last = trail(plan, paired([0.0] * CAP, differences))[-1]
        if last.outcome in (Outcome.IMPROVED, Outcome.WORSE):
            declared[last.n] += 1
    return _shares(peeked, trails), _shares(declared, trails)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An idea that looked good: what screening said of it, and what fresh seeds said."""

    true: float
    screening: float
    fresh: Confirmation


def confirmed(effects: Values, seed: int) -> list[Confirmed]:
    """Ideas one after another against one baseline; those that improve are confirmed."""
    noise, found, events = Noise(seed), [], list[Event]()
    for number, effect in enumerate(effects):
        last = trail(IMPROVE, paired(*noise.sides(CAP, effect, 0.3)))[-1]
        if last.outcome is not Outcome.IMPROVED or last.estimate is None:
            continue
        level = next_level(events)
        fresh = confirmation(IMPROVE, paired(*noise.sides(FRESH_PAIRS, effect, 0.3)), level)
        events += [Started(str(number)), Finished(str(number), fresh.confirmed)]
        found.append(Confirmed(effect, last.estimate, fresh))
    return found


# Private functions


def _first_alarm(differences: Values, bars: Values) -> int | None:
    """The first number of pairs whose mean lies beyond a bar in standard deviations."""
    total, squares = sum(differences[:2]), sum(d * d for d in differences[:2])
    for n, (difference, bar) in enumerate(zip(differences[2:], bars, strict=True), start=3):
        total += difference
        squares += difference * difference
        spread = math.sqrt((squares - total * total / n) / (n - 1))
        if abs(total / n) > bar * spread:
            return n
    return None


def _shares(counts: Sequence[int], trails: int) -> list[float]:
    return [count / trails for count in accumulate(counts)][3:]
