"""Where a baseline's spread comes from: each declared seed, rerunning one seed, the evaluation set.

The model is one-way random effects, once for each source (Searle, Casella and McCulloch, Variance
Components, 1992, ch. 3); which sources a benchmark has is Bouthillier et al. (MLSys 2021). Writing
V(...) for a sample variance over n runs, with n - 1 degrees of freedom:

    V(reruns of one seed)      estimates  rerun
    V(one seed varies alone)   estimates  that seed's own + rerun
    V(all seeds vary)          estimates  all seeds' own + what they do together + rerun

Hence, each cut at 0: rerun = V(reruns), own = V(alone) - rerun, and together = V(all) - rerun - the
sum of own: what seeds do to one another, and what those do that were not varied alone. Own holds
where the others were held: seeds that work through one another can make the sum of own exceed
V(all), too. Shares are of the sum of the parts. A single declared seed is measured alike by both
kinds of runs: they are pooled by degrees of freedom, and nothing is done together. With none, all
runs are reruns. Where nothing was rerun, that variance stays in the seeds' parts.

The evaluation set. Where all runs share it, no seed shows what another set would have given: its
sampling variance, of one run's metric and made elsewhere by bootstrap, is a source of its own.
Where a seed draws it, it is in that seed's share already, and is told as a part *within* it.

Intervals. Each V with f degrees of freedom is replaced by f V / chi-square(f) for random variates,
and everything computed anew: generalised pivotal quantities (Weerahandi, JASA 1993). With 5 runs and
3 reruns the nominal 90 % held the reruns' share in 92 % of simulations; drawing V itself, the common
bootstrap, in 70 %. It is rough where parts are cut at 0. Noise is taken as normal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import variance
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

_DRAWS = 4000
_BEYOND = 1e150  # whose square a float still holds


class Source(StrEnum):
    """What can make two runs of one revision differ."""

    SEED = "seed"
    TOGETHER = "together"
    RERUN = "rerun"
    EVALUATION = "evaluation-set"


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """What is known of the set on which the metric is measured.

    Attributes:
        variance: sampling variance of one run's metric, in squared units; None when unknown.
        examples: how many it has, or None.
        drawn_by: declared seeds that draw it; empty when all runs share it.

    Raises:
        ValueError: the variance is negative or no finite number.
    """

    variance: float | None = None
    examples: int | None = None
    drawn_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.variance is not None and not 0 <= self.variance < _BEYOND**2:
            raise ValueError(f"{self.variance} is no variance of an evaluation set")


@dataclass(frozen=True, slots=True)
class Part:
    """One source of spread. What was not measured is None, never 0.

    Attributes:
        source: what kind of source.
        name: the seed's name, or the source's.
        variance: in the metric's squared units.
        share: of the sum of all measured parts that are within no other; None without any spread.
        low: lower end of the share's 90 % interval.
        high: its upper end.
        n: runs that measured it, or examples of the evaluation set.
        wired: of a seed: False when it alone moved nothing, True when it moved more than reruns do,
            None when that cannot be told.
        within: the seeds whose parts include this one; its share is not counted a second time.
    """

    source: Source
    name: str
    variance: float | None
    share: float | None
    low: float | None
    high: float | None
    n: int | None
    wired: bool | None = None
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Noise:
    """Where the spread of one revision's metric comes from.

    Attributes:
        parts: each declared seed in order, what they do together (with two or more seeds), the
            reruns, the evaluation set. Shares of those within no other sum to 1.
        sd: standard deviation of one run, over all seeds and reruns, on evaluation sets as the
            seeds draw them; None when it was not measured.
        total_sd: the same with a shared evaluation set's own spread; None when that is unknown.
        exact: whether reruns of one seed were identical; None with fewer than two.
    """

    parts: tuple[Part, ...]
    sd: float | None
    total_sd: float | None
    exact: bool | None


def decompose(
    together: Sequence[float],
    alone: Mapping[str, Sequence[float]],
    reruns: Sequence[float],
    evaluation: EvaluationSet | None = None,
) -> Noise:
    """The parts of a baseline's spread, from its runs' metric values. Deterministic.

    Args:
        together: values of runs in which all declared seeds vary.
        alone: for each declared seed, values of runs in which it alone varies and the others are
            held; empty where it was not varied alone.
        reruns: values of runs of one seed, made without caches.
        evaluation: what is known of the evaluation set; by default nothing, and all runs share it.

    Raises:
        ValueError: a value is not finite or beyond 1e150, or the evaluation set is drawn by a seed
            that is not declared.
    """
    evaluation = evaluation or EvaluationSet()
    _check(together, alone, reruns, evaluation)
    groups = _groups(together, alone, reruns)
    scale = _scale(groups, evaluation)
    rng = np.random.default_rng(0)
    spreads = {key: _spread(values, scale, rng) for key, values in groups.items()}
    known = None if evaluation.variance is None else (math.sqrt(evaluation.variance) / scale) ** 2
    seen = _seeds_and_reruns(spreads)
    evaluated = _evaluation(seen, known, evaluation.drawn_by)
    whole = _sum(seen.values() if evaluation.drawn_by else [*seen.values(), evaluated])
    told = {key: _tell(v, whole, scale) for key, v in {**seen, _EVALUATION: evaluated}.items()}
    exact = _identical(groups[_RERUN])
    parts = tuple(_part(key, told[key], groups, evaluation, exact) for key in told)
    # The first group has all the seeds there are: those together, the only one, or none.
    sd, total_sd = _deviations(spreads[next(iter(groups))], scale, evaluation)
    return Noise(parts, sd, total_sd, exact)


# Private functions


_Key: TypeAlias = tuple[Source, str]
_Groups: TypeAlias = dict[_Key, list[Sequence[float]]]
"""Values by what varied among them; several lists were made apart and are pooled."""
_Variances: TypeAlias = dict[_Key, NDArray[np.float64] | None]
"""Over scale^2, the estimate first and draws after it; None was not measured."""
_Told: TypeAlias = tuple[float | None, float | None, float | None, float | None]
"""Variance, share, and the share's interval."""

_TOGETHER: _Key = (Source.TOGETHER, Source.TOGETHER.value)
_RERUN: _Key = (Source.RERUN, Source.RERUN.value)
_EVALUATION: _Key = (Source.EVALUATION, Source.EVALUATION.value)


def _groups(
    together: Sequence[float], alone: Mapping[str, Sequence[float]], reruns: Sequence[float]
) -> _Groups:
    seeds: _Groups = {(Source.SEED, name): [values] for name, values in alone.items()}
    if not seeds:
        return {_RERUN: [reruns, together]}
    if len(seeds) == 1:
        next(iter(seeds.values())).append(together)
        return {**seeds, _RERUN: [reruns]}
    return {_TOGETHER: [together], **seeds, _RERUN: [reruns]}


def _scale(groups: _Groups, evaluation: EvaluationSet) -> float:
    """The largest spread there is, so that squares neither overflow nor vanish."""
    ranges = [max(values) - min(values) for group in groups.values() for values in group if values]
    return max([*ranges, math.sqrt(evaluation.variance or 0.0)]) or 1.0


def _spread(
    group: list[Sequence[float]], scale: float, rng: np.random.Generator
) -> NDArray[np.float64] | None:
    """V of a group, pooled by degrees of freedom, and its pivotal draws."""
    lists = [values for values in group if len(values) > 1]
    freedom = sum(len(values) - 1 for values in lists)
    if not lists:
        return None
    squares = sum((len(v) - 1) * variance([(x - v[0]) / scale for x in v]) for v in lists)
    return squares / np.concatenate(([float(freedom)], rng.chisquare(freedom, _DRAWS)))


def _seeds_and_reruns(spreads: _Variances) -> _Variances:
    """Each seed's own, what they do together, and the reruns, in this order."""
    rerun = spreads[_RERUN]
    below = 0.0 if rerun is None else rerun
    parts: _Variances = {
        key: None if spread is None else np.maximum(spread - below, 0.0)
        for key, spread in spreads.items()
        if key[0] is Source.SEED
    }
    if _TOGETHER in spreads:
        every, known = spreads[_TOGETHER], [part for part in parts.values() if part is not None]
        # Not rerun, each measured seed has the reruns' variance in it: no remainder can be told.
        blurred = rerun is None and bool(known)
        left = None if every is None or blurred else every - below - _sum(known)
        parts[_TOGETHER] = None if left is None else np.maximum(left, 0.0)
    return {**parts, _RERUN: rerun}


def _evaluation(
    variances: _Variances, known: float | None, drawn_by: tuple[str, ...]
) -> NDArray[np.float64] | None:
    """The evaluation set's variance; within the seeds that draw it, no more than theirs."""
    if known is None:
        return None
    value = np.full(_DRAWS + 1, known)
    if not drawn_by:
        return value
    around = [variances[Source.SEED, name] for name in drawn_by]
    return None if any(part is None for part in around) else np.minimum(value, _sum(around))


def _sum(parts: Iterable[NDArray[np.float64] | None]) -> NDArray[np.float64]:
    return sum((part for part in parts if part is not None), np.zeros(_DRAWS + 1))


def _tell(part: NDArray[np.float64] | None, whole: NDArray[np.float64], scale: float) -> _Told:
    if part is None:
        return None, None, None, None
    size = float(part[0]) * scale**2
    if not whole[0]:
        return size, None, None, None
    shares = np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
    low, high = np.quantile(shares[1:], (0.05, 0.95))
    share = float(shares[0])
    return size, share, min(share, float(low)), max(share, float(high))


def _part(
    key: _Key, told: _Told, groups: _Groups, evaluation: EvaluationSet, exact: bool | None
) -> Part:
    if key == _EVALUATION:
        return Part(*key, *told, n=evaluation.examples, within=evaluation.drawn_by)
    wired = _wired(groups[key], told[2], exact) if key[0] is Source.SEED else None
    return Part(*key, *told, n=sum(map(len, groups[key])), wired=wired)


def _wired(group: list[Sequence[float]], low: float | None, exact: bool | None) -> bool | None:
    same = _identical(group)
    if same is None or same:
        return None if same is None else False
    beyond_reruns = exact is not None and low is not None and low > 0
    return True if exact or beyond_reruns else None


def _deviations(
    spread: NDArray[np.float64] | None, scale: float, evaluation: EvaluationSet
) -> tuple[float | None, float | None]:
    """Of one run, without and with a shared evaluation set's own."""
    if spread is None:
        return None, None
    sd = math.sqrt(float(spread[0])) * scale
    if evaluation.drawn_by:
        return sd, sd
    known = evaluation.variance
    return sd, None if known is None else math.hypot(sd, math.sqrt(known))


def _identical(group: list[Sequence[float]]) -> bool | None:
    """Whether nothing varied within any of the lists; None when none has two values."""
    lists = [values for values in group if len(values) > 1]
    return all(value == values[0] for values in lists for value in values) if lists else None


def _check(
    together: Sequence[float],
    alone: Mapping[str, Sequence[float]],
    reruns: Sequence[float],
    evaluation: EvaluationSet,
) -> None:
    for value in (v for group in (together, *alone.values(), reruns) for v in group):
        if not abs(value) < _BEYOND:
            raise ValueError(f"{value} is no metric value")
    for name in evaluation.drawn_by:
        if name not in alone:
            raise ValueError(f"the evaluation set is drawn by {name}, which is no declared seed")
