"""What a comparison of revisions found, as data; how it is told is in `reports.comparing`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from paribus.core.errors import Exit, Problem
from paribus.core.metrics import is_number, looked_up
from paribus.core.timing import is_timing
from paribus.core.values import Value
from paribus.core.verdict import Verdict

METRIC, PLOT, PARAM = "metric", "plot", "param"


@dataclass(frozen=True, slots=True)
class Absent:
    """A file of metrics or plots whose values are not known.

    Attributes:
        path: from the repository's top.
        why: in words, to stand behind the path.
        command: what fetches it; None where nothing would.
        is_broken: whether it is there and cannot be read.
    """

    path: str
    why: str
    command: str | None = None
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """One revision's numbers.

    Attributes:
        revision: full SHA; None for the working tree, and for an experiment.
        name: as it was asked for.
        metrics, params: values by name.
        missing: metrics files that neither Git nor the DVC cache has of it.
        verdict: what the ledger says of it.
        plots: the numbers of its plots, each `file:column last` or `file:column best`.
        absent: every file whose values are not known, those in `missing` among them.
        problem: why nothing of it could be read; it has no values then.
        experiment: its id, where it was asked for by that; the metrics are then means.
        runs: how many runs the metrics are the mean of; None for what a commit holds.
        paired: differences from the baseline, pair by pair, as the ledger has them.
        of_range: whether nobody named it by itself.
    """

    revision: str | None
    name: str
    metrics: Mapping[str, Value]
    params: Mapping[str, Value]
    missing: tuple[str, ...]
    verdict: Verdict | None
    plots: Mapping[str, Value] = field(default_factory=dict)
    absent: tuple[Absent, ...] = ()
    problem: Problem | None = None
    experiment: str | None = None
    runs: int | None = None
    paired: Mapping[str, float] = field(default_factory=dict)
    of_range: bool = False

    def values(self, kind: str) -> Mapping[str, Value]:
        """Its values of one kind: `metric`, `plot` or `param`."""
        if kind == METRIC:
            return self.metrics
        return self.plots if kind == PLOT else self.params


@dataclass(frozen=True, slots=True)
class CompareReport:
    """Revisions beside their baseline.

    Attributes:
        baseline: full SHA.
        baseline_name: what it is called.
        reference: the baseline's numbers.
        compared: in the order in which they were asked for, or sorted.
        metric: the primary metric's name in the baseline's protocol; None without one.
        higher_is_better: its direction.
        guards: whether more is better, by the guard's name.
        origins: the files that each name is from.
    """

    baseline: str
    baseline_name: str
    reference: Compared
    compared: tuple[Compared, ...]
    metric: str | None
    higher_is_better: bool
    guards: Mapping[str, bool] = field(default_factory=dict)
    origins: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def status(self) -> Exit:
        """Bad input where what was named cannot be read, whole or in part; a range is not so strict."""
        named = [self.reference, *(one for one in self.compared if not one.of_range)]
        wrong = any(one.problem or any(each.is_broken for each in one.absent) for one in named)
        nothing = all(one.problem for one in self.compared)
        return Exit.BAD_INPUT if wrong or nothing else Exit.DONE

    def is_higher_better(self, name: str) -> bool | None:
        """The declared direction of a metric; None where nobody declared one."""
        if self.metric is not None and looked_up({name: 1}, self.metric) is not None:
            return self.higher_is_better
        declared = (up for guard, up in self.guards.items() if looked_up({name: 1}, guard))
        return next(declared, None)

    def is_guard(self, name: str) -> bool:
        """Whether an improvement must not break this metric."""
        return any(looked_up({name: 1}, guard) is not None for guard in self.guards)

    def delta(self, one: Compared, kind: str, name: str) -> float | None:
        """A number's difference from the baseline's, paired where the ledger has pairs.

        None for a time as well: two commits were measured in two sessions.
        """
        if kind == PARAM or one is self.reference or _is_timing(name):
            return None
        if kind == METRIC and name in one.paired:
            return one.paired[name]
        before, after = self.reference.values(kind).get(name), one.values(kind).get(name)
        if before is None or after is None or not (is_number(before) and is_number(after)):
            return None
        difference = float(after) - float(before)
        return difference if is_number(difference) else None


# Private functions

_is_timing = lru_cache(maxsize=4096)(is_timing)
"""A thousand revisions have the same names."""
