"""The gate: what may be lost, held against measured pairs, or else against committed numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from paribus.core.metrics import looked_up
from paribus.core.protocol import Protocol
from paribus.core.run import Purpose, Run
from paribus.core.timing import is_timing
from paribus.core.tolerance import Gated, Pass, Tolerance, gated
from paribus.ledger.notebook import Notebook
from paribus.reports.reviewing.model import Committed, Evidence
from paribus.workflows.judging import Judged

FEWEST = 3
"""Runs of the baseline below which their spread is not taken for its noise."""


def gate_of(
    notebook: Notebook,
    found: Judged,
    key: str,
    evidence: Evidence | None,
    numbers: Committed | None,
) -> tuple[Gated, ...]:
    """What is said of each metric for which the agreement tolerates a loss.

    Where the tree was measured, the pairs of its verdict tell. Where it was not, the committed numbers
    do, of one run a side: a loss counts only beyond the noise between two runs of the baseline, and the
    primary metric and the guards are held against what matters in them, too.

    Args:
        key: of the baseline.
    """
    protocol = found.sides.protocol
    if evidence is not None and evidence.report.verdict is not None:
        pairs = evidence.pairs
        return tuple(_measured(one, pairs) for one in protocol.tolerances)
    if numbers is None or numbers.why_not is not None:
        return ()
    runs = _of_baseline(notebook, key)
    told = [_committed(one, numbers, runs) for one in protocol.tolerances]
    declared = {one.metric for one in protocol.tolerances}
    for one in _implied(protocol):
        if one.metric not in declared and _noise(runs, one.metric) is not None:
            told.append(_committed(one, numbers, runs))
    return tuple(told)


# Private functions


def _implied(protocol: Protocol) -> list[Tolerance]:
    """What the agreement says of its metrics without calling it a tolerance."""
    guards = [
        Tolerance(guard.metric, guard.higher_is_better, guard.margin) for guard in protocol.guards
    ]
    if protocol.metric is None:
        return guards
    return [Tolerance(protocol.metric, protocol.higher_is_better, protocol.effect or 0.0), *guards]


def _measured(tolerance: Tolerance, pairs: Sequence[tuple[Run, Run]]) -> Gated:
    name = tolerance.metric
    values = [(looked_up(old.metrics, name), looked_up(new.metrics, name)) for old, new in pairs]
    if is_timing(name) and any(old.intent.session != new.intent.session for old, new in pairs):
        told = "timed in two sessions, between which times do not compare"
        return _nothing(tolerance, Pass.OPEN, told)
    if not values:
        return _nothing(tolerance, Pass.OPEN, "no pair has ended")
    if len(values) < 2:
        return _nothing(tolerance, Pass.OPEN, "one pair does not tell its noise")
    lacking = [pair for pair in values if None in pair]
    if lacking:
        return gated(tolerance, *lacking[0], None)
    old, new = (fmean(side) for side in zip(*values, strict=True))
    from paribus.core.statistics.looks import repeated_interval  # noqa: PLC0415 (scipy, seldom needed)

    noise = repeated_interval([after - before for before, after in values], 0.05).half_width
    return gated(tolerance, old, new, noise, len(values))


def _committed(tolerance: Tolerance, numbers: Committed, runs: Sequence[Run]) -> Gated:
    name = tolerance.metric
    if is_timing(name):
        return _nothing(tolerance, Pass.OPEN, "two commits were timed in two sessions")
    old, new = (looked_up(side, name) for side in (numbers.old, numbers.new))
    return gated(tolerance, old, new, _noise(runs, name))


def _noise(runs: Sequence[Run], metric: str) -> float | None:
    """Half-width of the 95 % interval of the difference of two single runs: t s sqrt(2)."""
    values = [run.metrics[metric] for run in runs if metric in run.metrics]
    if len(values) < FEWEST:
        return None
    from paribus.core.statistics.looks import t_quantile  # noqa: PLC0415 (scipy, seldom needed)

    return t_quantile(0.975, len(values) - 1) * stdev(values) * math.sqrt(2)


def _of_baseline(notebook: Notebook, key: str) -> list[Run]:
    page = notebook.baseline(key)
    return [run for run in page.runs if run.succeeded and run.intent.purpose is Purpose.MEASURE]


def _nothing(tolerance: Tolerance, verdict: Pass, reason: str) -> Gated:
    return Gated(
        tolerance.metric, tolerance.higher_is_better, None, None, None, None, 0, verdict, reason
    )
