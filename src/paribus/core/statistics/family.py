"""Several experiments of one batch: how surprising each is, given that there were many.

With twenty ideas that change nothing one is "significant" by chance. Benjamini and Hochberg (JRSS B
1995) adjust for that: of the experiments whose adjusted value is at most q, an expected share of at
most q is false. It is for ordering and for warning in a batch; a promotion needs its confirmation.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from paribus.core.decision import trail
from paribus.core.plan import Plan
from paribus.core.sample import Sample
from paribus.core.statistics.confirm import one_sided_p


def sequential_p(plan: Plan, sample: Sample) -> float:
    """Two-sided p of one experiment over all its looks: min(1, K * the smallest at a look).

    K counts all declared looks, reached or not (Bonferroni), so that stopping early is allowed for.
    Only looks up to the one that ended the experiment count. It is a little stricter than the
    verdict, whose level is calibrated: an improvement at the very edge has a value above .05.
    1.0 before the first look, and where the seeds change nothing: that is, nothing is known.
    """
    if not sample.seeds_wired:
        return 1.0
    looks = [verdict.n for verdict in trail(plan, sample) if verdict.n >= 3]
    smallest = min((_two_sided(sample.first(look)) for look in looks), default=1.0)
    return min(1.0, len(plan.looks) * smallest)


def adjusted(p_values: Sequence[float]) -> tuple[float, ...]:
    """Benjamini-Hochberg adjusted values, in the order given: min over j >= i of p(j) * m / j.

    Proven for independent experiments, and for one-sided tests that rise and fall together, as those
    against one baseline do (Benjamini and Yekutieli, Annals of Statistics 2001). For two-sided ones
    against one baseline a simulation among the tests finds no excess.

    Raises:
        ValueError: a value is not in [0, 1].
    """
    if not all(0 <= p <= 1 for p in p_values):
        raise ValueError("p-values lie between 0 and 1")
    m = len(p_values)
    falling = sorted(range(m), key=lambda i: p_values[i], reverse=True)
    scaled = (p_values[i] * m / (m - above) for above, i in enumerate(falling))
    values = dict(zip(falling, accumulate(scaled, min), strict=True))
    return tuple(values[i] for i in range(m))


# Private functions


def _two_sided(sample: Sample) -> float:
    return min(1.0, 2 * min(one_sided_p(sample), one_sided_p(sample, -1.0)))
