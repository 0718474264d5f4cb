"""How uncertain one run's metric is, because its evaluation set is a sample."""

from __future__ import annotations

import numpy as np

from paribus.core.examples.bootstrap import bootstrap
from paribus.core.examples.measures import Floats, Ints, contributions, weighted
from paribus.core.examples.model import Examples, units
from paribus.core.examples.proportion import wilson
from paribus.core.statistics.looks import Interval


def metric_interval(examples: Examples, level: float = 0.05) -> Interval:
    """Interval of the metric in the population of examples, at two-sided `level`.

    Wilson's for a proportion of independent examples, else the bootstrap's. A bounded metric that
    no resample moves, such as 1, gets Wilson's of as many as there are independent units: that
    nothing went wrong here does not prove that nothing ever does.
    """
    if examples.binary and examples.clusters is None:
        return wilson(float(examples.values.sum()), examples.size, level)
    statistic = weighted(examples.values, examples.labels, examples.measure)
    found = bootstrap(statistic, examples.size, examples.clusters)
    if examples.bounded and not found.spread:
        count = units(examples)
        return wilson(examples.metric() * count, count, level)
    return found.interval(level)


def sampling_variance(examples: Examples) -> float:
    """Variance of the metric over evaluation sets of this size, in its units squared.

    Of the examples' contributions, by cluster where there are some: the bootstrap's value in the
    limit of many resamples, without its noise, and with n - 1 for n.
    """
    parts = clustered(by_example(examples), examples.clusters)
    return float(parts.var(ddof=1)) / len(parts)


def by_example(examples: Examples) -> Floats:
    """Shape (m,): contributions whose mean is the metric."""
    return contributions(examples.values, examples.labels, examples.measure)


def clustered(parts: Floats, clusters: Ints | None) -> Floats:
    """Shape (..., m) to (..., C): contributions of clusters, whose mean is that of the examples'.

    A cluster's share is its deviation from the mean, summed over its examples: the linearised ratio
    of sums to sizes (Cochran, Sampling Techniques, 1977, 9A), right for clusters of any sizes.
    """
    if clusters is None:
        return parts
    total, size = int(clusters.max()) + 1, parts.shape[-1]
    # Over the mean of all, so that differences between rows, such as seeds, stay as they are.
    center = parts.mean()
    order = np.argsort(clusters, kind="stable")
    starts = np.unique(clusters[order], return_index=True)[1]
    sums = np.add.reduceat((parts - center)[..., order], starts, axis=-1)
    return np.asarray(sums * (total / size) + center)
