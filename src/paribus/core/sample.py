"""What the paired runs of a baseline and a candidate measured: one number a side for each seed."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paribus.core.examples.pairs import ExamplePairs

_NEARLY = 0.005
"""Range of differences, as a share of their mean, below which they show no noise to judge by."""

_ROUNDING = 8 * sys.float_info.epsilon
"""Relative error that a metric and one subtraction may carry without meaning anything."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Baseline and candidate under the same seeds, in the metric's own units.

    Raises:
        ValueError: a value is NaN, infinite or beyond 1e300: a failed measurement is no pair.
    """

    index: int
    baseline: float
    candidate: float

    def __post_init__(self) -> None:
        if not (abs(self.baseline) < 1e300 and abs(self.candidate) < 1e300):
            raise ValueError(f"pair {self.index} is not finite: {self.baseline}, {self.candidate}")

    @property
    def difference(self) -> float:
        """Candidate minus baseline."""
        return self.candidate - self.baseline


@dataclass(frozen=True, slots=True)
class Counts:
    """In how many pairs the candidate was better than, equal to, and worse than the baseline."""

    better: int
    equal: int
    worse: int


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the pairs measured of a guard.

    Attributes:
        pairs: in order of index, those that can be compared.
        missing: indices of the pairs in which the candidate lacks the metric and the baseline has it.
        apart: indices of the pairs whose sides cannot be compared, having been timed in two sessions.
    """

    pairs: tuple[Pair, ...]
    missing: tuple[int, ...] = ()
    apart: tuple[int, ...] = ()

    def among(self, indices: frozenset[int]) -> Guarded:
        """What it is of some pairs only."""
        return Guarded(
            tuple(pair for pair in self.pairs if pair.index in indices),
            tuple(index for index in self.missing if index in indices),
            tuple(index for index in self.apart if index in indices),
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """The completed pairs of one experiment, and what became of the others.

    Attributes:
        pairs: completed pairs in order of index, no index twice.
        attempted: pairs that were started, completed or not.
        candidate_failures: pairs in which the candidate failed by itself where the baseline ran.
        baseline_failures: pairs in which the baseline failed.
        seeds_wired: False when the declared seeds change nothing in the baseline's metrics.
        candidate_wired: the same of the candidate's.
        guards: what the same pairs measured of each guard, by its name.
        examples: what the same pairs made of each evaluation example; None without predictions.

    Raises:
        ValueError: an index repeated or out of order, or counts that contradict one another.
    """

    pairs: tuple[Pair, ...]
    attempted: int
    candidate_failures: int = 0
    baseline_failures: int = 0
    seeds_wired: bool = True
    candidate_wired: bool = True
    guards: Mapping[str, Guarded] = field(default_factory=dict)
    examples: ExamplePairs | None = None

    def __post_init__(self) -> None:
        indices = [pair.index for pair in self.pairs]
        # A repeated index would be one run counted as two, which narrows the interval for nothing.
        if any(left >= right for left, right in pairwise(indices)):
            raise ValueError(f"pairs must come in order of index, each once: {indices}")
        if not max(self.n, self.candidate_failures, self.baseline_failures) <= self.attempted:
            raise ValueError(f"more pairs completed or failed than the {self.attempted} attempted")
        if min(self.candidate_failures, self.baseline_failures) < 0:
            raise ValueError("a count of failures is negative")

    @property
    def n(self) -> int:
        """Completed pairs."""
        return len(self.pairs)

    @property
    def differences(self) -> tuple[float, ...]:
        """Candidate minus baseline for each pair, shape (n,), in the metric's own units."""
        return tuple(pair.difference for pair in self.pairs)

    @property
    def baseline_mean(self) -> float | None:
        """Mean of the baseline over the completed pairs; None when there are none."""
        return fmean(pair.baseline for pair in self.pairs) if self.pairs else None

    @property
    def candidate_mean(self) -> float | None:
        """Mean of the candidate over the completed pairs; None when there are none."""
        return fmean(pair.candidate for pair in self.pairs) if self.pairs else None

    @property
    def identical(self) -> bool:
        """Whether no pair differs by more than rounding; True without pairs."""
        return are_identical(self.pairs)

    @property
    def constant(self) -> bool:
        """Whether all pairs differ by nearly the same amount; True without pairs."""
        return are_constant(self.pairs, _NEARLY)

    def counts(self, *, higher_is_better: bool) -> Counts:
        """Better, equal and worse pairs; equal means the same number to the last bit."""
        higher = sum(difference > 0 for difference in self.differences)
        lower = sum(difference < 0 for difference in self.differences)
        better, worse = (higher, lower) if higher_is_better else (lower, higher)
        return Counts(better, self.n - higher - lower, worse)

    def first(self, k: int) -> Sample:
        """The sample at its k-th completed pair: later completed pairs count as not yet attempted.

        Failures stay, whenever they happened: a failure once seen is never unseen.
        """
        later = max(self.n - k, 0)
        attempted = max(
            self.attempted - later, self.candidate_failures, self.baseline_failures, self.n - later
        )
        used = frozenset(pair.index for pair in self.pairs[:k])
        guards = {name: guarded.among(used) for name, guarded in self.guards.items()}
        examples = self.examples and self.examples.among(used)
        return replace(
            self, pairs=self.pairs[:k], attempted=attempted, guards=guards, examples=examples
        )


def are_identical(pairs: Sequence[Pair]) -> bool:
    """Whether no pair differs by more than rounding; True without pairs."""
    rounding = _rounding_of(pairs)
    return all(abs(pair.difference) <= rounding for pair in pairs)


def are_constant(pairs: Sequence[Pair], share: float = 0.0) -> bool:
    """Whether all pairs differ by the same amount, rounding aside; True without pairs.

    0.9 - 0.8 and 0.8 - 0.7 differ in the last bits, and a metric that jumps between two levels
    differs by its jumps and a little: a t interval would take that little for all the noise there is.

    Args:
        share: range of the differences, as a share of their mean, that counts for nothing.
    """
    differences = [pair.difference for pair in pairs] or [0.0]
    nearly = share * abs(fmean(differences))
    return max(differences) - min(differences) <= max(_rounding_of(pairs), nearly)


# Private functions


def _rounding_of(pairs: Sequence[Pair]) -> float:
    sizes = (max(abs(pair.baseline), abs(pair.candidate)) for pair in pairs)
    return _ROUNDING * max(sizes, default=0.0)
