"""Published numbers, which nobody here computed."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from scipy import stats

from paribus.core.decision import decide
from paribus.core.plan import Goal, Plan
from paribus.core.sample import Pair, Sample
from paribus.core.statistics.confirm import confirmation
from paribus.core.statistics.family import adjusted
from paribus.core.statistics.online import level, next_level

# Benjamini and Hochberg, JRSS B 1995, section 4.1.
FIFTEEN = (
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
    0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
)  # fmt: skip

# Student, Biometrika 1908: hours of sleep gained with two drugs; R's `sleep`.
DRUG_1 = (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0)
DRUG_2 = (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4)

# Data and p-value from R, as statsmodels' test_tost.py has them.
FIRST = (2.84, 2.51, 2.41, 2.95, 3.14, 3.79, 4.14, 3.85, 3.02, 3.45, 5.37, 3.81, 4.19, 3.16, 3.84)
SECOND = (2.60, 2.82, 2.18, 3.46, 4.01, 3.04, 3.47, 4.06, 2.91, 3.59, 4.51, 3.16, 3.86, 3.31, 3.02)


def sample(baseline: tuple[float, ...], candidate: tuple[float, ...]) -> Sample:
    sides = enumerate(zip(baseline, candidate, strict=True))
    return Sample(tuple(Pair(i, *side) for i, side in sides), len(baseline))


def javanmard(j: int) -> float:
    """The default gamma of onlineFDR: Javanmard and Montanari, Annals of Statistics 2018, eq. 31."""
    return 0.07720838 * math.log(max(j, 2)) / (j * math.exp(math.sqrt(math.log(j))))


def rejected(
    p_values: tuple[float, ...], finished: Callable[[int], int]
) -> tuple[list[int], list[float]]:
    """What onlineFDR prints: decisions, and the level of each test; `finished` is its decision time."""
    decisions: list[int] = []
    levels: list[float] = []
    for test, p in enumerate(p_values, 1):
        known = [
            finished(earlier)
            for earlier, decision in enumerate(decisions, 1)
            if decision and finished(earlier) < test
        ]
        levels.append(level(test, known, javanmard, wealth=0.005))
        decisions.append(int(p <= levels[-1]))
    return decisions, levels


def test_benjamini_and_hochbergs_example() -> None:
    assert sum(q <= 0.05 for q in adjusted(FIFTEEN)) == 4
    assert sum(p <= 0.05 / 15 for p in FIFTEEN) == 3


def test_lord_of_onlinefdr() -> None:
    """Its tests/testthat/test_LORD.R."""
    decisions, levels = rejected((1e-7, 0.1, 2.5e-4, 0.07), lambda test: test)
    assert decisions == [1, 0, 1, 0]
    assert levels[0] == pytest.approx(0.005 * 0.07720838 * math.log(2))


@pytest.mark.parametrize(
    ("finished", "decisions"), [(lambda test: test, [1, 1, 0, 1]), (lambda _: 4, [1, 0, 0, 0])]
)
def test_lord_star_of_onlinefdr(finished: Callable[[int], int], decisions: list[int]) -> None:
    """Its tests/testthat/test_LORDstar.R: one after another, and all four at once."""
    assert rejected((1e-7, 3e-4, 0.1, 5e-4), finished)[0] == decisions


def test_the_first_level_of_the_specification() -> None:
    assert round(next_level([]), 4) == 0.0109


def test_students_sleep_data() -> None:
    """R: t = 4.0621, df = 9, p-value = 0.002833, 95 percent interval 0.7001142 2.4598858."""
    plan = Plan("sleep", True, 0.0)
    found = confirmation(plan, sample(DRUG_1, DRUG_2), 0.0109, pairs=10)
    assert found.confirmed
    assert found.p == pytest.approx(0.002833 / 2, abs=5e-7)
    assert found.estimate == pytest.approx(1.58)
    assert (found.low, found.high) == pytest.approx((0.7001142, 2.4598858), abs=5e-8)


def test_equivalence_is_schuirmanns_two_tests() -> None:
    """The R example passes; elsewhere the verdict turns where the larger p crosses c / 2."""
    pairs = sample(SECOND, FIRST)

    def larger_p(effect: float) -> float:
        shifted = [x + effect for x in FIRST], [x - effect for x in FIRST]
        above = stats.ttest_rel(shifted[0], SECOND, alternative="greater").pvalue
        below = stats.ttest_rel(shifted[1], SECOND, alternative="less").pvalue
        return float(max(above, below))

    assert larger_p(0.6) == pytest.approx(0.003166881489265, rel=1e-9)
    verdicts = []
    for effect in [0.6, *(0.3 + 0.005 * k for k in range(60))]:
        verdict = decide(Plan("m", True, effect, Goal.TWO_SIDED, (15,)), pairs)
        verdicts.append(verdict.label == "equivalent")
        assert verdicts[-1] == (larger_p(effect) < 0.025)
    assert verdicts[0]
    assert 5 < sum(verdicts) < 55
