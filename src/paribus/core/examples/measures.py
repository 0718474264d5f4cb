"""Measures of weighted examples, and what each single example contributes to a measure.

`weighted` serves resampling: a resample is nothing but weights, so one function measures a thousand
at once. `contributions` serve the analysis of variance, which needs a number for each example also
where the metric is no mean: the influence function (Hampel, JASA 1974), which makes an `auc` or an
`f1` a mean of pseudo-values up to terms of order 1 / m.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Weighted = Callable[[Floats], Floats]
"""From weights of shape (b, m) to metrics of shape (b,); NaN where a metric is undefined."""


def weighted(values: Floats, labels: Ints | None, measure: str) -> Weighted:
    """The metric as a function of the examples' weights; arrays as those of `Examples`."""
    if labels is None:
        return _mean(values)
    return _auc(values, labels) if measure == "auc" else _f1(values.astype(np.int64), labels)


def contributions(values: Floats, labels: Ints | None, measure: str) -> Floats:
    """Shape (m,): pseudo-values whose mean is the metric.

    Their variance over m is the metric's sampling variance; for `auc`, DeLong's but for his n - 1.
    """
    if labels is None:
        return values
    if measure == "auc":
        positives, negatives = placements(values, labels)
        center, found = positives.mean(), np.empty(len(values))
        found[labels == 1] = (positives - center) * (len(values) / len(positives))
        found[labels == 0] = (negatives - center) * (len(values) / len(negatives))
        return np.asarray(found + center)
    return _f1_contributions(values.astype(np.int64), labels)


def placements(scores: Floats, labels: Ints) -> tuple[Floats, Floats]:
    """Shares of negatives below each positive, (P,), and of positives above each negative, (N,).

    Ties count half. The mean of either is the area under the ROC curve (DeLong, DeLong and
    Clarke-Pearson, Biometrics 1988), computed from ranks (Sun and Xu, IEEE SPL 2014).
    """
    positive = labels == 1
    ranks = _ranks(scores)
    above = (ranks[positive] - _ranks(scores[positive])) / np.count_nonzero(~positive)
    below = (ranks[~positive] - _ranks(scores[~positive])) / np.count_nonzero(positive)
    return above, 1 - below


# Private functions


def _ranks(numbers: Floats) -> Floats:
    """Ranks from 1 on; equal numbers share their mean rank."""
    _, where, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    return np.asarray((counts.cumsum() - (counts - 1) / 2)[where])


def _mean(values: Floats) -> Weighted:
    def measured(weights: Floats) -> Floats:
        return np.asarray(weights @ values / weights.sum(axis=1))

    return measured


def _auc(scores: Floats, labels: Ints) -> Weighted:
    _, codes = np.unique(scores, return_inverse=True)
    positive, negative = _Sums(codes, labels == 1), _Sums(codes, labels == 0)

    def measured(weights: Floats) -> Floats:
        above, level = positive(weights), negative(weights)
        below = level.cumsum(axis=1) - level / 2
        pairs = above.sum(axis=1) * level.sum(axis=1)
        with np.errstate(invalid="ignore"):
            return np.asarray((above * below).sum(axis=1) / pairs)

    return measured


def _f1(predictions: Ints, labels: Ints) -> Weighted:
    """Macro F1 over the classes that occur among the weighted labels or predictions."""
    classes = int(max(labels.max(), predictions.max())) + 1
    everywhere = np.ones(len(labels), dtype=bool)
    true = _Sums(labels, everywhere, classes)
    said = _Sums(predictions, everywhere, classes)
    hits = _Sums(labels, labels == predictions, classes)

    def measured(weights: Floats) -> Floats:
        occurs = true(weights) + said(weights)
        scores = np.divide(2 * hits(weights), occurs, out=np.zeros_like(occurs), where=occurs > 0)
        return np.asarray(scores.sum(axis=1) / np.count_nonzero(occurs, axis=1))

    return measured


class _Sums:
    """Sums of weights by code, shape (b, codes), over the chosen ones of the m examples."""

    def __init__(self, codes: Ints, chosen: NDArray[np.bool_], total: int | None = None) -> None:
        self._total = int(codes.max()) + 1 if total is None else total
        self._order = np.flatnonzero(chosen)[np.argsort(codes[chosen], kind="stable")]
        self._present, self._starts = np.unique(codes[self._order], return_index=True)

    def __call__(self, weights: Floats) -> Floats:
        sums = np.zeros((len(weights), self._total))
        if len(self._present):
            ordered = weights[:, self._order]
            sums[:, self._present] = np.add.reduceat(ordered, self._starts, axis=1)
        return sums


def _f1_contributions(predictions: Ints, labels: Ints) -> Floats:
    """With F = 2 T / S, T hits and S labels plus predictions of a class, dF = (2 dT - F dS) / S."""
    size = len(labels)
    classes = int(max(labels.max(), predictions.max())) + 1
    hit = labels == predictions
    hits = np.bincount(labels[hit], minlength=classes)
    occurs = np.bincount(labels, minlength=classes) + np.bincount(predictions, minlength=classes)
    present = occurs > 0
    scores = np.divide(2.0 * hits, occurs, out=np.zeros(classes), where=present)
    share = np.divide(1.0, occurs, out=np.zeros(classes), where=present)
    slope = 2 * hit * share[labels]
    slope -= scores[labels] * share[labels] + scores[predictions] * share[predictions]
    found = slope * size / np.count_nonzero(present) + scores[present].mean()
    return np.asarray(found)
