"""How many runs an effect needs, and which effect a number of runs can show.

Everything here asks for one outcome: that a two-sided t test at level `alpha` shows the effect, on
the side where it lies. The far side is neglected, being an error and no detection. Power is that of
the noncentral t distribution (Johnson and Welch, Biometrika 1940).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import variance

# Not scipy.stats, which takes twice as long to import.
from scipy.special import chdtri, nctdtr, nctdtrinc

from paribus.core.statistics.looks import level, t_quantile

_ALPHA = 0.05
_POWER = 0.8
_MOST = 1000
"""Runs a side beyond which there is no plan."""
_FEWEST = 3
"""Degrees of freedom below which no spread is told: its interval would span a factor of more than 5."""
_ROUGH = 10
"""Degrees of freedom below which a spread is rough: its 90 % interval spans a factor of 2.2 and more."""


@dataclass(frozen=True, slots=True)
class PairedSpread:
    """The spread of a paired difference, as it was measured.

    Attributes:
        sd: standard deviation of one paired difference, in the metric's units.
        pairs: that it was measured in.
        experiments: that these are of, each with a mean of its own.
    """

    sd: float
    pairs: int
    experiments: int

    @property
    def freedom(self) -> int:
        """Degrees of freedom."""
        return self.pairs - self.experiments

    @property
    def interval(self) -> tuple[float, float]:
        """90 % interval of the sd, by chi-square; differences are taken as normal."""
        low, high = (
            self.sd * math.sqrt(self.freedom / float(chdtri(self.freedom, tail)))
            for tail in (0.05, 0.95)
        )
        return low, high

    @property
    def is_rough(self) -> bool:
        """Whether it comes from so few pairs that another few may tell another one."""
        return self.freedom < _ROUGH


def paired_spread(experiments: Iterable[Sequence[float]]) -> PairedSpread | None:
    """Pools the spread of paired differences within experiments, by degrees of freedom.

    It is measured in the pairs themselves. A correlation of few pairs, times the spread of other
    runs, would be a poor guess of it. Experiments whose pairs all differ by the same are left out:
    what changes nothing, or with all seeds alike, shows no noise. None below 3 degrees of freedom.

    Args:
        experiments: the differences of each, in the metric's units.
    """
    told = [values for values in experiments if len(values) > 1 and len(set(values)) > 1]
    pairs = sum(map(len, told))
    freedom = pairs - len(told)
    if freedom < _FEWEST:
        return None
    squares = math.fsum((len(values) - 1) * variance(values) for values in told)
    return PairedSpread(math.sqrt(squares / freedom), pairs, len(told))


def paired_sd(sd: float, correlation: float = 0.0) -> float:
    """Standard deviation of one paired difference, in the units of `sd`.

    Args:
        sd: standard deviation of one run, the same on both sides.
        correlation: of the two sides under one seed. Unknown before the first pairs; 0 is the
            careful guess, and what the reruns of one seed differ by can never be shared.

    Raises:
        ValueError: the correlation is beyond -1 or 1.
    """
    if not -1 <= correlation <= 1:
        raise ValueError(f"a correlation of {correlation:g} cannot be")
    return sd * math.sqrt(2 * (1 - correlation))


def power(effect: float, sd: float, n: int, alpha: float = _ALPHA) -> float:
    """Chance that n pairs show a true mean difference `effect`, at least 0, at level `alpha`.

    Args:
        sd: standard deviation of one paired difference, in the units of the effect.

    Raises:
        ValueError: n < 2, or effect or sd below 0.
    """
    _check_pairs(n)
    if effect < 0 or sd < 0:
        raise ValueError("power is for an effect and a spread of at least 0")
    if sd == 0:
        return 1.0 if effect > 0 else 0.0
    return _power(effect / sd * math.sqrt(n), n - 1, alpha)


def minimum_detectable(sd: float, n: int, alpha: float = _ALPHA) -> float:
    """The true mean difference that n pairs detect with 80 % power, in the units of `sd`.

    Give `level(looks)` for a schedule: at .05 the default one has a power of 64 % only, at c 83 %.

    Args:
        sd: standard deviation of one paired difference, as `paired_sd` has it.

    Raises:
        ValueError: n < 2.
    """
    _check_pairs(n)
    return _shift(n - 1, alpha) * sd / math.sqrt(n)


def detectable_at_looks(sd: float, looks: Sequence[int]) -> dict[int, float]:
    """For each look of a schedule, the difference that it alone detects with 80 % power.

    All looks up to one together detect a little more often than it alone.

    Args:
        sd: standard deviation of one paired difference.

    Raises:
        ValueError: there is no look, or one before the second pair.
    """
    c = level(looks)
    return {n: minimum_detectable(sd, n, c) for n in looks}


def pairs_needed(sd: float, effect: float, alpha: float = _ALPHA) -> int | None:
    """The fewest pairs that detect a true mean difference `effect` with 80 % power; at least 2.

    None for more than 1000, which is no plan but another question.

    Raises:
        ValueError: effect is not above 0.
    """
    return _fewest(effect, sd, alpha, minimum_detectable)


def minimum_detectable_unpaired(sd: float, n: int, alpha: float = _ALPHA) -> float:
    """As `minimum_detectable`, for n runs a side under different seeds.

    Args:
        sd: standard deviation of one run, the same on both sides.

    Raises:
        ValueError: n < 2.
    """
    if n < 2:
        raise ValueError(f"{n} runs a side have no spread: at least 2 are needed")
    return _shift(2 * n - 2, alpha) * sd * math.sqrt(2 / n)


def runs_needed_unpaired(sd: float, effect: float, alpha: float = _ALPHA) -> int | None:
    """The fewest runs a side, under different seeds, that detect `effect` with 80 % power.

    None for more than 1000. `sd` is that of one run.

    Raises:
        ValueError: effect is not above 0.
    """
    return _fewest(effect, sd * math.sqrt(2), alpha, _unpaired)


def pairs_for_probability(
    probability: float, alpha: float = _ALPHA, power: float = 0.95
) -> int | None:
    """Pairs that show, one-sided, that a candidate wins a pair more often than not.

    Noether (JASA 1987): N = ((z(1 - alpha) + z(power)) / (sqrt(6) (probability - 1/2)))^2, as
    Bouthillier et al. (MLSys 2021) plan with it: 29 for a probability of .75. None beyond 1000.

    Args:
        probability: the true chance that the candidate wins, above .5 and at most 1.

    Raises:
        ValueError: a probability of .5 or less, or above 1.
    """
    if not 0.5 < probability <= 1:
        raise ValueError(f"a probability of {probability:g} shows no winner")
    normal = t_quantile(1 - alpha, math.inf) + t_quantile(power, math.inf)
    pairs = math.ceil(min((normal / (math.sqrt(6) * (probability - 0.5))) ** 2, _MOST + 1))
    return pairs if pairs <= _MOST else None


# Private functions


def _check_pairs(n: int) -> None:
    if n < 2:
        raise ValueError(f"{n} pairs have no spread: at least 2 are needed")


def _power(shift: float, df: int, alpha: float) -> float:
    """P(T > t(1 - alpha/2)) for the noncentral t with noncentrality `shift`."""
    t = t_quantile(1 - alpha / 2, df)
    missed = float(nctdtr(df, shift, t))
    if math.isfinite(missed):
        return 1 - missed
    # scipy gives NaN for some large shifts; there Johnson and Welch's approximation is 0 or 1.
    z = (shift - t * (1 - 1 / (4 * df))) / math.sqrt(1 + t * t / (2 * df))
    return 0.5 * math.erfc(-z / math.sqrt(2))


def _shift(df: int, alpha: float) -> float:
    """The noncentrality with a power of 80 %."""
    return float(nctdtrinc(df, 1 - _POWER, t_quantile(1 - alpha / 2, df)))


def _unpaired(difference_sd: float, n: int, alpha: float) -> float:
    return minimum_detectable_unpaired(difference_sd / math.sqrt(2), n, alpha)


def _fewest(
    effect: float, sd: float, alpha: float, detectable: Callable[[float, int, float], float]
) -> int | None:
    if effect <= 0:
        raise ValueError("only an effect above 0 can be planned for")
    # The normal approximation never asks for more than t does, and for hardly fewer.
    normal = t_quantile(1 - alpha / 2, math.inf) + t_quantile(_POWER, math.inf)
    root = normal * sd / effect
    start = max(2, math.ceil(min(root * root, _MOST + 1)))
    enough = (n for n in range(start, _MOST + 1) if detectable(sd, n, alpha) <= effect)
    return next(enough, None)
